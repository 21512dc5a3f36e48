// The groups of one scope: who is in which, how often, and who wants to know.
import { INFO, Info, type Message } from "./messages.js";
import type { Process } from "./process.js";
import { type Pid, pidOf } from "./ref.js";

/** Who came or went; arrives in `handleInfo` of a process that monitors the group or its scope. */
export class GroupMessage {
  constructor(
    readonly type: "join" | "leave",
    /** What the monitor answered with. */
    readonly id: number,
    readonly group: unknown,
    /** One for each time joined or left. */
    readonly pids: readonly Pid[],
  ) {}
}

export function isGroupMessage(message: unknown): message is GroupMessage {
  return message instanceof GroupMessage;
}

interface Watch {
  readonly process: Process;
  /** Which group; all of the scope otherwise. */
  readonly of: "scope" | { readonly group: unknown };
  readonly forget: () => void;
}

interface Membership {
  /** How often the process is in each group. */
  readonly groups: Map<unknown, number>;
  readonly forget: () => void;
}

export class GroupTable {
  private readonly byGroup = new Map<unknown, Set<Process>>();
  private readonly byProcess = new Map<Process, Membership>();
  private readonly watches = new Map<number, Watch>();

  groups(): IterableIterator<unknown> {
    return this.byGroup.keys();
  }

  members(group: unknown): Process[] {
    return [...(this.byGroup.get(group) ?? [])].flatMap((process) =>
      Array.from({ length: this.byProcess.get(process)?.groups.get(group) ?? 0 }, () => process),
    );
  }

  join(group: unknown, processes: readonly Process[]): void {
    for (const process of processes) this.add(group, process);
    this.tell("join", group, processes);
  }

  private add(group: unknown, process: Process): void {
    let membership = this.byProcess.get(process);
    if (membership === undefined) {
      membership = { groups: new Map(), forget: process.addCleanup(() => this.died(process)) };
      this.byProcess.set(process, membership);
    }
    membership.groups.set(group, (membership.groups.get(group) ?? 0) + 1);
    const members = this.byGroup.get(group);
    if (members === undefined) this.byGroup.set(group, new Set([process]));
    else members.add(process);
  }

  /** Takes each process out of the group once; returns those that were in it. */
  leave(group: unknown, processes: readonly Process[]): readonly Process[] {
    const left = processes.filter((process) => this.remove(group, process));
    this.tell("leave", group, left);
    return left;
  }

  private remove(group: unknown, process: Process): boolean {
    const membership = this.byProcess.get(process);
    const times = membership?.groups.get(group);
    if (membership === undefined || times === undefined) return false;
    if (times > 1) membership.groups.set(group, times - 1);
    else {
      membership.groups.delete(group);
      const members = this.byGroup.get(group);
      members?.delete(process);
      if (members?.size === 0) this.byGroup.delete(group);
    }
    if (membership.groups.size === 0) {
      membership.forget();
      this.byProcess.delete(process);
    }
    return true;
  }

  private died(process: Process): void {
    for (const [group, times] of [...(this.byProcess.get(process)?.groups ?? [])]) {
      this.leave(group, new Array<Process>(times).fill(process));
    }
  }

  /** The scope ends, its members do not. */
  close(): void {
    for (const { forget } of this.byProcess.values()) forget();
    for (const { forget } of this.watches.values()) forget();
  }

  watch(id: number, process: Process, of: Watch["of"]): void {
    if (!process.alive) return;
    this.watches.set(id, { process, of, forget: process.addCleanup(() => void this.watches.delete(id)) });
  }

  /** Ends a watch of this process; what it has not handled of it, it need not. */
  unwatch(id: number, process: Process): void {
    const watch = this.watches.get(id);
    if (watch?.process !== process) return;
    watch.forget();
    this.watches.delete(id);
    const isOfWatch = (queued: Message): boolean =>
      queued.kind === INFO && queued.message instanceof GroupMessage && queued.message.id === id;
    while (process.withdraw(isOfWatch));
  }

  private tell(type: "join" | "leave", group: unknown, processes: readonly Process[]): void {
    if (processes.length === 0) return;
    const pids = processes.map((process) => pidOf(process));
    for (const [id, watch] of this.watches) {
      if (watch.of !== "scope" && !sameKey(watch.of.group, group)) continue;
      watch.process.push(new Info(new GroupMessage(type, id, group, pids)));
    }
  }
}

/** Equality as a Map has it. */
function sameKey(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}
