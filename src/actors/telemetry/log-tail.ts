// The end of the log, as it grows: the lines of the newest file, from its last quarter of a megabyte on, and then what is
// appended, whoever writes it. A new day's file, or the next part of one, is followed from its start.
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { plainText } from "../../supervision/index.js";
import { logFileOf } from "./log-folder.js";
import { LOG_LEVELS, type LogLevel } from "./log-writer.js";

export interface LoggedLine {
  /** Counts the lines of this tail. */
  readonly number: number;
  /** As the log has it: ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  /** All else that the line tells. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Bytes of the end of a file that are read at first, and most that are read at once later. */
const END = 256 * 1024;
const MOST_AT_ONCE = 1024 * 1024;
/** Lines kept. */
const MOST_LINES = 2_000;

const lineSchema = z.looseObject({
  time: z.string(),
  level: z.enum(LOG_LEVELS),
  event: z.string().default(""),
});

export class LogTail {
  #file: string | undefined;
  #position = 0;
  /** A line whose end is not written yet. */
  #rest = "";
  #lines: readonly LoggedLine[] = [];
  #count = 0;

  constructor(private readonly folder: string) {}

  /** The lines so far, the newest last; none where there is no log. */
  async read(): Promise<readonly LoggedLine[]> {
    const newest = await this.#newest();
    if (newest === undefined) return this.#lines;
    const file = await open(join(this.folder, newest));
    try {
      const { size } = await file.stat();
      const isFirst = this.#file === undefined;
      if (newest !== this.#file) {
        this.#file = newest;
        this.#position = isFirst ? Math.max(0, size - END) : 0;
        this.#rest = "";
      }
      const cut = this.#position > 0 && isFirst;
      const bytes = Math.min(MOST_AT_ONCE, Math.max(0, size - this.#position));
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, this.#position);
      this.#position += bytesRead;
      this.#take(buffer.toString("utf8", 0, bytesRead), cut);
    } finally {
      await file.close();
    }
    return this.#lines;
  }

  /** `cut`: it begins in the middle of a line. */
  #take(text: string, cut: boolean): void {
    const parts = (this.#rest + text).split("\n");
    this.#rest = parts.pop() ?? "";
    const fresh = parts.slice(cut ? 1 : 0).flatMap((line) => this.#parsed(line) ?? []);
    if (fresh.length > 0) this.#lines = [...this.#lines, ...fresh].slice(-MOST_LINES);
  }

  #parsed(line: string): LoggedLine | undefined {
    const read = lineSchema.safeParse(parseJson(line));
    if (!read.success) return undefined; // a disk that was full cut it
    const { time, level, event, pid: _, ...fields } = read.data;
    return { number: ++this.#count, time, level, event, fields };
  }

  async #newest(): Promise<string | undefined> {
    const names = await readdir(this.folder).catch(() => []);
    return names
      .flatMap((name) => logFileOf(name) ?? [])
      .sort((one, other) => one.order.localeCompare(other.order))
      .at(-1)?.name;
  }
}

/** What a line tells besides its event, on one line: `outcome=done duration_ms=12`. Nothing in it acts on a terminal. */
export function fieldsText(fields: LoggedLine["fields"]): string {
  const told = Object.entries(fields).map(([key, value]) => {
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    return `${key}=${/\s/.test(text) ? JSON.stringify(text) : text}`;
  });
  return plainText(told.join(" ")).replace(/\s+/g, " ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
