// What the Store does for its file besides answering: a check soon after the start, a backup when one is due, and keeping it
// small. Each piece is a message of the Store to itself, and none holds it up: what reads the whole file runs in a thread, and
// what removes rows does so in small steps between other messages.
import type Database from "better-sqlite3";
import { BanyanError, messageOf } from "../../supervision/index.js";
import type { Troubles } from "../troubles.js";
import { type Backup, isFresh, listBackups } from "./backups.js";
import { backupFailedNotice, checkFailedNotice, largeNotice, prunedNotice } from "./notices.js";
import { giveBackPages, type Prepare, removeOldRows, usedBytes } from "./size.js";
import { inThread } from "./upkeep-thread.js";
import type { Cared } from "./upkeep-work.js";

export interface UpkeepOptions {
  /** Bytes past which the user is warned. */
  readonly warnSize: number;
  /** Bytes past which the oldest rows of the log go. */
  readonly maxSize: number;
  /** Backups kept; 0 makes none. */
  readonly backupsKept: number;
  /** Milliseconds between two backups. */
  readonly backupInterval: number;
}

/** The Store as its upkeep needs it. */
export interface Household {
  readonly file: string;
  readonly signal: AbortSignal;
  readonly troubles: Troubles;
  /** Runs the work on the database; rejects with what stands in the way. */
  run<T>(work: (db: Database.Database, prepare: Prepare) => T): Promise<T>;
  /** The file is damaged and is to be replaced. */
  damaged(why: string): Promise<void>;
  remember(facts: { readonly size?: number; readonly lastBackup?: Backup; readonly lastCheck?: number }): void;
  tell(notice: string): void;
  /** Sends a message to the Store itself. */
  later(ms: number, message: unknown): void;
}

class CareDone {
  constructor(
    /** Whom to tell. */
    readonly answered: readonly (() => void)[],
    readonly cared: Cared | undefined,
    readonly error: unknown,
  ) {}
}

/** The first check leaves the start its processor. */
const FIRST_CARE_MS = 1_000;
const CARE_LOOK_MS = 60 * 60_000;
const SIZE_LOOK_MS = 60_000;
/** While rows of the log are written it is measured at most so often. */
const LOOK_PAUSE_MS = 1_000;
/** Between two steps others have their turn, the event loop too. */
const STEP_PAUSE_MS = 5;
/** Rows go until so much of the limit is free again. */
const PRUNE_TO = 0.9;
/** Told of what was removed at most so often. */
const TELL_PRUNED_MS = 60 * 60_000;

export class Upkeep {
  private isCaring = false;
  private readonly asked: (() => void)[] = [];
  private wasChecked = false;
  private prunes = false;
  private lookedAt = 0;
  /** Rows removed that the user has not been told of. */
  private removed = 0;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: UpkeepOptions,
    private readonly house: Household,
  ) {}

  begin(): void {
    this.house.later(FIRST_CARE_MS, "care");
    this.house.later(0, "size");
  }

  async handle(message: unknown): Promise<void> {
    if (message === "care") this.careIfDue();
    else if (message instanceof CareDone) await this.careDone(message);
    else if (message === "size" || message === "look" || message === "prune" || message === "give back") {
      await this.keepSmall(message);
    }
  }

  /** Many rows were written: the size may be another. */
  wrote(): void {
    if (performance.now() - this.lookedAt < LOOK_PAUSE_MS) return;
    this.lookedAt = performance.now();
    this.house.later(0, "look");
  }

  // --- the check and the backup ------------------------------------------------------------------------------------------

  /** Checks the file now, and backs it up if that is due; then calls back. */
  care(done: () => void): void {
    this.asked.push(done);
    if (!this.isCaring) this.startCare();
  }

  private careIfDue(): void {
    const { file, later } = this.house;
    const { backupsKept, backupInterval } = this.options;
    later(Math.min(CARE_LOOK_MS, backupInterval), "care");
    const due = backupsKept > 0 && !isFresh(listBackups(file)[0], backupInterval);
    if ((due || !this.wasChecked) && !this.isCaring) this.startCare();
  }

  private startCare(): void {
    const { file, signal, later } = this.house;
    const { backupsKept: kept, backupInterval: interval } = this.options;
    this.isCaring = true;
    const answered = this.asked.splice(0);
    inThread({ job: "care", file, kept, interval }, signal).then(
      (cared) => later(0, new CareDone(answered, cared, undefined)),
      (error: unknown) => later(0, new CareDone(answered, undefined, error)),
    );
  }

  private async careDone({ answered, cared, error }: CareDone): Promise<void> {
    await this.takeIn(cared, error);
    this.isCaring = false;
    for (const done of answered) done();
    if (this.asked.length > 0) this.startCare();
  }

  private async takeIn(cared: Cared | undefined, error: unknown): Promise<void> {
    const { troubles, remember, tell, damaged } = this.house;
    if (cared === undefined) {
      troubles.set("check", "warn", "the database could not be checked");
      tell(checkFailedNotice(messageOf(error)));
      return;
    }
    this.wasChecked = true;
    troubles.over("check");
    const { damage, backup, backupFailed, checkedAt } = cared;
    remember({ lastCheck: checkedAt, ...(backup === undefined ? {} : { lastBackup: backup }) });
    if (damage !== undefined) await damaged(damage);
    if (backupFailed === undefined) troubles.over("backup");
    else {
      troubles.set("backup", "warn", "the database could not be backed up");
      tell(backupFailedNotice(backupFailed));
    }
  }

  // --- the size ----------------------------------------------------------------------------------------------------------

  /** What stands in the way now is met again at the next look. */
  private async keepSmall(message: "size" | "look" | "prune" | "give back"): Promise<void> {
    const { later } = this.house;
    if (message === "size") later(SIZE_LOOK_MS, "size");
    try {
      if (message === "size" || message === "look") await this.look();
      else if (message === "prune") await this.prune();
      else if (await this.house.run(giveBackPages)) later(STEP_PAUSE_MS, "give back");
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      this.prunes = false;
    }
  }

  private async look(): Promise<void> {
    const size = await this.measure();
    const { warnSize, maxSize } = this.options;
    const { troubles, tell, later } = this.house;
    if (size <= warnSize) troubles.over("size");
    else if (!troubles.has("size")) {
      troubles.set("size", "warn", "the database is large");
      tell(largeNotice(size, warnSize));
    }
    if (size <= maxSize || this.prunes) return;
    this.prunes = true;
    later(0, "prune");
  }

  private async prune(): Promise<void> {
    const { later } = this.house;
    const enough = this.options.maxSize * PRUNE_TO;
    const rows = await this.house.run((db, prepare) => removeOldRows(db, prepare, enough));
    const size = await this.measure();
    this.removed += rows;
    if (rows > 0 && size > enough) later(STEP_PAUSE_MS, "prune");
    else {
      this.prunes = false;
      this.tellPruned(size);
      later(0, "give back");
    }
  }

  private tellPruned(size: number): void {
    const { maxSize } = this.options;
    if (Date.now() - this.toldAt < TELL_PRUNED_MS) return;
    this.toldAt = Date.now();
    this.house.tell(prunedNotice(this.removed, size, maxSize));
    this.removed = 0;
  }

  private async measure(): Promise<number> {
    const size = await this.house.run((_, prepare) => usedBytes(prepare));
    this.house.remember({ size });
    return size;
  }
}
