// ConnectionPool: the HTTP connections to one origin. At most `max` requests are under way at once, each on a connection of its own
// that is used again for the next; more wait in line, up to `queue` of them and not past their deadline. `min` connections stay
// open (spare-sockets.ts), others close when they have been idle. An answer's body stays here and is read in pieces, so
// that all that travels is plain messages and the reader sets the pace: pools/request.ts makes a request of them.
// permanent, 1 s. Its connections are its state: a crash cuts what is under way, and the next incarnation opens new ones.
import type { Client } from "undici";
import { z } from "zod";
import {
  describeReason,
  type Failure,
  type From,
  failure,
  GenServer,
  messageOf,
  type Named,
  type NoReply,
  named,
  noReply,
} from "../../supervision/index.js";
import { Condition, type HealthStatus } from "../health/status.js";
import { PoolError } from "./pool-error.js";
import { SpareSockets } from "./spare-sockets.js";

export interface PoolOptions {
  readonly name: string;
  /** `http://host:port` or `https://host`; what follows is not used. */
  readonly url: string;
  /** Least connections kept open. */
  readonly min: number;
  /** Most connections, and so requests under way. */
  readonly max: number;
  /** A connection unused for this long is closed. */
  readonly idleMs: number;
  /** Most requests that wait for a connection. */
  readonly queue: number;
  /** A path that is asked for at intervals to see how the origin is. */
  readonly health: { readonly path: string; readonly intervalMs: number } | undefined;
}

/** Longest body that is sent, in bytes or UTF-16 units. */
const MAX_BODY = 64 * 1024 * 1024;

const requestSchema = z.strictObject({
  /** With the query, beginning with `/`. */
  path: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/)
    .max(16_384),
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]).default("GET"),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/))
    .default({}),
  body: z
    .custom<string | Uint8Array>(
      (body) => (typeof body === "string" || body instanceof Uint8Array) && body.length <= MAX_BODY,
    )
    .optional(),
  /** Milliseconds until the answer has to begin, waiting in line included. */
  timeoutMs: z
    .int()
    .min(1)
    .max(24 * 3_600_000)
    .default(30_000),
});

export type PooledRequest = z.input<typeof requestSchema>;

/** How an answer begins; its body is read with `read(stream)` until that answers undefined. */
export interface PooledHead {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly stream: string;
}

interface Job {
  readonly request: z.output<typeof requestSchema>;
  readonly from: From<PooledHead>;
  /** Fires when the caller gave up or the deadline passed. */
  readonly abort: AbortController;
  readonly stopClock: () => void;
}

interface Stream {
  readonly body: AsyncIterator<Uint8Array> & { destroy(): void };
  /** Gives up a body that nobody reads, so that it does not hold its connection for ever. */
  unread: NodeJS.Timeout;
}

interface PoolState {
  readonly origin: string;
  /** Failures in a row. */
  readonly failures: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const HEALTH_TIMEOUT_MS = 5_000;
const UNREAD_MS = 60_000;
/** What may still come of a body that is closed before its end: no more bytes and no longer, for a model would go on writing. */
const TAIL_BYTES = 16 * 1024;
const TAIL_MS = 250;
/** The first pause before a failing origin is asked again; each is twice the one before. */
const FIRST_PAUSE_MS = 250;
/** The longest, where no health interval says otherwise. */
const LONGEST_PAUSE_MS = 30_000;

/** The address of the pool of this name. */
export function poolName(name: string): Named<ConnectionPool> {
  return named<ConnectionPool>(`Pool:${name}`);
}

export class ConnectionPool extends GenServer<PoolOptions, PoolState> {
  private options!: PoolOptions; // set by init
  private readonly waiting: Job[] = [];
  private readonly streams = new Map<string, Stream>();
  private streamCount = 0;
  /** Clients that have nothing to do; the one used last is used next, so that the others' connections grow idle and close. */
  private readonly idle: Client[] = [];
  private busy = 0;
  private stocking = false;
  private started: ReturnType<ConnectionPool["start"]> | undefined;
  private readonly condition = new Condition("not used yet");

  protected override init(options: PoolOptions) {
    this.options = options;
    this.state = { origin: new URL(options.url).origin, failures: 0 };
    this.signal.addEventListener("abort", () => this.end(), { once: true });
    if (options.min > 0) this.continueWith("stock");
    if (options.health !== undefined) this.sendAfter(0, "check");
  }

  protected override async handleContinue() {
    (await this.connections()).sockets.restock();
  }

  protected override async handleInfo(message: "stock" | "check") {
    if (message === "check") {
      void this.check(); // never rejects; requests do not wait for it
      return;
    }
    this.stocking = false;
    (await this.connections()).sockets.restock();
  }

  // --- requests ----------------------------------------------------------------------------------------------------------

  /** Sends a request; answers once the answer begins. Fails with {@link PoolError}. Giving up the call gives up the request. */
  open(asked: PooledRequest): NoReply | PooledHead | Failure<PoolError> {
    const { name, max, queue } = this.options;
    const checked = requestSchema.safeParse(asked);
    if (!checked.success) {
      const why = z.prettifyError(checked.error).replace(/\s+/g, " ");
      return failure(new PoolError("pool_request", `The pool ${name} cannot send this request: ${why}.`));
    }
    if (this.busy >= max && this.waiting.length >= queue) {
      const why = `all ${max} connections of the pool ${name} are in use and ${queue} requests wait already`;
      return failure(new PoolError("pool_full", `${why}; try again later or raise pools.${name}.max.`));
    }
    const abort = new AbortController();
    const { timeoutMs } = checked.data;
    const clock = setTimeout(() => {
      const why = `${this.state.origin} did not begin to answer in ${timeoutMs / 1000} s`;
      job.from.fail(new PoolError("pool_timeout", `${why}; try again, or allow more time.`));
      abort.abort();
    }, timeoutMs);
    clock.unref();
    this.callSignal.addEventListener("abort", () => abort.abort(), { once: true });
    const job: Job = {
      request: checked.data,
      from: this.from<PooledHead>(),
      abort,
      stopClock: () => clearTimeout(clock),
    };
    this.waiting.push(job);
    abort.signal.addEventListener("abort", () => this.giveUp(job), { once: true });
    this.next();
    return noReply;
  }

  /** The next piece of a body, or undefined at its end. Fails with {@link PoolError}. One reader, one read at a time. */
  read(id: string): NoReply | Uint8Array | undefined | Failure<PoolError> {
    const stream = this.streams.get(id);
    if (stream === undefined) return failure(this.cut("it is not being read here any more"));
    const from = this.from<Uint8Array | undefined>();
    clearTimeout(stream.unread);
    this.callSignal.addEventListener("abort", () => this.close(id), { once: true });
    stream.body.next().then(
      ({ done, value }) => {
        if (done === true) this.close(id);
        else stream.unread = this.giveUpUnread(id);
        from.reply(done === true ? undefined : value);
      },
      (error: unknown) => {
        this.close(id);
        from.fail(this.cut(messageOf(error), error));
      },
    );
    return noReply;
  }

  /** Reads no more of a body. If all but its last words have come, its connection is used again, else it is closed. */
  close(id: string): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    this.streams.delete(id);
    clearTimeout(stream.unread);
    void finish(stream.body);
  }

  /** Whether the origin answers. */
  getStatus(): HealthStatus {
    return this.condition.status;
  }

  private next(): void {
    while (this.busy < this.options.max) {
      const job = this.waiting.shift();
      if (job === undefined) return;
      this.busy++;
      void this.send(job); // never rejects
    }
  }

  private giveUp(job: Job): void {
    job.stopClock();
    const at = this.waiting.indexOf(job);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  private free(client: Client | undefined): void {
    if (client !== undefined) this.idle.push(client);
    this.busy--;
    this.next();
  }

  private async send({ request, from, abort, stopClock }: Job): Promise<void> {
    const { timeoutMs: _, body: sent, ...head } = request;
    let client: Client | undefined;
    try {
      client = await this.client();
      const options = { ...head, ...(sent === undefined ? {} : { body: sent }), signal: abort.signal };
      const { statusCode, headers, body } = await client.request({ ...options, headersTimeout: 0, bodyTimeout: 0 });
      stopClock();
      this.answered(undefined);
      body.once("close", () => this.free(client));
      body.on("error", () => {}); // who reads it is told
      const id = `${++this.streamCount}`;
      const iterator = body[Symbol.asyncIterator]();
      const stream = { next: () => iterator.next(), destroy: () => void body.destroy() };
      this.streams.set(id, { body: stream, unread: this.giveUpUnread(id) });
      if (!from.reply({ status: statusCode, headers: pairs(headers), stream: id })) this.close(id);
    } catch (error) {
      stopClock();
      this.free(client);
      if (abort.signal.aborted) return; // who asked has been told, or asks no more
      this.answered(error);
      const why = `${this.state.origin} cannot be reached (${messageOf(error)})`;
      from.fail(new PoolError("pool_unreachable", `${why}: start its server or check the network.`, error));
    }
  }

  private giveUpUnread(id: string): NodeJS.Timeout {
    return setTimeout(() => this.close(id), UNREAD_MS).unref();
  }

  private cut(why: string, cause?: unknown): PoolError {
    return new PoolError("pool_cut", `The answer of ${this.state.origin} broke off (${why}); ask again.`, cause);
  }

  // --- connections -------------------------------------------------------------------------------------------------------

  private async client(): Promise<Client> {
    const { make } = await this.connections();
    return this.idle.pop() ?? make();
  }

  /** Made at the first use: undici is not loaded by a start that needs no pool. */
  private connections(): ReturnType<ConnectionPool["start"]> {
    this.started ??= this.start();
    return this.started;
  }

  private async start() {
    const { buildConnector, Client } = await import("undici");
    const { min, idleMs } = this.options;
    const { origin } = this.state;
    const sockets = new SpareSockets({
      origin: new URL(origin),
      min,
      connect: buildConnector({ timeout: CONNECT_TIMEOUT_MS }),
      opened: () => {
        if (this.options.health === undefined) this.answered(undefined);
      },
      missing: (error) => this.restockLater(error),
    });
    const clients: Client[] = [];
    const make = (): Client => {
      const options = { connect: sockets.connector, keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs };
      const client = new Client(origin, options);
      clients.push(client);
      return client;
    };
    return { sockets, clients, make };
  }

  /** After a pause, for an origin may be down, or close every connection at once. */
  private restockLater(error: Error | undefined): void {
    if (error !== undefined) this.answered(error);
    if (this.stocking) return;
    this.stocking = true;
    this.sendAfter(this.pause, "stock");
  }

  private end(): void {
    for (const { stopClock, abort } of this.waiting.splice(0)) {
      stopClock();
      abort.abort();
    }
    for (const { unread } of this.streams.values()) clearTimeout(unread);
    this.started?.then(({ sockets, clients }) => {
      sockets.end();
      for (const client of clients) client.destroy().catch(ignore);
    }, ignore);
  }

  // --- health ------------------------------------------------------------------------------------------------------------

  /** A busy pool shows by its requests how the origin is. */
  private async check(): Promise<void> {
    const { health, max } = this.options;
    if (health === undefined) return;
    const { path, intervalMs } = health;
    if (this.busy < max) {
      this.busy++;
      let client: Client | undefined;
      try {
        const signal = AbortSignal.timeout(Math.min(HEALTH_TIMEOUT_MS, intervalMs));
        client = await this.client();
        const { statusCode, body } = await client.request({ path, method: "GET", signal });
        await body.dump();
        this.answered(statusCode < 500 ? undefined : new Error(`${path} answers ${statusCode}`));
      } catch (error) {
        this.answered(error);
      } finally {
        this.free(client);
      }
    }
    this.sendAfter(this.state.failures === 0 ? intervalMs : this.pause, "check");
  }

  private get pause(): number {
    const longest = this.options.health?.intervalMs ?? LONGEST_PAUSE_MS;
    const doubled = FIRST_PAUSE_MS * 2 ** Math.max(0, this.state.failures - 1);
    return Math.min(longest, doubled) * (1 - Math.random() * 0.2);
  }

  /** Notes how the origin is: every request tells, not the health check alone. */
  private answered(error: unknown): void {
    const { origin, failures } = this.state;
    if (error === undefined) {
      if (failures === 0 && this.condition.status.level === "ok" && this.condition.status.details === origin) return;
      this.state = { origin, failures: 0 };
      this.condition.say("ok", origin);
      this.setLabel(`ok, ${origin}`);
      return;
    }
    this.state = { origin, failures: failures + 1 };
    const text = `failing, ${origin}: ${describeReason({ error })}, ${failures + 1} in a row`;
    this.condition.say("error", text);
    this.setLabel(text);
  }
}

/** Never rejects. */
async function finish(body: Stream["body"]): Promise<void> {
  const clock = setTimeout(() => body.destroy(), TAIL_MS);
  try {
    for (let left = TAIL_BYTES; left >= 0; ) {
      const { done, value } = await body.next();
      if (done === true) return;
      left -= value.byteLength;
    }
  } catch {
    // It had broken off.
  } finally {
    clearTimeout(clock);
    body.destroy();
  }
}

function pairs(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return typeof value === "string" ? [[name, value]] : value.map((each): [string, string] => [name, each]);
  });
}

function ignore(): void {}
