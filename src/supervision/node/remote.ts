// A stand-in for a process that runs elsewhere: a Process of this runtime with a mailbox, links and monitors of its own, which
// sends on whatever it is given. Those who hold its Pid need not know. It dies when it is told that the real one has died.
import type { ExitReason } from "../exit-reason.js";
import { CALL, type Call, type Cast, type Info, type Message, SYSTEM } from "../messages.js";
import { Process } from "../process.js";
import type { ChildSlot, MonitorEntry } from "../process-host.js";
import type { Runtime } from "../runtime.js";

/** Where the real one is: a number the other side gave out, or a name there. */
export type Target = number | string;

/** The way to the other side. */
export interface Line {
  /** Sends a message on. With `waits` the promise settles once it has been handled. */
  deliver(to: Target, message: Cast | Call | Info, waits: boolean): unknown;
  exit(to: Target, sender: Process | undefined, reason: ExitReason): void;
  link(local: Process, to: Target): void;
  unlink(local: Process, to: Target): void;
  monitor(name: string, id: number): void;
  /** The call has ended; where no answer ended it, nobody waits for one. */
  callEnded(call: Call): void;
}

export interface RemoteOptions {
  readonly behaviourName: string;
  readonly name: string | undefined;
  readonly parent: Process | undefined;
  readonly slot: ChildSlot | undefined;
}

export class Remote extends Process {
  /** Calls that the real process waits for, for finding cycles. */
  private readonly waitsFor = new Map<Call, Process>();

  constructor(
    runtime: Runtime,
    readonly line: Line,
    readonly at: Target,
    { behaviourName, name, parent, slot }: RemoteOptions,
  ) {
    super(runtime, runtime.nextNumber(), behaviourName, name, parent, slot);
  }

  protected override invoke(message: Message): unknown {
    if (message.kind === SYSTEM) return super.invoke(message);
    if (message.kind === CALL) message.answerer = this;
    // A mailbox that is bounded or kept must hold what the real process has not begun.
    const waits = this.slot?.keeps === true || this.slot?.capacity !== undefined;
    return this.line.deliver(this.at, message, waits);
  }

  /** The real process decides what a signal does to it. One that came over a link has been sent there as a death. */
  override exitSignal(sender: Process | undefined, reason: ExitReason, linked: boolean): void {
    if (this.alive && !linked) this.line.exit(this.at, sender, reason);
  }

  protected override addLink(other: Process): void {
    // A name has no links: the process behind it answers with one of its own.
    if (typeof this.at === "number") super.addLink(other);
    this.line.link(other, this.at);
  }

  protected override removeLink(other: Process): void {
    super.removeLink(other);
    this.line.unlink(other, this.at);
  }

  override addMonitor(entry: MonitorEntry): void {
    super.addMonitor(entry);
    if (typeof this.at === "string") this.line.monitor(this.at, entry.id);
  }

  /** What was monitored by name has ended. */
  down(id: number, reason: ExitReason): void {
    const entry = this.monitors?.get(id);
    if (entry === undefined) return;
    this.removeMonitor(id);
    entry.watcher?.stopWatching(id);
    entry.notify(this, reason, id);
  }

  override callStarted(call: Call, target: Process): void {
    if (!call.settled) this.waitsFor.set(call, target);
  }

  override callEnded(call: Call): void {
    this.waitsFor.delete(call);
    this.line.callEnded(call);
    super.callEnded(call);
  }

  override chainTo(goal: Process): Process[] | undefined {
    for (const next of this.waitsFor.values()) {
      if (next === goal) return [this, goal];
      const rest = next.chainTo(goal);
      if (rest !== undefined) return [this, ...rest];
    }
    return undefined;
  }
}
