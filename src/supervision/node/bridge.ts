// One end of the bridge between two runtimes; both ends are this class. Each end knows the processes of its own that the other
// has heard of, and keeps one stand-in for each process of the other's that it has heard of. What is sent within a tick crosses
// as one batch.
import { describeReason, type ExitReason } from "../exit-reason.js";
import { IsolationError } from "../isolation.js";
import { CALL as CALL_MESSAGE, CAST as CAST_MESSAGE, Call, CallError, Cast, Info, SystemRequest } from "../messages.js";
import { noReply } from "../outcomes.js";
import { type Process, stateOf } from "../process.js";
import { boundTo, monitor, namedIn, pidOf, type Ref, resolveRef, send } from "../ref.js";
import type { ReportName } from "../reports.js";
import type { Runtime } from "../runtime.js";
import { type Line, Remote, type Target } from "./remote.js";
import { type Addresses, decode, encode } from "./values.js";
import {
  type Address,
  CALL,
  CAST,
  type Channel,
  DIED,
  DOWN,
  EXIT,
  FIGURES,
  GET_STATE,
  HANDLED,
  INFO,
  LINK,
  MONITOR,
  REPLY,
  REPORT,
  SET_STATE,
  START,
  STARTED,
  STOP,
  UNLINK,
  type Wire,
} from "./wire.js";

/** The number under which both ends know the isolated process itself. */
export const ROOT = 0;
/** The address of every process that has ended: an odd number, so the receiver's own, that nobody has. */
const NOBODY: Address = -1;

interface Pending {
  resolve(value: unknown): unknown;
  reject(error: unknown): unknown;
}

/** What only one of the two ends does. */
export interface BridgeEvents {
  /** The isolated process has ended. */
  rootDied?(reason: ExitReason): void;
  started?(how: "ok" | "ignore" | "silent" | "failed", reason: ExitReason): void;
  report?(kind: ReportName, fields: Readonly<Record<string, unknown>>): void;
  figures?(memory: number, cpu: number): void;
}

export class Bridge implements Line, Addresses {
  private channel: Channel | undefined;
  private readonly exported = new Map<number, Process>();
  private readonly numberOf = new Map<Process, number>();
  private readonly remotes = new Map<number, Process>();
  private readonly atNames = new Map<string, Remote>();
  private readonly pending = new Map<number, Pending>();
  private readonly acks = new Map<number, (handled: unknown) => void>();
  private numbers = 0;
  private outbox: Wire[] = [];
  private transfers: ArrayBuffer[] = [];
  /** A link that the other end told of is not told back. */
  private linking = false;

  constructor(
    readonly runtime: Runtime,
    private readonly events: BridgeEvents,
  ) {}

  connect(channel: Channel): void {
    this.channel = channel;
  }

  // --- addresses -----------------------------------------------------------------------------------------------------

  /** The isolated process itself: real at one end, its stand-in at the other. */
  setRoot(root: Process): void {
    if (root instanceof Remote && root.line === this) this.remotes.set(ROOT, root);
    else this.export(root, ROOT);
  }

  private export(process: Process, number: number): void {
    this.exported.set(number, process);
    this.numberOf.set(process, number);
    const died = (reason: ExitReason): void => {
      this.exported.delete(number);
      this.numberOf.delete(process);
      const tell = (): void => this.sendReason(reason, (value, special) => [DIED, number, value, special]);
      // What it answered last is on its way as a promise; the death comes after it.
      queueMicrotask(() => queueMicrotask(tell));
    };
    process.addMonitor({
      id: this.runtime.nextNumber(),
      watcher: undefined,
      name: undefined,
      notify: (_, reason) => died(reason),
    });
  }

  out(process: Process): Address {
    if (process instanceof Remote && process.line === this && typeof process.at === "number") return process.at * 2 + 1;
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
    if (address % 2 === 1) return this.exported.get(number) ?? this.gone(number);
    let remote = this.remotes.get(number);
    if (remote === undefined) this.remotes.set(number, (remote = this.standIn(number, behaviourName)));
    return remote;
  }

  private standIn(at: Target, behaviourName: string): Remote {
    const options = { behaviourName, name: undefined, parent: undefined, slot: undefined };
    const remote = new Remote(this.runtime, this, at, options);
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

  /** The stand-in for whoever has that name at the other end. */
  elsewhere(name: string): Process {
    let remote = this.atNames.get(name);
    if (remote === undefined) this.atNames.set(name, (remote = this.standIn(name, name)));
    return remote;
  }

  // --- out -----------------------------------------------------------------------------------------------------------

  deliver(to: Target, message: Cast | Call | Info, waits: boolean): unknown {
    const ack = waits ? ++this.numbers : 0;
    if (message.kind === CAST_MESSAGE) {
      const { value, special } = this.encode(message.args);
      this.put([CAST, to, message.method, value, special, ack]);
    } else if (message.kind === CALL_MESSAGE) {
      const id = this.expect(message);
      const { value, special } = this.encode(message.args);
      const timeLeft = message.deadline - this.runtime.clock.now();
      // A call's caller is the process that made it, if it said so.
      const from = message.caller === undefined ? undefined : this.out(message.caller as Process);
      this.put([CALL, to, message.method, value, special, ack, id, timeLeft, from]);
    } else {
      const { value, special } = this.encode(message.message);
      this.put([INFO, to, value, special, ack]);
    }
    const result = message.kind === CALL_MESSAGE ? noReply : undefined;
    if (!waits) return result;
    return new Promise((resolve) => this.acks.set(ack, () => resolve(result)));
  }

  exit(to: Target, sender: Process | undefined, reason: ExitReason): void {
    const from = sender === undefined ? undefined : this.out(sender);
    this.sendReason(reason, (value, special) => [EXIT, to, from, value, special]);
  }

  link(local: Process, to: Target): void {
    if (!this.linking) this.put([LINK, this.out(local), to]);
  }

  unlink(local: Process, to: Target): void {
    if (!this.linking) this.put([UNLINK, this.out(local), to]);
  }

  monitor(name: string, id: number): void {
    this.put([MONITOR, name, id]);
  }

  getState(): Promise<unknown> {
    return new Promise((resolve, reject) => this.put([GET_STATE, this.expect({ resolve, reject })]));
  }

  setState(state: unknown): Promise<unknown> {
    const { value, special } = this.encode(state);
    return new Promise((resolve, reject) => this.put([SET_STATE, value, special, this.expect({ resolve, reject })]));
  }

  report(kind: ReportName, fields: Readonly<Record<string, unknown>>): void {
    const { value, special } = this.encode(fields);
    this.put([REPORT, kind, value, special]);
  }

  started(how: "ok" | "ignore" | "silent" | "failed", reason: ExitReason): void {
    this.sendReason(reason, (value, special) => [STARTED, how, value, special]);
  }

  /** Asks the real root to end by itself, `terminate` and all. */
  stopRoot(reason: ExitReason): void {
    this.sendReason(reason, (value, special) => [STOP, value, special]);
  }

  private expect(pending: Pending): number {
    const id = ++this.numbers;
    this.pending.set(id, pending);
    return id;
  }

  encode(value: unknown): { value: unknown; special: boolean } {
    const encoded = encode(value, this);
    if (encoded.transfers.length > 0) this.transfers.push(...encoded.transfers);
    return encoded;
  }

  takeTransfers(): readonly ArrayBuffer[] {
    const { transfers } = this;
    this.transfers = [];
    return transfers;
  }

  private sendReason(reason: ExitReason, wire: (value: unknown, special: boolean) => Wire): void {
    const { value, special } = this.encode(reason);
    const made = wire(value, special);
    try {
      if (special || typeof reason === "object") this.channel?.check(made);
      this.put(made);
    } catch {
      // A reason must arrive, if only its words.
      const words = this.encode({ error: new Error(describeReason(reason)) });
      this.put(wire(words.value, words.special));
    }
  }

  put(wire: Wire): void {
    if (this.outbox.push(wire) === 1) queueMicrotask(this.flush);
  }

  readonly flush = (): void => {
    const { outbox, transfers, channel } = this;
    if (outbox.length === 0 || channel === undefined) return;
    this.outbox = [];
    if (transfers.length > 0) this.transfers = [];
    try {
      channel.post(outbox, transfers);
    } catch (thrown) {
      this.postWithout(channel, outbox, transfers, thrown);
    }
  };

  /** Something in the batch cannot be cloned: its sender is told, and the rest goes. */
  private postWithout(channel: Channel, batch: readonly Wire[], transfers: readonly ArrayBuffer[], why: unknown): void {
    const good = batch.filter((wire) => {
      try {
        channel.check(wire);
        return true;
      } catch (thrown) {
        this.refused(wire, thrown);
        return false;
      }
    });
    if (good.length < batch.length) channel.post(good, transfers);
    else for (const wire of batch) this.refused(wire, why);
  }

  private refused(wire: Wire, why: unknown): void {
    const because = `: ${why instanceof Error ? why.message : String(why)}`;
    if (wire[0] === CALL || wire[0] === CAST || wire[0] === INFO) {
      const what = wire[0] === INFO ? "a message" : `an argument of ${wire[2]}`;
      const error = new IsolationError("uncloneable", `${what} cannot leave its thread${because}`, why);
      this.handled(wire[0] === INFO ? wire[4] : wire[5]);
      if (wire[0] === CALL) this.answered(wire[6], false, error);
      else this.events.report?.("alert", { uncloneable: what, reason: { error }, description: error.message });
    } else if (wire[0] === REPLY) {
      this.reply(wire[1], false, new IsolationError("uncloneable", `the reply cannot leave its thread${because}`, why));
    } else if (wire[0] === SET_STATE) {
      this.answered(
        wire[3],
        false,
        new IsolationError("uncloneable", `the state cannot leave its thread${because}`, why),
      );
    } else if (wire[0] === REPORT && typeof wire[2] === "object" && wire[2] !== null && "state" in wire[2]) {
      const { state: _, ...rest } = wire[2];
      this.put([REPORT, wire[1], rest, wire[3]]);
    }
  }

  private reply(id: number, ok: boolean, value: unknown): void {
    const encoded = this.encode(value);
    this.put([REPLY, id, ok, encoded.value, encoded.special]);
  }

  // --- in ------------------------------------------------------------------------------------------------------------

  receive(batch: readonly Wire[]): void {
    for (const wire of batch) this.take(wire);
  }

  private take(wire: Wire): void {
    switch (wire[0]) {
      case CAST:
        this.cast(wire[1], wire[2], this.args(wire[3], wire[4]));
        this.acknowledge(wire[1], wire[5]);
        return;
      case CALL:
        this.call(wire[1], wire[2], this.args(wire[3], wire[4]), wire[6], wire[7], wire[8]);
        this.acknowledge(wire[1], wire[5]);
        return;
      case INFO:
        if (typeof wire[1] === "string") send(this.named(wire[1]), this.value(wire[2], wire[3]));
        else this.local(wire[1]).push(new Info(this.value(wire[2], wire[3])));
        this.acknowledge(wire[1], wire[4]);
        return;
      case REPLY:
        this.answered(wire[1], wire[2], this.value(wire[3], wire[4]));
        return;
      case EXIT: {
        const sender = wire[2] === undefined ? undefined : this.processOf(wire[2]);
        this.target(wire[1])?.exitSignal(sender, this.reason(wire[3], wire[4]), false);
        return;
      }
      case LINK:
        this.linked(this.processOf(wire[1]), wire[2]);
        return;
      case UNLINK: {
        const other = this.target(wire[2]);
        if (other !== undefined) this.silently(() => other.unlink(this.processOf(wire[1])));
        return;
      }
      case DIED:
        this.died(wire[1], this.reason(wire[2], wire[3]));
        return;
      case MONITOR: {
        const [, name, id] = wire;
        monitor(this.named(name), (reason) => {
          this.sendReason(reason, (value, special) => [DOWN, name, id, value, special]);
        });
        return;
      }
      case DOWN:
        this.atNames.get(wire[1])?.down(wire[2], this.reason(wire[3], wire[4]));
        return;
      case HANDLED:
        this.handled(wire[1]);
        return;
      case GET_STATE:
        this.state(wire[1], ({ behaviour }) => behaviour?.[stateOf]);
        return;
      case SET_STATE: {
        const state = this.value(wire[1], wire[2]);
        this.state(wire[3], ({ behaviour }) => {
          if (behaviour !== undefined) behaviour[stateOf] = state;
        });
        return;
      }
      case REPORT:
        // Both ends run the same code, and only reports of the core are sent.
        this.events.report?.(wire[1] as ReportName, this.value(wire[2], wire[3]) as Record<string, unknown>);
        return;
      case FIGURES:
        this.events.figures?.(wire[1], wire[2]);
        return;
      case STARTED:
        this.events.started?.(wire[1], this.reason(wire[2], wire[3]));
        return;
      case STOP: {
        const reason = this.reason(wire[1], wire[2]);
        const root = this.local(ROOT);
        root.push(new SystemRequest(() => root.stop(reason, undefined, undefined)));
        return;
      }
      case START:
        return; // read before there is a bridge
    }
  }

  value(value: unknown, special: boolean): unknown {
    return special ? decode(value, this) : value;
  }

  private args(value: unknown, special: boolean): readonly unknown[] {
    return this.value(value, special) as readonly unknown[]; // as it was encoded in deliver
  }

  private reason(value: unknown, special: boolean): ExitReason {
    return this.value(value, special) as ExitReason; // as it was encoded in sendReason
  }

  private local(number: number): Process {
    return this.exported.get(number) ?? this.gone(number);
  }

  private target(to: Target): Process | undefined {
    return typeof to === "number" ? this.local(to) : resolveRef(this.named(to));
  }

  private cast(to: Target, method: string, args: readonly unknown[]): void {
    if (typeof to === "number") {
      this.local(to).push(new Cast(method, args));
      return;
    }
    // The stubs of a name make any method that is asked for.
    const casts = this.named(to).cast as Record<string, (...args: readonly unknown[]) => void>;
    casts[method]?.(...args);
  }

  private call(
    to: Target,
    method: string,
    args: readonly unknown[],
    id: number,
    timeLeft: number,
    from: Address | undefined,
  ): void {
    this.place(to, method, args, timeLeft, from).then(
      (value) => this.reply(id, true, value),
      (error) => this.reply(id, false, error),
    );
  }

  private place(
    to: Target,
    method: string,
    args: readonly unknown[],
    timeLeft: number,
    from: Address | undefined,
  ): Promise<unknown> {
    const timeout = Math.max(0, Math.ceil(timeLeft));
    if (typeof to === "number" && from === undefined) {
      const process = this.local(to);
      const call = new Call(method, args, undefined, () => process.title, this.runtime.deadlines);
      call.expiresIn(timeout);
      return process.call(call);
    }
    const ref = typeof to === "number" ? pidOf(this.local(to)) : this.named(to);
    const bound = (from === undefined ? ref : boundTo(ref, this.processOf(from))).with({ timeout });
    // The protocol is the other end's knowledge.
    const stubs = bound.call as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
    return stubs[method]?.(...args) ?? Promise.reject(new TypeError(`${String(ref)} has no method ${method}`));
  }

  private answered(id: number, ok: boolean, value: unknown): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (ok) pending?.resolve(value);
    else pending?.reject(value);
  }

  /** Says so once the message before it has been handled. */
  private acknowledge(to: Target, ack: number): void {
    if (ack === 0) return;
    const done = (): void => this.put([HANDLED, ack]);
    this.target(to)?.push(new SystemRequest(done));
  }

  private handled(ack: number): void {
    const settle = this.acks.get(ack);
    this.acks.delete(ack);
    settle?.(undefined);
  }

  private linked(remote: Process, to: Target): void {
    const process = this.target(to);
    if (process === undefined && typeof to === "string") this.nobody(remote);
    // A number that has died meanwhile has been told of already.
    if (process === undefined || !process.alive) return;
    this.silently(() => process.link(remote));
    // Whoever linked by name learns who it was.
    if (typeof to === "string") this.put([LINK, this.out(process), this.out(remote) >> 1]);
  }

  /** Somebody linked to a name that nobody has: the exit signal comes from a process that is no more. */
  private nobody(remote: Process): void {
    this.put([EXIT, this.out(remote) >> 1, NOBODY, "noproc", false]);
  }

  private silently(change: () => void): void {
    this.linking = true;
    try {
      change();
    } finally {
      this.linking = false;
    }
  }

  private died(number: number, reason: ExitReason): void {
    if (number === ROOT && this.events.rootDied !== undefined) {
      this.events.rootDied(reason);
      return;
    }
    const remote = this.remotes.get(number);
    this.remotes.delete(number);
    remote?.die(reason);
  }

  private state(id: number, serve: (process: Process) => unknown): void {
    const root = this.exported.get(ROOT);
    const refuse = (): void => this.reply(id, false, CallError.noproc(root?.title ?? "the process"));
    if (root === undefined) refuse();
    else root.push(new SystemRequest(() => this.reply(id, true, serve(root)), refuse));
  }

  /** The other end is gone, and everybody there with it. */
  closed(reason: ExitReason): void {
    this.channel = undefined;
    const remotes = [...this.remotes.values()];
    this.remotes.clear();
    for (const remote of remotes) remote.die(reason);
    for (const remote of this.atNames.values()) remote.die(reason);
    for (const pending of this.pending.values()) pending.reject(CallError.exited("the isolated process", reason));
    this.pending.clear();
    for (const settle of this.acks.values()) settle(undefined);
    this.acks.clear();
  }
}
