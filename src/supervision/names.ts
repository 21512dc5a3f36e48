// Registered names. A name outlives the process behind it: while a supervisor is about to start the next incarnation the name
// is *pending*, and calls wait at it instead of failing; once nobody will come back, those that wait are told.
import { BanyanError } from "./errors.js";
import { CALL, CallError, type Message } from "./messages.js";
import { parseViaName, VIA, type ViaKey } from "./via-name.js";

interface Addressee {
  push(message: Message): void;
}

interface Entry<P> {
  process: P | undefined;
  /** Messages that wait for the next incarnation. */
  waiting: Message[];
  keepsCasts: boolean;
  /** Why it will not answer soon, when a supervisor has parked it. */
  parked: string | undefined;
}

/** What decides over the names below its own: a registry. */
export interface NameSpace<P> {
  /** Takes the key for the process; whoever holds it already is returned instead. */
  claim(key: ViaKey, process: P): P | undefined;
}

export class Names<P extends Addressee> {
  private readonly entries = new Map<string, Entry<P>>();
  /** The registries that run, by name. */
  readonly spaces = new Map<string, NameSpace<P>>();
  /** Asked for a name that nobody has here; set where names of another runtime are reached as well. */
  elsewhere: ((name: string) => P | undefined) | undefined;

  /** Every name that is taken or pending. */
  keys(): Iterable<string> {
    return this.entries.keys();
  }

  /** The process now registered under `name`. */
  whereis(name: string): P | undefined {
    const entry = this.entries.get(name);
    return entry === undefined && this.elsewhere !== undefined ? this.elsewhere(name) : entry?.process;
  }

  /** True while the next incarnation is expected. */
  isPending(name: string): boolean {
    const entry = this.entries.get(name);
    return entry !== undefined && entry.process === undefined;
  }

  /** Takes the name; the process that holds it already is returned instead, or why nobody can have it. */
  register(name: string, process: P): P | BanyanError | undefined {
    return (name.startsWith(VIA) ? this.claim(name, process) : undefined) ?? this.bind(name, process);
  }

  private claim(name: string, process: P): P | BanyanError | undefined {
    const holder = this.whereis(name);
    if (holder !== undefined) return holder;
    const via = parseViaName(name);
    const space = via === undefined ? undefined : this.spaces.get(via.registry);
    if (via !== undefined && space !== undefined) return space.claim(via.key, process);
    return new BanyanError("unknown_registry", `${name} cannot be taken: start its registry first`);
  }

  /** Takes the name without asking the registry it belongs to: for that registry itself. */
  bind(name: string, process: P): P | undefined {
    const entry = this.entries.get(name);
    if (entry?.process !== undefined) return entry.process;
    if (entry === undefined) this.entries.set(name, { process, waiting: [], keepsCasts: false, parked: undefined });
    else entry.process = process;
    return undefined;
  }

  /** The process runs: what waited at the name is handed over. */
  opened(name: string, process: P): readonly Message[] {
    const entry = this.entries.get(name);
    if (entry?.process !== process) return [];
    const { waiting } = entry;
    entry.waiting = [];
    entry.parked = undefined;
    return waiting;
  }

  /** The process has died. If it comes back the name stays pending, else it is free. */
  closed(name: string, process: P, comesBack: boolean, keepsCasts: boolean): void {
    const entry = this.entries.get(name);
    if (entry?.process !== process) return;
    entry.process = undefined;
    entry.keepsCasts = keepsCasts;
    if (!comesBack) this.release(name);
  }

  /** True when the child behind a pending name keeps its mailbox, so that casts wait for it too. */
  keepsCasts(name: string): boolean {
    return this.entries.get(name)?.keepsCasts ?? false;
  }

  /** Waits at a pending name. False: nothing pends there. */
  wait(name: string, message: Message): boolean {
    const entry = this.entries.get(name);
    if (entry === undefined || entry.process !== undefined) return false;
    if (entry.parked === undefined) entry.waiting.push(message);
    else if (message.kind === CALL) message.reject(parkedError(name, entry.parked));
    return true;
  }

  /** The child behind a pending name is parked: callers are told at once rather than at their deadline. */
  park(name: string, why: string): void {
    const entry = this.entries.get(name);
    if (entry === undefined || entry.process !== undefined) return;
    entry.parked = why;
    for (const message of entry.waiting) if (message.kind === CALL) message.reject(parkedError(name, why));
    entry.waiting = [];
  }

  /** Nobody comes back to a pending name: it is free, and those that wait are told. */
  release(name: string): void {
    const entry = this.entries.get(name);
    if (entry === undefined || entry.process !== undefined) return;
    this.entries.delete(name);
    for (const message of entry.waiting) if (message.kind === CALL) message.reject(CallError.noproc(name));
  }
}

function parkedError(name: string, why: string): CallError {
  return new CallError(
    "noproc",
    `${name} is parked after too many crashes (${why}); it is tried again by itself`,
    "noproc",
  );
}
