// Supervisor: a fixed order of children, each known by its id. They start one after another in that order and stop in the
// reverse of it; a child's crash touches nobody else, everybody, or those started after it. (otp: stdlib, supervisor)
import { AlreadyStarted } from "./already-started.js";
import { addChildSpecs, specError } from "./child.js";
import { ChildRecord } from "./child-record.js";
import type { AutoShutdown, ChildSpec, Strategy } from "./child-spec.js";
import { IsolationError } from "./isolation.js";
import { type Failure, failure, type Stop, stop } from "./outcomes.js";
import { isThenable } from "./process.js";
import { type Named, type Pid, pidOf, resolveRef } from "./ref.js";
import type { Result } from "./result.js";
import { startServer } from "./server.js";
import { type Started, SupervisorCore } from "./supervisor-core.js";
import { type Limits, limitsError, SupervisorDataError } from "./supervisor-limits.js";

export interface SupervisorOptions extends Limits {
  readonly strategy: Strategy;
  /** Default `never`. */
  readonly autoShutdown?: AutoShutdown;
  readonly children: readonly ChildSpec[];
}

/** What starting a child came to: its pid, undefined if it chose to be ignored, with what its `init` had to tell. */
export type StartResult =
  | { readonly ok: Pid | undefined; readonly info?: unknown }
  | Exclude<Result<never>, { readonly ok: never }>;

/** A row of {@link whichChildren}. */
export interface ChildRow {
  readonly id: string | undefined;
  readonly pid: Pid | undefined | "restarting";
  readonly type: "worker" | "supervisor";
}

export interface ChildCounts {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** What Supervisor and PartitionSupervisor share: all but where the options come from. */
export abstract class StaticSupervisor<Arg> extends SupervisorCore<Arg> {
  private readonly children = new Map<string, ChildRecord>();
  private strategy: Strategy = "one_for_one";
  private autoShutdown: AutoShutdown = "never";
  protected readonly isStatic = true;

  /** Starts the children, for `init` to return. */
  protected async supervise(options: SupervisorOptions): Promise<Stop | Failure<unknown> | undefined> {
    const wrong = optionsError(options);
    if (wrong !== undefined) return failure(wrong);
    this.configure(options);
    this.strategy = options.strategy;
    this.autoShutdown = options.autoShutdown ?? "never";
    const specs = addChildSpecs(options.children, this.autoShutdown, (spec) => {
      const { size } = this.children;
      return size < this.children.set(spec.id, this.newRecord(spec)).size;
    });
    if ("error" in specs) {
      this.children.clear();
      return failure(new SupervisorDataError(specs.error, specs.detail));
    }
    for (const record of this.children.values()) {
      // Awaited only if it must be: a supervisor of thousands starts in one go.
      const starting = this.startRecord(record);
      if ("ok" in starting) continue;
      const started = isThenable(starting) ? await starting : starting;
      if ("ignored" in started && record.spec.restart === "temporary") this.children.delete(record.id);
      if (!("failed" in started)) continue;
      if (record.spec.park !== undefined) {
        this.park(record, record.spec.park, started.failed);
        continue;
      }
      const reason = { shutdown: { failedToStartChild: record.id, reason: started.failed } };
      await this.terminate(reason);
      return stop(reason);
    }
    return undefined;
  }

  // --- administration ------------------------------------------------------------------------------------------------

  startChild(spec: ChildSpec): StartResult | Promise<StartResult> {
    const wrong = specError(spec, this.autoShutdown);
    if (wrong !== undefined) return { error: wrong };
    const present = this.children.get(spec.id);
    if (present !== undefined) {
      const { process } = present;
      return process === undefined
        ? { error: "already_present" }
        : { error: "already_started", detail: pidOf(process) };
    }
    const record = this.newRecord(spec);
    this.children.set(spec.id, record);
    const finish = (started: Started): StartResult => {
      if ("failed" in started) this.settle(record, "stopped");
      if ("failed" in started || ("ignored" in started && spec.restart === "temporary")) this.children.delete(spec.id);
      return startResult(started);
    };
    const started = this.startRecord(record);
    return isThenable(started) ? started.then(finish) : finish(started);
  }

  async terminateChild(idOrPid: string | Pid): Promise<Result<true, "not_found">> {
    const record = this.find(idOrPid);
    if (record === undefined) return { error: "not_found" };
    await this.shutDown(record, "stop");
    if (record.spec.restart === "temporary") this.children.delete(record.id);
    return { ok: true };
  }

  async restartChild(id: string): Promise<StartResult> {
    const record = this.children.get(id);
    if (record === undefined) return { error: "not_found" };
    if (record.status === "running") return { error: "running" };
    if (record.status === "restarting") return { error: "restarting" };
    const { parked, spec } = record;
    record.cancelRetry?.();
    const started = await this.startRecord(record);
    if (!("failed" in started)) return startResult(started);
    if (parked !== undefined && spec.park !== undefined) this.park(record, spec.park, started.failed);
    else this.settle(record, "stopped");
    return startResult(started);
  }

  deleteChild(id: string): Result<true, "not_found" | "running" | "restarting"> {
    const record = this.children.get(id);
    if (record === undefined) return { error: "not_found" };
    if (record.status === "running") return { error: "running" };
    if (record.status !== "stopped") return { error: "restarting" };
    this.children.delete(id);
    return { ok: true };
  }

  getChildSpec(idOrPid: string | Pid): Result<ChildSpec, "not_found"> {
    const record = this.find(idOrPid);
    return record === undefined ? { error: "not_found" } : { ok: record.spec };
  }

  whichChild(idOrPid: string | Pid): Result<ChildRow, "not_found"> {
    const record = this.find(idOrPid);
    return record === undefined ? { error: "not_found" } : { ok: childRow(record) };
  }

  whichChildren(): ChildRow[] {
    return Array.from(this.children.values(), childRow).reverse();
  }

  countChildren(): ChildCounts {
    return countRecords(this.children.values(), this.children.size);
  }

  private find(idOrPid: string | Pid): ChildRecord | undefined {
    if (typeof idOrPid === "string") return this.children.get(idOrPid);
    const process = resolveRef(idOrPid);
    const slot = process?.slot;
    // The pid of an earlier incarnation names no child of today.
    return slot instanceof ChildRecord && this.owns(slot) && slot.process === process ? slot : undefined;
  }

  // --- strategies ----------------------------------------------------------------------------------------------------

  protected revive(record: ChildRecord): unknown {
    if (this.strategy !== "one_for_one") return this.restartGroup(record);
    record.restarts++;
    const started = this.startRecord(record);
    if (isThenable(started)) {
      return started.then((later) => ("failed" in later ? this.retry(record, later.failed) : undefined));
    }
    return "failed" in started ? this.retry(record, started.failed) : undefined;
  }

  /** The failed child's group goes down in reverse order, then comes up in order. A sibling that fails to start is tried
   * again by itself; those after it stay down until then. */
  private async restartGroup(failed: ChildRecord): Promise<unknown> {
    const all = [...this.children.values()];
    const group = this.strategy === "one_for_all" ? all : all.slice(all.indexOf(failed));
    for (const record of [...group].reverse()) {
      if (record === failed) continue;
      const ran = record.status === "running";
      await this.shutDown(record, record.spec.restart === "temporary" ? "stop" : "restart");
      if (record.spec.restart === "temporary" && ran) this.children.delete(record.id);
    }
    for (const record of group) {
      if (!this.children.has(record.id)) continue;
      record.restarts++;
      const started = await this.startRecord(record);
      if ("failed" in started) return this.retry(record, started.failed);
    }
    return undefined;
  }

  protected retired(record: ChildRecord): unknown {
    if (record.spec.restart === "temporary") this.children.delete(record.id);
    if (!record.spec.significant || this.autoShutdown === "never") return undefined;
    const othersRun = [...this.children.values()].some((other) => other.spec.significant && other.status !== "stopped");
    if (this.autoShutdown === "all_significant" && othersRun) return undefined;
    return stop("shutdown");
  }

  // --- what the core asks --------------------------------------------------------------------------------------------

  protected records(): Iterable<ChildRecord> {
    return this.children.values();
  }

  protected owns(record: ChildRecord): boolean {
    return this.children.get(record.id) === record;
  }

  protected nodeFields(): { strategy: Strategy } {
    return { strategy: this.strategy };
  }

  protected async shutDownAll(): Promise<void> {
    for (const record of [...this.children.values()].reverse()) {
      await this.shutDown(record, this.handsOver(record) ? "restart" : "stop");
    }
  }
}

export class Supervisor extends StaticSupervisor<SupervisorOptions> {
  /** Starts a supervisor outside any tree; resolves once all its children run. Rejects with a {@link StartError}. */
  static start({
    name,
    ...options
  }: SupervisorOptions & { readonly name?: Named<Supervisor> }): Promise<Pid<Supervisor>> {
    return startServer(Supervisor, options, name === undefined ? {} : { name });
  }

  protected override init(options: SupervisorOptions): Promise<Stop | Failure<unknown> | undefined> {
    return this.supervise(options);
  }
}

function optionsError(options: SupervisorOptions): SupervisorDataError | undefined {
  if (typeof options !== "object" || options === null) return new SupervisorDataError("invalid_type", options);
  const { strategy, autoShutdown = "never" } = options;
  if (!["one_for_one", "one_for_all", "rest_for_one"].includes(strategy)) {
    return new SupervisorDataError("invalid_strategy", strategy);
  }
  const limits = limitsError(options);
  if (limits !== undefined) return new SupervisorDataError(limits);
  if (!["never", "any_significant", "all_significant"].includes(autoShutdown)) {
    return new SupervisorDataError("invalid_auto_shutdown", autoShutdown);
  }
  return undefined;
}

export function startResult(started: Started): StartResult {
  if ("info" in started) return { ok: pidOf(started.ok), info: started.info };
  if ("ok" in started) return { ok: pidOf(started.ok) };
  if ("ignored" in started) return { ok: undefined };
  const { failed } = started;
  const thrown = typeof failed === "object" && "error" in failed ? failed.error : undefined;
  if (thrown instanceof AlreadyStarted) return { error: "already_started", detail: thrown.pid };
  return { error: thrown instanceof IsolationError ? thrown.code : "start_failed", detail: failed };
}

export function childRow(record: ChildRecord): ChildRow {
  const { process } = record;
  const pending = record.status === "restarting" || record.status === "parked" ? "restarting" : undefined;
  return { id: record.id, pid: process === undefined ? pending : pidOf(process), type: record.spec.type };
}

export function countRecords(records: Iterable<ChildRecord>, specs: number): ChildCounts {
  let active = 0;
  let supervisors = 0;
  let all = 0;
  for (const record of records) {
    all++;
    if (record.status === "running") active++;
    if (record.spec.type === "supervisor") supervisors++;
  }
  return { specs, active, supervisors, workers: all - supervisors };
}
