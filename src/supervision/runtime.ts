// A runtime is what OTP calls a node: the names, the run queue, the clock and the reports that a set of processes share.
// There is one a thread by default; tests and simulations make their own.
import { EventEmitter } from "eventemitter3";
import type { Behaviour } from "./behaviour.js";
import { type Clock, systemClock } from "./clock.js";
import { Deadlines } from "./deadlines.js";
import type { Message } from "./messages.js";
import { Names } from "./names.js";
import { platform } from "./platform.js";
import { Process, type StartOutcome } from "./process.js";
import type { Blame, ChildSlot, ProcessHost } from "./process-host.js";
import type { Report, ReportName } from "./reports.js";
import { FairScheduler, type Scheduler } from "./scheduler.js";

export interface SpawnOptions {
  readonly name: string | undefined;
  /** The process that starts it and is linked to it; undefined for plain code. */
  readonly parent: Process | undefined;
  readonly slot: ChildSlot | undefined;
  /** Most milliseconds `init` may take. */
  readonly startTimeout?: number | undefined;
}

const resolved = Promise.resolve();

export class Runtime implements ProcessHost {
  readonly names = new Names<Process>();
  readonly deadlines: Deadlines;
  readonly reports = new EventEmitter<Record<ReportName, (report: Report) => void>>();
  /** Called before each message is handled; a throw is the crash of that process. For fault injection in tests. */
  beforeHandling: ((process: Process, message: Message) => void) | undefined;
  /** Set by an application that was started with `blame`. */
  blame: Blame | undefined;
  private numbers = 0;
  /** What `startsAt` is until the code that runs now, and the promises it settles, have run. */
  private startTime: number | undefined;

  constructor(
    readonly clock: Clock = systemClock,
    readonly scheduler: Scheduler = new FairScheduler(),
    /** Numbers from 0 to 1, for whatever the framework leaves to chance. */
    readonly random: () => number = Math.random,
  ) {
    this.deadlines = new Deadlines(clock);
  }

  /** Milliseconds on this runtime's clock. */
  get now(): number {
    return this.clock.now();
  }

  /** Milliseconds since the epoch. */
  get epoch(): number {
    return this.clock.epoch?.() ?? Date.now();
  }

  /** When a process that starts now starts: the same for all that one piece of code starts in one go, be they thousands, since
   * to ask the clock for each would take a tenth of their time. */
  get startsAt(): number {
    if (this.startTime === undefined) {
      this.startTime = this.epoch;
      void resolved.then(this.forgetStartTime);
    }
    return this.startTime;
  }

  private readonly forgetStartTime = (): void => {
    this.startTime = undefined;
  };

  nextNumber(): number {
    return ++this.numbers;
  }

  /** Starts a process and runs its `init`; the outcome is a promise only if `init` is asynchronous. */
  spawn(
    behaviourName: string,
    create: (process: Process) => Behaviour,
    arg: unknown,
    { name, parent, slot, startTimeout }: SpawnOptions,
  ): StartOutcome | { taken: Process } | Promise<StartOutcome> {
    const process = new Process(this, this.nextNumber(), behaviourName, name, parent, slot);
    return this.begin(process, create, arg, startTimeout);
  }

  /** Takes the process's name, links it to its parent and starts it. */
  begin(
    process: Process,
    create: (process: Process) => Behaviour,
    arg: unknown,
    startTimeout?: number,
  ): StartOutcome | { taken: Process } | Promise<StartOutcome> {
    const { name, parent } = process;
    if (name !== undefined) {
      const refused = this.names.register(name, process);
      if (refused !== undefined) return refused instanceof Process ? { taken: refused } : { error: { error: refused } };
    }
    if (parent !== undefined) process.link(parent);
    return process.start(create, arg, startTimeout);
  }

  /** True where somebody listens: ask before making what a report of this kind would show. */
  hears(kind: ReportName): boolean {
    return this.reports.listenerCount(kind) > 0;
  }

  /** Tells observers. Costs nothing where nobody listens; a listener that throws is printed, never a process's crash. */
  report(
    kind: ReportName,
    process: { readonly id: string; readonly name?: string | undefined },
    fields: Readonly<Record<string, unknown>>,
  ): void {
    if (!this.hears(kind)) return;
    const name = process.name === undefined ? {} : { name: process.name };
    const report: Report = { ...fields, kind, at: this.epoch, id: process.id, ...name };
    for (const listener of this.reports.listeners(kind)) {
      try {
        listener(report);
      } catch (thrown) {
        platform.console?.error(`a listener for ${kind} reports threw`, thrown);
      }
    }
  }

  /** Runs plain code in the queue, so that it never runs inside the signal that caused it. */
  later(task: () => void): void {
    this.scheduler.enqueue({
      run: () => {
        try {
          task();
        } catch (thrown) {
          // Plain code's own error: it surfaces where the host reports uncaught ones, not in a process.
          platform.setTimeout(() => {
            throw thrown;
          }, 0);
        }
        return 1;
      },
    });
  }
}

let current = new Runtime();

/** The runtime that plain code speaks to. */
export function currentRuntime(): Runtime {
  return current;
}

/** Makes `runtime` the one plain code speaks to; returns the one before. */
export function enterRuntime(runtime: Runtime): Runtime {
  const before = current;
  current = runtime;
  return before;
}
