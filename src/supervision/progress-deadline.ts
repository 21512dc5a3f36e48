// A progress deadline: the longest a process may hold a message, let one wait, or take to terminate without getting on. Beginning
// and ending a message and `this.progress()` are progress. All deadlines of a runtime share the one timer of `Deadlines`; a process
// without one pays nothing, and one with it pays a clock read a message.
import type { Clock } from "./clock.js";
import type { DeadlineList, Deadlines, Expiring } from "./deadlines.js";
import type { Observer } from "./process-events.js";

/** What the deadline must know of its process. */
export interface Worker {
  readonly runtime: { readonly clock: Clock; readonly deadlines: Deadlines };
  /** A message is in hand, or waits while nobody suspended the process, or `terminate` runs. */
  readonly busy: boolean;
  observe(observer: Observer): () => void;
  addCleanup(fn: () => void): () => void;
  /** Ends the process with the reason `wedged`. */
  wedged(): void;
}

export class ProgressDeadline implements Expiring {
  deadline = Number.POSITIVE_INFINITY;
  list: DeadlineList | undefined = undefined;
  previous: Expiring | undefined = undefined;
  next: Expiring | undefined = undefined;
  private lastProgress = 0;

  constructor(
    private readonly process: Worker,
    private readonly ms: number,
  ) {
    const { clock, deadlines } = process.runtime;
    process.observe(() => {
      this.lastProgress = clock.now();
      if (this.list === undefined) deadlines.add(this, ms);
    });
    process.addCleanup(() => deadlines.remove(this));
  }

  expire(): void {
    if (!this.process.busy) return;
    const { clock, deadlines } = this.process.runtime;
    const now = clock.now();
    // This timer came late itself: the thread was held up by somebody else, and the process could not get on.
    if (now - this.deadline > this.ms / 2) this.lastProgress = now;
    const left = this.lastProgress + this.ms - now;
    if (left > 0) deadlines.add(this, Math.ceil(left));
    else this.process.wedged();
  }
}
