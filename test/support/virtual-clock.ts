// A clock that stands still until a test moves it, and a runtime of its own to go with it.
import { afterEach, beforeEach } from "vitest";
import { type Clock, enterRuntime, Runtime } from "../../src/supervision/index.js";

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

export class VirtualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const timer = { at: this.time + Math.max(0, ms), fire };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Lets `ms` pass: every timer due by then fires in order, and what each one sets going is finished before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await quiet();
    for (let timer = this.next(until); timer !== undefined; timer = this.next(until)) {
      this.timers.delete(timer);
      this.time = timer.at;
      timer.fire();
      await quiet();
    }
    this.time = until;
  }

  private next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (timer.at <= until && timer.at < (first?.at ?? Infinity)) first = timer;
    return first;
  }
}

/** Waits until nothing is left to do but wait for time: microtasks, and the turns the scheduler gives the event loop. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Gives each test of the file a runtime of its own on a virtual clock. */
export function withVirtualTime(): { readonly clock: VirtualClock; readonly runtime: Runtime } {
  const here = { clock: new VirtualClock(), runtime: new Runtime() };
  let before: Runtime;
  beforeEach(() => {
    here.clock = new VirtualClock();
    here.runtime = new Runtime(here.clock);
    before = enterRuntime(here.runtime);
  });
  afterEach(() => {
    enterRuntime(before);
  });
  return here;
}
