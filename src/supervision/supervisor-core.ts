// What every supervisor does with one child: start it, notice its end, decide, restart it (at once, after a pause, or parked),
// and shut it down. The table this follows is OTP's; see otp: stdlib, supervisor. A supervisor is itself a GenServer that
// traps exits: it works through its mailbox one event at a time, and a retry is a message to itself, so that calls and
// shutdowns are served between two attempts.
import { ChildRecord, type RecordOwner } from "./child-record.js";
import type { Backoff, ChildSpec } from "./child-spec.js";
import { describeReason, type ExitReason, isClean } from "./exit-reason.js";
import { Intensity } from "./intensity.js";
import { Info } from "./messages.js";
import { stop } from "./outcomes.js";
import { isThenable, onInfo, type Process, TrappedExit } from "./process.js";
import type { TreeNode } from "./reports.js";
import type { Runtime } from "./runtime.js";
import { processKey, Server, type SpawnOutcome, spawnBehaviour } from "./server.js";

/** Elixir's defaults: three restarts in five seconds. */
export const DEFAULT_MAX_RESTARTS = 3;
export const DEFAULT_MAX_SECONDS = 5;

export interface Limits {
  readonly maxRestarts?: number;
  readonly maxSeconds?: number;
}

/** What is wrong with the limits, in OTP's words, or undefined. */
export function limitsError({ maxRestarts, maxSeconds }: Limits): string | undefined {
  if (maxRestarts !== undefined && !(Number.isInteger(maxRestarts) && maxRestarts >= 0)) return "invalid_intensity";
  if (maxSeconds !== undefined && !(Number.isFinite(maxSeconds) && maxSeconds > 0)) return "invalid_period";
  return undefined;
}

class TryAgain {
  constructor(
    readonly record: ChildRecord,
    /** The attempt this message belongs to; an older one has been overtaken. */
    readonly attempt: symbol,
  ) {}
}

/** A start that failed, or that the child refused. */
export type Started = { readonly ok: Process } | { readonly ignored: true } | { readonly failed: ExitReason };

export abstract class SupervisorCore<Arg> extends Server<Arg, undefined> {
  static override readonly childSpec: Partial<ChildSpec> = { type: "supervisor", shutdown: "infinity" };

  protected override trapExit = true;
  private maxRestarts = DEFAULT_MAX_RESTARTS;
  private period = DEFAULT_MAX_SECONDS * 1000;
  private window = new Intensity(this.maxRestarts, this.period);
  private readonly attempts = new WeakMap<ChildRecord, symbol>();
  private readonly owner: RecordOwner = {
    restartsAfter: (record, reason) => this.restartsAfter(record, reason),
    holdAbove: (name) => this.holdAbove(name),
  };
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

  // --- starting ------------------------------------------------------------------------------------------------------

  /** Starts the record's child; a promise only where its `init` is asynchronous. */
  protected startRecord(record: ChildRecord): Started | Promise<Started> {
    const { start } = record;
    if (start === undefined) return { failed: { error: new TypeError(`the start of ${record.id} was not kept`) } };
    const options = { name: start.name, parent: this[processKey], slot: record };
    const outcome = spawnBehaviour(this.runtime, start.behaviour, start.arg, options);
    return isThenable(outcome)
      ? outcome.then((later) => this.noteStart(record, later))
      : this.noteStart(record, outcome);
  }

  private noteStart(record: ChildRecord, outcome: SpawnOutcome): Started {
    if ("ok" in outcome) {
      record.started(outcome.ok, this.runtime.now);
      for (const name of record.takeHeld()) this.runtime.names.release(name);
      this.runtime.report("progress", this[processKey], { child: this.describe(record) });
      return { ok: outcome.ok };
    }
    if ("ignore" in outcome) {
      this.settle(record, "stopped");
      return { ignored: true };
    }
    const failed: ExitReason = "taken" in outcome ? { error: new AlreadyStarted(outcome.taken) } : outcome.error;
    this.runtime.report("supervisor", this[processKey], {
      context: "start_error",
      reason: failed,
      child: this.describe(record),
    });
    return { failed };
  }

  /** The child stays down: nobody needs to wait at its names. */
  protected settle(record: ChildRecord, status: "stopped"): void {
    record.ended(status);
    this.attempts.delete(record);
    for (const name of [...record.names, ...record.takeHeld()]) this.runtime.names.release(name);
  }

  // --- noticing and deciding -------------------------------------------------------------------------------------------

  override [onInfo](message: unknown): unknown {
    if (message instanceof TrappedExit) return this.exited(message);
    if (message instanceof TryAgain) return this.tryAgain(message);
    return undefined;
  }

  private exited({ sender, reason }: TrappedExit): unknown {
    const record = sender?.slot;
    if (!(record instanceof ChildRecord) || record.process !== sender || !this.owns(record)) return undefined;
    const restarts = wantsRestart(record, reason);
    if (restarts || !isClean(reason)) {
      this.runtime.report("supervisor", this[processKey], {
        context: "child_terminated",
        reason,
        child: this.describe(record),
      });
    }
    if (restarts) return this.restart(record, reason);
    this.settle(record, "stopped");
    return this.retired(record);
  }

  protected abstract owns(record: ChildRecord): boolean;

  /** Counts a restart, and does it unless it is one too many. */
  private restart(record: ChildRecord, reason: ExitReason): unknown {
    const now = this.runtime.now;
    const lasted = now - record.runningSince > this.period;
    if (lasted) record.attempts = 0;
    record.ended("restarting");
    if (!(record.intensity ?? this.window).allows(now)) return this.tooOften(record, reason);
    record.attempts++;
    if (record.spec.backoff === undefined) return this.revive(record);
    this.retryIn(record, pause(record.spec.backoff, record.attempts, this.runtime.random));
    return undefined;
  }

  private tooOften(record: ChildRecord, reason: ExitReason): unknown {
    if (record.spec.park !== undefined) return this.park(record, record.spec.park, reason);
    this.settle(record, "stopped");
    this.runtime.report("supervisor", this[processKey], {
      context: "shutdown",
      reason,
      description: `reached_max_restart_intensity: ${this.maxRestarts} in ${this.period} ms`,
      child: this.describe(record),
    });
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
      child: this.describe(record),
    });
    this.retryIn(record, wait);
    return undefined;
  }

  /** Plans another attempt: a message to itself, at once or after a pause. */
  protected retryIn(record: ChildRecord, ms: number): void {
    const attempt = Symbol(record.id);
    this.attempts.set(record, attempt);
    const message = new TryAgain(record, attempt);
    if (ms > 0) record.cancelRetry = this.sendAfter(ms, message);
    else this[processKey].push(new Info(message));
  }

  private tryAgain({ record, attempt }: TryAgain): unknown {
    if (this.attempts.get(record) !== attempt || !this.owns(record)) return undefined;
    this.attempts.delete(record);
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
      this.attempts.delete(record);
    } else {
      record.ending = then;
      this.noteEnd(record, await endProcess(this[processKey], process, record.spec.shutdown));
      record.ended("stopped");
    }
    if (then === "stop") this.settle(record, "stopped");
  }

  protected noteEnd(record: ChildRecord, reason: ExitReason): void {
    const { restart, shutdown } = record.spec;
    const asAsked =
      reason === (shutdown === "brutal_kill" ? "killed" : "shutdown") || (restart !== "permanent" && isClean(reason));
    if (asAsked) return;
    this.runtime.report("supervisor", this[processKey], {
      context: "shutdown_error",
      reason,
      child: this.describe(record),
    });
  }

  protected override async terminate(reason: ExitReason): Promise<void> {
    const self = this[processKey];
    this.returns = self.slot?.comesBack(self, reason) ?? false;
    await this.shutDownAll();
  }

  protected abstract shutDownAll(): Promise<void>;

  // --- as the owner of its records -----------------------------------------------------------------------------------

  private restartsAfter(record: ChildRecord, reason: ExitReason): boolean {
    const self = this[processKey];
    if (this.returns === undefined && self.alive) return wantsRestart(record, reason);
    const returns = this.returns ?? self.slot?.comesBack(self, self.exitReason ?? "killed") ?? false;
    if (!returns || record.spec.restart === "temporary" || !this.isStatic) return false;
    for (const name of record.names) this.holdAbove(name);
    return true;
  }

  /** True when a new incarnation starts with the same children. */
  protected abstract readonly isStatic: boolean;

  private holdAbove(name: string): void {
    const { slot } = this[processKey];
    if (slot instanceof ChildRecord) slot.hold(name);
  }

  // --- sight -----------------------------------------------------------------------------------------------------------

  protected describe(record: ChildRecord): Readonly<Record<string, unknown>> {
    const { id, restart, shutdown, significant, type } = record.spec;
    const pid = record.process?.id ?? record.previous?.id;
    return {
      id,
      pid,
      name: record.name,
      behaviour: record.start?.behaviour.name,
      restart,
      shutdown,
      significant,
      type,
    };
  }

  /** This supervisor and all below it, as plain data. For {@link treeOf}. */
  snapshot(): TreeNode {
    return {
      ...this[processKey].inspect(),
      ...this.nodeFields(),
      children: Array.from(this.records(), (record) => this.childNode(record)),
    };
  }

  private childNode(record: ChildRecord): TreeNode {
    const process = record.process ?? record.starting;
    if (process === undefined) return record.idleNode();
    const { behaviour } = process;
    const node = behaviour instanceof SupervisorCore ? behaviour.snapshot() : process.inspect();
    return { ...node, restart: record.spec.restart };
  }
}

/** The reason of a start that found its name taken. */
export class AlreadyStarted extends Error {
  constructor(readonly process: Process) {
    super(`already started as ${process.title}`);
  }
}

function wantsRestart({ spec }: ChildRecord, reason: ExitReason): boolean {
  return spec.restart === "permanent" || (spec.restart === "transient" && !isClean(reason));
}

function pause({ initial, max, jitter }: Backoff, attempt: number, random: () => number): number {
  const full = Math.min(max, initial * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return full * (1 - jitter * random());
}

/** Ends a process: the signal, the time it is given, then the kill. Resolves with its reason once it is gone. */
export function endProcess(from: Process, process: Process, shutdown: ChildSpec["shutdown"]): Promise<ExitReason> {
  if (process.exitReason !== undefined) return Promise.resolve(process.exitReason);
  return new Promise((settle) => {
    let cancel = (): void => {};
    // A monitor as well as the link: a child that has unlinked itself must not hang its supervisor.
    process.addMonitor({
      id: (from.runtime as Runtime).nextNumber(),
      watcher: undefined,
      name: undefined,
      notify: (_, reason) => {
        cancel();
        settle(reason);
      },
    });
    if (shutdown === "brutal_kill") {
      process.exitSignal(from, "kill", false);
      return;
    }
    process.exitSignal(from, "shutdown", false);
    if (shutdown === "infinity") return;
    cancel = from.runtime.clock.setTimer(shutdown, () => process.exitSignal(from, "kill", false));
  });
}
