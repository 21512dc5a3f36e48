// Requests whose answers are collected later: a process asks and goes on with other work. A request made through a ref bound
// with `this.use(ref)` answers as a message in `handleInfo`, unless somebody waits for it first; `checkResponse` tells whose
// answer a message is. (otp: stdlib, gen_server, `send_request`, `wait_response`, `receive_response`, `check_response`)

import { BanyanError } from "./errors.js";
import type { ExitReason } from "./exit-reason.js";
import { CallError, type CallFailure, Info } from "./messages.js";
import { type AbortController, platform } from "./platform.js";
import type { Process } from "./process.js";
import { type ArgsOf, boundTo, callerOf, type ProtocolOf, type Ref, type ReplyOf } from "./ref.js";
import { currentRuntime } from "./runtime.js";

/** What became of a request: the reply, the handler's `failure`, or why there was none and from whom. */
export type Response<R> =
  | { readonly reply: R }
  | { readonly failure: unknown }
  | { readonly error: { readonly reason: ExitReason | CallFailure; readonly ref: Ref<unknown> } };

/** A request under way. */
export interface RequestId<R = unknown> {
  readonly ref: Ref<unknown>;
  readonly method: string;
  /** Says what R is, to the compiler alone. */
  readonly response: Response<R> | undefined;
}

/** A response from a collection, with the label its request was added under. */
export interface LabelledResponse<R, L> {
  readonly response: Response<R>;
  readonly label: L;
  readonly id: RequestId<R>;
}

let arrivals = 0;

class Request<R> implements RequestId<R> {
  response: Response<R> | undefined = undefined;
  /** The place in the order in which responses arrived. */
  arrival = Number.POSITIVE_INFINITY;
  /** Received or abandoned: nobody hears of it again. */
  over = false;
  readonly waiters = new Set<() => void>();
  readonly controller: AbortController = new platform.AbortController();

  constructor(
    readonly ref: Ref<unknown>,
    readonly method: string,
    /** The process that made it. */
    readonly owner: Process | undefined,
  ) {}

  arrived(response: Response<R>): void {
    if (this.over) return;
    this.response = response;
    this.arrival = ++arrivals;
    if (this.waiters.size === 0) this.owner?.push(new Info(new Arrived(this)));
    else for (const wake of this.waiters) wake();
  }

  /** Takes the response; a message that carries it is not delivered any more. */
  receive(): void {
    this.over = true;
    this.owner?.discard((message) => message instanceof Arrived && message.request === this);
  }

  abandon(): void {
    this.receive();
    this.controller.abort(new BanyanError("abandoned", `the request ${this.method} was abandoned`));
  }
}

/** The message that brings a response. */
class Arrived {
  constructor(readonly request: Request<unknown>) {}
}

/** Calls `method` without waiting for the answer. It has no time-out of its own; the wait for it has. */
export function sendRequest<T, K extends ProtocolOf<T>>(
  ref: Ref<T>,
  method: K,
  ...args: ArgsOf<T, K>
): RequestId<ReplyOf<T, K>> {
  const owner = callerOf(ref);
  const request = new Request<ReplyOf<T, K>>(ref, method, owner);
  if (owner?.alive === false) {
    request.arrived({ error: { reason: "fenced", ref } });
    return request;
  }
  // Unbound, for the owner does not wait: a request closes no cycle and has no deadline to share.
  const to = boundTo(ref, undefined).with({ timeout: Number.POSITIVE_INFINITY, signal: request.controller.signal });
  to.call[method](...args).then(
    (reply) => request.arrived({ reply }),
    (error: unknown) =>
      request.arrived(error instanceof CallError ? { error: reasonOf(error, ref) } : { failure: error }),
  );
  return request;
}

function reasonOf(
  { code, reason }: CallError,
  ref: Ref<unknown>,
): { reason: ExitReason | CallFailure; ref: Ref<unknown> } {
  return { reason: code === "exited" ? reason : code, ref };
}

/** Requests under way, each with a label. A request that was answered or abandoned leaves it. */
export class RequestIds<L = unknown, R = unknown> {
  private readonly labels = new Map<RequestId<R>, L>();

  /** Adds a request. Throws a BanyanError `badarg` if it is in here already. */
  add(id: RequestId<R>, label: L): this {
    if (this.labels.has(id)) throw new BanyanError("badarg", "a request can be in a collection once only");
    this.labels.set(requestOf(id), label);
    return this;
  }

  get size(): number {
    return this.labels.size;
  }

  toList(): { readonly id: RequestId<R>; readonly label: L }[] {
    return Array.from(this.labels, ([id, label]) => ({ id, label }));
  }

  /** The response of one request, which leaves the collection. */
  take(id: RequestId<R>): LabelledResponse<R, L> | undefined {
    const label = this.labels.get(id);
    const request = requestOf(id);
    if (!this.labels.delete(id) || request.response === undefined) return undefined;
    request.receive();
    return { response: request.response, label: label as L, id }; // `delete` found it: the label is an L
  }
}

/** Waits for the response. Past `timeout` milliseconds the answer is `timeout` and the request is still under way. Of a
 * collection: the response that came first, or `no_request` if it is empty. */
export function waitResponse<R>(id: RequestId<R>, timeout?: number): Promise<Response<R> | "timeout">;
export function waitResponse<R, L>(
  ids: RequestIds<L, R>,
  timeout?: number,
): Promise<LabelledResponse<R, L> | "timeout" | "no_request">;
export function waitResponse<R, L>(
  from: RequestId<R> | RequestIds<L, R>,
  timeout = Number.POSITIVE_INFINITY,
): Promise<Response<R> | LabelledResponse<R, L> | "timeout" | "no_request"> {
  return from instanceof RequestIds ? fromMany(from, timeout, false) : fromOne(from, timeout, false);
}

/** Like {@link waitResponse}, but past `timeout` what was waited for is abandoned: its answer is dropped, and the call skipped
 * if it has not begun. */
export function receiveResponse<R>(id: RequestId<R>, timeout?: number): Promise<Response<R> | "timeout">;
export function receiveResponse<R, L>(
  ids: RequestIds<L, R>,
  timeout?: number,
): Promise<LabelledResponse<R, L> | "timeout" | "no_request">;
export function receiveResponse<R, L>(
  from: RequestId<R> | RequestIds<L, R>,
  timeout = Number.POSITIVE_INFINITY,
): Promise<Response<R> | LabelledResponse<R, L> | "timeout" | "no_request"> {
  return from instanceof RequestIds ? fromMany(from, timeout, true) : fromOne(from, timeout, true);
}

/** In `handleInfo`: the response that `message` brings, if it is this request's; else `no_reply`. Of a collection: the
 * labelled response if it is one of its requests'; `no_request` if it is empty. */
export function checkResponse<R>(message: unknown, id: RequestId<R>): Response<R> | "no_reply";
export function checkResponse<R, L>(
  message: unknown,
  ids: RequestIds<L, R>,
): LabelledResponse<R, L> | "no_reply" | "no_request";
export function checkResponse<R, L>(
  message: unknown,
  from: RequestId<R> | RequestIds<L, R>,
): Response<R> | LabelledResponse<R, L> | "no_reply" | "no_request" {
  if (from instanceof RequestIds) {
    if (from.size === 0) return "no_request";
    const found = message instanceof Arrived && from.toList().find(({ id }) => id === message.request);
    return (found && from.take(found.id)) || "no_reply";
  }
  if (!(message instanceof Arrived) || message.request !== from) return "no_reply";
  message.request.receive();
  return from.response ?? "no_reply";
}

async function fromOne<R>(id: RequestId<R>, timeout: number, abandons: boolean): Promise<Response<R> | "timeout"> {
  const request = requestOf(id);
  if (request.over) throw new BanyanError("badarg", `the request ${id.method} was received or abandoned already`);
  await arrivalOf([request], timeout);
  if (request.response === undefined) {
    if (abandons) request.abandon();
    return "timeout";
  }
  request.receive();
  return request.response;
}

async function fromMany<R, L>(
  ids: RequestIds<L, R>,
  timeout: number,
  abandons: boolean,
): Promise<LabelledResponse<R, L> | "timeout" | "no_request"> {
  const requests = ids
    .toList()
    .map(({ id }) => requestOf(id))
    .filter(({ over }) => !over);
  if (requests.length === 0) return "no_request";
  await arrivalOf(requests, timeout);
  const [first] = requests.sort((a, b) => a.arrival - b.arrival);
  const taken = first?.response === undefined ? undefined : ids.take(first);
  if (taken !== undefined) return taken;
  if (abandons) {
    for (const request of requests) {
      request.abandon();
      ids.take(request);
    }
  }
  return "timeout";
}

/** Resolves once one of the requests has its response, or after `timeout` milliseconds. */
function arrivalOf(requests: readonly Request<unknown>[], timeout: number): Promise<void> {
  if (requests.some(({ response }) => response !== undefined)) return Promise.resolve();
  const clock = (requests[0]?.owner?.runtime ?? currentRuntime()).clock;
  return new Promise((resolve) => {
    const wake = (): void => {
      cancel?.();
      for (const { waiters } of requests) waiters.delete(wake);
      resolve();
    };
    const cancel = timeout === Number.POSITIVE_INFINITY ? undefined : clock.setTimer(timeout, wake);
    for (const { waiters } of requests) waiters.add(wake);
  });
}

function requestOf<R>(id: RequestId<R>): Request<R> {
  if (id instanceof Request) return id;
  throw new BanyanError("badarg", "expected what sendRequest returned");
}
