// The Channel of one session over Streamable HTTP (MCP 2025-11-25, Basic, Transports). A POST with requests is answered by JSON when
// the answers are what comes first, and soon; it becomes a stream of events as soon as something else is to be said about it, or it
// takes long. What belongs to no request goes over the client's own stream (GET), and waits for that while there is none.
//
// A stream that the client has had an event of can be come back to: its call goes on for a while when the connection breaks. Nothing
// is kept for answers of JSON.
import { EVENT_STREAM, EventConnection, EventStream, eventOf } from "./event-stream.js";
import { httpRefusal } from "./gate/http-refusals.js";
import { JSON_HEADERS, refused } from "./http-body.js";
import { type Channel, kindOf, type Message, Peer, type RequestId } from "./peer.js";
import { INVALID_REQUEST, NO_ANSWER } from "./refusals.js";
import type { RequestTrail } from "./trail.js";

export interface HttpTimes {
  /** What answers of JSON are made of, where the global Response is not the fastest. */
  readonly Response?: typeof Response;
  /** Milliseconds between signs of life on a stream. */
  readonly keepAliveMs: number;
  /** Milliseconds for which the call of a broken connection goes on; 0: it is cancelled at once. */
  readonly resumeMs: number;
}

export interface PostOptions {
  readonly isBatch: boolean;
  /** The client knows events without a message, which give it an id to come back with. */
  readonly primes: boolean;
  /** Its signal tells that the connection broke. It is made when it is asked for, and costs more than all else, so it is asked for
   * late. */
  readonly request: { readonly signal: AbortSignal };
  readonly trail?: RequestTrail;
}

/** After which an answer becomes a stream, so that the client sees that it is being worked on. */
const SOON_MS = 1_000;
/** Between looks at what has no answer yet: most has one before the first. */
const LOOK_MS = 200;
/** After which a client comes back whose connection broke. */
const RETRY_MS = 1_000;
/** Past which what was said over those that are at their end is forgotten, the oldest first. */
const MOST_STREAMS = 100;
/** The same, in characters: answers may be long. */
const MOST_KEPT = 16 * 1024 * 1024;

export class HttpChannel implements Channel {
  readonly peer = new Peer(this);
  usedAt = performance.now();
  private readonly exchanges = new Map<RequestId, Exchange>();
  /** Those that can be come back to. */
  private readonly streams = new Map<string, EventStream>();
  private readonly own: EventStream;
  private streamCount = 0;
  private internal = 0;
  private looking = false;
  private forgetting = false;
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(
    private readonly times: HttpTimes,
    /** Of every answer; they name the session. */
    private readonly headers: Record<string, string>,
    /** Each POST is a client's of its own, whose ids are its own. */
    private readonly shared: boolean,
    private readonly onClose: () => void = () => {},
  ) {
    this.own = this.newStream();
  }

  /** Whether anything is being answered or heard. */
  get isUsed(): boolean {
    return this.exchanges.size > 0 || this.own.isHeard;
  }

  /** Messages of one POST; answers when there is something to answer. */
  post(messages: readonly unknown[], options: PostOptions): Response | Promise<Response> {
    this.usedAt = performance.now();
    const requests: { readonly id: RequestId }[] = [];
    for (const message of messages) {
      const kind = kindOf(message);
      if (kind === undefined) return refused(400, INVALID_REQUEST, "this is no JSON-RPC 2.0 message");
      if (kind === "request") requests.push(message as { readonly id: RequestId }); // as was just found
    }
    if (requests.length === 0) {
      if (!this.shared) for (const message of messages) this.peer.take(message);
      return new Response(null, { status: 202, headers: this.headers });
    }
    return this.shared ? this.exchangeAlone(requests, options) : this.exchange(messages, requests, options);
  }

  /** The client's own stream, or one that it comes back to. */
  listen(lastEvent: string | null, primes: boolean): Response {
    this.usedAt = performance.now();
    const event = lastEvent === null ? undefined : eventOf(lastEvent);
    const stream = lastEvent === null ? this.own : this.streams.get(event?.stream ?? "");
    if (stream === undefined)
      return refused(400, NO_ANSWER, "what was said after that event is no longer kept; ask again");
    const connection = this.connection(stream);
    stream.attach(connection, event?.number);
    if (primes && event === undefined) stream.prime(); // now that it is heard here, and no longer by a connection of before
    return connection.response;
  }

  private exchange(
    messages: readonly unknown[],
    requests: readonly { readonly id: RequestId }[],
    options: PostOptions,
  ): Response | Promise<Response> {
    const isTaken = ({ id }: { readonly id: RequestId }, index: number): boolean =>
      this.exchanges.has(id) || requests.findIndex((other) => other.id === id) < index;
    if (requests.some(isTaken)) return refused(400, INVALID_REQUEST, "a request of this id is under way");
    const exchange = this.begin(
      requests.map(({ id }) => ({ id, theirs: id, isOpen: true })),
      options,
    );
    for (const message of messages) this.peer.take(message, options.trail);
    return exchange.response;
  }

  /** In a shared session ids are given anew, for two clients may use the same; what is no request is about nothing here. */
  private exchangeAlone(
    requests: readonly { readonly id: RequestId }[],
    options: PostOptions,
  ): Response | Promise<Response> {
    const own = requests.map((request) => ({ ...request, id: ++this.internal }));
    const exchange = this.begin(
      own.map(({ id }, index) => ({ id, theirs: requests[index]?.id ?? id, isOpen: true })),
      options,
    );
    for (const request of own) this.peer.take(request, options.trail);
    return exchange.response;
  }

  private begin(asked: readonly Asked[], options: PostOptions): Exchange {
    const exchange = new Exchange(this, asked, options);
    for (const { id } of asked) this.exchanges.set(id, exchange);
    if (!this.looking) this.look();
    return exchange;
  }

  /** One timer for all: one of each request's own would be set and cleared for nothing. */
  private look(): void {
    const now = performance.now();
    for (const exchange of this.exchanges.values()) exchange.look(now);
    this.looking = this.exchanges.size > 0;
    if (this.looking) this.later(LOOK_MS, () => this.look());
  }

  send(message: Message, about?: RequestId): void {
    const exchange = about === undefined ? undefined : this.exchanges.get(about);
    if (exchange !== undefined) exchange.say(message);
    else if (!this.shared && "method" in message) this.own.write(message);
  }

  settled(id: RequestId): void {
    this.exchanges.get(id)?.settle(id);
  }

  close(): void {
    for (const exchange of new Set(this.exchanges.values())) exchange.close();
    for (const stream of this.streams.values()) stream.end();
    for (const timer of this.timers) clearTimeout(timer);
    this.streams.clear();
    this.exchanges.clear();
    this.onClose();
  }

  // --- for exchanges -------------------------------------------------------------------------------------------------------

  /** `alone`: the one answer there is. */
  json(body: string, alone?: Message): Response {
    const refusal = alone && httpRefusal(alone);
    const headers = { ...JSON_HEADERS, ...this.headers, ...refusal?.headers };
    return new (this.times.Response ?? Response)(body, refusal ? { status: refusal.status, headers } : { headers });
  }

  /** To requests that were all cancelled. */
  nothing(): Response {
    return new Response("", { headers: { "content-type": EVENT_STREAM, ...this.headers } });
  }

  newStream(): EventStream {
    const stream = new EventStream(String(this.streamCount++), RETRY_MS);
    this.streams.set(stream.id, stream);
    return stream;
  }

  /** A connection of the stream. When it breaks, what was asked over it goes on for a while. */
  connection(stream: EventStream): EventConnection {
    const connection: EventConnection = new EventConnection(
      this.times.keepAliveMs,
      () => {
        this.usedAt = performance.now();
        if (!stream.lost(connection) || stream === this.own || stream.isEnded) return;
        const given = stream.isResumable ? this.times.resumeMs : 0;
        this.later(given, () => {
          if (!stream.isHeard && !stream.isEnded) this.abandon(stream);
        });
      },
      this.headers,
    );
    return connection;
  }

  /** Its answers were all given. What was said is kept a while: whether it was heard is not known. */
  over(asked: readonly Asked[], stream: EventStream | undefined): void {
    this.usedAt = performance.now();
    for (const { id } of asked) this.exchanges.delete(id);
    if (stream === undefined) return;
    stream.end();
    this.forgetOldest();
    this.forgetLater();
  }

  /** The newest is kept in any case: it may be on its way still. */
  private forgetOldest(): void {
    const ended = [...this.streams.values()].filter(({ isEnded }) => isEnded);
    let chars = ended.reduce((sum, { kept }) => sum + kept, 0);
    for (const { id, kept } of ended.slice(0, -1)) {
      if (this.streams.size <= MOST_STREAMS && chars <= MOST_KEPT) return;
      this.streams.delete(id);
      chars -= kept;
    }
  }

  /** One timer for all: there may be thousands of calls a second. */
  private forgetLater(): void {
    if (this.forgetting) return;
    this.forgetting = true;
    this.later(this.times.resumeMs, () => {
      this.forgetting = false;
      const before = performance.now() - this.times.resumeMs;
      let isLeft = false;
      for (const { id, endedAt } of this.streams.values()) {
        if (endedAt === undefined) continue;
        if (endedAt <= before) this.streams.delete(id);
        else isLeft = true;
      }
      if (isLeft) this.forgetLater();
    });
  }

  private abandon(stream: EventStream): void {
    for (const [id, exchange] of this.exchanges) if (exchange.stream === stream) this.peer.cancel(id, LOST);
    this.streams.delete(stream.id);
  }

  private later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, ms);
    this.timers.add(timer);
  }
}

const LOST = "the connection was lost";

/** One request of a POST. */
interface Asked {
  readonly id: RequestId;
  /** The id that the client gave it. */
  readonly theirs: RequestId;
  /** It has no answer yet, and was not cancelled. */
  isOpen: boolean;
}

/** The requests of one POST, on their way to being answered. */
class Exchange {
  stream: EventStream | undefined;
  readonly response: Promise<Response>;
  private answer!: (response: Response) => void; // set as the promise is made, which is at once
  private readonly answers: Message[] = [];
  private readonly begunAt = performance.now();
  private watched = false;

  constructor(
    private readonly channel: HttpChannel,
    private readonly asked: readonly Asked[],
    private readonly options: PostOptions,
  ) {
    this.response = new Promise((resolve) => (this.answer = resolve));
  }

  /** At intervals, while it has no answer. */
  look(now: number): void {
    if (this.stream !== undefined || now - this.begunAt < LOOK_MS / 2) return;
    if (now - this.begunAt >= SOON_MS) this.becomeStream();
    else if (!this.watched) {
      this.watched = true;
      const { signal } = this.options.request;
      if (signal.aborted) this.onBroken();
      else signal.addEventListener("abort", this.onBroken, { once: true });
    }
  }

  say(message: Message): void {
    if ("method" in message) this.becomeStream().write(message);
    else {
      const asked = this.openOne(message.id);
      if (asked === undefined) return;
      const whole = asked.theirs === message.id ? message : { ...message, id: asked.theirs };
      if (this.stream === undefined) this.answers.push(whole);
      else this.stream.write(whole);
      this.settled(asked);
    }
  }

  /** The request was cancelled, and has no answer. */
  settle(id: RequestId): void {
    const asked = this.openOne(id);
    if (asked !== undefined) this.settled(asked);
  }

  private openOne(id: RequestId | null): Asked | undefined {
    return this.asked.find((one) => one.isOpen && one.id === id);
  }

  private settled(asked: Asked): void {
    asked.isOpen = false;
    if (!this.asked.some(({ isOpen }) => isOpen)) this.finish();
  }

  /** The session is over. */
  close(): void {
    this.done();
    if (this.stream === undefined) this.answer(refused(404, NO_ANSWER, "the session has ended; begin another"));
  }

  private readonly onBroken = (): void => {
    // Once it is a stream its connection says so itself.
    if (this.stream === undefined) for (const { id } of this.asked) this.channel.peer.cancel(id, LOST);
  };

  private becomeStream(): EventStream {
    if (this.stream !== undefined) return this.stream;
    this.done();
    const stream = this.channel.newStream();
    this.stream = stream;
    const connection = this.channel.connection(stream);
    stream.attach(connection);
    if (this.options.primes) stream.prime();
    this.answer(connection.response);
    for (const answer of this.answers) stream.write(answer);
    return stream;
  }

  private finish(): void {
    this.done();
    this.channel.over(this.asked, this.stream);
    if (this.stream !== undefined) return;
    const { answers, channel } = this;
    if (answers.length === 0) this.answer(channel.nothing());
    else if (this.options.isBatch) this.answer(channel.json(JSON.stringify(answers)));
    else this.answer(channel.json(JSON.stringify(answers[0]), answers[0]));
  }

  private done(): void {
    if (this.watched) this.options.request.signal.removeEventListener("abort", this.onBroken);
  }
}
