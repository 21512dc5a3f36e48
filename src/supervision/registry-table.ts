// The entries of a Registry: who is under which key, who is told of it, and what ends with whom.
import { Locks } from "./locks.js";
import { Info } from "./messages.js";
import type { NameSpace } from "./names.js";
import type { Process } from "./process.js";
import { type Named, type Pid, pidOf, resolveRef } from "./ref.js";
import { isViaKey, viaName } from "./via-name.js";

export interface RegistryOptions {
  /** Whether a key has at most one entry. */
  readonly keys: "unique" | "duplicate";
  /** Who gets a {@link RegistryMessage} in `handleInfo` for each entry made or taken back. The end of a process is told to
   * nobody: monitor it. */
  readonly listeners?: readonly Named<unknown>[];
}

/** What listeners get. */
export class RegistryMessage {
  constructor(
    readonly type: "register" | "unregister",
    readonly registry: string,
    readonly key: unknown,
    readonly pid: Pid,
    /** Of a `register`. */
    readonly value: unknown,
  ) {}
}

export function isRegistryMessage(message: unknown): message is RegistryMessage {
  return message instanceof RegistryMessage;
}

export interface Entry {
  readonly process: Process;
  readonly key: unknown;
  value: unknown;
}

interface Registrant {
  readonly entries: Set<Entry>;
  /** Takes back the cleanup at this process's end. */
  readonly forget: () => void;
}

export class RegistryTable implements NameSpace<Process> {
  readonly metadata = new Map<unknown, unknown>();
  readonly locks = new Locks();
  private readonly byKey = new Map<unknown, Set<Entry>>();
  private readonly byProcess = new Map<Process, Registrant>();

  constructor(
    /** The registry's process. */
    readonly owner: Process,
    private readonly name: string,
    private readonly options: RegistryOptions,
  ) {
    owner.runtime.names.spaces.set(name, this);
    owner.addCleanup(() => this.close());
  }

  // --- reading -----------------------------------------------------------------------------------------------------------

  under(key: unknown): Entry[] {
    return [...(this.byKey.get(key) ?? [])];
  }

  of(process: Process | undefined): Entry[] {
    return process === undefined ? [] : [...(this.byProcess.get(process)?.entries ?? [])];
  }

  all(): Entry[] {
    return [...this.byKey.values()].flatMap((entries) => [...entries]);
  }

  get size(): number {
    let size = 0;
    for (const { entries } of this.byProcess.values()) size += entries.size;
    return size;
  }

  // --- writing -----------------------------------------------------------------------------------------------------------

  /** Registers a process under a key, and under the name that belongs to it. Who holds a unique key already is returned. */
  register(process: Process, key: unknown, value: unknown): Process | undefined {
    const name = this.nameOf(key);
    const holder = this.holderOf(key) ?? (name === undefined ? undefined : process.runtime.names.bind(name, process));
    if (holder !== undefined) return holder;
    this.add({ process, key, value });
    if (name !== undefined) for (const message of process.runtime.names.opened(name, process)) process.push(message);
    return undefined;
  }

  /** A process is started under a name of this registry. */
  claim(key: unknown, process: Process): Process | undefined {
    if (this.options.keys !== "unique") return undefined;
    const holder = this.holderOf(key);
    if (holder === undefined) this.add({ process, key, value: undefined });
    return holder;
  }

  remove(entry: Entry): void {
    const { process, key } = entry;
    const registrant = this.byProcess.get(process);
    if (!registrant?.entries.delete(entry)) return;
    this.drop(entry);
    if (registrant.entries.size === 0) {
      registrant.forget();
      this.byProcess.delete(process);
      process.unlink(this.owner);
    }
    this.tell("unregister", entry, undefined);
    const name = this.nameOf(key);
    if (name !== undefined) process.runtime.names.closed(name, process, false, false);
  }

  private add(entry: Entry): void {
    const { process, key, value } = entry;
    const under = this.byKey.get(key);
    if (under === undefined) this.byKey.set(key, new Set([entry]));
    else under.add(entry);
    const registrant = this.byProcess.get(process);
    if (registrant === undefined) {
      const forget = process.addCleanup(() => this.died(process));
      this.byProcess.set(process, { entries: new Set([entry]), forget });
      process.link(this.owner);
    } else registrant.entries.add(entry);
    this.tell("register", entry, value);
  }

  private drop(entry: Entry): void {
    const under = this.byKey.get(entry.key);
    under?.delete(entry);
    if (under?.size === 0) this.byKey.delete(entry.key);
  }

  private died(process: Process): void {
    for (const entry of this.of(process)) {
      this.drop(entry);
      const name = this.nameOf(entry.key);
      if (name !== undefined) process.runtime.names.closed(name, process, false, false);
    }
    this.byProcess.delete(process);
  }

  /** The registry ends. Whoever was started under one of its names keeps it: its own end frees it. */
  private close(): void {
    const { names } = this.owner.runtime;
    if (names.spaces.get(this.name) === this) names.spaces.delete(this.name);
    this.locks.close();
    for (const { process, key } of this.all()) {
      const name = this.nameOf(key);
      if (name !== undefined && name !== process.name) names.closed(name, process, false, false);
    }
    for (const { forget } of this.byProcess.values()) forget();
  }

  private holderOf(key: unknown): Process | undefined {
    if (this.options.keys !== "unique") return undefined;
    const [entry] = this.byKey.get(key) ?? [];
    return entry?.process;
  }

  /** The name that leads to who is under a key: of unique keys alone. */
  private nameOf(key: unknown): string | undefined {
    return this.options.keys === "unique" && isViaKey(key) ? viaName(this.name, key) : undefined;
  }

  private tell(type: "register" | "unregister", { process, key }: Entry, value: unknown): void {
    for (const listener of this.options.listeners ?? []) {
      resolveRef(listener)?.push(new Info(new RegistryMessage(type, this.name, key, pidOf(process), value)));
    }
  }
}
