// Who runs next, left to a seed. A turn is one message, so that every order of turns that OTP allows can come up; messages from
// one process to another keep their order, because a mailbox is a queue and nothing is delivered in the caller's own turn.
import type { Runnable, Scheduler } from "./scheduler.js";

export class SeededScheduler implements Scheduler {
  readonly turn = 1;
  private readonly ready: Runnable[] = [];

  constructor(private readonly random: () => number) {}

  enqueue(runnable: Runnable): void {
    this.ready.push(runnable);
  }

  takeInlineTurn(): boolean {
    return false;
  }

  /** Takes one of those that have something to do. */
  take(): Runnable | undefined {
    const { ready } = this;
    const last = ready.pop();
    if (last === undefined || ready.length === 0) return last;
    const at = Math.floor(this.random() * (ready.length + 1));
    const chosen = ready[at];
    if (chosen === undefined) return last; // the last itself was drawn
    ready[at] = last;
    return chosen;
  }
}
