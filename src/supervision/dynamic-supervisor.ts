// DynamicSupervisor: any number of children started on demand, each known by its pid and alone in its fate. They stop all at
// once. It is OTP's `simple_one_for_one` too. (elixir: DynamicSupervisor)
import { specError } from "./child.js";
import type { ChildRecord } from "./child-record.js";
import type { ChildSpec } from "./child-spec.js";
import { type Failure, failure } from "./outcomes.js";
import { isThenable } from "./process.js";
import { type Named, type Pid, resolveRef } from "./ref.js";
import type { Result } from "./result.js";
import { startServer } from "./server.js";
import {
  type ChildCounts,
  type ChildRow,
  childRow,
  countRecords,
  SupervisorDataError,
  startResult,
} from "./supervisor.js";
import { type Limits, limitsError, type Started, SupervisorCore } from "./supervisor-core.js";

export interface DynamicSupervisorOptions extends Limits {
  /** Most children at a time, restarting ones included; unbounded unless given. */
  readonly maxChildren?: number;
}

export class DynamicSupervisor extends SupervisorCore<DynamicSupervisorOptions | undefined> {
  private readonly children = new Set<ChildRecord>();
  private maxChildren = Number.POSITIVE_INFINITY;
  protected readonly isStatic = false;

  /** Starts a dynamic supervisor outside any tree. Rejects with a {@link StartError}. */
  static start({
    name,
    ...options
  }: DynamicSupervisorOptions & { readonly name?: Named<DynamicSupervisor> } = {}): Promise<Pid<DynamicSupervisor>> {
    return startServer(DynamicSupervisor, options, name === undefined ? {} : { name });
  }

  protected override init(options: DynamicSupervisorOptions = {}): Failure<unknown> | undefined {
    const { maxChildren = Number.POSITIVE_INFINITY } = options;
    const wrong = limitsError(options) ?? (maxChildren >= 0 ? undefined : "invalid_max_children");
    if (wrong !== undefined) return failure(new SupervisorDataError(wrong));
    this.configure(options);
    this.maxChildren = maxChildren;
    return undefined;
  }

  startChild(spec: ChildSpec): Result<Pid | undefined> | Promise<Result<Pid | undefined>> {
    const wrong = specError(spec) ?? (spec.significant ? "invalid_significant" : undefined);
    if (wrong !== undefined) return { error: wrong };
    if (this.children.size >= this.maxChildren) return { error: "max_children" };
    const record = this.newRecord(spec);
    this.children.add(record);
    const finish = (started: Started): Result<Pid | undefined> => {
      if ("failed" in started) this.settle(record, "stopped");
      if (!("ok" in started)) this.children.delete(record);
      return startResult(started);
    };
    const started = this.startRecord(record);
    return isThenable(started) ? started.then(finish) : finish(started);
  }

  async terminateChild(pid: string | Pid): Promise<Result<true, "not_found">> {
    const process = typeof pid === "string" ? undefined : resolveRef(pid);
    const record = [process?.slot].find((slot): slot is ChildRecord => this.children.has(slot as ChildRecord));
    if (record === undefined || (record.process ?? record.previous) !== process) return { error: "not_found" };
    await this.shutDown(record, "stop");
    this.children.delete(record);
    return { ok: true };
  }

  getChildSpec(pid: string | Pid): Result<ChildSpec, "not_found"> {
    const process = typeof pid === "string" ? undefined : resolveRef(pid);
    for (const record of this.children)
      if (record.process === process && process !== undefined) return { ok: record.spec };
    return { error: "not_found" };
  }

  whichChildren(): ChildRow[] {
    return Array.from(this.children, (record) => ({ ...childRow(record), id: undefined })).reverse();
  }

  countChildren(): ChildCounts {
    return countRecords(this.children, this.children.size);
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

  protected async shutDownAll(): Promise<void> {
    await this.shutDownTogether([...this.children]);
    this.children.clear();
  }
}
