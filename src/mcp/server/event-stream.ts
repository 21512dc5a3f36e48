// Server-sent events (WHATWG HTML, section 9.2). An EventConnection is one HTTP answer that events are written to. An EventStream is
// what a client is told over one or more of them: it outlives a connection that breaks, keeps what was said for whoever comes back
// with the id of the last event he has heard (Last-Event-ID), and no more than is bounded here.
import type { Message } from "./peer.js";

export const EVENT_STREAM = "text/event-stream";
const HEADERS = { "content-type": EVENT_STREAM, "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" };
/** Bytes that a client who does not read may have waiting. */
const MOST_WAITING = 16 * 1024 * 1024;
const encoder = new TextEncoder();

export class EventConnection {
  readonly response: Response;
  private open = true;
  private controller!: ReadableStreamDefaultController<Uint8Array>; // set as the stream is made, which is at once
  private readonly beat: ReturnType<typeof setInterval>;

  /** A comment goes out every `keepAliveMs` milliseconds of the clock, so that nobody on the way takes the line for dead. */
  constructor(
    keepAliveMs: number,
    /** The client is gone; not told when it is closed here. */
    private readonly onLost: () => void,
    headers: Record<string, string> = {},
  ) {
    const body = new ReadableStream<Uint8Array>(
      { start: (controller) => void (this.controller = controller), cancel: () => this.lost() },
      new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
    );
    this.response = new Response(body, { headers: { ...HEADERS, ...headers } });
    this.beat = setInterval(() => this.write(": \n\n"), keepAliveMs);
  }

  write(text: string): void {
    if (!this.open) return;
    this.controller.enqueue(encoder.encode(text));
    if ((this.controller.desiredSize ?? 0) >= -MOST_WAITING) return;
    this.controller.error(new Error("the client does not read"));
    this.lost();
  }

  close(): void {
    if (!this.open) return;
    this.shut();
    this.controller.close();
  }

  private lost(): void {
    if (!this.open) return;
    this.shut();
    this.onLost();
  }

  private shut(): void {
    this.open = false;
    clearInterval(this.beat);
  }
}

interface Told {
  readonly number: number;
  readonly text: string;
  readonly method: string | undefined;
}

/** Kept of one stream at most; past it the oldest are forgotten. */
const MOST_EVENTS = 256;
const MOST_CHARS = 1024 * 1024;

export class EventStream {
  private connection: EventConnection | undefined;
  /** Events so far, which numbers them. */
  private count = 0;
  /** The last that was handed to a connection. */
  private sent = 0;
  private readonly told: Told[] = [];
  private chars = 0;
  /** By the monotonic clock; undefined while there may be more to tell. */
  endedAt: number | undefined;

  constructor(
    readonly id: string,
    /** Milliseconds after which a client whose connection broke should come back; told to it. */
    private readonly retryMs: number,
  ) {}

  get isHeard(): boolean {
    return this.connection !== undefined;
  }

  /** Whether whoever was here can come back to where he was: he has been told an id to come back with. */
  get isResumable(): boolean {
    return this.sent > 0;
  }

  /** Characters that are kept for whoever comes back. */
  get kept(): number {
    return this.chars;
  }

  get isEnded(): boolean {
    return this.endedAt !== undefined;
  }

  /** An event without a message, so that the client has an id from the first on (MCP 2025-11-25, Streamable HTTP). */
  prime(): void {
    this.tell("", undefined);
  }

  write(message: Message): void {
    const method = "method" in message ? message.method : undefined;
    this.tell(JSON.stringify(message), method);
  }

  /** What is told goes to this connection from now on, and before that what was told since event `after`, or was never sent. */
  attach(connection: EventConnection, after = this.sent): void {
    this.connection?.close();
    this.connection = connection;
    for (const told of this.told) if (told.number > after) this.send(connection, told);
    if (this.isEnded) this.detach();
  }

  /** The connection is gone. False: it was another one, and is not missed. */
  lost(connection: EventConnection): boolean {
    if (this.connection !== connection) return false;
    this.connection = undefined;
    return true;
  }

  /** Nothing more is told. */
  end(): void {
    this.endedAt = performance.now();
    this.detach();
  }

  private detach(): void {
    this.connection?.close();
    this.connection = undefined;
  }

  private tell(text: string, method: string | undefined): void {
    // That a list changed twice is as if it had once, for whoever was not there to hear it.
    const isChange = method?.endsWith("/list_changed") === true;
    if (isChange && this.told.some((told) => told.number > this.sent && told.method === method)) return;
    const told = { number: ++this.count, text, method };
    this.told.push(told);
    this.chars += text.length;
    while (this.told.length > MOST_EVENTS || (this.chars > MOST_CHARS && this.told.length > 1))
      this.chars -= this.told.shift()?.text.length ?? 0;
    if (this.connection !== undefined) this.send(this.connection, told);
  }

  private send(connection: EventConnection, { number, text, method }: Told): void {
    const primes = text === "" && method === undefined ? `retry: ${this.retryMs}\n` : "event: message\n";
    connection.write(`id: ${this.id}_${number}\n${primes}data: ${text}\n\n`);
    this.sent = Math.max(this.sent, number);
  }
}

/** Of an id that a client sends back: which stream, and the number of the event. */
export function eventOf(id: string): { readonly stream: string; readonly number: number } | undefined {
  const [, stream, number] = /^([\w-]{1,100})_(\d{1,15})$/.exec(id) ?? [];
  return stream === undefined ? undefined : { stream, number: Number(number) };
}
