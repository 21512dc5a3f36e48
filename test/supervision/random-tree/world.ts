// What is known of a random tree while it runs: every life with its birth and death, every call, every monitor. It is told by
// the processes themselves and judges by OTP's rules; what breaks one of them is kept in `violations`.

import { ChildRecord } from "../../../src/supervision/child-record.js";
import { isClean } from "../../../src/supervision/exit-reason.js";
import type { ExitReason, Restart, SimulatedRuntime, Strategy } from "../../../src/supervision/index.js";
import type { Process } from "../../../src/supervision/process.js";

/** Milliseconds that may lie between a death, the supervisor's decision and the birth that follows. */
const LAG = 1_000;

export interface Place {
  readonly id: string;
  readonly position: number;
  readonly restart: Restart;
}

export interface Life {
  readonly place: Place;
  readonly process: Process;
  readonly parent: Process | undefined;
  readonly born: number;
  ready: boolean;
  died: number | undefined;
  reason: ExitReason | undefined;
  /** The supervisor above asked for this end. */
  ordered: boolean;
}

interface Kin {
  readonly strategy: Strategy;
  readonly maxRestarts: number;
  readonly period: number;
  /** Times of restarts: of the whole supervisor under one_for_one, else of each child. */
  readonly restarts: Map<string, number[]>;
  /** Times of everything that may count against the intensity. */
  readonly failures: number[];
}

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
      ready: false,
      died: undefined,
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
    const before = siblings.filter(({ place }) => place.id === id).at(-1);
    if (before === undefined || kin === undefined) return;
    if (restart === "temporary") this.violated(`the temporary ${id} is started again`);
    if (restart === "transient" && kin.strategy === "one_for_one" && isClean(before.reason ?? "killed")) {
      this.violated(`the transient ${id} ended cleanly and is started again`);
    }
    const key = kin.strategy === "one_for_one" ? "" : id;
    const times = kin.restarts.get(key) ?? [];
    kin.restarts.set(key, times);
    times.push(this.runtime.now);
    const inWindow = times.filter((time) => this.runtime.now - time <= kin.period - LAG).length;
    if (inWindow > kin.maxRestarts) this.violated(`${inWindow} restarts where ${kin.maxRestarts} are allowed`);
  }

  supervises(process: Process, strategy: Strategy, maxRestarts: number, period: number): void {
    this.kin.set(process, { strategy, maxRestarts, period, restarts: new Map(), failures: [] });
  }

  died(life: Life): void {
    const { process, parent, place } = life;
    life.died = ++this.clock;
    life.reason = process.exitReason;
    const own = this.kin.get(process);
    // A worker ends by `shutdown` only when told to; a supervisor may also have given up, and only its record knows.
    const told = process.slot instanceof ChildRecord && process.slot.ending !== undefined;
    life.ordered = life.reason === "shutdown" && (own === undefined || told);
    if (own !== undefined && life.reason === "shutdown" && !life.ordered) this.gaveUp(life, own);
    if (parent === undefined) return;
    const kin = this.kin.get(parent);
    if (kin !== undefined && !life.ordered) kin.failures.push(this.runtime.now);
    if (!life.ordered || !parent.alive || this.terminated.has(place.id)) return;
    const later = this.lives.find(
      (other) => other.parent === parent && other.died === undefined && other.place.position > place.position,
    );
    if (later !== undefined) this.violated(`${place.id} is stopped before the later ${later.place.id}`);
  }

  /** A supervisor that ends itself must have had more failures than it allows. */
  private gaveUp({ place }: Life, { failures, maxRestarts, period }: Kin): void {
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
    for (const [parent, { strategy }] of this.kin) {
      if (!parent.alive || parent.status !== "running" || parent.underWay !== undefined || parent.mailboxLength > 0)
        continue;
      const family = this.lives.filter((life) => life.parent === parent);
      this.checkFamily(family, strategy);
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
      if (this.terminated.has(id)) continue;
      const brothers = family.filter(({ place }) => place.id === id);
      if (restart === "permanent" && !mayStayDown && brothers.every(({ died }) => died !== undefined)) {
        this.violated(`the permanent ${id} is down and nobody starts it again`);
      }
      const causes = failed.filter(
        ({ place }) =>
          place.id !== id && strategy !== "one_for_one" && (strategy === "one_for_all" || place.position < position),
      );
      // Of a child that was also told to terminate nobody knows which came first, so it may be a cause but need not.
      const cause = causes.find(({ place, died = 0 }) => died > life.born && !this.terminated.has(place.id));
      if (life.died === undefined && cause !== undefined) {
        this.violated(`${id} lives on although ${cause.place.id} crashed under ${strategy}`);
      }
      if (life.died !== undefined && life.ordered && causes.length === 0) {
        this.violated(`${id} was stopped under ${strategy} although nothing called for it`);
      }
    }
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
    for (const { kind, handled } of this.casts) if (handled > 1) this.violated(`${kind} was handled ${handled} times`);
    for (const { what, told } of this.watches)
      if (told !== 1) this.violated(`${what} was told ${told} times in the end`);
    for (const { place, died } of this.lives) if (died === undefined) this.violated(`${place.id} still lives`);
    for (const left of this.runtime.leftovers()) this.violated(`left behind: ${left}`);
  }
}

function wasRestarted({ died, reason, ready, ordered, place: { restart } }: Life): boolean {
  if (died === undefined || reason === undefined || ordered) return false;
  if (!ready) return true; // a failed start is tried again, whatever the reason
  return restart === "permanent" || (restart === "transient" && !isClean(reason));
}
