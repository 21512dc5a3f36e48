// A clock that stands until a test moves it, in a runtime of its own: time-outs happen when the test says so, in order.
import { afterEach, beforeEach } from "vitest";
import { type Clock, enterRuntime, Runtime } from "../../../src/supervision/index.js";

export class ManualClock implements Clock {
  private time = 0;
  private timers: { at: number; fire: () => void }[] = [];

  now(): number {
    return this.time;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const timer = { at: this.time + ms, fire };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` pass: each timer fires at its time, and what follows from it is done before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.time = Math.max(this.time, due.at);
      due.fire();
      await settled();
    }
    this.time = end;
  }

  /** Time passes while nothing can run, as when a handler spins: timers come late. */
  holdUp(ms: number): void {
    this.time += ms;
  }
}

/** Every message and promise under way has had its turn. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Gives each test of the file a runtime with a clock of its own. */
export function withManualClock(): { readonly clock: ManualClock; readonly runtime: Runtime } {
  let clock = new ManualClock();
  let runtime = new Runtime(clock);
  let before: Runtime;
  beforeEach(() => {
    clock = new ManualClock();
    runtime = new Runtime(clock);
    before = enterRuntime(runtime);
  });
  afterEach(() => void enterRuntime(before));
  return {
    get clock() {
      return clock;
    },
    get runtime() {
      return runtime;
    },
  };
}
