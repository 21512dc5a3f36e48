// What a handler may return besides a value. Instances are told apart by class, so no value of yours can be mistaken for one.
import type { ExitReason } from "./exit-reason.js";

/** An expected failure: rejects this caller alone. Made by {@link failure}. */
export class Failure<E> {
  constructor(readonly failure: E) {}
}

/** Returned by a handler whose reply comes later. There is one: {@link noReply}. */
export class NoReply {
  readonly noReply = true as const;
}

/** A start with something to tell. Made by {@link startedWith}. */
export class StartedWith {
  constructor(readonly info: unknown) {}
}

/** Ends the process. Made by {@link stop} and {@link ignore}. */
export class Stop {
  constructor(
    readonly reason: ExitReason,
    readonly reply: unknown,
    readonly replies: boolean,
    readonly ignores: boolean,
  ) {}
}

/** Thrown by `this.exitWith(reason)`: ends the process with exactly that reason, from however deep. */
export class Exiting extends Error {
  constructor(readonly reason: ExitReason) {
    super("the process exits; let this pass");
    this.name = "Exiting";
  }
}

/** Return this from a handler to reject its caller with `error` and go on; a throw would be a crash. From `init` it refuses
 * the start without a crash report. */
export function failure<E>(error: E): Failure<E> {
  return new Failure(error);
}

/** Return this from a handler that took `this.from()` and answers later. */
export const noReply: NoReply = new NoReply();

/** Return this to end the process with `reason`: `terminate` runs, then the caller gets `reply` if one is given (else it is
 * rejected with the reason), then the process exits. From `init` it fails the start (gen_server: `{stop, ...}`). */
export function stop(reason: ExitReason = "normal", ...reply: [reply?: unknown]): Stop {
  return new Stop(reason, reply[0], reply.length > 0, false);
}

/** Return this from `init` to hand `info` to whoever asked for the start through `startChild` or `restartChild`, beside the
 * pid. It is passed on once and not kept; a restart by the supervisor drops it (supervisor: `{ok, Child, Info}`). */
export function startedWith(info: unknown): StartedWith {
  return new StartedWith(info);
}

/** Return this from `init` to not run at all and be no failure (gen_server: `ignore`). */
export const ignore: Stop = new Stop("normal", undefined, false, true);
