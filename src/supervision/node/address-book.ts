// Who is known on either side of a bridge: the processes of this end that the other has heard of, and one stand-in for each
// process of the other's that this end has heard of. A number of its own for each, twice that number on the wire, and plus one
// if it is the receiver's own.
import type { ExitReason } from "../exit-reason.js";
import type { Process } from "../process.js";
import { namedIn, pidOf, type Ref, resolveRef } from "../ref.js";
import type { Runtime } from "../runtime.js";
import { type Line, Remote, type Target } from "./remote.js";
import type { Addresses } from "./values.js";
import type { Address } from "./wire.js";

/** The number under which both ends know the isolated process itself. */
export const ROOT = 0;
/** The address of every process that has ended: an odd number, so the receiver's own, that nobody has. */
export const NOBODY: Address = -1;

export class AddressBook implements Addresses {
  private readonly exported = new Map<number, Process>();
  private readonly numberOf = new Map<Process, number>();
  private readonly remotes = new Map<number, Process>();
  private readonly atNames = new Map<string, Remote>();

  constructor(
    private readonly runtime: Runtime,
    private readonly line: Line,
    /** A process of this end that the other knows has ended. */
    private readonly ended: (number: number, reason: ExitReason) => void,
  ) {}

  /** The isolated process itself: real at one end, its stand-in at the other. */
  setRoot(root: Process): void {
    if (root instanceof Remote && root.line === this.line) this.remotes.set(ROOT, root);
    else this.export(root, ROOT);
  }

  private export(process: Process, number: number): void {
    this.exported.set(number, process);
    this.numberOf.set(process, number);
    const notify = (_: unknown, reason: ExitReason): void => {
      this.exported.delete(number);
      this.numberOf.delete(process);
      this.ended(number, reason);
    };
    process.addMonitor({ id: this.runtime.nextNumber(), watcher: undefined, name: undefined, notify });
  }

  out(process: Process): Address {
    if (process instanceof Remote && process.line === this.line && typeof process.at === "number") {
      return process.at * 2 + 1;
    }
    let number = this.numberOf.get(process);
    if (number === undefined && !process.alive) return NOBODY;
    if (number === undefined) this.export(process, (number = process.number));
    return number * 2;
  }

  in(address: Address, behaviourName: string): Ref<unknown> {
    return pidOf(this.processOf(address, behaviourName));
  }

  named(name: string): Ref<unknown> {
    return namedIn(this.runtime, name);
  }

  processOf(address: Address, behaviourName = "process"): Process {
    const number = address >> 1;
    if (address === NOBODY) return this.gone(number);
    if (address % 2 === 1) return this.local(number);
    let remote = this.remotes.get(number);
    if (remote === undefined) this.remotes.set(number, (remote = this.standIn(number, behaviourName)));
    return remote;
  }

  /** The process of this end that the other calls by this number. */
  local(number: number): Process {
    return this.exported.get(number) ?? this.gone(number);
  }

  /** The process of this end that the other names or numbers; undefined where a name has none. */
  target(to: Target): Process | undefined {
    return typeof to === "number" ? this.local(to) : resolveRef(this.named(to));
  }

  /** The stand-in for whoever has that name at the other end. */
  atName(name: string): Remote {
    let remote = this.atNames.get(name);
    if (remote === undefined) this.atNames.set(name, (remote = this.standIn(name, name)));
    return remote;
  }

  private standIn(at: Target, behaviourName: string): Remote {
    const options = { behaviourName, name: undefined, parent: undefined, slot: undefined };
    const remote = new Remote(this.runtime, this.line, at, options);
    remote.status = "running";
    return remote;
  }

  /** A process of this end that has ended meanwhile. */
  private gone(at: number): Process {
    const gone = this.standIn(at, "process");
    gone.status = "stopped";
    gone.exitReason = "noproc";
    return gone;
  }

  /** A process of the other end has ended. */
  died(number: number, reason: ExitReason): void {
    const remote = this.remotes.get(number);
    this.remotes.delete(number);
    remote?.die(reason);
  }

  /** The other end is gone, and everybody there with it. */
  allDied(reason: ExitReason): void {
    const remotes = [...this.remotes.values(), ...this.atNames.values()];
    this.remotes.clear();
    for (const remote of remotes) remote.die(reason);
  }
}
