// Who runs next. One queue of processes that have something to do, drained from one microtask: a message costs a push and a
// shift, never a microtask of its own. V8 has no preemption, so fairness is kept by count and clock: every few hundred
// turns the clock is read, and past the slice the event loop gets its turn before the queue goes on.
import { afterEventLoopTurn, platform } from "./platform.js";
import { Ring } from "./ring.js";

/** Something with work to do. `run` does a bounded part of it and returns how many messages that were. */
export interface Runnable {
  run(): number;
}

export interface Scheduler {
  /** Messages a process may handle before another gets its turn. */
  readonly turn: number;
  enqueue(runnable: Runnable): void;
  /** Asks for one turn outside the queue (a call delivered in the caller's own turn); false: use the queue. */
  takeInlineTurn(): boolean;
}

/** Turns between two looks at the clock. */
const TURNS_PER_LOOK = 256;
/** Milliseconds of continuous work after which timers and I/O are let in. */
const SLICE = 2;
/** A reaction to it is a microtask that V8 queues by itself; Node's queueMicrotask wraps each in an async resource, in JavaScript. */
const resolved = Promise.resolve();

export class FairScheduler implements Scheduler {
  readonly turn = 64;
  private readonly queue = new Ring<Runnable>();
  private armed = false;
  private yielding = false;
  private turns = 0;
  private sliceStart = platform.performance.now();

  enqueue(runnable: Runnable): void {
    this.queue.push(runnable);
    if (this.armed) return;
    this.armed = true;
    void resolved.then(this.drain);
  }

  takeInlineTurn(): boolean {
    return !this.yielding && (++this.turns < TURNS_PER_LOOK || !this.sliceIsOver());
  }

  private readonly drain = (): void => {
    while (!this.yielding) {
      const next = this.queue.shift();
      if (next === undefined) {
        this.armed = false;
        return;
      }
      try {
        this.turns += next.run() + 1;
      } catch (thrown) {
        // Not a process's error, which ends in the process: a fault of the framework. The others must go on.
        platform.console?.error("a turn failed outside its process", thrown);
      }
      if (this.turns >= TURNS_PER_LOOK) this.sliceIsOver();
    }
  };

  private sliceIsOver(): boolean {
    this.turns = 0;
    if (platform.performance.now() - this.sliceStart < SLICE) return false;
    this.yielding = true;
    this.armed = true;
    afterEventLoopTurn(() => {
      this.sliceStart = platform.performance.now();
      this.yielding = false;
      this.drain();
    });
    return true;
  }
}
