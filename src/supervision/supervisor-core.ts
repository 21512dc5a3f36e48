// What every supervisor does with one child: start it, notice its end, decide, restart it (at once, after a pause, or parked),
// and shut it down. The table this follows is OTP's; see otp: stdlib, supervisor. A supervisor is itself a GenServer that
// traps exits: it works through its mailbox one event at a time, and a retry is a message to itself, so that calls and
// shutdowns are served between two attempts.
import { AlreadyStarted } from "./already-started.js";
import { onInfo, onInit, onUnknownMethod } from "./behaviour.js";
import type { Start } from "./child.js";
import { ChildRecord, type RecordOwner } from "./child-record.js";
import type { Backoff, ChildSpec } from "./child-spec.js";
import { endProcess } from "./end-process.js";
import { describeReason, type ExitReason, isClean } from "./exit-reason.js";
import { Intensity } from "./intensity.js";
import { Info } from "./messages.js";
import { Failure, failure, Stop, stop } from "./outcomes.js";
import { isThenable, type Process, TrappedExit } from "./process.js";
import type { TreeNode } from "./reports.js";
import type { Runtime } from "./runtime.js";
import { processKey, Server, type SpawnOutcome, spawnBehaviour } from "./server.js";
import { DEFAULT_MAX_RESTARTS, DEFAULT_MAX_SECONDS, type Limits, SupervisorDataError } from "./supervisor-limits.js";

class TryAgain {
  constructor(
    readonly record: ChildRecord,
    /** The attempt this message belongs to; an older one has been overtaken. */
    readonly attempt: symbol,
  ) {}
}

/** A start that failed, or that the child refused. */
export type Started =
  | { readonly ok: Process; readonly info?: unknown }
  | { readonly ignored: true }
  | { readonly failed: ExitReason };

export abstract class SupervisorCore<Arg> extends Server<Arg, undefined> {
  static override readonly childSpec: Partial<ChildSpec> = { type: "supervisor", shutdown: "infinity" };

  protected override trapExit = true;
  private maxRestarts = DEFAULT_MAX_RESTARTS;
  private period = DEFAULT_MAX_SECONDS * 1000;
  private window = new Intensity(this.maxRestarts, this.period);
  private readonly owner: RecordOwner = {
    restartsAfter: (record, reason) => this.restartsAfter(record, reason),
    childGone: () => this.ending?.childGone(),
    holdAbove: (name) => this.holdAbove(name),
    isGone: () => !this[processKey].alive,
  };
  /** The children that are being ended all at once. */
  private ending: EndingTogether | undefined;
  /** Set once this supervisor goes down: whether its own supervisor starts it again. */
  private returns: boolean | undefined;

  /** The children, oldest first. */
  protected abstract records(): Iterable<ChildRecord>;
  /** The child is to be started again; `undefined` or a promise when that has been done or planned. */
  protected abstract revive(record: ChildRecord): unknown;
  /** The child has ended and stays down. */
  protected abstract retired(record: ChildRecord): unknown;
  protected abstract nodeFields(): Pick<TreeNode, "strategy">;

  protected get runtime(): Runtime {
    return this[processKey].runtime as Runtime; // every process is spawned by a Runtime
  }

  protected configure({ maxRestarts = DEFAULT_MAX_RESTARTS, maxSeconds = DEFAULT_MAX_SECONDS }: Limits): void {
    this.maxRestarts = maxRestarts;
    this.period = maxSeconds * 1000;
    this.window = new Intensity(maxRestarts, this.period);
  }

  protected newRecord(spec: ChildSpec): ChildRecord {
    const own = spec.park === undefined ? undefined : new Intensity(this.maxRestarts, this.period);
    return new ChildRecord(spec, this.owner, own);
  }

  /** A subclass's `init` may set the supervisor up, refuse, or fail; anything else was meant for somebody else. */
  override [onInit](arg: unknown): unknown {
    this[processKey].addCleanup(() => this.abandon());
    const result = super[onInit](arg);
    return isThenable(result) ? result.then(checkInit) : checkInit(result);
  }

  // --- starting ------------------------------------------------------------------------------------------------------

  /** Starts the record's child; a promise only where its `init` is asynchronous. */
  protected startRecord(record: ChildRecord): Started | Promise<Started> {
    const { start } = record;
    if (start === undefined) return { failed: { error: new TypeError(`the start of ${record.id} was not kept`) } };
    // A supervisor killed while it starts its children must not go on with the next one.
    if (!this[processKey].alive) return { failed: "killed" };
    const { spec } = record;
    const { startTimeout } = spec;
    const options = { name: start.name, parent: this[processKey], slot: record, startTimeout, isolation: spec };
    const outcome = spawnBehaviour(this.runtime, start.behaviour, this.argumentOf(start), options);
    if ("taken" in outcome && outcome.taken.parent?.alive === false) return this.startAfter(outcome.taken, record);
    return isThenable(outcome)
      ? outcome.then((later) => this.noteStart(record, later))
      : this.noteStart(record, outcome);
  }

  /** The name is still held by a process that its killed supervisor left behind and that is about to end: no failure of
   * this child, so it must not count as one. */
  private async startAfter(orphan: Process, record: ChildRecord): Promise<Started> {
    await endProcess(this[processKey], orphan, record.spec.shutdown);
    return this.startRecord(record);
  }

  /** What the child's `init` is given. */
  protected argumentOf({ arg }: Start): unknown {
    return arg;
  }

  private noteStart(record: ChildRecord, outcome: SpawnOutcome): Started {
    if ("ok" in outcome) {
      const { runtime } = this;
      // Only who counts its failed attempts needs to know how long one lasted.
      const counts = record.spec.backoff !== undefined || record.spec.park !== undefined;
      record.started(outcome.ok, counts ? runtime.now : undefined);
      const held = record.takeHeld();
      // A loop over nothing is not free where thousands start.
      if (held.length > 0) for (const name of held) runtime.names.release(name);
      if (runtime.hears("progress")) runtime.report("progress", this[processKey], { child: record.describe() });
      return outcome;
    }
    if ("ignore" in outcome) {
      this.settle(record, "stopped");
      return { ignored: true };
    }
    const failed: ExitReason = "taken" in outcome ? { error: new AlreadyStarted(outcome.taken) } : outcome.error;
    this.tell("start_error", record, failed);
    return { failed };
  }

  /** The child stays down: nobody needs to wait at its names. */
  protected settle(record: ChildRecord, status: "stopped"): void {
    record.ended(status);
    record.attempt = undefined;
    for (const name of [...record.names, ...record.takeHeld()]) this.runtime.names.release(name);
  }

  // --- noticing and deciding -------------------------------------------------------------------------------------------

  override [onInfo](message: unknown): unknown {
    if (message instanceof TrappedExit) return this.exited(message);
    if (message instanceof TryAgain) return this.tryAgain(message);
    return this.unexpected("unexpected_message", message);
  }

  /** What a supervisor does not know is reported and dropped: it must not fall for a message that missed its address. */
  private unexpected(context: "unexpected_message" | "unexpected_call", message: unknown): undefined {
    this.runtime.report("supervisor", this[processKey], { context, message });
    return undefined;
  }

  override [onUnknownMethod](method: string): Failure<TypeError> {
    this.unexpected("unexpected_call", method);
    return failure(new TypeError(`${this[processKey].title} is a supervisor and has no method ${method}`));
  }

  private exited({ sender, reason }: TrappedExit): unknown {
    const record = sender?.slot;
    if (!(record instanceof ChildRecord) || record.process !== sender || !this.owns(record)) return undefined;
    const restarts = wantsRestart(record, reason);
    if (restarts || !isClean(reason)) this.tell("child_terminated", record, reason);
    if (restarts) return this.restart(record, reason);
    this.settle(record, "stopped");
    return this.retired(record);
  }

  protected abstract owns(record: ChildRecord): boolean;

  /** Counts a restart, and does it unless it is one too many. */
  private restart(record: ChildRecord, reason: ExitReason): unknown {
    const now = this.runtime.now;
    const lasted = record.runningSince !== undefined && now - record.runningSince > this.period;
    if (lasted) record.attempts = 0;
    record.ended("restarting");
    if (!(record.intensity ?? this.window).allows(now)) return this.tooOften(record, reason);
    if (record.spec.backoff === undefined && record.spec.park === undefined) return this.revive(record);
    record.attempts++;
    if (record.spec.backoff === undefined) return this.revive(record);
    this.retryIn(record, pause(record.spec.backoff, record.attempts, this.runtime.random));
    return undefined;
  }

  private tooOften(record: ChildRecord, reason: ExitReason): unknown {
    if (record.spec.park !== undefined) return this.park(record, record.spec.park, reason);
    this.settle(record, "stopped");
    const description = `reached_max_restart_intensity: ${this.maxRestarts} in ${this.period} ms`;
    this.tell("shutdown", record, reason, { description });
    return stop("shutdown");
  }

  protected park(record: ChildRecord, backoff: Backoff, reason: ExitReason): undefined {
    record.attempts++;
    const wait = pause(backoff, record.attempts - this.maxRestarts, this.runtime.random);
    const why = describeReason(reason);
    record.parked = { reason: why, retryAt: this.runtime.epoch + wait };
    record.ended("parked");
    for (const name of record.names) this.runtime.names.park(name, why);
    this.runtime.report("alert", this[processKey], {
      parked: record.id,
      reason,
      retryInMs: wait,
      child: record.describe(),
    });
    this.retryIn(record, wait);
    return undefined;
  }

  /** Plans another attempt: a message to itself, at once or after a pause. */
  protected retryIn(record: ChildRecord, ms: number): void {
    const attempt = Symbol(record.id);
    record.attempt = attempt;
    const message = new TryAgain(record, attempt);
    if (ms > 0) record.cancelRetry = this.sendAfter(ms, message);
    else this[processKey].push(new Info(message));
  }

  private tryAgain({ record, attempt }: TryAgain): unknown {
    if (record.attempt !== attempt || !this.owns(record)) return undefined;
    record.attempt = undefined;
    record.cancelRetry = undefined;
    if (record.status === "restarting" || record.status === "parked") return this.revive(record);
    return undefined;
  }

  /** An attempt to start it again has failed: it counts, and is repeated. */
  protected retry(record: ChildRecord, reason: ExitReason): unknown {
    if (record.parked !== undefined && record.spec.park !== undefined)
      return this.park(record, record.spec.park, reason);
    record.ended("restarting");
    if (!(record.intensity ?? this.window).allows(this.runtime.now)) return this.tooOften(record, reason);
    record.attempts++;
    this.retryIn(
      record,
      record.spec.backoff === undefined ? 0 : pause(record.spec.backoff, record.attempts, this.runtime.random),
    );
    return undefined;
  }

  // --- shutting down -------------------------------------------------------------------------------------------------

  /** Ends one child as its spec says and waits until it is gone. `then` says whether its group starts it again. */
  protected async shutDown(record: ChildRecord, then: "restart" | "stop"): Promise<void> {
    const { process } = record;
    if (process === undefined) {
      record.ended("stopped");
      record.attempt = undefined;
    } else {
      record.ending = then;
      const reason = await endProcess(this[processKey], process, record.spec.shutdown);
      if (!this.endedAsAsked(record.spec, reason)) this.reportBadEnd(record, reason);
      record.ended("stopped");
    }
    if (then === "stop") this.settle(record, "stopped");
  }

  /** Whether a child that was shut down ended in one of the ways nobody reports. */
  protected endedAsAsked({ restart, shutdown }: ChildSpec, reason: ExitReason): boolean {
    if (reason === (shutdown === "brutal_kill" ? "killed" : "shutdown")) return true;
    return restart !== "permanent" && isClean(reason);
  }

  protected reportBadEnd(record: ChildRecord, reason: ExitReason): void {
    this.tell("shutdown_error", record, reason);
  }

  /** Ends children all at once, each as its spec says, and waits until all are gone. One timer for each shutdown time and
   * nothing for each child: there may be a million. */
  protected async shutDownTogether(records: readonly ChildRecord[]): Promise<void> {
    const self = this[processKey];
    const running = records.filter(({ process }) => process?.alive === true);
    const cancels: (() => void)[] = [];
    if (running.length > 0) {
      await new Promise<void>((settle) => {
        this.ending = new EndingTogether(running.length, settle);
        for (const record of running) record.ending = "stop";
        for (const { process, spec } of running)
          process?.exitSignal(self, spec.shutdown === "brutal_kill" ? "kill" : "shutdown", false);
        for (const time of new Set(running.map(({ spec }) => spec.shutdown))) {
          if (typeof time !== "number") continue;
          const kill = (): void => {
            for (const { process, spec } of running)
              if (spec.shutdown === time) process?.exitSignal(self, "kill", false);
          };
          cancels.push(self.runtime.clock.setTimer(time, kill));
        }
      });
    }
    this.ending = undefined;
    for (const cancel of cancels) cancel();
    for (const record of records) {
      const reason = record.process?.exitReason;
      if (reason !== undefined && !this.endedAsAsked(record.spec, reason)) this.reportBadEnd(record, reason);
      this.settle(record, "stopped");
    }
  }

  protected override async terminate(reason: ExitReason): Promise<void> {
    this.notesReturn(reason);
    await this.shutDownAll();
  }

  protected abstract shutDownAll(): Promise<void>;

  private notesReturn(reason: ExitReason): boolean {
    const self = this[processKey];
    return (this.returns ??= self.slot?.comesBack(self, reason) ?? false);
  }

  /** Whether the next incarnation of this supervisor starts the child again. Its names pend at the parent until then; what
   * its mailbox keeps would be kept in a record that nobody has any more. */
  protected handsOver(record: ChildRecord): boolean {
    if (this.returns !== true || !this.isStatic || record.spec.restart === "temporary") return false;
    record.abandon();
    return record.names.every((name) => this.holdAbove(name));
  }

  /** However this supervisor ended: nobody waits at the name of a child that was about to be started and now is not, be it one
   * whose end it has not read of yet. */
  private abandon(): void {
    this.notesReturn(this[processKey].exitReason ?? "killed");
    for (const record of this.records()) {
      if (record.process?.alive !== true && !this.handsOver(record)) this.settle(record, "stopped");
    }
  }

  // --- as the owner of its records -----------------------------------------------------------------------------------

  private restartsAfter(record: ChildRecord, reason: ExitReason): boolean {
    const self = this[processKey];
    if (this.returns === undefined && self.alive) return wantsRestart(record, reason);
    this.notesReturn(self.exitReason ?? "killed");
    if (this.handsOver(record)) return true;
    // Nobody is left to free the names that it held for others.
    if (!self.alive) for (const name of record.takeHeld()) this.runtime.names.release(name);
    return false;
  }

  /** True when a new incarnation starts with the same children. */
  protected abstract readonly isStatic: boolean;

  private holdAbove(name: string): boolean {
    const { slot } = this[processKey];
    return slot instanceof ChildRecord && slot.hold(name);
  }

  // --- sight -----------------------------------------------------------------------------------------------------------

  private tell(
    context: string,
    record: ChildRecord,
    reason: ExitReason,
    more: Readonly<Record<string, unknown>> = {},
  ): void {
    if (!this.runtime.hears("supervisor")) return;
    this.runtime.report("supervisor", this[processKey], { context, reason, ...more, child: record.describe() });
  }

  /** Every process below a supervisor, and the supervisor itself last. */
  static *processesOf(process: Process): Iterable<Process> {
    const { behaviour } = process;
    if (behaviour instanceof SupervisorCore) {
      for (const record of behaviour.records()) {
        for (const child of [record.process, record.starting]) {
          if (child !== undefined) yield* SupervisorCore.processesOf(child);
        }
      }
    }
    yield process;
  }

  /** The first child below a supervisor that fits, with the supervisor it belongs to. For {@link placeOf}. */
  static find(process: Process, fits: (record: ChildRecord) => boolean): [Process, ChildRecord] | undefined {
    const { behaviour } = process;
    if (!(behaviour instanceof SupervisorCore)) return undefined;
    for (const record of behaviour.records()) {
      if (fits(record)) return [process, record];
      const below = record.process === undefined ? undefined : SupervisorCore.find(record.process, fits);
      if (below !== undefined) return below;
    }
    return undefined;
  }

  /** This supervisor and all below it, as plain data. For {@link treeOf}. */
  snapshot(): TreeNode {
    return {
      ...this[processKey].inspect(),
      ...this.nodeFields(),
      children: Array.from(this.records(), SupervisorCore.childNode),
    };
  }

  /** A child as plain data, whether it runs or not. */
  static childNode(record: ChildRecord): TreeNode {
    const process = record.process ?? record.starting;
    if (process === undefined) return record.idleNode();
    const { behaviour } = process;
    const node = behaviour instanceof SupervisorCore ? behaviour.snapshot() : process.inspect();
    return { ...node, restart: record.spec.restart };
  }
}

function checkInit(result: unknown): unknown {
  if (result === undefined || result instanceof Stop || result instanceof Failure) return result;
  return failure(new SupervisorDataError("bad_return", result));
}

/** Counts children down until none is left. */
class EndingTogether {
  constructor(
    private left: number,
    private readonly settle: () => void,
  ) {}

  childGone(): void {
    if (--this.left === 0) this.settle();
  }
}

function wantsRestart({ spec }: ChildRecord, reason: ExitReason): boolean {
  return spec.restart === "permanent" || (spec.restart === "transient" && !isClean(reason));
}

function pause({ initial, max, jitter }: Backoff, attempt: number, random: () => number): number {
  const full = Math.min(max, initial * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return full * (1 - jitter * random());
}
