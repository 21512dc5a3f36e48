// Registered names. A name outlives the process behind it: while a supervisor is about to start the next incarnation the name
// is *pending*, and calls wait at it instead of failing; once nobody will come back, those that wait are told.

import { BanyanError } from "./errors.js";
import { CALL, CallError, type Message } from "./messages.js";
import { keepShape } from "./shapes.js";
import { parseViaName, VIA, type ViaKey } from "./via-name.js";

interface Addressee {
  push(message: Message): void;
}

/** A name whose process has been followed by another, or is about to be. Made at the first restart: most names never see one,
 * and stand for their process directly. */
class Entry<P> {
  process: P | undefined = undefined;
  /** Messages that wait for the next incarnation. */
  waiting: Message[] | undefined = undefined;
  keepsCasts = false;
  /** Why it will not answer soon, when a supervisor has parked it. */
  parked: string | undefined = undefined;
}

keepShape(new Entry());

const NOTHING: readonly never[] = [];

/** What decides over the names below its own: a registry. */
export interface NameSpace<P> {
  /** Takes the key for the process; whoever holds it already is returned instead. */
  claim(key: ViaKey, process: P): P | undefined;
}

export class Names<P extends Addressee> {
  private readonly entries = new Map<string, P | Entry<P>>();
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
    const found = this.entries.get(name);
    if (found === undefined) return this.elsewhere?.(name);
    return found instanceof Entry ? found.process : found;
  }

  /** The entry of a name whose next incarnation is expected. */
  private pending(name: string): Entry<P> | undefined {
    const found = this.entries.get(name);
    return found instanceof Entry && found.process === undefined ? found : undefined;
  }

  /** Takes the name; the process that holds it already is returned instead, or why nobody can have it. */
  register(name: string, process: P): P | BanyanError | undefined {
    return (name[0] === VIA ? this.claim(name, process) : undefined) ?? this.bind(name, process);
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
    const found = this.entries.get(name);
    if (found === undefined) this.entries.set(name, process);
    else if (!(found instanceof Entry)) return found;
    else if (found.process !== undefined) return found.process;
    else found.process = process;
    return undefined;
  }

  /** The process runs: what waited at the name is handed over. */
  opened(name: string, process: P): readonly Message[] {
    const found = this.entries.get(name);
    if (!(found instanceof Entry) || found.process !== process) return NOTHING;
    const { waiting = NOTHING } = found;
    found.waiting = undefined;
    found.parked = undefined;
    return waiting;
  }

  /** The process has died. If it comes back the name stays pending, else it is free. */
  closed(name: string, process: P, comesBack: boolean, keepsCasts: boolean): void {
    const found = this.entries.get(name);
    if (found === process) {
      if (!comesBack) {
        this.entries.delete(name);
        return;
      }
      const entry = new Entry<P>();
      entry.keepsCasts = keepsCasts;
      this.entries.set(name, entry);
    } else if (found instanceof Entry && found.process === process) {
      found.process = undefined;
      found.keepsCasts = keepsCasts;
      if (!comesBack) this.release(name);
    }
  }

  /** True when the child behind a pending name keeps its mailbox, so that casts wait for it too. */
  keepsCasts(name: string): boolean {
    return this.pending(name)?.keepsCasts ?? false;
  }

  /** Waits at a pending name. False: nothing pends there. */
  wait(name: string, message: Message): boolean {
    const entry = this.pending(name);
    if (entry === undefined) return false;
    if (entry.parked === undefined) (entry.waiting ??= []).push(message);
    else if (message.kind === CALL) message.reject(parkedError(name, entry.parked));
    return true;
  }

  /** The child behind a pending name is parked: callers are told at once rather than at their deadline. */
  park(name: string, why: string): void {
    const entry = this.pending(name);
    if (entry === undefined) return;
    entry.parked = why;
    for (const message of entry.waiting ?? NOTHING) if (message.kind === CALL) message.reject(parkedError(name, why));
    entry.waiting = undefined;
  }

  /** Nobody comes back to a pending name: it is free, and those that wait are told. */
  release(name: string): void {
    const entry = this.pending(name);
    if (entry === undefined) return;
    this.entries.delete(name);
    for (const message of entry.waiting ?? NOTHING) if (message.kind === CALL) message.reject(CallError.noproc(name));
  }
}

function parkedError(name: string, why: string): CallError {
  return new CallError(
    "noproc",
    `${name} is parked after too many crashes (${why}); it is tried again by itself`,
    "noproc",
  );
}
