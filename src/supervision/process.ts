// A process: one incarnation of a behaviour with a mailbox, links, monitors and one message in hand at a time. This file is
// the whole of its life: start, turns, exit signals, death. Nothing here knows what a supervisor is but through `ChildSlot`.
//
// Signals follow OTP (Reference Manual, "Processes"): names are free before anybody hears of a death, links and monitors fire
// exactly once, and a signal never takes effect inside the call that sent it. JavaScript cannot stop a function that runs, so
// a process that dies with a handler under way is fenced: whatever that handler still does through the framework is void.

import {
  type Behaviour,
  format,
  onContinue,
  onInfo,
  onInit,
  onTerminate,
  onUnknownMethod,
  type Status,
  stateOf,
  traps,
} from "./behaviour.js";
import { Chain, type ChainMember } from "./chain.js";
import { describeReason, type ExitReason, isClean } from "./exit-reason.js";
import { allLinks, countLinks, hasLink, type Links, withLink, withoutLink } from "./links.js";
import { startMessageTimeout, TIMEOUT } from "./message-timeout.js";
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
import { Exiting, Failure, NoReply, StartedWith, Stop } from "./outcomes.js";
import { type AbortController, type AbortSignal, platform } from "./platform.js";
import type { Observer, ProcessEvent, TraceEvent } from "./process-events.js";
import type { Blame, ChildSlot, MonitorEntry, ProcessHost } from "./process-host.js";
import { ProgressDeadline } from "./progress-deadline.js";
import type { ProcessInfo, ProcessStatus } from "./reports.js";
import { Ring } from "./ring.js";
import type { Runnable } from "./scheduler.js";
import { keepShape } from "./shapes.js";

/** Calls delivered in their caller's own turn may nest this deep. */
const INLINE_DEPTH = 16;
let inlineDepth = 0;
/** The process whose handler is on the stack. Gone after its first `await`. */
let running: Process | undefined;

export function runningProcess(): Process | undefined {
  return running;
}

/** An exit signal that was trapped, on its way to the behaviour's `onInfo`. */
export class TrappedExit {
  constructor(
    readonly sender: Process | undefined,
    readonly reason: ExitReason,
  ) {}
}

keepShape(new TrappedExit(undefined, "normal"));

/** What a process has done so far. */
export interface Counters {
  readonly handled: number;
  readonly replied: number;
}

/** What became of a start: running, refused with `ignore`, or ended before it ran. */
export type StartOutcome = { ok: Process; info?: unknown } | { ignore: true } | { error: ExitReason; silent?: boolean };

export class Process implements Runnable, CallParty, ChainMember<Process> {
  status: Exclude<ProcessStatus, "restarting"> = "starting";
  behaviour: Behaviour | undefined;
  handled = 0;
  zombies = 0;
  exitReason: ExitReason | undefined;
  /** What the process says of itself, for those who look at the tree. */
  label: string | undefined;
  readonly startedAt: number;

  private mailbox: Ring<Message> | undefined;
  /** Requests of the system in the mailbox: they take no room in a bounded one. */
  private requests = 0;
  private fatal: ExitReason | undefined;
  private scheduled = false;
  /** The message in hand; a serial process has at most one. */
  private inHand: Message | undefined;
  /** What the handler asked to happen once it is done: a continuation, a message time-out. */
  private next: { continuation: { value: unknown } | undefined; timeout: number | undefined } | undefined;
  /** True while a message asks for more than its handler: `next`, an observer, or the end. The hot path looks here alone. */
  private attended = false;
  private following = false;
  private observers: Set<Observer> | undefined;
  /** Calls answered by the handler that took them. */
  replied = 0;
  /** The last system events, while somebody asked for them. */
  log: readonly TraceEvent[] | undefined;
  private ending = false;

  /** All links but those to `offspring`. */
  private links: Links<Process>;
  /** The processes it started and is linked to. */
  private offspring: Chain<Process> | undefined;
  // Its place among the offspring of its parent.
  chain: object | undefined;
  older: Process | undefined;
  younger: Process | undefined;
  protected monitors: Map<number, MonitorEntry> | undefined;
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
    this.startedAt = runtime.startsAt;
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

  /** Runs `init`, for at most `timeout` milliseconds. The result is a promise only if `init` returned one. */
  start(create: (process: Process) => Behaviour, arg: unknown, timeout?: number): StartOutcome | Promise<StartOutcome> {
    let result: unknown;
    try {
      const { blame } = this.runtime;
      result = blame === undefined ? this.initialise(create, arg) : this.blamedInit(blame, create, arg);
    } catch (thrown) {
      return this.startFailed(reasonOf(thrown));
    }
    if (!isThenable(result)) return this.initReturned(result);
    return new Promise<StartOutcome>((settle) => {
      this.settleStart = settle;
      const cancel = timeout === undefined ? undefined : this.limitStart(timeout, settle);
      const settled = (outcome: () => StartOutcome): void => {
        cancel?.();
        if (!this.alive) {
          this.zombieEnded();
          return;
        }
        this.settleStart = undefined;
        settle(outcome());
      };
      result.then(
        (value) => settled(() => this.initReturned(value)),
        (thrown) => settled(() => this.startFailed(reasonOf(thrown))),
      );
    });
  }

  private initialise(create: (process: Process) => Behaviour, arg: unknown): unknown {
    this.behaviour = create(this);
    return this.behaviour[onInit](arg);
  }

  // Methods of their own, so that a closure is made only while blaming.
  private blamedInit(blame: Blame, create: (process: Process) => Behaviour, arg: unknown): unknown {
    return blame.run(this, () => this.initialise(create, arg));
  }

  private blamedInvoke(blame: Blame, message: Message): unknown {
    return blame.run(this, () => this.invoke(message));
  }

  /** Past its time the process is killed and the start fails with `timeout`. (otp: proc_lib) */
  private limitStart(ms: number, settle: (outcome: StartOutcome) => void): () => void {
    const cancel = this.runtime.clock.setTimer(ms, () => {
      this.settleStart = () => settle({ error: "timeout" });
      this.die("killed");
    });
    const forget = this.addCleanup(cancel);
    return () => {
      cancel();
      forget();
    };
  }

  private initReturned(result: unknown): StartOutcome {
    if (!this.alive) return { error: this.exitReason ?? "killed" };
    // Most return nothing: one look and no walk through classes.
    const refused = typeof result === "object" ? this.refusedWith(result) : undefined;
    if (refused !== undefined) return refused;
    this.status = "running";
    this.startedOnce = true;
    // Oldest first: what the one before had kept, what waited at the name, what came while this one started.
    if (this.name !== undefined) this.putFirst(this.runtime.names.opened(this.name, this));
    if (this.slot !== undefined) this.putFirst(this.slot.takeKept());
    if (this.slot?.progressDeadline !== undefined) this.limitSilence(this.slot.progressDeadline);
    if (this.next !== undefined) this.follow();
    this.reschedule();
    return typeof result === "object" && result instanceof StartedWith ? { ok: this, info: result.info } : { ok: this };
  }

  private refusedWith(result: object | null): StartOutcome | undefined {
    if (result instanceof Failure) {
      this.die("normal");
      return { error: { error: result.failure }, silent: true };
    }
    if (!(result instanceof Stop)) return undefined;
    if (!result.ignores) return this.startFailed(result.reason);
    this.die("normal");
    return { ignore: true };
  }

  private putFirst(messages: readonly Message[]): void {
    for (let i = messages.length - 1; i >= 0; i--) {
      const message = messages[i];
      if (message !== undefined) (this.mailbox ??= new Ring()).unshift(message);
    }
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
      if (message.kind === CALL) message.reject(CallError.noproc(message.asked));
      else if (message.kind === SYSTEM) message.refuse();
      return;
    }
    const mailbox = (this.mailbox ??= new Ring());
    if (message.kind === SYSTEM) this.requests++;
    else {
      const capacity = this.slot?.capacity;
      if (capacity !== undefined && mailbox.length - this.requests >= capacity && !this.makeRoom(message)) return;
    }
    mailbox.push(message);
    this.reschedule();
  }

  /** Takes back the first message waiting that passes, if one does: what was got some other way need not be handled too. */
  withdraw(test: (message: Message) => boolean): boolean {
    return this.mailbox?.take(test) !== undefined;
  }

  private makeRoom(message: Message): boolean {
    const dropsOldest = this.slot?.overflow === "drop_oldest";
    const dropped = dropsOldest ? this.mailbox?.take((queued) => queued.kind !== SYSTEM) : message;
    // Of a call that has ended meanwhile nothing is lost.
    if (dropped === undefined || (dropped.kind === CALL && dropped.settled)) return dropsOldest;
    if (dropped.kind === CALL) {
      dropped.reject(
        new CallError("overflow", `${this.title} has too many messages waiting; call it less often`, "normal"),
      );
    }
    this.runtime.report("overflow", this, { dropped: dropped.kind === CALL ? "call" : "message" });
    return dropsOldest;
  }

  /** Makes a call, in the caller's own turn if this process is idle and the scheduler allows it. */
  call(call: Call): void {
    if (
      this.inHand === undefined &&
      this.status === "running" &&
      this.mailboxLength === 0 &&
      this.fatal === undefined &&
      !this.ending &&
      inlineDepth < INLINE_DEPTH &&
      this.runtime.scheduler.takeInlineTurn()
    ) {
      const outer = running;
      running = this;
      inlineDepth++;
      try {
        this.handle(call);
      } finally {
        inlineDepth--;
        running = outer;
      }
      this.reschedule();
    } else {
      this.push(call);
    }
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
    running = this;
    while (count < turn && this.inHand === undefined && !this.ending) {
      const message = this.nextMessage();
      if (message === undefined) break;
      count++;
      // A call that ended while it waited (its deadline passed, its caller gave up) is not begun.
      if (message.kind !== CALL || !message.settled) this.handle(message);
    }
    running = undefined;
    this.reschedule();
    return count;
  }

  private nextMessage(): Message | undefined {
    if (this.status !== "running" && this.status !== "suspended") return undefined;
    const message =
      this.status === "running" ? this.mailbox?.shift() : this.mailbox?.take((queued) => queued.kind === SYSTEM);
    if (message?.kind === SYSTEM) this.requests--;
    return message;
  }

  // --- one message -----------------------------------------------------------------------------------------------------

  private handle(message: Message): void {
    this.inHand = message;
    let result: unknown;
    try {
      if (message.kind !== SYSTEM) {
        this.handled++;
        if (this.attended) this.tell({ type: "in", message });
        this.runtime.beforeHandling?.(this, message);
      }
      const { blame } = this.runtime;
      result = blame === undefined ? this.invoke(message) : this.blamedInvoke(blame, message);
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

  /** Runs the handler of a message; a stand-in for a process elsewhere sends the message there instead. */
  protected invoke(message: Message): unknown {
    const behaviour = this.behaviour;
    if (behaviour === undefined) return undefined;
    if (message.kind === INFO) return behaviour[onInfo](message.message);
    if (message.kind === SYSTEM) return message.serve();
    const { method, packed } = message;
    // A protocol is the methods of a class, which no index signature describes. Fields are no part of it, whatever they hold.
    const methods = Object.getPrototypeOf(behaviour) as Record<string, unknown>;
    const handler = methods[method];
    if (typeof handler !== "function") return behaviour[onUnknownMethod](method);
    return Array.isArray(packed) ? handler.apply(behaviour, packed) : handler.call(behaviour, packed);
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
    const object = typeof result === "object";
    if (object && result instanceof Stop) {
      this.stop(result.reason, message, result);
      return;
    }
    if (message.kind === CALL) {
      if (object && result instanceof NoReply) this.defer(message);
      else {
        this.replied++;
        if (object && result instanceof Failure) message.reject(result.failure);
        else message.resolve(result);
      }
    }
    // A call that the handler made and did not await holds this process up no longer.
    this.waits = undefined;
    if (this.attended) this.finishAttended(message, result);
    else this.inHand = undefined;
  }

  private finishAttended(message: Message, result: unknown): void {
    if (this.ending) return; // the message was a request to end, and terminate runs on
    this.inHand = undefined;
    if (this.observers !== undefined) this.tellDone(message, result);
    if (this.next !== undefined) this.follow();
    this.attended = this.observers !== undefined || this.next !== undefined;
  }

  /** A call that will be answered later still ends with this process. */
  private defer(call: Call): void {
    if (call.settled) return;
    call.answerer = this;
    (this.deferred ??= new Set()).add(call);
  }

  continueWith(value: unknown): void {
    this.next = { continuation: { value }, timeout: this.next?.timeout };
    this.attended = true;
  }

  /** Asks for the message time-out once the handler is done. */
  timeoutAfter(ms: number): void {
    this.next = { continuation: this.next?.continuation, timeout: ms };
    this.attended = true;
  }

  /** Does what the handler asked for. A continuation runs before any message of the mailbox (gen_server: `{continue, Term}`),
   * and so does the time-out of no time. */
  private follow(): void {
    if (this.following) return;
    this.following = true;
    while (this.next !== undefined && this.alive && this.inHand === undefined) {
      const { continuation, timeout } = this.next;
      this.next =
        continuation === undefined || timeout === undefined ? undefined : { continuation: undefined, timeout };
      if (continuation !== undefined) this.runContinuation(continuation.value);
      else if (timeout === 0) (this.mailbox ??= new Ring()).unshift(new Info(TIMEOUT));
      else if (timeout !== undefined) startMessageTimeout(this, timeout);
    }
    this.following = false;
  }

  private runContinuation(value: unknown): void {
    if (this.observers !== undefined) this.tell({ type: "continue", value });
    this.handle(new SystemRequest(() => this.behaviour?.[onContinue](value)));
  }

  /** Code that this process started has failed outside any handler: the process crashes. */
  fail(thrown: unknown): void {
    if (!this.alive || this.ending) return;
    const reason: ExitReason = { error: thrown };
    if (this.inHand === undefined && this.status !== "starting") {
      this.stop(reason, undefined, undefined);
      return;
    }
    this.reportCrash(reason, this.inHand);
    this.die(reason);
  }

  private crash(thrown: unknown, message: Message): void {
    const reason = reasonOf(thrown);
    if (message.kind === CALL) message.reject(CallError.exited(message.asked, reason));
    this.stop(reason, message, undefined);
  }

  // --- observers -------------------------------------------------------------------------------------------------------

  /** Tells `observer` of every event until the returned function is called, or the process is dead. It must not throw. */
  observe(observer: Observer): () => void {
    const observers = (this.observers ??= new Set());
    observers.add(observer);
    this.attended = true;
    return () => {
      observers.delete(observer);
      if (observers.size === 0 && this.observers === observers) this.observers = undefined;
    };
  }

  private tell(event: ProcessEvent): void {
    for (const observer of this.observers ?? []) observer(event);
  }

  private tellDone(message: Message, result: unknown): void {
    if (message.kind === SYSTEM) this.tell({ type: "system" });
    else if (message.kind === CALL && !(result instanceof NoReply)) this.tell({ type: "out", message, result });
    else this.tell({ type: "noreply", message });
  }

  /** The handler says that it gets on. */
  progress(): void {
    this.tell({ type: "progress" });
  }

  /** From now on the process must get on at least every `ms` milliseconds. */
  protected limitSilence(ms: number): void {
    new ProgressDeadline(this, ms);
  }

  get busy(): boolean {
    return this.inHand !== undefined || this.ending || (this.status === "running" && this.mailboxLength > 0);
  }

  wedged(): void {
    this.reportCrash("wedged", this.inHand);
    this.receiveFatal("wedged");
  }

  // --- the end ---------------------------------------------------------------------------------------------------------

  /** Ends the process from within: `terminate` runs, then the reply that came with the stop is sent, then it exits. */
  stop(reason: ExitReason, message: Message | undefined, stop: Stop | undefined): void {
    if (this.ending || !this.alive) return;
    this.ending = true;
    this.attended = true;
    this.inHand ??= message;
    if (this.observers !== undefined) this.tell({ type: "terminate", reason });
    const end = (final: ExitReason): void => {
      if (!this.alive) {
        this.zombieEnded();
        return;
      }
      if (message?.kind === CALL) {
        if (stop?.replies) message.resolve(stop.reply);
        else message.reject(CallError.exited(message.asked, final));
      }
      if (!isClean(final)) this.reportCrash(final, message);
      this.inHand = undefined;
      this.die(final);
    };
    let result: unknown;
    try {
      result = this.behaviour?.[onTerminate](reason);
    } catch (thrown) {
      end(reasonOf(thrown));
      return;
    }
    if (isThenable(result)) {
      result.then(
        () => end(reason),
        (thrown) => end(reasonOf(thrown)),
      );
    } else {
      end(reason);
    }
  }

  /** An exit signal arrives. `sender` is undefined for plain code; `linked` when it comes over a link. */
  exitSignal(sender: Process | undefined, reason: ExitReason, linked: boolean): void {
    if (!this.alive) return;
    if (linked) {
      if (sender === undefined || !this.dropLink(sender)) return;
    }
    if (reason === "kill" && !linked) this.receiveFatal("killed");
    else if (this.behaviour?.[traps]) {
      // Plain code that started a process stands for its parent.
      if (sender === this.parent) {
        this.push(new SystemRequest(() => this.stop(reason, undefined, undefined)));
      } else if (!this.ending) {
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
    if (this.inHand !== undefined || this.settleStart !== undefined) this.becomeZombie();
    this.controller?.abort(reason);
    // Most processes have none of these: a loop over nothing is not free where thousands die.
    if (this.cleanups !== undefined) this.cleanUp(this.cleanups);
    if (this.watching !== undefined) {
      for (const [id, target] of this.watching) target.monitors?.delete(id);
      this.watching = undefined;
    }
    this.rejectCalls(reason, comesBack);
    const settleStart = this.settleStart;
    this.settleStart = undefined;
    const { links, offspring } = this;
    this.links = undefined;
    this.offspring = undefined;
    if (links instanceof Set) for (const linked of links) linked.exitSignal(this, reason, true);
    else links?.exitSignal(this, reason, true);
    for (let child = offspring?.shift(); child !== undefined; child = offspring?.shift()) {
      child.exitSignal(this, reason, true);
    }
    if (this.monitors !== undefined) {
      for (const monitor of this.monitors.values()) {
        monitor.watcher?.watching?.delete(monitor.id);
        monitor.notify(this, reason, monitor.id);
      }
      this.monitors = undefined;
    }
    this.observers = undefined;
    settleStart?.({ error: reason });
    this.slot?.gone?.();
  }

  /** What was asked to happen at death happens, whatever else of it fails. */
  private cleanUp(cleanups: ReadonlySet<() => void>): void {
    for (const cleanup of cleanups) {
      try {
        cleanup();
      } catch (thrown) {
        platform.console?.error(`cleaning up after ${this.title} failed`, thrown);
      }
    }
    this.cleanups = undefined;
  }

  private rejectCalls(reason: ExitReason, comesBack: boolean): void {
    if (this.inHand?.kind === CALL) this.inHand.reject(CallError.exited(this.inHand.asked, reason));
    if (this.deferred !== undefined) {
      for (const call of this.deferred) call.reject(CallError.exited(call.asked, reason));
    }
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
      else if (message.kind === CALL) message.reject(CallError.exited(message.asked, reason));
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
    if (!this.runtime.hears("crash")) return;
    const method = message?.kind === CALL || message?.kind === CAST ? message.method : undefined;
    const status = this.formatted({ message: method, reason });
    this.runtime.report("crash", this, {
      ...status,
      behaviour: this.behaviourName,
      ...(this.label === undefined ? {} : { label: this.label }),
      queued: this.mailboxLength,
      description: describeReason(status.reason ?? reason),
    });
  }

  /** The state and the log, with what is given, as the class's `formatStatus` shows them. */
  formatted(fields: Omit<Status, "state" | "log">): Status {
    const status = {
      state: this.behaviour?.[stateOf],
      ...fields,
      ...(this.log === undefined ? {} : { log: [...this.log] }),
    };
    return this.behaviour?.[format](status) ?? status;
  }

  // --- links, monitors, resources --------------------------------------------------------------------------------------

  link(other: Process): void {
    if (other === this || !this.alive) return;
    if (!other.alive) {
      this.keepLink(other);
      this.exitSignal(other, "noproc", true);
      return;
    }
    this.addLink(other);
    other.addLink(this);
  }

  unlink(other: Process): void {
    this.removeLink(other);
    other.removeLink(this);
  }

  /** One side of a link. */
  protected addLink(other: Process): void {
    this.keepLink(other);
  }

  protected removeLink(other: Process): void {
    this.dropLink(other);
  }

  /** All it is linked to, those it started last. */
  get linked(): readonly Process[] {
    return [...allLinks(this.links), ...(this.offspring ?? [])];
  }

  private keepLink(other: Process): void {
    if (other.parent === this) (this.offspring ??= new Chain()).add(other);
    else this.links = withLink(this.links, other);
  }

  /** False if there was none. */
  private dropLink(other: Process): boolean {
    if (other.parent === this) return this.offspring?.delete(other) ?? false;
    const linked = hasLink(this.links, other);
    if (linked) this.links = withoutLink(this.links, other);
    return linked;
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

  /** Takes waiting messages away unread. */
  discard(test: (message: unknown) => boolean): void {
    const unread = (queued: Message): boolean => queued.kind === INFO && test(queued.message);
    while (this.mailbox?.take(unread) !== undefined);
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
    const { links, offspring, monitors, watching, cleanups } = this;
    return (
      countLinks(links) + (offspring?.size ?? 0) + (monitors?.size ?? 0) + (watching?.size ?? 0) + (cleanups?.size ?? 0)
    );
  }

  /** Milliseconds left until the call in hand expires. */
  get timeLeft(): number {
    const call = this.callInHand;
    if (call === undefined) return Number.POSITIVE_INFINITY;
    // Before any clock of a call it makes in turn, so that the outer one is never the later.
    call.startClock();
    return call.timeLeft(this.runtime.clock.now());
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
  chainTo(goal: Process, seen = new Set<Process>()): Process[] | undefined {
    if (this.inHand === undefined || this.waits === undefined || seen.has(this)) return undefined;
    seen.add(this);
    for (const next of this.waits.values()) {
      if (next === goal) return [this, goal];
      const rest = next.chainTo(goal, seen);
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

  /** Messages taken from the mailbox, and calls answered by the handler that took them. A stand-in asks the real process. */
  counters(): Counters | Promise<Counters> {
    return { handled: this.handled, replied: this.replied };
  }

  suspend(): undefined | Promise<undefined> {
    if (this.status === "running") this.status = "suspended";
    return undefined;
  }

  resume(): undefined | Promise<undefined> {
    if (this.status !== "suspended") return undefined;
    this.status = "running";
    this.reschedule();
    return undefined;
  }
}

/** The exit reason of what a callback threw. */
function reasonOf(thrown: unknown): ExitReason {
  return thrown instanceof Exiting ? thrown.reason : { error: thrown };
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
