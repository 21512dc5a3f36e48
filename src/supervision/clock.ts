// Time as the framework sees it. Everything that waits (call deadlines, sendAfter, shutdown times, backoff) asks the
// runtime's clock, so that a simulation can put a virtual one in its place.
import { platform } from "./platform.js";

export interface Clock {
  /** Monotonic milliseconds, with fractions. */
  now(): number;
  /** Milliseconds since the epoch, for what people and logs see; the host's own unless given. */
  epoch?(): number;
  /** Runs `fire` once after `ms` (0 or more; no upper limit) and returns what cancels it. A timer that is not
   * `essential` does not keep the program running. */
  setTimer(ms: number, fire: () => void, essential?: boolean): () => void;
}

/** The longest delay setTimeout takes; longer waits are chained. */
const LONGEST = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => platform.performance.now(),
  setTimer(ms, fire, essential = true) {
    let handle: ReturnType<typeof platform.setTimeout>;
    const arm = (left: number): void => {
      handle = platform.setTimeout(
        left > LONGEST ? () => arm(left - LONGEST) : fire,
        Math.max(0, Math.min(left, LONGEST)),
      );
      if (!essential && typeof handle === "object") handle.unref?.();
    };
    arm(ms);
    return () => platform.clearTimeout(handle);
  },
};
