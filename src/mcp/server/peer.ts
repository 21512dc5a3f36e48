// A Peer: one end of a JSON-RPC 2.0 conversation as MCP has it, over whatever carries messages. It answers the other side's requests
// by handlers, asks it things of its own, and cancels both ways. It knows nothing of tools or of HTTP, keeps no more than what is
// under way, and takes nothing in on trust: what is no message is refused by the specification's codes (JSON-RPC 2.0, section 5.1).
import { BanyanError } from "../../supervision/index.js";
import { GiveUp } from "../client/give-up.js";
import type { Pass } from "./gate/gate.js";
import { INVALID_REQUEST, METHOD_NOT_FOUND, Refusal, refusalOf } from "./refusals.js";
import type { RequestTrail } from "./trail.js";

/** Of the protocol, newest first. */
export const PROTOCOLS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"] as const;
/** The last of them that has batches. */
export const LAST_WITH_BATCHES = "2025-03-26";

export type RequestId = string | number;

/** A message on its way out; whoever sends it made it of nothing but JSON. */
export type Message =
  | { readonly jsonrpc: "2.0"; readonly id: RequestId; readonly method: string; readonly params?: object }
  | { readonly jsonrpc: "2.0"; readonly method: string; readonly params?: object }
  | { readonly jsonrpc: "2.0"; readonly id: RequestId; readonly result: object }
  | { readonly jsonrpc: "2.0"; readonly id: RequestId | null; readonly error: RpcError };

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What carries messages to the other side. What comes from there is given to {@link Peer.take}. */
export interface Channel {
  /** All is ready for messages to be taken. */
  start?(): void;
  /** `about`: the request of the other side that the message answers or belongs to. Never throws; what cannot be sent is lost. */
  send(message: Message, about?: RequestId): void;
  /** That request was cancelled: nothing more is said about it. */
  settled?(id: RequestId): void;
  close(): void;
}

export interface OutgoingOptions {
  /** The request of the other side on whose behalf this one is made. */
  readonly about?: RequestId;
  /** Gives up; the other side is told. */
  readonly signal?: AbortSignal;
  /** Milliseconds; as long as the other side is there when absent. */
  readonly timeoutMs?: number;
}

/** A request of the other side that is being answered. */
export interface IncomingCall {
  readonly id: RequestId;
  /** Of what it came with, where that has one. */
  readonly trail: RequestTrail | undefined;
  /** Given up when the other side cancels it or is gone. */
  readonly giveUp: GiveUp;
  /** The same for what knows signals. */
  readonly signal: AbortSignal;
  /** By which the other side wants to hear how far it has come. */
  readonly progressToken: RequestId | undefined;
  /** Says something that belongs to the request; nothing once it is over. */
  notify(method: string, params: object): void;
  /** Asks the other side something on behalf of the request; withdrawn when that is cancelled. */
  request(method: string, params: object, options?: Omit<OutgoingOptions, "about">): Promise<unknown>;
}

export type RequestHandler = (params: unknown, call: IncomingCall) => Promise<object> | object;

/** The other side did not answer what it was asked. */
export class ClientError extends BanyanError {
  constructor(
    code: "client_refused" | "client_silent" | "client_gone" | "cancelled",
    message: string,
    /** Of a refusal, as the other side sent it. */
    readonly rpc?: RpcError,
  ) {
    super(code, message);
  }
}

/** What a message is, by its envelope alone; undefined for what is none. */
export function kindOf(message: unknown): "request" | "notification" | "response" | undefined {
  if (!isRecord(message) || message.jsonrpc !== "2.0") return undefined;
  const { id, method } = message;
  if (typeof method === "string") return id === undefined ? "notification" : isId(id) ? "request" : undefined;
  return method === undefined && isId(id) && ("result" in message || "error" in message) ? "response" : undefined;
}

export class Peer {
  /** Told once, when the conversation is over, however it ended. */
  onClose: () => void = () => {};
  /** The version of MCP that was agreed on. */
  protocol: string | undefined;
  /** Judges each request before it is answered; closed with the conversation. */
  pass: Pass | undefined;
  private closed = false;
  private asked = 0;
  private readonly handlers = new Map<string, RequestHandler>();
  private readonly listeners = new Map<string, (params: unknown) => void>();
  private readonly incoming = new Map<RequestId, Answering>();
  private readonly outgoing = new Map<RequestId, Outgoing>();
  private idle: (() => void)[] = [];

  constructor(private readonly channel: Channel) {}

  /** Answers requests of this method from now on. What it throws is told as {@link refusalOf} has it. */
  handle(method: string, handler: RequestHandler): void {
    this.handlers.set(method, handler);
  }

  /** Hears notifications of this method from now on; those nobody hears are passed over, as the specification wants. */
  hear(method: string, listener: (params: unknown) => void): void {
    this.listeners.set(method, listener);
  }

  start(): void {
    this.channel.start?.();
  }

  get isOpen(): boolean {
    return !this.closed;
  }

  /** How many requests of the other side are being answered. */
  get running(): number {
    return this.incoming.size;
  }

  /** Whether a request by this id is being answered. */
  isAnswering(id: RequestId): boolean {
    return this.incoming.has(id);
  }

  /** Tells once, when nothing is being answered any more. */
  whenIdle(tell: () => void): void {
    if (this.incoming.size === 0) tell();
    else this.idle.push(tell);
  }

  /** One message of the other side; a batch is taken apart by who reads it. `trail`: of what it came with. */
  take(message: unknown, trail?: RequestTrail): void {
    if (this.closed) return;
    const kind = kindOf(message);
    // Of the kind that was just found, with the fields that it has.
    const { id, method, params, result, error } = (message ?? {}) as Record<string, unknown>;
    if (kind === "request") void this.answer(id as RequestId, String(method), params, trail);
    else if (kind === "notification") this.heard(String(method), params);
    else if (kind === "response") this.answered(id as RequestId, result, error);
    else {
      const refusal = { code: INVALID_REQUEST, message: "this is no JSON-RPC 2.0 message" };
      this.channel.send({ jsonrpc: "2.0", id: isId(id) ? id : null, error: refusal });
    }
  }

  notify(method: string, params?: object, about?: RequestId): void {
    if (this.closed) return;
    this.channel.send(params === undefined ? { jsonrpc: "2.0", method } : { jsonrpc: "2.0", method, params }, about);
  }

  /** Asks the other side. Rejects with a {@link ClientError}; what it answers is for the asker to check. */
  request(method: string, params: object, { about, signal, timeoutMs }: OutgoingOptions = {}): Promise<unknown> {
    if (this.closed) return Promise.reject(new ClientError("client_gone", "the client is gone"));
    if (signal?.aborted) return Promise.reject(new ClientError("cancelled", "the question was withdrawn"));
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      const withdraw = (error: ClientError): void => {
        this.forget(id);
        this.notify("notifications/cancelled", { requestId: id, reason: error.message }, about);
        reject(error);
      };
      const onAbort = (): void => withdraw(new ClientError("cancelled", "the question was withdrawn"));
      const late = (): void => withdraw(new ClientError("client_silent", "the client gave no answer in time"));
      const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
      signal?.addEventListener("abort", onAbort, { once: true });
      const over = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      this.outgoing.set(id, { resolve, reject, over });
      this.channel.send({ jsonrpc: "2.0", id, method, params }, about);
    });
  }

  /** Gives a request of the other side up, as if it had been cancelled there. */
  cancel(id: RequestId, reason: string): void {
    if (this.incoming.get(id)?.cancel(reason)) this.channel.settled?.(id);
  }

  /** The other side is gone, or we go: what is under way is cancelled, what was asked stays without an answer. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const call of this.incoming.values()) call.cancel("the client is gone");
    for (const { reject, over } of this.outgoing.values()) {
      over();
      reject(new ClientError("client_gone", "the client is gone"));
    }
    this.outgoing.clear();
    this.pass?.close();
    this.channel.close();
    this.onClose();
  }

  private async answer(id: RequestId, method: string, params: unknown, trail: RequestTrail | undefined): Promise<void> {
    if (this.incoming.has(id))
      return this.refuse(id, new Refusal(INVALID_REQUEST, "a request of this id is under way"));
    const call = new Answering(this, id, params, trail);
    this.incoming.set(id, call);
    const { pass } = this;
    let isIn = false;
    try {
      const handler = this.handlers.get(method);
      if (handler === undefined) throw new Refusal(METHOD_NOT_FOUND, `there is no method ${method.slice(0, 100)}`);
      const turn = pass?.enter(method, call);
      if (turn !== undefined) await turn;
      isIn = true;
      const result = await handler(params, call);
      if (!call.over) this.channel.send({ jsonrpc: "2.0", id, result }, id);
    } catch (error) {
      if (!call.over) this.refuse(id, refusalOf(error));
    } finally {
      if (isIn) pass?.leave(method);
      call.over = true;
      this.incoming.delete(id);
      if (this.incoming.size === 0) for (const tell of this.idle.splice(0)) tell();
    }
  }

  private refuse(id: RequestId, { code, message, data }: Refusal): void {
    const error = data === undefined ? { code, message } : { code, message, data };
    this.channel.send({ jsonrpc: "2.0", id, error }, id);
  }

  private heard(method: string, params: unknown): void {
    if (method === "notifications/cancelled") {
      if (isRecord(params) && isId(params.requestId))
        this.cancel(params.requestId, textOf(params.reason) || "cancelled");
    } else this.listeners.get(method)?.(params);
  }

  private answered(id: RequestId, result: unknown, error: unknown): void {
    const asked = this.outgoing.get(id);
    if (asked === undefined) return; // it was withdrawn meanwhile
    this.forget(id);
    if (error === undefined) asked.resolve(result);
    else asked.reject(refusedBy(error));
  }

  private forget(id: RequestId): void {
    this.outgoing.get(id)?.over();
    this.outgoing.delete(id);
  }
}

interface Outgoing {
  resolve(result: unknown): void;
  reject(error: ClientError): void;
  /** Nobody waits any more. */
  over(): void;
}

/** One request that is being answered. */
class Answering implements IncomingCall {
  /** It was answered or cancelled. */
  over = false;
  readonly giveUp = new GiveUp();

  constructor(
    private readonly peer: Peer,
    readonly id: RequestId,
    private readonly params: unknown,
    readonly trail: RequestTrail | undefined,
  ) {}

  get signal(): AbortSignal {
    return this.giveUp.signal;
  }

  get progressToken(): RequestId | undefined {
    const meta = isRecord(this.params) ? this.params._meta : undefined;
    const token = isRecord(meta) ? meta.progressToken : undefined;
    return isId(token) ? token : undefined;
  }

  notify(method: string, params: object): void {
    if (!this.over) this.peer.notify(method, params, this.id);
  }

  request(method: string, params: object, options: Omit<OutgoingOptions, "about"> = {}): Promise<unknown> {
    const signal = options.signal === undefined ? this.signal : AbortSignal.any([this.signal, options.signal]);
    return this.peer.request(method, params, { ...options, signal, about: this.id });
  }

  /** False: it was over already. */
  cancel(reason: string): boolean {
    if (this.over) return false;
    this.over = true;
    this.giveUp.because(new ClientError("cancelled", reason));
    return true;
  }
}

const LONGEST = 1_000;

function refusedBy(error: unknown): ClientError {
  const { code, message, data } = isRecord(error) ? error : {};
  const rpc = { code: typeof code === "number" ? code : 0, message: textOf(message) };
  const whole = data === undefined ? rpc : { ...rpc, data };
  return new ClientError("client_refused", `the client refused: ${rpc.message}`, whole);
}

/** Of what should be a text. Anything else is none: not everything that JSON can say can be made one (`{"toString":1}` throws). */
function textOf(said: unknown): string {
  return typeof said === "string" ? said.slice(0, LONGEST) : "";
}

export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** MCP has no null here, and no fractions. */
export function isId(value: unknown): value is RequestId {
  return typeof value === "string" || Number.isSafeInteger(value);
}
