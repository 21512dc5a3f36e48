// A process: one incarnation of a behaviour with a mailbox, links, monitors and one message in hand at a time. This file is
// the whole of its life: start, turns, exit signals, death. Nothing here knows what a supervisor is but through `ChildSlot`.
//
// Signals follow OTP (Reference Manual, "Processes"): names are free before anybody hears of a death, links and monitors fire
// exactly once, and a signal never takes effect inside the call that sent it. JavaScript cannot stop a function that runs, so
// a process that dies with a handler under way is fenced: whatever that handler still does through the framework is void.

import type { Clock } from "./clock.js";
import { describeReason, type ExitReason, isClean } from "./exit-reason.js";
import {
  CALL,
  CAST,
  type Call,
  CallError,
  type CallParty,
  INFO,
  Info,
  type Message,
  SYSTEM,
  SystemRequest,
} from "./messages.js";
import type { Names } from "./names.js";
import { Failure, NoReply, Stop } from "./outcomes.js";
import { type AbortController, type AbortSignal, platform } from "./platform.js";
import type { ProcessInfo, ProcessStatus, ReportName } from "./reports.js";
import { Ring } from "./ring.js";
import type { Runnable, Scheduler } from "./scheduler.js";

/** Calls delivered in their caller's own turn may nest this deep. */
const INLINE_DEPTH = 16;
let inlineDepth = 0;

/** What a behaviour (GenServer and all that grows on it) shows its process. Symbols keep these out of every protocol. */
export const onInit: unique symbol = Symbol("init");
export const onInfo: unique symbol = Symbol("info");
export const onContinue: unique symbol = Symbol("continue");
export const onTerminate: unique symbol = Symbol("terminate");
export const traps: unique symbol = Symbol("trapExit");
export const stateOf: unique symbol = Symbol("state");
export const children: unique symbol = Symbol("children");

export interface Behaviour {
  [onInit](arg: unknown): unknown;
  [onInfo](message: unknown): unknown;
  [onContinue](value: unknown): unknown;
  [onTerminate](reason: ExitReason): unknown;
  readonly [traps]: boolean;
  [stateOf]: unknown;
}

/** The place in a supervisor that a process fills; it outlives the process. */
export interface ChildSlot {
  /** The next incarnation is about to run its `init`. */
  spawned(process: Process): void;
  readonly restarts: number;
  zombies: number;
  readonly capacity: number | undefined;
  readonly overflow: "reject" | "drop_oldest" | "drop_newest";
  /** True when the supervisor will start another incarnation after a death with this reason. */
  comesBack(process: Process, reason: ExitReason): boolean;
  /** Takes the messages not yet begun, if the child's mailbox is to be kept. */
  keeps: boolean;
  keep(messages: Message[]): void;
}

export interface MonitorEntry {
  readonly id: number;
  /** The process that watches, or undefined for plain code. */
  readonly watcher: Process | undefined;
  /** The name by which the target was monitored, if by name. */
  readonly name: string | undefined;
  /** `target` is undefined where the name had no process. */
  notify(target: Process | undefined, reason: ExitReason, id: number): void;
}

/** What a process needs of the runtime it lives in. */
export interface ProcessHost {
  readonly names: Names<Process>;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly epoch: number;
  readonly beforeHandling: ((process: Process, message: Message) => void) | undefined;
  report(kind: ReportName, process: Process, fields: Readonly<Record<string, unknown>>): void;
}

/** An exit signal that was trapped, on its way to the behaviour's `onInfo`. */
export class TrappedExit {
  constructor(
    readonly sender: Process | undefined,
    readonly reason: ExitReason,
  ) {}
}

/** What became of a start: running, refused with `ignore`, or ended before it ran. */
export type StartOutcome = { ok: Process } | { ignore: true } | { error: ExitReason; silent?: boolean };

export class Process implements Runnable, CallParty {
  status: Exclude<ProcessStatus, "restarting"> = "starting";
  behaviour: Behaviour | undefined;
  handled = 0;
  zombies = 0;
  exitReason: ExitReason | undefined;
  /** What the process says of itself, for those who look at the tree. */
  label: string | undefined;
  readonly startedAt: number;

  private mailbox: Ring<Message> | undefined;
  private fatal: ExitReason | undefined;
  private scheduled = false;
  /** The message in hand; a serial process has at most one. */
  private inHand: Message | undefined;
  private pendingContinue: { value: unknown } | undefined;
  private ending = false;

  private links: Set<Process> | undefined;
  private monitors: Map<number, MonitorEntry> | undefined;
  private watching: Map<number, Process> | undefined;
  private cleanups: Set<() => void> | undefined;
  private waits: Map<Call, Process> | undefined;
  private deferred: Set<Call> | undefined;
  private controller: AbortController | undefined;
  private startedOnce = false;
  /** The one Pid object of this process, made when first asked for. */
  address: unknown;
  private settleStart: ((outcome: StartOutcome) => void) | undefined;

  constructor(
    readonly runtime: ProcessHost,
    readonly number: number,
    readonly behaviourName: string,
    readonly name: string | undefined,
    readonly parent: Process | undefined,
    readonly slot: ChildSlot | undefined,
  ) {
    this.startedAt = runtime.epoch;
    slot?.spawned(this);
  }

  get id(): string {
    return `<${this.number}>`;
  }

  /** How messages for people call it. */
  get title(): string {
    return this.name ?? `${this.behaviourName}${this.id}`;
  }

  get alive(): boolean {
    return this.status !== "stopped";
  }

  get mailboxLength(): number {
    return this.mailbox?.length ?? 0;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new platform.AbortController();
      if (!this.alive) this.controller.abort(this.exitReason);
    }
    return this.controller.signal;
  }

  // --- start -----------------------------------------------------------------------------------------------------------

  /** Runs `init`. The result is a promise only if `init` returned one. */
  start(create: () => Behaviour, arg: unknown): StartOutcome | Promise<StartOutcome> {
    let result: unknown;
    try {
      this.behaviour = create();
      result = this.behaviour[onInit](arg);
    } catch (thrown) {
      return this.startFailed({ error: thrown });
    }
    if (!isThenable(result)) return this.initReturned(result);
    return new Promise<StartOutcome>((settle) => {
      this.settleStart = settle;
      const settled = (outcome: () => StartOutcome): void => {
        if (!this.alive) return;
        this.settleStart = undefined;
        settle(outcome());
      };
      result.then(
        (value) => settled(() => this.initReturned(value)),
        (thrown) => settled(() => this.startFailed({ error: thrown })),
      );
    });
  }

  private initReturned(result: unknown): StartOutcome {
    if (!this.alive) return { error: this.exitReason ?? "killed" };
    if (result instanceof Stop) {
      if (result.ignores) {
        this.die("normal");
        return { ignore: true };
      }
      return this.startFailed(result.reason);
    }
    if (result instanceof Failure) {
      this.die("normal");
      return { error: { error: result.failure }, silent: true };
    }
    this.status = "running";
    this.startedOnce = true;
    if (this.name !== undefined) this.runtime.names.opened(this.name, this);
    if (this.pendingContinue !== undefined) this.runContinues();
    this.reschedule();
    return { ok: this };
  }

  private startFailed(reason: ExitReason): StartOutcome {
    if (!isClean(reason)) this.reportCrash(reason, undefined);
    this.die(reason);
    return { error: reason };
  }

  // --- mailbox ---------------------------------------------------------------------------------------------------------

  /** Queues a message. A full bounded mailbox rejects a call at once and counts a dropped cast; system requests pass. */
  push(message: Message): void {
    if (!this.alive) {
      if (message.kind === CALL) message.reject(CallError.noproc(this.title));
      else if (message.kind === SYSTEM) message.refuse();
      return;
    }
    const mailbox = (this.mailbox ??= new Ring());
    const capacity = this.slot?.capacity;
    if (capacity !== undefined && mailbox.length >= capacity && message.kind !== SYSTEM && !this.makeRoom(message))
      return;
    mailbox.push(message);
    this.reschedule();
  }

  private makeRoom(message: Message): boolean {
    const dropsOldest = this.slot?.overflow === "drop_oldest";
    const dropped = dropsOldest ? this.mailbox?.take((queued) => queued.kind !== SYSTEM) : message;
    if (dropped === undefined) return false;
    if (dropped.kind === CALL) {
      dropped.reject(
        new CallError("overflow", `${this.title} has too many messages waiting; call it less often`, "normal"),
      );
    }
    this.runtime.report("overflow", this, { dropped: dropped.kind === CALL ? "call" : "message" });
    return dropsOldest;
  }

  /** Makes a call, in the caller's own turn if this process is idle and the scheduler allows it. */
  call(call: Call): Promise<unknown> {
    if (
      this.inHand === undefined &&
      this.status === "running" &&
      this.mailboxLength === 0 &&
      this.fatal === undefined &&
      !this.ending &&
      inlineDepth < INLINE_DEPTH &&
      this.runtime.scheduler.takeInlineTurn()
    ) {
      inlineDepth++;
      this.handle(call);
      inlineDepth--;
      this.reschedule();
    } else {
      this.push(call);
    }
    return call.promise;
  }

  private reschedule(): void {
    if (this.scheduled || !this.alive) return;
    const hasTurn = this.status !== "starting" && this.inHand === undefined && !this.ending && this.mailboxLength > 0;
    if (!hasTurn && this.fatal === undefined) return;
    this.scheduled = true;
    this.runtime.scheduler.enqueue(this);
  }

  /** One turn: a pending exit signal first, then messages up to the turn's length. */
  run(): number {
    this.scheduled = false;
    if (this.fatal !== undefined) this.die(this.fatal);
    const { turn } = this.runtime.scheduler;
    let count = 0;
    while (count < turn && this.inHand === undefined && !this.ending) {
      const message = this.nextMessage();
      if (message === undefined) return count;
      count++;
      this.handle(message);
    }
    this.reschedule();
    return count;
  }

  private nextMessage(): Message | undefined {
    if (this.status === "running") return this.mailbox?.shift();
    if (this.status === "suspended") return this.mailbox?.take((message) => message.kind === SYSTEM);
    return undefined;
  }

  // --- one message -----------------------------------------------------------------------------------------------------

  private handle(message: Message): void {
    this.inHand = message;
    if (message.kind !== SYSTEM) this.handled++;
    let result: unknown;
    try {
      if (message.kind !== SYSTEM) this.runtime.beforeHandling?.(this, message);
      result = this.invoke(message);
    } catch (thrown) {
      this.crash(thrown, message);
      return;
    }
    if (isThenable(result)) {
      result.then(
        (value) => this.handlerSettled(message, value),
        (thrown) => (this.alive ? this.crash(thrown, message) : this.zombieEnded()),
      );
      return;
    }
    this.finish(message, result);
  }

  private invoke(message: Message): unknown {
    const behaviour = this.behaviour;
    if (behaviour === undefined) return undefined;
    if (message.kind === INFO) return behaviour[onInfo](message.message);
    if (message.kind === SYSTEM) return message.serve();
    const { method, args } = message;
    // A protocol is the methods of a class, which no index signature describes. Fields are no part of it, whatever they hold.
    const methods = Object.getPrototypeOf(behaviour) as Record<string, unknown>;
    const handler = methods[method];
    if (typeof handler !== "function") throw new TypeError(`${this.behaviourName} has no method ${method}`);
    return handler.apply(behaviour, args);
  }

  private handlerSettled(message: Message, value: unknown): void {
    if (!this.alive) {
      this.zombieEnded();
      return;
    }
    this.finish(message, value);
    this.reschedule();
  }

  private finish(message: Message, result: unknown): void {
    if (result instanceof Stop) {
      this.stop(result.reason, message, result);
      return;
    }
    if (message.kind === CALL) {
      if (result instanceof Failure) message.reject(result.failure);
      else if (result instanceof NoReply) this.defer(message);
      else message.resolve(result);
    }
    this.inHand = undefined;
    if (this.pendingContinue !== undefined) this.runContinues();
  }

  /** A call that will be answered later still ends with this process. */
  private defer(call: Call): void {
    if (call.settled) return;
    call.answerer = this;
    (this.deferred ??= new Set()).add(call);
  }

  continueWith(value: unknown): void {
    this.pendingContinue = { value };
  }

  /** A continuation runs before any message of the mailbox (gen_server: `{continue, Term}`). */
  private runContinues(): void {
    while (this.pendingContinue !== undefined && this.alive && this.inHand === undefined) {
      const { value } = this.pendingContinue;
      this.pendingContinue = undefined;
      this.handle(new SystemRequest(() => this.behaviour?.[onContinue](value)));
    }
  }

  private crash(thrown: unknown, message: Message): void {
    const reason: ExitReason = { error: thrown };
    if (message.kind === CALL) message.reject(CallError.exited(this.title, reason));
    this.stop(reason, message, undefined);
  }

  // --- the end ---------------------------------------------------------------------------------------------------------

  /** Ends the process from within: `terminate` runs, then the reply that came with the stop is sent, then it exits. */
  stop(reason: ExitReason, message: Message | undefined, stop: Stop | undefined): void {
    if (this.ending || !this.alive) return;
    this.ending = true;
    this.inHand ??= message;
    const end = (final: ExitReason): void => {
      if (!this.alive) return;
      if (stop?.replies && message?.kind === CALL) message.resolve(stop.reply);
      if (!isClean(final)) this.reportCrash(final, message);
      this.inHand = undefined;
      this.die(final);
    };
    let result: unknown;
    try {
      result = this.behaviour?.[onTerminate](reason);
    } catch (thrown) {
      end({ error: thrown });
      return;
    }
    if (isThenable(result)) {
      result.then(
        () => end(reason),
        (thrown) => end({ error: thrown }),
      );
    } else {
      end(reason);
    }
  }

  /** An exit signal arrives. `sender` is undefined for plain code; `linked` when it comes over a link. */
  exitSignal(sender: Process | undefined, reason: ExitReason, linked: boolean): void {
    if (!this.alive) return;
    if (linked && (sender === undefined || !this.links?.delete(sender))) return;
    if (reason === "kill" && !linked) this.receiveFatal("killed");
    else if (this.behaviour?.[traps]) {
      // Plain code that started a process stands for its parent.
      if (sender === this.parent) {
        this.push(new SystemRequest(() => this.stop(reason, undefined, undefined)));
      } else {
        this.push(new Info(new TrappedExit(sender, reason)));
      }
    } else if (reason !== "normal" || sender === this) this.receiveFatal(reason);
  }

  private receiveFatal(reason: ExitReason): void {
    this.fatal ??= reason;
    if (reason === "killed") this.fatal = reason;
    this.reschedule();
  }

  die(reason: ExitReason): void {
    if (!this.alive) return;
    this.status = "stopped";
    this.exitReason = reason;
    const comesBack = this.slot?.comesBack(this, reason) ?? false;
    if (this.name !== undefined) this.runtime.names.closed(this.name, this, comesBack, this.slot?.keeps === true);
    if (this.inHand !== undefined) this.becomeZombie();
    this.controller?.abort(reason);
    for (const cleanup of this.cleanups ?? []) cleanup();
    this.cleanups = undefined;
    for (const [id, target] of this.watching ?? []) target.monitors?.delete(id);
    this.watching = undefined;
    this.rejectCalls(reason, comesBack);
    const settleStart = this.settleStart;
    this.settleStart = undefined;
    for (const linked of this.links ?? []) linked.exitSignal(this, reason, true);
    this.links = undefined;
    for (const monitor of this.monitors?.values() ?? []) {
      monitor.watcher?.watching?.delete(monitor.id);
      monitor.notify(this, reason, monitor.id);
    }
    this.monitors = undefined;
    settleStart?.({ error: reason });
  }

  private rejectCalls(reason: ExitReason, comesBack: boolean): void {
    if (this.inHand?.kind === CALL) this.inHand.reject(CallError.exited(this.title, reason));
    for (const call of this.deferred ?? []) call.reject(CallError.exited(this.title, reason));
    const mailbox = this.mailbox;
    this.mailbox = undefined;
    if (mailbox === undefined || mailbox.length === 0) return;
    const kept: Message[] = [];
    const keeps = comesBack && this.slot?.keeps === true;
    // A restart that fails gives the callers back to the name they waited at.
    const name = comesBack && this.startedOnce === false ? this.name : undefined;
    for (let message = mailbox.shift(); message !== undefined; message = mailbox.shift()) {
      if (name !== undefined && message.kind === CALL && this.runtime.names.wait(name, message)) continue;
      if (keeps && (message.kind === CALL || message.kind === CAST)) kept.push(message);
      else if (message.kind === CALL) message.reject(CallError.exited(this.title, reason));
      else if (message.kind === SYSTEM) message.refuse();
    }
    if (kept.length > 0) this.slot?.keep(kept);
  }

  private becomeZombie(): void {
    this.zombies++;
    if (this.slot !== undefined) this.slot.zombies++;
  }

  private zombieEnded(): void {
    this.zombies--;
    if (this.slot !== undefined) this.slot.zombies--;
  }

  private reportCrash(reason: ExitReason, message: Message | undefined): void {
    this.runtime.report("crash", this, {
      reason,
      behaviour: this.behaviourName,
      state: this.behaviour?.[stateOf],
      message: message?.kind === CALL || message?.kind === CAST ? message.method : undefined,
      queued: this.mailboxLength,
      description: describeReason(reason),
    });
  }

  // --- links, monitors, resources --------------------------------------------------------------------------------------

  link(other: Process): void {
    if (other === this || !this.alive) return;
    if (!other.alive) {
      (this.links ??= new Set()).add(other);
      this.exitSignal(other, "noproc", true);
      return;
    }
    (this.links ??= new Set()).add(other);
    (other.links ??= new Set()).add(this);
  }

  unlink(other: Process): void {
    this.links?.delete(other);
    other.links?.delete(this);
  }

  addMonitor(entry: MonitorEntry): void {
    if (entry.watcher?.alive === false) return;
    if (!this.alive) {
      entry.notify(this, "noproc", entry.id);
      return;
    }
    (this.monitors ??= new Map()).set(entry.id, entry);
    if (entry.watcher !== undefined) (entry.watcher.watching ??= new Map()).set(entry.id, this);
  }

  removeMonitor(id: number): void {
    this.monitors?.delete(id);
  }

  /** Ends a monitor this process holds. */
  stopWatching(id: number): void {
    this.watching?.get(id)?.removeMonitor(id);
    this.watching?.delete(id);
  }

  /** Runs `fn` when the process dies, however it dies. Returns what takes it back. */
  addCleanup(fn: () => void): () => void {
    if (!this.alive) {
      fn();
      return () => {};
    }
    const cleanups = (this.cleanups ??= new Set());
    cleanups.add(fn);
    return () => void cleanups.delete(fn);
  }

  // --- the caller's side of a call -------------------------------------------------------------------------------------

  /** The call in hand, for a later reply. */
  get callInHand(): Call | undefined {
    return this.inHand?.kind === CALL ? this.inHand : undefined;
  }

  /** The asynchronous callback that has not settled yet, in a word or two; undefined when there is none. */
  get underWay(): string | undefined {
    if (!this.alive) return undefined;
    if (this.settleStart !== undefined) return "init";
    if (this.ending) return "terminate";
    if (this.inHand === undefined) return undefined;
    return "method" in this.inHand ? this.inHand.method : "a message";
  }

  /** True while a call made through a bound ref is open. */
  get awaitsCalls(): boolean {
    return this.waits !== undefined && this.waits.size > 0;
  }

  /** Links, monitors in both directions and resources: what must be gone when what they belong to is gone. */
  get ties(): number {
    const { links, monitors, watching, cleanups } = this;
    return (links?.size ?? 0) + (monitors?.size ?? 0) + (watching?.size ?? 0) + (cleanups?.size ?? 0);
  }

  /** Milliseconds left until the call in hand expires. */
  get timeLeft(): number {
    const call = this.callInHand;
    return call === undefined ? Number.POSITIVE_INFINITY : call.deadline - this.runtime.clock.now();
  }

  callStarted(call: Call, target: Process): void {
    if (this.inHand !== undefined && !call.settled) (this.waits ??= new Map()).set(call, target);
  }

  /** A call this process made, or took to answer later, is over. */
  callEnded(call: Call): void {
    this.waits?.delete(call);
    this.deferred?.delete(call);
  }

  /** The chain of waiting processes from this one to `goal`, if a call from `goal` to this one would close a cycle. */
  chainTo(goal: Process): Process[] | undefined {
    if (this.inHand === undefined || this.waits === undefined) return undefined;
    for (const next of this.waits.values()) {
      if (next === goal) return [this, goal];
      const rest = next.chainTo(goal);
      if (rest !== undefined) return [this, ...rest];
    }
    return undefined;
  }

  // --- sight -----------------------------------------------------------------------------------------------------------

  inspect(): ProcessInfo {
    return {
      id: this.id,
      ...(this.name === undefined ? {} : { name: this.name }),
      ...(this.label === undefined ? {} : { label: this.label }),
      behaviour: this.behaviourName,
      status: this.status,
      mailbox: this.mailboxLength,
      handled: this.handled,
      restarts: this.slot?.restarts ?? 0,
      startedAt: this.startedAt,
      zombies: this.slot?.zombies ?? this.zombies,
    };
  }

  suspend(): void {
    if (this.status === "running") this.status = "suspended";
  }

  resume(): void {
    if (this.status !== "suspended") return;
    this.status = "running";
    this.reschedule();
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
