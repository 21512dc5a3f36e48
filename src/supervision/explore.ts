// Many simulations of one scenario: seed after seed until one fails, then fewer faults until it fails no more. What is reported
// is the run with the fewest injected crashes that still fails, and how to run it again.
import { BanyanError, messageOf } from "./errors.js";
import { runIn } from "./simulate.js";
import { type Faults, SimulatedRuntime } from "./simulated-runtime.js";

export interface ExploreOptions {
  /** How many seeds to try. */
  readonly runs: number;
  /** The first seed; the others follow it. Default 1. */
  readonly seed?: number;
  /** Default: none. */
  readonly faults?: Faults;
}

/** A scenario failed under some seed. `cause` is what it threw; `simulate({ seed, faults }, scenario)` throws it again. */
export class ExplorationError extends BanyanError {
  constructor(
    readonly seed: number,
    readonly faults: Faults,
    /** Seeds that passed before. */
    readonly passed: number,
    cause: unknown,
  ) {
    super("failed_run", `simulate({ seed: ${seed}, faults: ${JSON.stringify(faults)} }) fails: ${messageOf(cause)}`, {
      cause,
    });
  }
}

type Scenario = (runtime: SimulatedRuntime) => Promise<unknown>;

/**
 * Runs `scenario` under `runs` seeds. Rejects with an {@link ExplorationError} that holds the first seed that fails and the
 * smallest set of faults found that still makes it fail.
 *
 * ```ts
 * await explore({ runs: 1_000, faults: { crash: 0.1 } }, async (runtime) => { … });
 * ```
 */
export async function explore({ runs, seed = 1, faults = {} }: ExploreOptions, scenario: Scenario): Promise<void> {
  for (let passed = 0; passed < runs; passed++) {
    const failed = await failure(seed + passed, faults, scenario);
    if (failed === undefined) continue;
    const smallest = await shrink(seed + passed, faults, failed, scenario);
    throw new ExplorationError(seed + passed, smallest.faults, passed, smallest.cause);
  }
}

interface Failed {
  readonly cause: unknown;
  readonly injected: readonly number[];
}

async function failure(seed: number, faults: Faults, scenario: Scenario): Promise<Failed | undefined> {
  const runtime = new SimulatedRuntime(seed, faults);
  try {
    await runIn(runtime, seed, scenario);
    return undefined;
  } catch (cause) {
    return { cause, injected: runtime.injected };
  }
}

/** Leaves out the delays, then one injected crash after the other, as long as the run still fails. */
async function shrink(
  seed: number,
  faults: Faults,
  failed: Failed,
  scenario: Scenario,
): Promise<{ faults: Faults; cause: unknown }> {
  let best = { faults, cause: failed.cause };
  const fails = async (smaller: Faults): Promise<boolean> => {
    const again = await failure(seed, smaller, scenario);
    if (again !== undefined) best = { faults: smaller, cause: again.cause };
    return again !== undefined;
  };
  const { delay, ...crashes } = faults;
  if (delay !== undefined) await fails(crashes);
  const rest = best.faults.delay === undefined ? {} : { delay: best.faults.delay };
  let crash = [...failed.injected];
  if (crashes.crash === undefined || !(await fails({ ...rest, crash }))) return best;
  for (const number of failed.injected) {
    const without = crash.filter((other) => other !== number);
    if (await fails(without.length === 0 ? rest : { ...rest, crash: without })) crash = without;
  }
  return best;
}
