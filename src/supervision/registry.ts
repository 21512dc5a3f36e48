// Registry: processes found by a key, each entry with a value. Reading is looking into a table, without a message; only a
// process itself registers, and its entries go when it ends. A registry is a process: those registered are linked to it, so
// that they fall with the table that lists them. (elixir: Registry)
//
// Keys are the same as a Map's are (SameValueZero): 1 and "1" are two keys, NaN equals itself, objects are equal by identity.
import { child } from "./child.js";
import type { ChildSpec } from "./child-spec.js";
import { BanyanError } from "./errors.js";
import { type Named, named, type Pid, pidOf, type Ref, resolveRef } from "./ref.js";
import { type Entry, type RegistryOptions, RegistryTable } from "./registry-table.js";
import type { Result } from "./result.js";
import { currentRuntime, type Runtime } from "./runtime.js";
import { processKey, type Self, Server, startServer } from "./server.js";
import { isViaKey, viaName } from "./via-name.js";

/** The process behind a registry. It says nothing and is asked nothing: its table is read and changed in place. */
class RegistryServer extends Server<RegistryOptions, undefined> {
  protected override trapExit = true;
  table: RegistryTable | undefined;

  protected override init(options: RegistryOptions): void {
    const self = this[processKey];
    this.table = new RegistryTable(self, self.title, options);
  }
}

/** An entry as readers see it. */
export interface RegistryEntry<K, V> {
  readonly key: K;
  readonly pid: Pid;
  readonly value: V;
}

/**
 * The address of a registry, by its name: `const rooms = new Registry<string, Topic>("rooms", { keys: "unique" })`. Start it
 * with {@link child} below a supervisor, before the processes that register, or with {@link start}. Every other method throws
 * a {@link BanyanError} with the code `unknown_registry` while no such registry runs. What changes entries takes the process
 * that does it first: `rooms.register(this, key, value)`.
 */
export class Registry<K = string, V = void> {
  private readonly address: Named<RegistryServer>;

  constructor(
    readonly name: string,
    private readonly options: RegistryOptions,
  ) {
    if (name.includes("[")) throw new TypeError(`the name of a registry has no "[": ${name}`);
    if (!["unique", "duplicate"].includes(options.keys)) {
      throw new TypeError(`the keys of a registry are "unique" or "duplicate", not ${String(options.keys)}`);
    }
    this.address = named(name);
  }

  /** Its child spec. */
  child(options: Partial<ChildSpec> = {}): ChildSpec {
    return child(RegistryServer, this.options, { ...options, name: this.address });
  }

  /** Starts it outside any supervisor. Rejects with a {@link StartError} if its name is taken. */
  async start(): Promise<Pid> {
    return startServer(RegistryServer, this.options, { name: this.address });
  }

  // --- a process's own entries -----------------------------------------------------------------------------------------

  /** Registers this process and links it to the registry. `ok` is the registry's own pid; the error `already_registered`
   * has the holder (it may be this process) as its detail, and `noproc` says that this process has ended. */
  register(self: Self, key: K, value: V): Result<Pid, "already_registered" | "noproc"> {
    const process = self[processKey];
    const table = this.table(process.runtime as Runtime);
    if (!process.alive) return { error: "noproc" };
    const holder = table.register(process, key, value);
    return holder === undefined ? { ok: pidOf(table.owner) } : { error: "already_registered", detail: pidOf(holder) };
  }

  /** Takes back all entries of this process under `key`; none is no error. */
  unregister(self: Self, key: K): void {
    this.unregisterMatch(self, key, () => true);
  }

  /** Takes back the entries of this process under `key` whose value passes. */
  unregisterMatch(self: Self, key: K, test: (value: V) => boolean): void {
    const table = this.tableOf(self);
    const own = table.under(key).filter(({ process, value }) => process === self[processKey] && test(value as V));
    for (const entry of own) table.remove(entry);
  }

  /** Puts `update(value)` in the place of this process's value under `key`. `not_registered`: it has no such entry, and
   * `update` was not called. For unique keys; throws a TypeError otherwise. */
  updateValue(
    self: Self,
    key: K,
    update: (value: V) => V,
  ): Result<{ readonly value: V; readonly previous: V }, "not_registered"> {
    this.mustBeUnique("updateValue");
    const [entry] = this.tableOf(self).under(key);
    if (entry?.process !== self[processKey]) return { error: "not_registered" };
    const previous = entry.value as V; // as registered through this type
    const value = update(previous);
    entry.value = value;
    return { ok: { value, previous } };
  }

  /**
   * Runs `fn` while no other process runs one under the same lock, and resolves with its result. The lock is free again when
   * `fn` has ended, by value or by error, or when this process dies. Locks have nothing to do with entries. Waits without a
   * limit; rejects with a {@link CallError} if this process or the registry ends first.
   */
  async lock<R>(self: Self, key: unknown, fn: () => R): Promise<Awaited<R>> {
    const release = await this.tableOf(self).locks.acquire(self[processKey], key);
    try {
      return await fn();
    } finally {
      release();
    }
  }

  // --- reading -----------------------------------------------------------------------------------------------------------

  /** The entries under `key`, oldest first. */
  lookup(key: K): RegistryEntry<K, V>[] {
    return this.table()
      .under(key)
      .map(shown<K, V>);
  }

  /** The keys of a process, one for each of its entries. */
  keys(ref: Ref<unknown>): K[] {
    return this.table()
      .of(resolveRef(ref))
      .map((entry) => shown<K, V>(entry).key);
  }

  /** The values a process has under `key`. */
  values(key: K, ref: Ref<unknown>): V[] {
    const process = resolveRef(ref);
    return this.match(key, (_, pid) => resolveRef(pid) === process).map(({ value }) => value);
  }

  /** How many entries there are. */
  count(): number {
    return this.table().size;
  }

  /** The entries under `key` whose value passes. */
  match(key: K, test: (value: V, pid: Pid) => boolean): RegistryEntry<K, V>[] {
    return this.lookup(key).filter(({ value, pid }) => test(value, pid));
  }

  countMatch(key: K, test: (value: V, pid: Pid) => boolean): number {
    return this.match(key, test).length;
  }

  /** The entries that pass, of all keys. */
  select(test: (entry: RegistryEntry<K, V>) => boolean): RegistryEntry<K, V>[] {
    return this.table()
      .all()
      .map(shown<K, V>)
      .filter(test);
  }

  countSelect(test: (entry: RegistryEntry<K, V>) => boolean): number {
    return this.select(test).length;
  }

  /** Calls `fn` in the caller, once, with all entries under `key`; not at all if there are none. What `fn` throws is thrown. */
  dispatch(key: K, fn: (entries: readonly RegistryEntry<K, V>[]) => void): void {
    const entries = this.lookup(key);
    if (entries.length > 0) fn(entries);
  }

  // --- names -------------------------------------------------------------------------------------------------------------

  /**
   * The process under `key` as an address: call it, or start a process by it (`{ name: rooms.via("lobby") }`), which registers
   * it with the value undefined before its `init` runs. Calls wait there while a supervisor restarts the process. For unique
   * keys that are strings or finite numbers; throws a TypeError otherwise.
   */
  via<T>(key: K): Named<T> {
    this.mustBeUnique("via");
    if (isViaKey(key)) return named(viaName(this.name, key));
    throw new TypeError(`only a string or a finite number can be part of a name, not ${String(key)}`);
  }

  // --- metadata ----------------------------------------------------------------------------------------------------------

  /** What was put there; undefined if nothing was. Metadata goes with the registry's process. */
  meta(key: unknown): unknown {
    return this.table().metadata.get(key);
  }

  putMeta(key: unknown, value: unknown): void {
    this.table().metadata.set(key, value);
  }

  deleteMeta(key: unknown): void {
    this.table().metadata.delete(key);
  }

  private mustBeUnique(method: string): void {
    if (this.options.keys !== "unique")
      throw new TypeError(`${method} is for unique keys; ${this.name} has duplicates`);
  }

  private tableOf(self: Self): RegistryTable {
    return this.table(self[processKey].runtime as Runtime); // every process is spawned by a Runtime
  }

  private table(runtime: Runtime = currentRuntime()): RegistryTable {
    const behaviour = runtime.names.whereis(this.name)?.behaviour;
    if (behaviour instanceof RegistryServer && behaviour.table !== undefined) return behaviour.table;
    throw new BanyanError("unknown_registry", `there is no registry ${this.name}; start it first`);
  }
}

function shown<K, V>({ key, process, value }: Entry): RegistryEntry<K, V> {
  // What is in the table came through a Registry of this name, whose type says what its keys and values are.
  return { key: key as K, pid: pidOf(process), value: value as V };
}
