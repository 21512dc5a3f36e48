// ProcessGroup: processes found by a group they are in, any number of them, in any number of groups, any number of times.
// Reading is looking into a table, without a message. (otp: kernel, pg)
import { child } from "./child.js";
import type { ChildSpec } from "./child-spec.js";
import { BanyanError } from "./errors.js";
import { GroupTable } from "./group-table.js";
import type { Process } from "./process.js";
import { type Named, named, type Pid, pidOf, type Ref, resolveRef } from "./ref.js";
import type { Result } from "./result.js";
import { currentRuntime, type Runtime } from "./runtime.js";
import { processKey, type Self, Server, startServer } from "./server.js";

/** The process behind a scope. It says nothing and is asked nothing: its table is read and changed in place. */
class ScopeServer extends Server<void, undefined> {
  table: GroupTable | undefined;

  protected override init(): void {
    const table = new GroupTable();
    this[processKey].addCleanup(() => table.close());
    this.table = table;
  }
}

/**
 * The address of a scope, a set of groups of its own, by its name: `const caches = new ProcessGroup<string>("caches")`. Start
 * it with {@link child} below a supervisor or with {@link start}. Every other method throws a {@link BanyanError} with the code
 * `unknown_scope` while no such scope runs; a scope that starts again has forgotten its members, whose life it does not share.
 * Groups are told apart as a Map's keys are, exist while they have members, and keep no order.
 */
export class ProcessGroup<G = string> {
  private readonly address: Named<ScopeServer>;

  constructor(readonly name: string) {
    this.address = named(name);
  }

  /** Its child spec. */
  child(options: Partial<ChildSpec> = {}): ChildSpec {
    return child(ScopeServer, undefined, { ...options, name: this.address });
  }

  /** Starts it outside any supervisor. Rejects with a {@link StartError} if its name is taken. */
  async start(): Promise<Pid> {
    return startServer(ScopeServer, undefined, { name: this.address });
  }

  /** Puts the processes in the group, which they leave by themselves when they end. Who joins twice must leave twice. A ref to
   * nobody, or to a process that has ended, joins nothing. */
  join(group: G, ...members: readonly Ref<unknown>[]): void {
    this.table().join(group, running(members));
  }

  /** Takes each of the processes out of the group once. `not_joined` if none was in it. */
  leave(group: G, ...members: readonly Ref<unknown>[]): Result<true, "not_joined"> {
    const left = this.table().leave(group, running(members));
    return left.length > 0 ? { ok: true } : { error: "not_joined" };
  }

  /** The group's members, one that joined n times n times; none if there is no such group. */
  getMembers(group: G): Pid[] {
    return this.table()
      .members(group)
      .map((process) => pidOf(process));
  }

  /** The groups that have members. */
  whichGroups(): G[] {
    return [...this.table().groups()] as G[]; // they were joined through this type
  }

  /** Tells this process of everybody who joins or leaves the group from now on, with a GroupMessage in `handleInfo`.
   * Answers who is in it now. */
  monitor(self: Self, group: G): { readonly id: number; readonly members: Pid[] } {
    const id = this.watch(self, { group });
    return { id, members: this.getMembers(group) };
  }

  /** The same for all groups of the scope. */
  monitorScope(self: Self): { readonly id: number; readonly groups: Map<G, Pid[]> } {
    const id = this.watch(self, "scope");
    return { id, groups: new Map(this.whichGroups().map((group) => [group, this.getMembers(group)])) };
  }

  /** Ends a monitor of this process, and takes back those of its messages that are still waiting. */
  demonitor(self: Self, id: number): void {
    const process = self[processKey];
    this.table(process.runtime as Runtime).unwatch(id, process); // every process is spawned by a Runtime
  }

  private watch(self: Self, of: "scope" | { readonly group: G }): number {
    const process = self[processKey];
    const runtime = process.runtime as Runtime; // every process is spawned by a Runtime
    const id = runtime.nextNumber();
    this.table(runtime).watch(id, process, of);
    return id;
  }

  private table(runtime: Runtime = currentRuntime()): GroupTable {
    const behaviour = runtime.names.whereis(this.name)?.behaviour;
    if (behaviour instanceof ScopeServer && behaviour.table !== undefined) return behaviour.table;
    throw new BanyanError("unknown_scope", `there is no scope ${this.name}; start it first`);
  }
}

function running(refs: readonly Ref<unknown>[]): Process[] {
  return refs.map(resolveRef).filter((process): process is Process => process?.alive === true);
}
