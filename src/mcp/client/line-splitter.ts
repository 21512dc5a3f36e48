// Bytes in, lines out. Chunks are cut at newline bytes and decoded whole, so a character split over two chunks is never
// harmed; a newline byte never occurs inside a UTF-8 sequence. A line over the limit is dropped as it streams by: only its
// first and last bytes are kept, which is where a JSON-RPC message carries the id of the call it would have answered.
import { isUtf8 } from "node:buffer";

/** A line that was too long to keep. */
export interface OversizeLine {
  readonly bytes: number;
  readonly head: string;
  readonly tail: string;
}

const EDGE = 256;
/** So many parts of a line are made one: a line that comes byte by byte would take hundreds of bytes of memory for each. */
const MOST_PARTS = 1_024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

export class LineSplitter {
  /** Lines that were no valid UTF-8; the invalid bytes were replaced by U+FFFD. */
  invalid = 0;

  private parts: Buffer[] = [];
  /** Of the parts, those at the end that are as they came. */
  private loose = 0;
  private length = 0;
  private dropping: { head: Buffer; tail: Buffer } | undefined;

  constructor(
    private readonly maxLineBytes: number,
    private readonly onOversize: (line: OversizeLine) => void,
    /** Whether empty lines are lines too; over stdio they mean nothing. */
    private readonly keepsEmpty = false,
  ) {}

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.add(chunk.subarray(start, end));
      this.take(lines);
      start = end + 1;
    }
    if (start < chunk.length) this.add(chunk.subarray(start));
    return lines;
  }

  /** The stream has ended: what stands after the last newline is a line too. */
  end(): string[] {
    const lines: string[] = [];
    if (this.length > 0) this.take(lines);
    return lines;
  }

  private add(part: Buffer): void {
    this.length += part.length;
    if (this.dropping !== undefined) {
      this.dropping.tail = lastBytes(this.dropping.tail, part);
      return;
    }
    this.parts.push(part);
    if (++this.loose === MOST_PARTS) {
      this.parts.push(Buffer.concat(this.parts.splice(-MOST_PARTS)));
      this.loose = 0;
    }
    if (this.length <= this.maxLineBytes) return;
    // Copies, so that the chunks themselves are let go.
    const all = Buffer.concat(this.parts);
    this.dropping = { head: Buffer.from(all.subarray(0, EDGE)), tail: Buffer.from(all.subarray(-EDGE)) };
    this.parts = [];
    this.loose = 0;
  }

  private take(lines: string[]): void {
    const { dropping, length, parts } = this;
    this.dropping = undefined;
    this.length = 0;
    this.parts = [];
    this.loose = 0;
    if (dropping !== undefined) {
      this.onOversize({ bytes: length, head: dropping.head.toString(), tail: dropping.tail.toString() });
      return;
    }
    const whole = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    const line = whole.at(-1) === RETURN ? whole.subarray(0, -1) : whole;
    if (line.length === 0 && !this.keepsEmpty) return;
    if (!isUtf8(line)) this.invalid++;
    lines.push(line.toString("utf8"));
  }
}

function lastBytes(before: Buffer, part: Buffer): Buffer {
  if (part.length >= EDGE) return Buffer.from(part.subarray(-EDGE));
  return Buffer.from(Buffer.concat([before, part]).subarray(-EDGE));
}
