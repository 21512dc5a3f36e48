// A runtime whose time, order and luck come from a seed. It does nothing by itself: simulate.ts turns its crank.

import type { Behaviour } from "./behaviour.js";
import { Call } from "./messages.js";
import type { Process, StartOutcome } from "./process.js";
import { Ring } from "./ring.js";
import { Runtime, type SpawnOptions } from "./runtime.js";
import { seededRandom } from "./seeded-random.js";
import { SeededScheduler } from "./seeded-scheduler.js";
import { SupervisorCore } from "./supervisor-core.js";
import { VirtualClock } from "./virtual-clock.js";

/** What goes wrong in a simulation, besides what the scenario itself does. */
export interface Faults {
  /** The probability (0 to 1) that a message crashes the process that handles it; or the numbers of the messages that do,
   * counted from 1 over the run. Supervisors are spared: their crash is the business of `exit(ref, "kill")`. */
  readonly crash?: number | readonly number[];
  /** With this probability a process is held up for up to `ms` virtual milliseconds before its next message. */
  readonly delay?: { readonly probability: number; readonly ms: number };
}

/** The crash that {@link Faults} asked for. */
export class InjectedCrash extends Error {
  constructor(
    /** The message's number in the run. */
    readonly at: number,
  ) {
    super(`crash injected at message ${at}`);
    this.name = "InjectedCrash";
  }
}

interface Advance {
  readonly until: number;
  readonly arrived: () => void;
}

export class SimulatedRuntime extends Runtime {
  /** Errors of plain code that nobody awaited: a monitor's function that threw. */
  readonly strays: unknown[] = [];
  /** Numbers of the messages at which a crash was injected so far. */
  readonly injected: number[] = [];
  private readonly spawned = new Set<Process>();
  private fresh: Process[] = [];
  private readonly plain = new Ring<() => void>();
  private advances: Advance[] = [];
  private messages = 0;

  constructor(
    seed: number,
    readonly faults: Faults,
    override readonly clock: VirtualClock = new VirtualClock(),
    override readonly scheduler: SeededScheduler = new SeededScheduler(seededRandom(seed, 0)),
  ) {
    super(clock, scheduler, seededRandom(seed, 1));
    const { crash } = faults;
    if (crash === undefined) return;
    const luck = seededRandom(seed, 2);
    const strikes = typeof crash === "number" ? () => luck() < crash : (number: number) => crash.includes(number);
    this.beforeHandling = ({ behaviour }) => {
      if (behaviour instanceof SupervisorCore) return;
      const number = ++this.messages;
      if (!strikes(number)) return;
      this.injected.push(number);
      throw new InjectedCrash(number);
    };
  }

  /** Lets `ms` virtual milliseconds pass: everything due until then happens. Resolves when all is quiet at that time. */
  advance(ms: number): Promise<void> {
    return new Promise((arrived) => {
      this.advances.push({ until: this.now + ms, arrived });
    });
  }

  /** Processes that have not ended. */
  get processes(): Process[] {
    for (const process of this.spawned) if (!process.alive) this.spawned.delete(process);
    return [...this.spawned];
  }

  /** Processes spawned since this was asked last. */
  takeFresh(): Process[] {
    const { fresh } = this;
    if (fresh.length > 0) this.fresh = [];
    return fresh;
  }

  /** What a stopped tree must not leave behind, in words: processes, names, timers and open calls. */
  leftovers(): string[] {
    return [
      ...this.processes.map(({ title }) => `process ${title}`),
      ...Array.from(this.names.keys(), (name) => `name ${name}`),
      ...(this.clock.pending === 0 ? [] : [`${this.clock.pending} timers`]),
      ...this.openCalls().map(({ method }) => `call of ${method}`),
    ];
  }

  openCalls(): Call[] {
    return [...this.deadlines.pending()].filter((entry): entry is Call => entry instanceof Call);
  }

  override spawn(
    behaviourName: string,
    create: (process: Process) => Behaviour,
    arg: unknown,
    options: SpawnOptions,
  ): StartOutcome | { taken: Process } | Promise<StartOutcome> {
    const noticed = (process: Process): Behaviour => {
      this.spawned.add(process);
      this.fresh.push(process);
      return create(process);
    };
    return super.spawn(behaviourName, noticed, arg, options);
  }

  /** Plain code is one receiver: what it is told it is told in order. */
  override later(task: () => void): void {
    this.plain.push(task);
    if (this.plain.length === 1) this.scheduler.enqueue(this.plainTurn);
  }

  private readonly plainTurn = {
    run: (): number => {
      const task = this.plain.shift();
      if (this.plain.length > 0) this.scheduler.enqueue(this.plainTurn);
      try {
        task?.();
      } catch (thrown) {
        this.strays.push(thrown);
      }
      return 1;
    },
  };

  /** The earliest time somebody asked to advance to. */
  get advancingTo(): number | undefined {
    return this.advances.length === 0 ? undefined : Math.min(...this.advances.map(({ until }) => until));
  }

  /** Moves to that time and tells those who wait for it. */
  arrive(): void {
    const until = this.advancingTo;
    if (until === undefined) return;
    this.clock.moveTo(until);
    const arrived = this.advances.filter((advance) => advance.until <= until);
    this.advances = this.advances.filter((advance) => advance.until > until);
    for (const advance of arrived) advance.arrived();
  }
}
