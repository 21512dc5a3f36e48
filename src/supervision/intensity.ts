// How often is too often: restarts within a sliding window. An entry counts while it is at most `period` old, the limit
// itself is allowed, and nothing resets the window but time. (otp: stdlib, supervisor, "Maximum Restart Intensity")
import { Ring } from "./ring.js";

export class Intensity {
  private readonly restarts = new Ring<number>();

  /** At most `max` restarts within `period` milliseconds. */
  constructor(
    private readonly max: number,
    private readonly period: number,
  ) {}

  /** Counts one restart at time `now`. False: that is one too many. */
  allows(now: number): boolean {
    this.restarts.push(now);
    while (now - (this.restarts.peek() ?? now) > this.period) this.restarts.shift();
    return this.restarts.length <= this.max;
  }
}
