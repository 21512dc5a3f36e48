// Simulation: a tree runs in virtual time and in an order drawn from a seed, with crashes and delays injected, and the same seed
// gives the same run. One message is delivered at a time; then all microtasks run; then the next message is drawn. Virtual time
// moves only when nothing else can run and the scenario waits: to the next timer, or to where `advance` was asked to go.
//
// A simulation can follow only what the framework carries. A handler that waits for something else (a real timer, I/O) would
// make the run depend on the machine's own clock, so it fails the run, and the error names its process.
import { BanyanError } from "./errors.js";
import { afterEventLoopTurn, platform } from "./platform.js";
import { Process } from "./process.js";
import { enterRuntime } from "./runtime.js";
import type { Runnable } from "./scheduler.js";
import { seededRandom } from "./seeded-random.js";
import { type Faults, SimulatedRuntime } from "./simulated-runtime.js";
import { SupervisorCore } from "./supervisor-core.js";

export interface SimulationOptions {
  /** Any integer. The same seed, faults and scenario give the same run. */
  readonly seed: number;
  /** Default: none. */
  readonly faults?: Faults;
}

/** A scenario that cannot be simulated. `code` is `foreign` (a handler waited for the world outside), `stuck` (nothing can run
 * and the scenario still waits), `endless` or `stray` (plain code threw where nobody awaited it). */
export class SimulationError extends BanyanError {
  declare readonly code: "foreign" | "stuck" | "endless" | "stray";
}

/** Turns after which a run is given up. */
const MOST_TURNS = 1_000_000;
/** Real milliseconds a scenario may wait for the host before it counts as stuck. */
const GRACE = 100;

/** The run under way; there is one at a time in a thread, for plain code speaks to one runtime. */
let underWay: Promise<unknown> = Promise.resolve();

/**
 * Runs `scenario` in a simulated runtime and answers with what it returns; rejects with what it throws, or with a
 * {@link SimulationError}. Inside, `Application.start`, `GenServer.start` and named refs use that runtime. Runs that
 * overlap wait for each other. When the scenario ends, what still lives is killed.
 *
 * ```ts
 * const seen = await simulate({ seed: 42, faults: { crash: 0.05 } }, async (runtime) => {
 *   const app = await Application.start({ strategy: "one_for_one", children: [child(Counter, 0, { name: counter })] });
 *   counter.cast.increment();
 *   await runtime.advance(60_000);     // a minute passes at once
 *   await app.stop();
 *   return runtime.now;                // 60000
 * });
 * ```
 */
export async function simulate<T>(
  options: SimulationOptions,
  scenario: (runtime: SimulatedRuntime) => Promise<T>,
): Promise<T> {
  return await runIn(new SimulatedRuntime(options.seed, options.faults ?? {}), options.seed, scenario);
}

/** Runs the scenario in a runtime the caller keeps hold of, to see afterwards what was injected. */
export function runIn<T>(
  runtime: SimulatedRuntime,
  seed: number,
  scenario: (runtime: SimulatedRuntime) => Promise<T>,
): Promise<T> {
  const run = underWay.then(async () => {
    const before = enterRuntime(runtime);
    try {
      return await new Simulation(runtime, seededRandom(seed, 3)).run(() => scenario(runtime));
    } finally {
      enterRuntime(before);
    }
  });
  underWay = run.catch(() => {});
  return run;
}

class Simulation {
  private turns = 0;
  private idle = 0;
  /** Asynchronous callbacks that had not settled at the end of the last turn, and how far their process was. */
  private readonly held = new Map<Process, string>();

  constructor(
    private readonly runtime: SimulatedRuntime,
    private readonly delayLuck: () => number,
  ) {}

  async run<T>(scenario: () => Promise<T>): Promise<T> {
    let outcome: { value: T } | { error: unknown } | undefined;
    try {
      await this.turn(() => {
        scenario().then(
          (value) => {
            outcome = { value };
          },
          (error: unknown) => {
            outcome = { error };
          },
        );
      });
      while (outcome === undefined) await this.step();
    } finally {
      await this.cleanUp();
    }
    const { strays } = this.runtime;
    if ("error" in outcome) throw outcome.error;
    if (strays.length > 0) {
      throw new SimulationError("stray", "plain code threw where nobody awaited it", { cause: strays[0] });
    }
    return outcome.value;
  }

  private async step(): Promise<void> {
    const { scheduler, clock } = this.runtime;
    if (++this.turns > MOST_TURNS) {
      throw new SimulationError("endless", `the scenario did not end in ${MOST_TURNS} turns`);
    }
    const next = scheduler.take();
    if (next !== undefined) return this.isHeldUp(next) ? undefined : this.turn(() => void next.run(), next);
    const { advancingTo } = this.runtime;
    const timer = clock.next;
    if (advancingTo !== undefined && (timer === undefined || timer > advancingTo)) {
      return this.turn(() => this.runtime.arrive());
    }
    if (timer !== undefined) return this.turn(() => clock.fireNext());
    if (!(await this.hostMoves())) {
      throw new SimulationError("stuck", `nothing can run and the scenario still waits${this.describeHeld()}`);
    }
  }

  /** The scenario itself may wait for the host, if only briefly. */
  private async hostMoves(): Promise<boolean> {
    if (++this.idle > GRACE) return false;
    await new Promise<void>((resolve) => void platform.setTimeout(resolve, 1));
    return true;
  }

  /** Does one thing and waits until all microtasks it led to have run. The two event loop turns are asked for together, so
   * that no timer and no I/O comes between the deed and the look at what it left. */
  private async turn(deed: () => void, process?: Runnable): Promise<void> {
    this.idle = 0;
    const opened = nextEventLoopTurn();
    const settled = nextEventLoopTurn();
    await opened;
    this.refuseWoken();
    const resources = countResources();
    deed();
    await settled;
    if (process instanceof Process) this.look(process);
    for (const fresh of this.runtime.takeFresh()) this.look(fresh);
    for (const process of this.held.keys()) this.look(process);
    this.refuseBegun(resources);
  }

  private look(process: Process): void {
    const progress = progressOf(process);
    if (progress === undefined) this.held.delete(process);
    else this.held.set(process, progress);
  }

  private isHeldUp(next: Runnable): boolean {
    const { delay } = this.runtime.faults;
    if (delay === undefined || this.delayLuck() >= delay.probability) return false;
    this.runtime.clock.setTimer(this.delayLuck() * delay.ms, () => this.runtime.scheduler.enqueue(next));
    return true;
  }

  // --- what is foreign -------------------------------------------------------------------------------------------------

  /** Between two turns nothing of the framework can move: callbacks that did were woken from outside. */
  private refuseWoken(): void {
    const woken = [...this.held].filter(([process, progress]) => process.alive && progressOf(process) !== progress);
    if (woken.length > 0) throw foreign(woken);
  }

  /** A callback that is still under way after a turn in which a timer or I/O of the host was begun waits for just that. */
  private refuseBegun(resourcesBefore: number): void {
    const suspects = [...this.held].filter(([process]) => !process.awaitsCalls && !isSupervisor(process));
    if (suspects.length > 0 && countResources() > resourcesBefore) throw foreign(suspects);
  }

  private describeHeld(): string {
    const held = [...this.held].filter(([process]) => !isSupervisor(process));
    if (held.length === 0) return "";
    return `; handlers that have not ended: ${held.map(([process]) => `${process.underWay} of ${process.title}`).join(", ")}`;
  }

  // --- the end -----------------------------------------------------------------------------------------------------------

  private async cleanUp(): Promise<void> {
    const { runtime } = this;
    runtime.beforeHandling = undefined;
    // Nobody waits for these calls any more; that they end now is no unhandled rejection.
    for (const call of runtime.openCalls()) call.forget();
    for (const process of runtime.processes) process.exitSignal(undefined, "kill", false);
    for (let next = runtime.scheduler.take(); next !== undefined; next = runtime.scheduler.take()) {
      if (++this.turns > 2 * MOST_TURNS) return;
      next.run();
    }
    await nextEventLoopTurn();
  }
}

function nextEventLoopTurn(): Promise<void> {
  return new Promise((resolve) => afterEventLoopTurn(resolve));
}

function isSupervisor(process: Process): boolean {
  return process.behaviour instanceof SupervisorCore;
}

/** Where an asynchronous callback of the process stands; undefined when none is under way. */
function progressOf(process: Process): string | undefined {
  const { underWay } = process;
  return underWay === undefined ? undefined : `${underWay} (message ${process.handled})`;
}

/** Names the processes themselves; the supervisors that wait for them only where there is nobody else. */
function foreign(held: [Process, string][]): SimulationError {
  const workers = held.filter(([process]) => !isSupervisor(process));
  const where = (workers.length > 0 ? workers : held).map(([{ title }, progress]) => `${title} in ${progress}`);
  return new SimulationError(
    "foreign",
    `a handler awaits something outside the framework: ${where.join(", ")}; in a simulation wait with sendAfter and let a process stand for I/O`,
  );
}

/** How many timers and how much I/O the host has under way; 0 where it does not tell. */
function countResources(): number {
  const kinds = platform.process?.getActiveResourcesInfo?.() ?? [];
  return kinds.reduce((count, kind) => (kind === "Immediate" ? count : count + 1), 0);
}
