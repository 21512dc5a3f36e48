// What a process asks of the object whose messages it handles: the callbacks of a class, as the process calls them.
import type { ExitReason } from "./exit-reason.js";
import type { TraceEvent } from "./process-events.js";

/** What a behaviour (GenServer and all that grows on it) shows its process. Symbols keep these out of every protocol. */
export const onInit: unique symbol = Symbol("init");
export const onInfo: unique symbol = Symbol("info");
export const onUnknownMethod: unique symbol = Symbol("unknown method");
export const onContinue: unique symbol = Symbol("continue");
export const onTerminate: unique symbol = Symbol("terminate");
export const traps: unique symbol = Symbol("trapExit");
export const stateOf: unique symbol = Symbol("state");
export const format: unique symbol = Symbol("formatStatus");

export interface Behaviour {
  [onInit](arg: unknown): unknown;
  [onInfo](message: unknown): unknown;
  [onUnknownMethod](method: string): unknown;
  [onContinue](value: unknown): unknown;
  [onTerminate](reason: ExitReason): unknown;
  readonly [traps]: boolean;
  [stateOf]: unknown;
  [format](status: Status): Status;
}

/** What `getStatus` and a crash report show of a process; it passes through the class's `formatStatus` first. */
export interface Status<State = unknown> {
  readonly state: State;
  /** The method that was in hand; in crash reports only. */
  readonly message?: string | undefined;
  /** In crash reports only. */
  readonly reason?: ExitReason;
  /** The last system events, if `logEvents` is on. */
  readonly log?: readonly TraceEvent[] | undefined;
}
