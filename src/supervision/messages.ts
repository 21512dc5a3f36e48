// What a mailbox holds. A cast is nothing but its message; a call is one record that is envelope, promise and deadline in
// one; info is a plain message for `handleInfo`; a system request is served in its place in the queue, also while suspended.

import type { DeadlineList, Deadlines, Expiring } from "./deadlines.js";
import { BanyanError } from "./errors.js";
import { describeReason, type ExitReason } from "./exit-reason.js";
import { type AbortController, type AbortSignal, platform } from "./platform.js";
import { keepShape } from "./shapes.js";

export const CAST = 0;
export const CALL = 1;
export const INFO = 2;
export const SYSTEM = 3;

export type Message = Cast | Call | Info | SystemRequest;

/** The arguments of a message as it stores them: a lone argument that is no array stands for itself, so that the commonest
 * message needs no array. */
export type Packed = unknown;

export function unpack(packed: Packed): readonly unknown[] {
  return Array.isArray(packed) ? packed : [packed];
}

export class Cast {
  declare readonly kind: typeof CAST;
  constructor(
    readonly method: string,
    readonly packed: Packed,
  ) {}

  get args(): readonly unknown[] {
    return unpack(this.packed);
  }
}

export class Info {
  declare readonly kind: typeof INFO;
  constructor(readonly message: unknown) {}
}

export class SystemRequest {
  declare readonly kind: typeof SYSTEM;
  constructor(
    readonly serve: () => unknown,
    /** Runs instead when the process ends first. */
    readonly refuse: () => void = () => {},
  ) {}
}

/** Either end of a call: who made it, or who answers it later. Both are told when it is over. */
export interface CallParty {
  callEnded(call: Call): void;
}

/** Why a call got no reply. */
export type CallFailure = "noproc" | "timeout" | "exited" | "calling_self" | "cycle" | "overflow" | "fenced";

// V8's switch for stack traces; the language's own types do not have it, and elsewhere it is a property nobody reads.
const errors = Error as unknown as { stackTraceLimit: number | undefined };

/** A call that ended without a reply. `reason` is the exit reason of the process called, where there is one. */
export class CallError extends BanyanError {
  declare readonly code: CallFailure;
  readonly reason: ExitReason;

  constructor(code: CallFailure, message: string, reason: ExitReason, cause?: unknown) {
    super(code, message, { cause });
    this.reason = reason;
  }

  /** `asked` says what was called: the address, and the method where it is known. */
  static exited(asked: string, reason: ExitReason): CallError {
    const cause = typeof reason === "object" && "error" in reason ? reason.error : undefined;
    // Its own stack would show this file and the scheduler; the cause has the one that matters, and a crash must be cheap.
    const limit = errors.stackTraceLimit;
    errors.stackTraceLimit = 0;
    const error = new CallError(
      "exited",
      `${asked} ended before it answered: ${describeReason(reason)}`,
      reason,
      cause,
    );
    errors.stackTraceLimit = limit;
    return error;
  }

  static noproc(asked: string): CallError {
    return new CallError("noproc", `no process answers at ${asked}; it has ended or was never started`, "noproc");
  }
}

type Resolve = (value: unknown) => void;
type Reject = (error: unknown) => void;

// A promise's two functions, handed out by one executor shared by all calls: a closure a call is a cost on the hot path.
let resolveMade: Resolve;
let rejectMade: Reject;
const executor = (resolve: Resolve, reject: Reject): void => {
  resolveMade = resolve;
  rejectMade = reject;
};

const PENDING = 0;
const RESOLVED = 1;
const REJECTED = 2;

export class Call implements Expiring {
  declare readonly kind: typeof CALL;
  /** The process that took the call and answers later. */
  answerer: CallParty | undefined = undefined;
  list: DeadlineList | undefined = undefined;
  previous: Expiring | undefined = undefined;
  next: Expiring | undefined = undefined;
  /** When it expires, once its clock runs; see {@link startClock}. */
  deadline = 0;
  private state: typeof PENDING | typeof RESOLVED | typeof REJECTED = PENDING;
  /** The answer or the error of a call that ended before anybody had its promise. */
  private outcome: unknown = undefined;
  private resolvePromise: Resolve | undefined = undefined;
  private rejectPromise: Reject | undefined = undefined;
  private aborting: { readonly signal: AbortSignal; readonly abort: () => void } | undefined = undefined;
  private controller: AbortController | undefined = undefined;

  constructor(
    readonly method: string,
    readonly packed: Packed,
    /** The process that made the call, if one did and said so. */
    readonly caller: CallParty | undefined,
    private readonly target: { readonly title: string },
    private readonly deadlines: Deadlines,
    private readonly timeout: number,
  ) {}

  get args(): readonly unknown[] {
    return unpack(this.packed);
  }

  get settled(): boolean {
    return this.state !== PENDING;
  }

  /** The caller's promise; asked for once. It is made last, so that a call answered in its caller's own turn makes only the
   * promise of a value that is there. */
  makePromise(): Promise<unknown> {
    if (this.state === RESOLVED) return Promise.resolve(this.outcome);
    if (this.state === REJECTED) return Promise.reject(this.outcome);
    const promise = new Promise(executor);
    this.resolvePromise = resolveMade;
    this.rejectPromise = rejectMade;
    return promise;
  }

  /** From now on the call expires; asked twice, it is the first that counts. One answered in its caller's own turn never needs
   * a clock, unless its handler asks how much time is left. */
  startClock(): void {
    const runs = this.settled || this.list !== undefined || this.timeout === Number.POSITIVE_INFINITY;
    if (!runs) this.deadlines.add(this, Math.max(0, this.timeout));
  }

  /** Milliseconds left at time `now`. */
  timeLeft(now: number): number {
    return this.list === undefined ? this.timeout : this.deadline - now;
  }

  abortedBy(signal: AbortSignal): void {
    if (signal.aborted) {
      this.reject(signal.reason);
      return;
    }
    const abort = (): void => void this.reject(signal.reason);
    this.aborting = { signal, abort };
    signal.addEventListener("abort", abort, { once: true });
  }

  /** False if the call had ended already: it ends exactly once. */
  resolve(value: unknown): boolean {
    if (!this.end(RESOLVED)) return false;
    if (this.resolvePromise === undefined) this.outcome = value;
    else this.resolvePromise(value);
    return true;
  }

  reject(error: unknown): boolean {
    if (!this.end(REJECTED)) return false;
    if (this.rejectPromise === undefined) this.outcome = error;
    else this.rejectPromise(error);
    this.controller?.abort(error);
    return true;
  }

  /** Ends the call untold: whoever made it is gone for good. */
  forget(): void {
    this.end(REJECTED);
  }

  expire(): void {
    this.reject(new CallError("timeout", `${this.asked} did not answer in time`, "timeout"));
  }

  /** What was called, for error messages. */
  get asked(): string {
    return `${this.target.title}.${this.method}`;
  }

  /** Fires when the call ends without a reply: nobody waits for the work any more. */
  get abandoned(): AbortSignal {
    this.controller ??= new platform.AbortController();
    if (this.settled) this.controller.abort();
    return this.controller.signal;
  }

  private end(state: typeof RESOLVED | typeof REJECTED): boolean {
    if (this.state !== PENDING) return false;
    this.state = state;
    this.deadlines.remove(this);
    this.aborting?.signal.removeEventListener("abort", this.aborting.abort);
    this.caller?.callEnded(this);
    this.answerer?.callEnded(this);
    return true;
  }
}

// The kinds stand on the prototypes: a message carries nothing that its class already says.
Object.assign(Cast.prototype, { kind: CAST });
Object.assign(Call.prototype, { kind: CALL });
Object.assign(Info.prototype, { kind: INFO });
Object.assign(SystemRequest.prototype, { kind: SYSTEM });

keepShape(new Cast("", undefined));
keepShape(new Info(undefined));
keepShape(new SystemRequest(() => undefined));
