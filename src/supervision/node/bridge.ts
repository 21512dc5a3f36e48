// One end of the bridge between two runtimes; both ends are this class. What a stand-in is given goes out as a wire, and what
// comes in is given to the process it is for, or settles what was asked from here.

import { stateOf } from "../behaviour.js";
import { describeReason, type ExitReason } from "../exit-reason.js";
import { IsolationError } from "../isolation.js";
import { CALL as CALL_MESSAGE, CAST as CAST_MESSAGE, Call, CallError, Cast, Info, SystemRequest } from "../messages.js";
import { noReply } from "../outcomes.js";
import type { Counters, Process } from "../process.js";
import { boundTo, monitor, pidOf, send } from "../ref.js";
import type { ReportName } from "../reports.js";
import type { Runtime } from "../runtime.js";
import { AddressBook, NOBODY, ROOT } from "./address-book.js";
import { Outbox } from "./outbox.js";
import type { Line, Target } from "./remote.js";
import { decode, encode } from "./values.js";
import {
  type Address,
  CALL,
  CANCEL,
  CAST,
  type Channel,
  COUNT,
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
  SUSPEND,
  UNLINK,
  type Wire,
} from "./wire.js";

/** Whoever asks knows what the other end answers with: both run the same code. */
interface Pending {
  resolve(value: never): unknown;
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

export class Bridge implements Line {
  private readonly book: AddressBook;
  private readonly outbox = new Outbox((wire, why) => this.refused(wire, why));
  private readonly pending = new Map<number, Pending>();
  /** The numbers of the calls among them. */
  private readonly calls = new Map<Call, number>();
  /** What the other end waits for: each gives up the work for one of its calls. */
  private readonly cancels = new Map<number, (why: unknown) => void>();
  private readonly acks = new Map<number, (handled: unknown) => void>();
  private numbers = 0;
  /** A link that the other end told of is not told back. */
  private linking = false;

  constructor(
    readonly runtime: Runtime,
    private readonly events: BridgeEvents,
  ) {
    this.book = new AddressBook(runtime, this, (number, reason) => this.ended(number, reason));
  }

  connect(channel: Channel): void {
    this.outbox.connect(channel);
  }

  setRoot(root: Process): void {
    this.book.setRoot(root);
  }

  /** The address of a process, for the other end. */
  out(process: Process): Address {
    return this.book.out(process);
  }

  /** The process behind an address of the other end's. */
  processOf(address: Address, behaviourName?: string): Process {
    return this.book.processOf(address, behaviourName);
  }

  /** The stand-in for whoever has that name at the other end. */
  elsewhere(name: string): Process {
    return this.book.atName(name);
  }

  // --- out -----------------------------------------------------------------------------------------------------------

  deliver(to: Target, message: Cast | Call | Info, waits: boolean): unknown {
    const ack = waits ? ++this.numbers : 0;
    if (message.kind === CAST_MESSAGE) {
      const { value, special } = this.encode(message.args);
      this.put([CAST, to, message.method, value, special, ack]);
    } else if (message.kind === CALL_MESSAGE) {
      const id = this.expect(message);
      this.calls.set(message, id);
      const { value, special } = this.encode(message.args);
      const timeLeft = message.timeLeft(this.runtime.clock.now());
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

  callEnded(call: Call): void {
    const id = this.calls.get(call);
    if (id === undefined) return;
    this.calls.delete(call);
    if (this.pending.delete(id)) this.put([CANCEL, id]);
  }

  suspend(suspended: boolean): Promise<undefined> {
    return new Promise<undefined>((resolve, reject) =>
      this.put([SUSPEND, suspended, this.expect({ resolve, reject })]),
    );
  }

  /** How many messages the real root took, and how many calls it answered. */
  count(): Promise<Counters> {
    return new Promise<Counters>((resolve, reject) => this.put([COUNT, this.expect({ resolve, reject })]));
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
    const encoded = encode(value, this.book);
    this.outbox.move(encoded.transfers);
    return encoded;
  }

  takeTransfers(): readonly ArrayBuffer[] {
    return this.outbox.takeMoved();
  }

  private sendReason(reason: ExitReason, wire: (value: unknown, special: boolean) => Wire): void {
    const { value, special } = this.encode(reason);
    const made = wire(value, special);
    try {
      if (special || typeof reason === "object") this.outbox.check(made);
      this.put(made);
    } catch {
      // A reason must arrive, if only its words.
      const words = this.encode({ error: new Error(describeReason(reason)) });
      this.put(wire(words.value, words.special));
    }
  }

  put(wire: Wire): void {
    this.outbox.put(wire);
  }

  /** Sends what is ready before the tick is over: a handler that does not return has no next one. */
  flush(): void {
    this.outbox.flush();
  }

  private ended(number: number, reason: ExitReason): void {
    const tell = (): void => this.sendReason(reason, (value, special) => [DIED, number, value, special]);
    // What it answered last is on its way as a promise; the death comes after it.
    queueMicrotask(() => queueMicrotask(tell));
  }

  /** What could not be cloned is its sender's business. */
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
        if (typeof wire[1] === "string") send(this.book.named(wire[1]), this.value(wire[2], wire[3]));
        else this.book.local(wire[1]).push(new Info(this.value(wire[2], wire[3])));
        this.acknowledge(wire[1], wire[4]);
        return;
      case REPLY:
        this.answered(wire[1], wire[2], this.value(wire[3], wire[4]));
        return;
      case EXIT: {
        const sender = wire[2] === undefined ? undefined : this.processOf(wire[2]);
        this.book.target(wire[1])?.exitSignal(sender, this.reason(wire[3], wire[4]), false);
        return;
      }
      case LINK:
        this.linked(this.processOf(wire[1]), wire[2]);
        return;
      case UNLINK: {
        const other = this.book.target(wire[2]);
        if (other !== undefined) this.silently(() => other.unlink(this.processOf(wire[1])));
        return;
      }
      case DIED:
        this.died(wire[1], this.reason(wire[2], wire[3]));
        return;
      case MONITOR: {
        const [, name, id] = wire;
        monitor(this.book.named(name), (reason) => {
          this.sendReason(reason, (value, special) => [DOWN, name, id, value, special]);
        });
        return;
      }
      case DOWN:
        this.book.atName(wire[1]).down(wire[2], this.reason(wire[3], wire[4]));
        return;
      case HANDLED:
        this.handled(wire[1]);
        return;
      case CANCEL:
        this.cancels.get(wire[1])?.(new CallError("timeout", "nobody waits for this call any more", "normal"));
        return;
      case SUSPEND: {
        const [, suspended, id] = wire;
        this.state(id, (process) => (suspended ? process.suspend() : process.resume()));
        return;
      }
      case COUNT:
        this.state(wire[1], (process) => process.counters());
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
        const root = this.book.local(ROOT);
        root.push(new SystemRequest(() => root.stop(reason, undefined, undefined)));
        return;
      }
      case START:
        return; // read before there is a bridge
    }
  }

  value(value: unknown, special: boolean): unknown {
    return special ? decode(value, this.book) : value;
  }

  private args(value: unknown, special: boolean): readonly unknown[] {
    return this.value(value, special) as readonly unknown[]; // as it was encoded in deliver
  }

  private reason(value: unknown, special: boolean): ExitReason {
    return this.value(value, special) as ExitReason; // as it was encoded in sendReason
  }

  private cast(to: Target, method: string, args: readonly unknown[]): void {
    if (typeof to === "number") {
      this.book.local(to).push(new Cast(method, args));
      return;
    }
    // The stubs of a name make any method that is asked for.
    const casts = this.book.named(to).cast as Record<string, (...args: readonly unknown[]) => void>;
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
    const answer = (ok: boolean) => (value: unknown) => {
      this.cancels.delete(id);
      this.reply(id, ok, value);
    };
    this.place(id, to, method, args, timeLeft, from).then(answer(true), answer(false));
  }

  private place(
    id: number,
    to: Target,
    method: string,
    args: readonly unknown[],
    timeLeft: number,
    from: Address | undefined,
  ): Promise<unknown> {
    const timeout = Math.max(0, Math.ceil(timeLeft));
    if (typeof to === "number" && from === undefined) {
      const process = this.book.local(to);
      const call = new Call(method, args, undefined, process, this.runtime.deadlines, timeout);
      this.cancels.set(id, (why) => call.reject(why));
      process.call(call);
      call.startClock();
      return call.makePromise();
    }
    const ref = typeof to === "number" ? pidOf(this.book.local(to)) : this.book.named(to);
    const controller = new AbortController();
    this.cancels.set(id, (why) => controller.abort(why));
    const caller = from === undefined ? ref : boundTo(ref, this.processOf(from));
    const bound = caller.with({ timeout, signal: controller.signal });
    // The protocol is the other end's knowledge.
    const stubs = bound.call as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
    return stubs[method]?.(...args) ?? Promise.reject(new TypeError(`${String(ref)} has no method ${method}`));
  }

  private answered(id: number, ok: boolean, value: unknown): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (ok) pending?.resolve(value as never);
    else pending?.reject(value);
  }

  /** Says so once the message before it has been handled. */
  private acknowledge(to: Target, ack: number): void {
    if (ack === 0) return;
    const done = (): void => this.put([HANDLED, ack]);
    this.book.target(to)?.push(new SystemRequest(done));
  }

  private handled(ack: number): void {
    const settle = this.acks.get(ack);
    this.acks.delete(ack);
    settle?.(undefined);
  }

  private linked(remote: Process, to: Target): void {
    const process = this.book.target(to);
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
    this.book.died(number, reason);
  }

  private state(id: number, serve: (process: Process) => unknown): void {
    const root = this.book.local(ROOT);
    const refuse = (): void => this.reply(id, false, CallError.noproc(root.title));
    root.push(new SystemRequest(() => this.reply(id, true, serve(root)), refuse));
  }

  /** The other end is gone, and everybody there with it. */
  closed(reason: ExitReason): void {
    this.outbox.close();
    this.book.allDied(reason);
    for (const pending of this.pending.values()) pending.reject(CallError.exited("the isolated process", reason));
    this.pending.clear();
    for (const settle of this.acks.values()) settle(undefined);
    this.acks.clear();
  }
}
