// The wire of a server over Streamable HTTP as the official SDK wants it. Each message is a POST, answered with JSON or with a stream
// of events that ends with the answer; one GET stands open for what the server says unasked.
//
// Written here and not taken from the SDK, whose transport leaves a caller waiting for its deadline when a stream is cut, an
// answer is empty or a resumption fails, shares one AbortSignal among all requests, and takes bodies of any size. Here a
// request's `send` settles when its answer is there or can come no more:
// - a stream that is cut is gone on with from its last event id, if it has one; otherwise the request fails at once;
// - a session the server has forgotten (404) is made again, unseen, if the same server answers; what got the 404 is sent once more;
// - a request or notification that comes on the stream of a request is marked as being about that (wire-message.ts);
// - where nobody answers any more, the connection is lost: `onLost`.

import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage, JSONRPCRequest, RequestId } from "@modelcontextprotocol/sdk/types.js";
import { messageOf } from "../../../supervision/index.js";
import { RemoteError } from "../errors.js";
import type { OversizeLine } from "../line-splitter.js";
import { SignInNeededError } from "../oauth/errors.js";
import { Garbage, isMessage, markAbout, parseJson } from "../wire-message.js";
import type { HttpAnswer, HttpEndpoint } from "./endpoint.js";
import { EventStream } from "./event-stream.js";
import { bodyOf, isOk, oversize } from "./messages.js";
import { keepStanding, pauseMs } from "./standing-stream.js";

/** What the owner of a connection over HTTP is told. */
export interface HttpOwner {
  /** Nobody is there any more, or somebody else; `permanent` if trying again unchanged cannot help. */
  onLost(reason: string, permanent?: boolean): void;
  /** An exchange broke off: whether the server is well should be asked. */
  onDoubt(): void;
  /** The server knew our session no more and has got a new one: it knows nothing of what was asked of it before. */
  onRenewed(): void;
  onFault(text: string): void;
}

/** Requests the server may see out of the blue: an id the SDK, which counts, never gives. */
const RENEWAL_ID = "renewal";
/** Attempts in a row to go on with a cut stream, without an event in between. */
const MAX_RESUMES = 5;
/** How long a stream may go on after the answer it was for. */
const LINGER = 1_000;
/** A session that lasted so long was a good one. */
const CALM = 60_000;

interface Exchange {
  readonly id: RequestId;
  readonly abort: AbortController;
  answered: boolean;
  /** What it was answered with, unless that was an error. */
  result?: unknown;
}

export class StreamableHttpTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  /** Messages are marked with what they are about. */
  readonly marks = true;
  /** When the last message came, by the monotonic clock. */
  heardAt = performance.now();

  private readonly garbage: Garbage;
  private session: string | undefined;
  private protocolVersion: string | undefined;
  private readonly exchanges = new Map<RequestId, Exchange>();
  private introduced: { readonly request: JSONRPCRequest; readonly result: unknown } | undefined;
  private renewing: Promise<void> | undefined;
  /** Sessions made again, each soon after the one before. */
  private renewals = 0;
  private renewedAt = Number.NEGATIVE_INFINITY;
  private standing: AbortController | undefined;
  private isLost = false;
  private closed = false;

  /** `maxBytes` bounds one message. */
  constructor(
    private readonly endpoint: HttpEndpoint,
    private readonly maxBytes: number,
    private readonly owner: HttpOwner,
  ) {
    this.garbage = new Garbage("sent something that is no MCP message", (fault) => owner.onFault(fault));
  }

  async start(): Promise<void> {}

  setProtocolVersion(version: string): void {
    this.protocolVersion = version;
  }

  /** Of a request, resolves when it has been answered, and rejects with a {@link RemoteError} when it will not be. */
  async send(message: JSONRPCMessage): Promise<void> {
    if (this.closed) throw new Error("the connection is closed");
    if (isRequest(message)) return this.ask(message);
    const method = "method" in message ? message.method : undefined;
    try {
      await this.tell(message);
    } finally {
      if (method === "notifications/cancelled" && "params" in message) this.giveUp(message.params?.requestId);
    }
    if (method === "notifications/initialized") this.listen();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.standing?.abort();
    for (const { abort } of this.exchanges.values()) abort.abort();
    this.onclose?.();
  }

  /** Tells the server, after `close`, that its session is over. */
  async endSession(timeoutMs: number): Promise<void> {
    const { session } = this;
    if (session === undefined || this.isLost) return;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      (await this.endpoint.request({ method: "DELETE", headers: this.headers(session), signal })).drop();
    } catch {
      // Its sessions end by themselves, too.
    }
  }

  // --- requests ----------------------------------------------------------------------------------------------------------

  private async ask(request: JSONRPCRequest): Promise<void> {
    const exchange: Exchange = { id: request.id, abort: new AbortController(), answered: false };
    this.exchanges.set(request.id, exchange);
    try {
      await this.take(await this.post(request, exchange.abort.signal), exchange);
      if (isInitialize(request)) this.introduced = { request, result: exchange.result };
    } catch (error) {
      if (exchange.answered) return;
      throw this.failed(error);
    } finally {
      this.exchanges.delete(request.id);
    }
  }

  private async tell(message: JSONRPCMessage): Promise<void> {
    const { server, connectTimeoutMs } = this.endpoint.options;
    const signal = AbortSignal.timeout(connectTimeoutMs);
    try {
      const answer = await this.post(message, signal);
      if (!isOk(answer)) throw await this.endpoint.refusal(answer);
      answer.drop();
    } catch (error) {
      const why = `did not take a message within ${connectTimeoutMs} ms`;
      throw this.failed(signal.aborted ? new RemoteError(server, "server_cut", why) : error);
    }
  }

  /** The server has been told that nobody waits for the answer; its stream may end here. */
  private giveUp(id: unknown): void {
    if (typeof id === "number" || typeof id === "string") this.exchanges.get(id)?.abort.abort();
  }

  /** Sends a message, and once more in a new session if its own is over. */
  private async post(message: JSONRPCMessage, signal: AbortSignal): Promise<HttpAnswer> {
    if (!isInitialize(message)) await this.renewing;
    const { session } = this;
    const answer = await this.postOnce(message, session, signal);
    const isNew = answer.header("mcp-session-id");
    if (isInitialize(message) && isNew !== undefined && isOk(answer)) this.session = isNew;
    if (answer.status !== 404 || session === undefined) return answer;
    answer.drop();
    await this.renew(session);
    return this.postOnce(message, this.session, signal);
  }

  private postOnce(message: JSONRPCMessage, session: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const headers = {
      ...this.headers(isInitialize(message) ? undefined : session),
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    };
    return this.endpoint.request({ method: "POST", headers, body: JSON.stringify(message), signal });
  }

  private headers(session: string | undefined): Record<string, string> {
    return {
      ...(session === undefined ? {} : { "mcp-session-id": session }),
      ...(this.protocolVersion === undefined ? {} : { "mcp-protocol-version": this.protocolVersion }),
    };
  }

  // --- answers -----------------------------------------------------------------------------------------------------------

  /** Takes messages from an answer until the exchange has its own. */
  private async take(first: HttpAnswer, exchange: Exchange): Promise<void> {
    const { endpoint, maxBytes } = this;
    if (!isOk(first)) throw await endpoint.refusal(first);
    if (first.mediaType === "application/json") {
      const text = await bodyOf(first, maxBytes, endpoint.options.server);
      this.deliverText(text, exchange);
    } else if (first.mediaType === "text/event-stream") {
      await this.followStream(first, exchange);
    } else {
      first.drop();
      const kind = first.mediaType === "" ? `nothing (HTTP ${first.status})` : `"${first.mediaType.slice(0, 80)}"`;
      throw this.refused(`answered with ${kind}, which is neither JSON nor a stream of events`);
    }
    if (!exchange.answered) throw this.refused("answered a request without the answer to it");
  }

  private async followStream(first: HttpAnswer, exchange: Exchange): Promise<void> {
    let answer: HttpAnswer = first;
    let lastId: string | undefined;
    for (let attempts = 0; ; ) {
      const stream = this.eventStream(lastId);
      const { cut, heard } = await this.read(answer, stream, exchange);
      lastId = stream.lastId;
      if (exchange.answered) return;
      if (cut !== undefined && (exchange.abort.signal.aborted || lastId === undefined)) throw cut;
      if (lastId === undefined) return;
      if (heard) attempts = 0;
      if (++attempts > MAX_RESUMES) throw cut ?? this.refused("ended the stream of an answer before the answer");
      await sleep(pauseMs(stream.retryMs, attempts), undefined, { signal: exchange.abort.signal });
      answer = await this.get(lastId, exchange.abort.signal);
      if (answer.mediaType !== "text/event-stream" || !isOk(answer)) {
        const { reason } = await this.endpoint.refusal(answer);
        const why = `broke off its answer, and asked for the rest it ${reason}`;
        throw new RemoteError(this.endpoint.options.server, "server_cut", why);
      }
    }
  }

  /** Delivers the messages of a stream until it ends; `cut` is why, if that was not its own doing. */
  private async read(
    answer: HttpAnswer,
    stream: EventStream,
    exchange?: Exchange,
  ): Promise<{ cut?: unknown; heard: boolean }> {
    let heard = false;
    let linger: NodeJS.Timeout | undefined;
    try {
      for await (const chunk of answer.body) {
        for (const { name, data } of stream.push(chunk)) {
          heard = true;
          if (name === "message" && data !== "") this.deliverText(data, exchange);
        }
        if (exchange?.answered === true) linger ??= setTimeout(() => exchange.abort.abort(), LINGER).unref();
      }
      return { heard };
    } catch (error) {
      return { cut: exchange?.abort.signal.aborted === true ? error : this.endpoint.failure(error), heard };
    } finally {
      clearTimeout(linger);
    }
  }

  /** `on`: the exchange it came in. */
  private deliverText(text: string, on: Exchange | undefined): void {
    const parsed = parseJson(text);
    // Batches were part of one version of the protocol.
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
      if (isMessage(message)) this.deliver(message, on);
      else this.garbage.add(text);
    }
  }

  private deliver(message: JSONRPCMessage, on?: Exchange): void {
    this.heardAt = performance.now();
    markAbout(message, on?.id);
    const exchange = "method" in message || message.id === undefined ? undefined : this.exchanges.get(message.id);
    if (exchange !== undefined) {
      exchange.answered = true;
      if ("result" in message) exchange.result = message.result;
    }
    if (exchange === undefined || !("id" in message) || message.id !== RENEWAL_ID) this.onmessage?.(message);
  }

  private eventStream(lastId: string | undefined): EventStream {
    const dropped = (event: OversizeLine): void => {
      const { fault, answer } = oversize(event);
      this.owner.onFault(fault);
      if (answer !== undefined) this.deliver(answer);
    };
    return new EventStream(this.maxBytes, dropped, lastId);
  }

  // --- the standing stream -------------------------------------------------------------------------------------------------

  private listen(): void {
    if (this.closed) return;
    this.standing?.abort();
    const standing = new AbortController();
    this.standing = standing;
    this.stand(this.session, standing.signal).catch((error: unknown) => {
      if (!standing.signal.aborted) this.failed(error);
    });
  }

  private async stand(session: string | undefined, signal: AbortSignal): Promise<void> {
    const options = {
      get: (lastId?: string) => this.get(lastId, signal),
      stream: (lastId?: string) => this.eventStream(lastId),
      read: (answer: HttpAnswer, stream: EventStream) => this.read(answer, stream),
    };
    const end = await keepStanding(options, signal);
    if (end === "forgotten" && session !== undefined) await this.renew(session); // which listens anew
  }

  private get(lastId: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const headers = {
      ...this.headers(this.session),
      accept: "text/event-stream",
      ...(lastId === undefined ? {} : { "last-event-id": lastId }),
    };
    return this.endpoint.request({ method: "GET", headers, signal });
  }

  // --- a session the server has forgotten ----------------------------------------------------------------------------------

  /** One at a time; over at once if the session has been made again since. */
  private async renew(forgotten: string): Promise<void> {
    if (this.session === forgotten) {
      this.renewing ??= this.introduceAgain().finally(() => {
        this.renewing = undefined;
      });
    }
    await this.renewing;
  }

  private async introduceAgain(): Promise<void> {
    const again: Exchange = { id: RENEWAL_ID, abort: new AbortController(), answered: false };
    const { signal } = again.abort;
    const { connectTimeoutMs } = this.endpoint.options;
    let late: NodeJS.Timeout | undefined;
    this.standing?.abort();
    this.exchanges.set(RENEWAL_ID, again);
    try {
      // A server that forgets each session at once is not asked for the next without a pause.
      this.renewals = performance.now() - this.renewedAt < CALM ? this.renewals + 1 : 0;
      if (this.renewals > 0) await sleep(pauseMs(undefined, this.renewals), undefined, { signal });
      this.renewedAt = performance.now();
      late = setTimeout(() => again.abort.abort(), connectTimeoutMs);
      if (this.introduced === undefined) throw this.refused("knows nothing of our session");
      const { request, result } = this.introduced;
      await this.take(await this.post({ ...request, id: RENEWAL_ID }, signal), again);
      if (!isDeepStrictEqual(again.result, result)) throw this.refused("is another version of itself now");
      const told = await this.postOnce({ jsonrpc: "2.0", method: "notifications/initialized" }, this.session, signal);
      if (!isOk(told)) throw await this.endpoint.refusal(told);
      told.drop();
    } catch (error) {
      const why = signal.aborted ? `gave us no new session within ${connectTimeoutMs} ms` : messageOf(error);
      const needsSignIn = error instanceof SignInNeededError;
      this.lose(needsSignIn || error instanceof RemoteError ? error.reason : why, needsSignIn);
      throw error;
    } finally {
      clearTimeout(late);
      this.exchanges.delete(RENEWAL_ID);
    }
    this.listen();
    this.owner.onRenewed();
  }

  // --- what goes wrong -----------------------------------------------------------------------------------------------------

  /** The error for whoever waits; tells the owner what it means for the connection. */
  private failed(error: unknown): Error {
    if (error instanceof RemoteError && error.code === "server_unreachable") this.lose(error.reason);
    // Once the request has failed with this: the server refused it, so it must not be told as one that may have run.
    else if (error instanceof SignInNeededError) setImmediate(() => this.lose(error.reason, true));
    else if (error instanceof RemoteError && error.code === "server_cut" && !this.closed) this.owner.onDoubt();
    return error instanceof Error ? error : new Error(messageOf(error));
  }

  private lose(reason: string, permanent = false): void {
    if (this.isLost || this.closed) return;
    this.isLost = true;
    this.owner.onLost(`it ${reason}`, permanent);
  }

  private refused(what: string): RemoteError {
    return new RemoteError(this.endpoint.options.server, "server_refused", what);
  }
}

function isRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && "id" in message;
}

function isInitialize(message: JSONRPCMessage): boolean {
  return "method" in message && message.method === "initialize";
}
