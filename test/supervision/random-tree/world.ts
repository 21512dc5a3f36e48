// What is known of a random tree while it runs: every life with its birth and death, every call, every monitor. It is told by
// the processes themselves and judges by OTP's rules; what breaks one of them is kept in `violations`.

import { ChildRecord } from "../../../src/supervision/child-record.js";
import { isClean } from "../../../src/supervision/exit-reason.js";
import {
  type AutoShutdown,
  type Backoff,
  CallError,
  type ExitReason,
  type Restart,
  type SimulatedRuntime,
  type Strategy,
} from "../../../src/supervision/index.js";
import type { Process } from "../../../src/supervision/process.js";

/** Milliseconds that may lie between a death, the supervisor's decision and the birth that follows. */
const LAG = 1_000;

export interface Place {
  readonly id: string;
  readonly position: number;
  readonly restart: Restart;
  readonly significant: boolean;
  /** Its restarts wait. */
  readonly backoff: Backoff | undefined;
  /** Past the intensity it alone stays down for a while. */
  readonly park: Backoff | undefined;
}

export interface Life {
  readonly place: Place;
  readonly process: Process;
  readonly parent: Process | undefined;
  readonly born: number;
  /** The first of a pool's child: where that start fails, whoever asked for it is told and nothing is tried again. */
  readonly asked: boolean;
  ready: boolean;
  died: number | undefined;
  /** Virtual milliseconds. */
  diedAt: number;
  reason: ExitReason | undefined;
  /** The supervisor above asked for this end. */
  ordered: boolean;
}

interface Kin {
  readonly strategy: Strategy;
  readonly maxRestarts: number;
  readonly period: number;
  readonly autoShutdown: AutoShutdown;
  /** The places below, significant or parked ones among them; a pool has none of its own. */
  readonly places: readonly Place[];
  /** Most children at a time. */
  readonly most: number;
  readonly pool: boolean;
  /** Times of restarts: of the whole supervisor under one_for_one, else of each child. */
  readonly restarts: Map<string, number[]>;
  /** Times of everything that may count against the intensity. */
  readonly failures: number[];
  /** Significant children that ended by themselves and stay down. */
  readonly significantEnds: Life[];
}

/** What a supervisor of the tree says of itself. */
export type KinFacts = Pick<Kin, "strategy" | "maxRestarts" | "period" | "autoShutdown" | "places" | "most" | "pool">;

export interface CallRecord {
  readonly id: number;
  readonly kind: string;
  /** The call in whose handler this one is made. */
  readonly within: CallRecord | undefined;
  handled: number;
  settled: number;
  outcome: unknown;
}

export interface Watch {
  readonly target: Process | undefined;
  readonly what: string;
  told: number;
}

export class World {
  readonly violations: string[] = [];
  readonly lives: Life[] = [];
  readonly calls: CallRecord[] = [];
  readonly casts: CallRecord[] = [];
  readonly watches: Watch[] = [];
  /** Ids that somebody asked to terminate. */
  readonly terminated = new Set<string>();
  /** Calls that a full mailbox refused or dropped, as reported. */
  overflows = 0;
  /** True while starts may fail. */
  flaky = false;
  private readonly kin = new Map<Process, Kin>();
  private clock = 0;

  constructor(
    readonly runtime: SimulatedRuntime,
    readonly luck: () => number,
  ) {}

  violated(what: string): void {
    this.violations.push(`${what} (at ${this.runtime.now} ms)`);
  }

  // --- births and deaths -----------------------------------------------------------------------------------------------

  born(place: Place, process: Process): Life {
    const { parent } = process;
    const life: Life = {
      place,
      process,
      parent,
      born: ++this.clock,
      asked: this.isPool(parent) && !this.lives.some((other) => other.place.id === place.id),
      ready: false,
      died: undefined,
      diedAt: 0,
      reason: undefined,
      ordered: false,
    };
    if (this.lives.some((other) => other.place.id === place.id && other.died === undefined)) {
      this.violated(`two of ${place.id} live at once`);
    }
    if (parent !== undefined && !parent.alive) this.violated(`${place.id} was started by a dead supervisor`);
    if (parent !== undefined) this.startsInOrder(life, parent);
    this.lives.push(life);
    return life;
  }

  private isPool(parent: Process | undefined): boolean {
    return parent !== undefined && this.kin.get(parent)?.pool === true;
  }

  private startsInOrder(life: Life, parent: Process): void {
    const { id, position, restart } = life.place;
    const kin = this.kin.get(parent);
    const siblings = this.lives.filter((other) => other.parent === parent);
    const live = siblings.filter(({ died }) => died === undefined);
    if (live.some(({ ready }) => !ready)) this.violated(`${id} starts while a sibling's init is under way`);
    const later = live.find(({ place }) => place.position > position);
    if (later !== undefined && kin?.strategy !== "one_for_one") {
      this.violated(`${id} starts while the later ${later.place.id} lives, under ${kin?.strategy}`);
    }
    if (later !== undefined && parent.status === "starting") this.violated(`${id} starts after ${later.place.id}`);
    if (kin !== undefined && live.length >= kin.most) this.violated(`${id} is child ${live.length + 1} of ${kin.most}`);
    const before = siblings.filter(({ place }) => place.id === id).at(-1);
    if (before === undefined || kin === undefined) return;
    this.waited(before, kin);
    // One that is parked before it ever ran is tried until it does.
    const everRan = siblings.some(({ place, ready }) => place.id === id && ready);
    if (restart === "temporary" && everRan) this.violated(`the temporary ${id} is started again`);
    if (
      restart === "transient" &&
      kin.strategy === "one_for_one" &&
      before.ready &&
      isClean(before.reason ?? "killed")
    ) {
      this.violated(`the transient ${id} ended cleanly and is started again`);
    }
    const alone = kin.strategy === "one_for_one" && life.place.park === undefined;
    const key = alone ? "" : id;
    const times = kin.restarts.get(key) ?? [];
    kin.restarts.set(key, times);
    times.push(this.runtime.now);
    const inWindow = times.filter((time) => this.runtime.now - time <= kin.period - LAG).length;
    const allowed = alone ? kin.maxRestarts : allowedWithPark(life.place, kin);
    if (inWindow > allowed) this.violated(`${inWindow} restarts of ${id} where ${allowed} are allowed`);
  }

  /** A restart with backoff comes no sooner than its first pause, shortened as far as jitter can. */
  private waited({ place: { id, backoff }, diedAt, ordered }: Life, { strategy }: Kin): void {
    if (backoff === undefined || ordered || strategy !== "one_for_one") return;
    const pause = this.runtime.now - diedAt;
    const least = backoff.initial * (1 - backoff.jitter);
    if (pause < least) this.violated(`${id} is started ${pause} ms after its end where ${least} are asked for`);
  }

  supervises(process: Process, facts: KinFacts): void {
    this.kin.set(process, { ...facts, restarts: new Map(), failures: [], significantEnds: [] });
  }

  died(life: Life): void {
    const { process, parent, place } = life;
    life.died = ++this.clock;
    life.diedAt = this.runtime.now;
    life.reason = process.exitReason;
    const own = this.kin.get(process);
    // A worker ends by `shutdown` only when told to; a supervisor may also have given up, and only its record knows.
    const told = process.slot instanceof ChildRecord && process.slot.ending !== undefined;
    life.ordered = (life.reason === "shutdown" && (own === undefined || told)) || (life.reason === "killed" && told);
    if (own !== undefined && life.reason === "shutdown" && !life.ordered) this.gaveUp(life, own);
    if (parent === undefined) return;
    const kin = this.kin.get(parent);
    if (kin !== undefined && !life.ordered && !refusedAtOnce(life)) {
      // A child that can be parked is counted apart, and never against its supervisor.
      if (place.park === undefined) kin.failures.push(this.runtime.now);
      if (place.significant && !told && !wasRestarted(life)) kin.significantEnds.push(life);
    }
    if (!life.ordered || !parent.alive || this.terminated.has(place.id)) return;
    const later = this.lives.find(
      (other) => other.parent === parent && other.died === undefined && other.place.position > place.position,
    );
    if (later !== undefined) this.violated(`${place.id} is stopped before the later ${later.place.id}`);
  }

  /** A supervisor that ends itself must have had more failures than it allows, or the significant ends it waits for. */
  private gaveUp({ place, process }: Life, kin: Kin): void {
    if (kin.significantEnds.length > 0 && kin.autoShutdown !== "never") {
      const last = new Map(this.lives.filter(({ parent }) => parent === process).map((life) => [life.place.id, life]));
      // One that crashed and was terminated before it could be started again is not waited for.
      const comesBack = (life: Life): boolean =>
        isUp(life) && (life.died === undefined || !this.terminated.has(life.place.id));
      const isLeft = [...last.values()].some((life) => life.place.significant && comesBack(life));
      if (kin.autoShutdown === "any_significant" || !isLeft) return;
    }
    const { failures, maxRestarts, period } = kin;
    const most = Math.max(
      0,
      ...failures.map((start) => failures.filter((time) => time >= start && time - start <= period + LAG).length),
    );
    if (most <= maxRestarts)
      this.violated(`${place.id} gave up after ${most} failures where ${maxRestarts} are allowed`);
  }

  // --- at rest ---------------------------------------------------------------------------------------------------------

  /** What must hold whenever nothing moves. */
  checkAtRest(): void {
    for (const [parent, kin] of this.kin) {
      if (!parent.alive || parent.status !== "running" || parent.underWay !== undefined || parent.mailboxLength > 0)
        continue;
      const family = this.lives.filter((life) => life.parent === parent);
      this.checkFamily(family, kin.strategy);
      // An end that is found by a request to terminate, or by its group's restart, is no end of its own. (otp: supervisor)
      const ends = kin.significantEnds.filter(({ place }) => !this.terminated.has(place.id));
      if (kin.autoShutdown === "any_significant" && kin.strategy === "one_for_one" && ends.length > 0)
        this.violated("a supervisor lives on although a significant child has ended");
    }
    for (const { target, told, what } of this.watches) {
      if (told > 1) this.violated(`${what} was told ${told} times`);
      if (target?.alive === true && told > 0) this.violated(`${what} was told of a living process`);
    }
  }

  private checkFamily(family: Life[], strategy: Strategy): void {
    const failed = family.filter(wasRestarted);
    // A group whose failed child is told to terminate before its start is tried again stays down behind it, as in OTP.
    const mayStayDown = strategy !== "one_for_one" && family.some(({ place }) => this.terminated.has(place.id));
    for (const life of family) {
      const { id, position, restart } = life.place;
      if (this.terminated.has(id) || refusedAtOnce(life)) continue;
      const brothers = family.filter(({ place }) => place.id === id);
      // A group comes back together, with the one that waits.
      const waits = (strategy === "one_for_one" ? brothers : family).some((brother) => this.mayWait(brother));
      if (restart === "permanent" && !mayStayDown && !waits && brothers.every(({ died }) => died !== undefined)) {
        this.violated(`the permanent ${id} is down and nobody starts it again`);
      }
      const causes = failed.filter(
        ({ place }) =>
          place.id !== id && strategy !== "one_for_one" && (strategy === "one_for_all" || place.position < position),
      );
      // Of a child that was also told to terminate nobody knows which came first, so it may be a cause but need not.
      const cause = causes.find(
        (other) => (other.died ?? 0) > life.born && !this.terminated.has(other.place.id) && !this.mayWait(other),
      );
      if (life.died === undefined && cause !== undefined) {
        this.violated(`${id} lives on although ${cause.place.id} crashed under ${strategy}`);
      }
      if (life.died !== undefined && life.ordered && causes.length === 0) {
        this.violated(`${id} was stopped under ${strategy} although nothing called for it`);
      }
    }
  }

  /** Those who trap exits, hang in a handler and lost their supervisor to a kill: as in OTP they never hear of it. */
  orphans(): Process[] {
    const deaf = ({ died, process, parent }: Life): boolean =>
      died === undefined && process.underWay === "hang" && parent?.exitReason === "killed";
    return this.lives.filter(deaf).map(({ process }) => process);
  }

  /** The pause before its restart, by backoff or parked, may not be over yet. */
  private mayWait({ place: { backoff, park }, diedAt }: Life): boolean {
    return this.runtime.now - diedAt <= Math.max(backoff?.max ?? 0, park?.max ?? 0);
  }

  /** What must hold once the tree has stopped and every deadline has passed. */
  checkAtEnd(): void {
    for (const { kind, id, settled, handled, outcome, within } of this.calls) {
      if (within?.handled === 0 && settled === 0) continue;
      const call = `call ${id} (${kind})`;
      if (settled !== 1) this.violated(`${call} ended ${settled} times`);
      if (handled > 1) this.violated(`${call} was handled ${handled} times`);
      if (outcome === id && handled !== 1) this.violated(`${call} was answered without being handled`);
    }
    const refused = this.calls.filter(({ outcome }) => outcome instanceof CallError && outcome.code === "overflow");
    if (refused.length !== this.overflows)
      this.violated(`${refused.length} calls overflowed and ${this.overflows} were reported`);
    for (const { kind, handled } of this.casts) if (handled > 1) this.violated(`${kind} was handled ${handled} times`);
    for (const { what, told } of this.watches)
      if (told !== 1) this.violated(`${what} was told ${told} times in the end`);
    for (const { place, died } of this.lives) if (died === undefined) this.violated(`${place.id} still lives`);
    for (const left of this.runtime.leftovers()) this.violated(`left behind: ${left}`);
  }
}

function wasRestarted(life: Life): boolean {
  const { died, reason, ready, ordered } = life;
  const { restart } = life.place;
  if (died === undefined || reason === undefined || ordered) return false;
  if (refusedAtOnce(life)) return false;
  if (!ready) return true; // a failed start is tried again, whatever the reason
  return restart === "permanent" || (restart === "transient" && !isClean(reason));
}

function refusedAtOnce({ asked, ready }: Life): boolean {
  return asked && !ready;
}

/** It runs, or is about to be started again. */
function isUp(life: Life): boolean {
  return life.died === undefined || (life.reason !== "shutdown" && wasRestarted(life));
}

/** A group's child is started again with each of its siblings, and those that can be parked are counted apart and tried again. */
function allowedWithPark(place: Place, { strategy, places, maxRestarts, period }: Kin): number {
  const parked = strategy === "one_for_one" ? [place] : places.filter(({ park }) => park !== undefined);
  const tries = parked.map(({ park }) =>
    park === undefined ? 0 : Math.ceil(period / (park.initial * (1 - park.jitter))),
  );
  const windows = strategy === "one_for_one" ? 1 : 1 + parked.length;
  return windows * maxRestarts + tries.reduce((sum, count) => sum + count, 0);
}
