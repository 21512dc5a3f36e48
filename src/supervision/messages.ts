// What a mailbox holds. A cast is nothing but its message; a call is one record that is envelope, promise and deadline in
// one; info is a plain message for `handleInfo`; a system request is served in its place in the queue, also while suspended.
import type { DeadlineList, Deadlines, Expiring } from "./deadlines.js";
import { BanyanError } from "./errors.js";
import { describeReason, type ExitReason } from "./exit-reason.js";
import { type AbortController, type AbortSignal, platform } from "./platform.js";

export const CAST = 0;
export const CALL = 1;
export const INFO = 2;
export const SYSTEM = 3;

export type Message = Cast | Call | Info | SystemRequest;

export class Cast {
  readonly kind = CAST;
  constructor(
    readonly method: string,
    readonly args: readonly unknown[],
  ) {}
}

export class Info {
  readonly kind = INFO;
  constructor(readonly message: unknown) {}
}

export class SystemRequest {
  readonly kind = SYSTEM;
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
    return new CallError("exited", `${asked} ended before it answered: ${describeReason(reason)}`, reason, cause);
  }

  static noproc(asked: string): CallError {
    return new CallError("noproc", `no process answers at ${asked}; it has ended or was never started`, "noproc");
  }
}

// A promise's two functions, handed out by one executor shared by all calls: a closure a call is a cost on the hot path.
let settle: { resolve: (value: unknown) => void; reject: (error: unknown) => void };
const executor = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
  settle = { resolve, reject };
};

export class Call implements Expiring {
  readonly kind = CALL;
  readonly promise: Promise<unknown>;
  settled = false;
  /** The process that took the call and answers later. */
  answerer: CallParty | undefined = undefined;
  deadline = Number.POSITIVE_INFINITY;
  list: DeadlineList | undefined = undefined;
  previous: Expiring | undefined = undefined;
  next: Expiring | undefined = undefined;
  private readonly settle: { resolve: (value: unknown) => void; reject: (error: unknown) => void };
  private abort: (() => void) | undefined = undefined;
  private signal: AbortSignal | undefined = undefined;
  private controller: AbortController | undefined = undefined;

  constructor(
    readonly method: string,
    readonly args: readonly unknown[],
    /** The process that made the call, if one did and said so. */
    readonly caller: CallParty | undefined,
    private readonly target: () => string,
    private readonly deadlines: Deadlines,
  ) {
    this.promise = new Promise(executor);
    this.settle = settle;
  }

  expiresIn(ms: number): void {
    if (ms !== Number.POSITIVE_INFINITY) this.deadlines.add(this, Math.max(0, ms));
  }

  abortedBy(signal: AbortSignal): void {
    if (signal.aborted) {
      this.reject(signal.reason);
      return;
    }
    this.signal = signal;
    this.abort = () => void this.reject(signal.reason);
    signal.addEventListener("abort", this.abort, { once: true });
  }

  /** False if the call had ended already: it ends exactly once. */
  resolve(value: unknown): boolean {
    if (!this.end()) return false;
    this.settle.resolve(value);
    return true;
  }

  reject(error: unknown): boolean {
    if (!this.end()) return false;
    this.settle.reject(error);
    this.controller?.abort(error);
    return true;
  }

  expire(): void {
    this.reject(new CallError("timeout", `${this.asked} did not answer in time`, "timeout"));
  }

  /** What was called, for error messages. */
  get asked(): string {
    return `${this.target()}.${this.method}`;
  }

  /** Fires when the call ends without a reply: nobody waits for the work any more. */
  get abandoned(): AbortSignal {
    this.controller ??= new platform.AbortController();
    if (this.settled) this.controller.abort();
    return this.controller.signal;
  }

  private end(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.deadlines.remove(this);
    if (this.abort !== undefined) this.signal?.removeEventListener("abort", this.abort);
    this.caller?.callEnded(this);
    this.answerer?.callEnded(this);
    return true;
  }
}
