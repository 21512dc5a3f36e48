// PartitionSupervisor: the same child several times over, so that many callers do not queue at one process. Each key always
// leads to the same partition; how many partitions take part can be changed while they run. (elixir: PartitionSupervisor)
import { isStartable, type StartableSpec, specError, start } from "./child.js";
import type { ChildSpec, Strategy } from "./child-spec.js";
import { CallError } from "./messages.js";
import { type Failure, failure, type Stop } from "./outcomes.js";
import { platform } from "./platform.js";
import { type Named, named, type Pid, resolveRef } from "./ref.js";
import { processKey, startServer } from "./server.js";
import { StaticSupervisor } from "./supervisor.js";
import { type Limits, SupervisorDataError } from "./supervisor-limits.js";

export interface PartitionSupervisorOptions extends Limits {
  /** Started once per partition; its id and name are replaced: partition 3 of `pool` is called `pool/3`. */
  readonly child: ChildSpec;
  /** Default: the machine's cores. */
  readonly partitions?: number;
  /** Makes a partition's start argument of the one in `child`. */
  readonly withArguments?: (arg: unknown, index: number) => unknown;
  /** Default `one_for_one`. */
  readonly strategy?: Strategy;
}

export class PartitionSupervisor extends StaticSupervisor<PartitionSupervisorOptions> {
  private total = 0;
  private active = 0;

  /** Starts the partitions outside any tree. Rejects with a {@link StartError}. */
  static start({
    name,
    ...options
  }: PartitionSupervisorOptions & { readonly name: Named<PartitionSupervisor> }): Promise<Pid<PartitionSupervisor>> {
    return startServer(PartitionSupervisor, options, name === undefined ? {} : { name });
  }

  protected override init(
    options: PartitionSupervisorOptions,
  ): Failure<unknown> | Promise<Stop | Failure<unknown> | undefined> {
    const { name } = this[processKey];
    const { child, partitions = platform.navigator?.hardwareConcurrency ?? 1, strategy = "one_for_one" } = options;
    const wrong = optionsError({ ...options, partitions });
    if (wrong !== undefined) return failure(new SupervisorDataError(wrong));
    if (name === undefined) return failure(new SupervisorDataError("missing_name"));
    if (!isStartable(child)) return failure(new SupervisorDataError("missing_start"));
    this.total = this.active = partitions;
    const children = Array.from({ length: partitions }, (_, index) => partitionSpec(child, name, index, options));
    return this.supervise({ ...options, strategy, children });
  }

  /** How many partitions take part. */
  partitions(): number {
    return this.active;
  }

  /** Makes `count` partitions take part, none to as many as were started at first, and returns how many did before. Those
   * left out are shut down, the highest first; keys are spread over the rest. */
  async resize(count: number): Promise<number | Failure<Error>> {
    if (!Number.isInteger(count) || count < 0 || count > this.total) {
      return failure(new RangeError(`${this[processKey].title} has 0 to ${this.total} partitions, not ${count}`));
    }
    const before = this.active;
    // No key leads to a partition before it runs, nor to one that is going.
    this.active = Math.min(before, count);
    for (let index = before - 1; index >= count; index--) await this.terminateChild(String(index));
    for (let index = before; index < count; index++) {
      const started = await this.restartChild(String(index));
      if ("error" in started && started.error !== "running" && started.error !== "restarting") {
        return failure(new Error(`partition ${index} did not start: ${started.error}`, { cause: started.detail }));
      }
      this.active = index + 1;
    }
    return before;
  }

  /** Which partition a key leads to; undefined while none takes part. */
  indexOf(key: unknown): number | undefined {
    if (this.active === 0) return undefined;
    return (Number.isInteger(key) ? Math.abs(Number(key)) : hash(String(key))) % this.active;
  }
}

/** The partition that `key` leads to: an integer by its remainder, anything else by a hash of its text. Ask again after a
 * resize. Throws a {@link CallError} (`noproc`) if there is no such supervisor or none of its partitions takes part. */
export function partition<T>(supervisor: Named<PartitionSupervisor>, key: unknown): Named<T> {
  const behaviour = resolveRef(supervisor)?.behaviour;
  const index = behaviour instanceof PartitionSupervisor ? behaviour.indexOf(key) : undefined;
  if (index === undefined) throw CallError.noproc(`the partitions of ${supervisor.name}`);
  return named<T>(partitionName(supervisor.name, index));
}

function partitionName(supervisor: string, index: number): string {
  return `${supervisor}/${index}`;
}

function partitionSpec(
  child: StartableSpec,
  supervisor: string,
  index: number,
  { withArguments }: PartitionSupervisorOptions,
): StartableSpec {
  const { behaviour, arg } = child[start];
  const own = withArguments === undefined ? arg : withArguments(arg, index);
  return { ...child, id: String(index), [start]: { behaviour, arg: own, name: partitionName(supervisor, index) } };
}

/** What is wrong with the options besides what every supervisor checks, in OTP's words; from plain JavaScript anything comes. */
function optionsError(options: Partial<Record<keyof PartitionSupervisorOptions | "autoShutdown", unknown>>) {
  const { child, partitions, withArguments, autoShutdown = "never" } = options;
  if (child === undefined) return "missing_child_spec";
  if (typeof partitions !== "number" || !Number.isInteger(partitions) || partitions < 1) return "invalid_partitions";
  if (withArguments !== undefined && typeof withArguments !== "function") return "invalid_with_arguments";
  return autoShutdown === "never" ? specError(child, "never") : "invalid_auto_shutdown";
}

/** FNV-1a over UTF-16 code units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
