// DynamicSupervisor: any number of children started on demand, each known by its pid and alone in its fate. They stop all at
// once. It is OTP's `simple_one_for_one` too. (elixir: DynamicSupervisor)
import { Chain } from "./chain.js";
import { type Start, specError } from "./child.js";
import { ChildRecord } from "./child-record.js";
import type { ChildSpec } from "./child-spec.js";
import { describeReason, type ExitReason, isClean } from "./exit-reason.js";
import { type Failure, failure } from "./outcomes.js";
import { isThenable } from "./process.js";
import { type Named, type Pid, resolveRef } from "./ref.js";
import type { Result } from "./result.js";
import { ExtraArguments, processKey, startServer } from "./server.js";
import {
  type ChildCounts,
  type ChildRow,
  childRow,
  countRecords,
  type StartResult,
  startResult,
} from "./supervisor.js";
import { type Started, SupervisorCore } from "./supervisor-core.js";
import { type Limits, limitsError, SupervisorDataError } from "./supervisor-limits.js";

export interface DynamicSupervisorOptions extends Limits {
  /** Most children at a time, restarting ones included; unbounded unless given. */
  readonly maxChildren?: number;
  /** Come before each child's own start argument: its `init` is called with `(...extraArguments, arg)`, and with the extra
   * arguments alone where the child has no argument. Such a class declares `init(...args: unknown[])`. Default none. */
  readonly extraArguments?: readonly unknown[];
}

export class DynamicSupervisor extends SupervisorCore<DynamicSupervisorOptions | undefined> {
  private readonly children = new Chain<ChildRecord>();
  private maxChildren = Number.POSITIVE_INFINITY;
  private extraArguments: readonly unknown[] = [];
  private badEnds: Map<string, { record: ChildRecord; reason: ExitReason; count: number }> | undefined;
  protected readonly isStatic = false;

  /** Starts a dynamic supervisor outside any tree. Rejects with a {@link StartError}. */
  static start({
    name,
    ...options
  }: DynamicSupervisorOptions & { readonly name?: Named<DynamicSupervisor> } = {}): Promise<Pid<DynamicSupervisor>> {
    return startServer(DynamicSupervisor, options, name === undefined ? {} : { name });
  }

  protected override init(options: DynamicSupervisorOptions = {}): Failure<unknown> | undefined {
    const wrong = optionsError(options);
    if (wrong !== undefined) return failure(new SupervisorDataError(wrong));
    this.configure(options);
    this.maxChildren = options.maxChildren ?? Number.POSITIVE_INFINITY;
    this.extraArguments = options.extraArguments ?? [];
    return undefined;
  }

  protected override argumentOf({ arg }: Start): unknown {
    if (this.extraArguments.length === 0) return arg;
    return new ExtraArguments(arg === undefined ? this.extraArguments : [...this.extraArguments, arg]);
  }

  startChild(spec: ChildSpec): StartResult | Promise<StartResult> {
    const wrong = specError(spec) ?? (spec.significant ? "invalid_significant" : undefined);
    if (wrong !== undefined) return { error: wrong };
    if (this.children.size >= this.maxChildren) return { error: "max_children" };
    const record = this.newRecord(spec);
    this.children.add(record);
    const finish = (started: Started): StartResult => {
      if ("failed" in started) this.settle(record, "stopped");
      if (!("ok" in started)) this.children.delete(record);
      return startResult(started);
    };
    const started = this.startRecord(record);
    return isThenable(started) ? started.then(finish) : finish(started);
  }

  async terminateChild(pid: string | Pid): Promise<Result<true, "not_found">> {
    const record = this.find(pid);
    if (record === undefined) return { error: "not_found" };
    await this.shutDown(record, "stop");
    this.children.delete(record);
    return { ok: true };
  }

  getChildSpec(pid: string | Pid): Result<ChildSpec, "not_found"> {
    const record = this.find(pid);
    return record === undefined ? { error: "not_found" } : { ok: record.spec };
  }

  whichChild(pid: string | Pid): Result<ChildRow, "not_found" | "simple_one_for_one"> {
    if (typeof pid === "string") return { error: "simple_one_for_one" };
    const record = this.find(pid);
    return record === undefined ? { error: "not_found" } : { ok: { ...childRow(record), id: undefined } };
  }

  /** A dynamic child that has ended is forgotten, so there is nothing to restart or to delete. */
  restartChild(_id: string): Result<never, "simple_one_for_one"> {
    return { error: "simple_one_for_one" };
  }

  deleteChild(_id: string): Result<never, "simple_one_for_one"> {
    return { error: "simple_one_for_one" };
  }

  whichChildren(): ChildRow[] {
    return Array.from(this.children, (record) => ({ ...childRow(record), id: undefined })).reverse();
  }

  countChildren(): ChildCounts {
    return countRecords(this.children, this.children.size);
  }

  /** The child by its pid, or by its last one while it restarts. */
  private find(pid: string | Pid): ChildRecord | undefined {
    const process = typeof pid === "string" ? undefined : resolveRef(pid);
    const slot = process?.slot;
    if (!(slot instanceof ChildRecord) || !this.owns(slot)) return undefined;
    return (slot.process ?? slot.previous) === process ? slot : undefined;
  }

  protected revive(record: ChildRecord): unknown {
    record.restarts++;
    const finish = (started: Started): unknown => {
      if ("failed" in started) return this.retry(record, started.failed);
      if ("ignored" in started) this.children.delete(record);
      return undefined;
    };
    const started = this.startRecord(record);
    return isThenable(started) ? started.then(finish) : finish(started);
  }

  protected retired(record: ChildRecord): undefined {
    this.children.delete(record);
  }

  protected records(): Iterable<ChildRecord> {
    return this.children;
  }

  protected owns(record: ChildRecord): boolean {
    return this.children.has(record);
  }

  protected nodeFields(): { strategy: "dynamic" } {
    return { strategy: "dynamic" };
  }

  protected override endedAsAsked(spec: ChildSpec, reason: ExitReason): boolean {
    if (spec.shutdown === "brutal_kill") return reason === "killed";
    return isClean(reason) && !(reason === "normal" && spec.restart === "permanent");
  }

  protected async shutDownAll(): Promise<void> {
    this.badEnds = new Map();
    await this.shutDownTogether([...this.children]);
    this.children.clear();
    for (const { record, reason, count } of this.badEnds.values()) {
      if (count === 1) super.reportBadEnd(record, reason);
      else this.reportBadEnds(record, reason, count);
    }
  }

  /** While all go down at once, ends for the same reason make one report. */
  protected override reportBadEnd(record: ChildRecord, reason: ExitReason): void {
    if (this.badEnds === undefined) {
      super.reportBadEnd(record, reason);
      return;
    }
    const key = describeReason(reason);
    const { count } = this.badEnds.get(key) ?? { count: 0 };
    this.badEnds.set(key, { record, reason, count: count + 1 });
  }

  private reportBadEnds(example: ChildRecord, reason: ExitReason, nbChildren: number): void {
    const { pid: _onlyOne, ...child } = example.describe();
    const context = "shutdown_error";
    this.runtime.report("supervisor", this[processKey], { context, reason, child: { nbChildren, ...child } });
  }
}

function optionsError(options: DynamicSupervisorOptions & { autoShutdown?: unknown; children?: unknown }) {
  const { maxChildren = 0, extraArguments = [], autoShutdown = "never" } = options;
  if (autoShutdown !== "never") return "invalid_auto_shutdown";
  if (options.children !== undefined) return "bad_start_spec";
  if (!(maxChildren >= 0)) return "invalid_max_children";
  if (!Array.isArray(extraArguments)) return "invalid_extra_arguments";
  return limitsError(options);
}
