// The Channel over two streams of bytes, a message a line (MCP, Basic, Transports, stdio). What is sent in one go of the event loop is
// written at once, for a write costs more than what is in it. A client that does not read is waited for within bounds.
import type { Readable, Writable } from "node:stream";
import { LineSplitter } from "../client/line-splitter.js";
import { parseIncoming } from "./incoming-json.js";
import { type Channel, LAST_WITH_BATCHES, type Message, Peer } from "./peer.js";
import { INVALID_REQUEST, PARSE_ERROR } from "./refusals.js";

export interface StdioLimits {
  /** Bytes of a line. */
  readonly longest: number;
  readonly mostBatch: number;
}

/** Bytes that a client who does not read may have waiting. */
const MOST_WAITING = 64 * 1024 * 1024;

export class StdioChannel implements Channel {
  readonly peer = new Peer(this);
  private readonly lines: LineSplitter;
  private waiting = "";

  constructor(
    private readonly input: Readable,
    private readonly output: Writable,
    private readonly limits: StdioLimits,
  ) {
    this.lines = new LineSplitter(limits.longest, () =>
      this.refuse(INVALID_REQUEST, `a message may have at most ${limits.longest} bytes`),
    );
  }

  start(): void {
    this.input.on("data", this.onData);
    this.input.on("end", this.onEnd);
  }

  send(message: Message): void {
    if (this.waiting === "") process.nextTick(this.flush);
    this.waiting += `${JSON.stringify(message)}\n`;
  }

  close(): void {
    this.flush();
    this.input.off("data", this.onData);
    this.input.off("end", this.onEnd);
    this.input.pause();
  }

  private readonly flush = (): void => {
    if (this.waiting === "" || !this.output.writable) return;
    this.output.write(this.waiting);
    this.waiting = "";
    if (this.output.writableLength > MOST_WAITING) this.peer.close();
  };

  private readonly onData = (chunk: Buffer): void => {
    for (const line of this.lines.push(chunk)) this.take(line);
  };

  private readonly onEnd = (): void => {
    for (const line of this.lines.end()) this.take(line);
  };

  private take(line: string): void {
    const parsed = parseIncoming(line);
    if ("error" in parsed) this.refuse(PARSE_ERROR, parsed.error);
    else if (!Array.isArray(parsed.ok)) this.peer.take(parsed.ok);
    else if (parsed.ok.length === 0 || parsed.ok.length > this.limits.mostBatch)
      this.refuse(INVALID_REQUEST, `a batch has between 1 and ${this.limits.mostBatch} messages`);
    else if ((this.peer.protocol ?? "") > LAST_WITH_BATCHES)
      this.refuse(INVALID_REQUEST, "this version of the protocol has no batches; send one message at a time");
    // Each is answered by itself.
    else for (const message of parsed.ok) this.peer.take(message);
  }

  private refuse(code: number, message: string): void {
    this.send({ jsonrpc: "2.0", id: null, error: { code, message } });
  }
}
