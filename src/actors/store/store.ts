// Store: the only owner of the SQLite handle. Others send it statements; what `write` answers is on disk. Rows that nobody waits
// for are collected and written together (`append`): a crash of the whole program may cost the last 50 ms of them.
// After a crash it opens the file again, which is its state; a database in memory is all that a restart of this process cannot
// bring back. A full disk or a file that another process holds is no crash: the caller is told, and nobody else. A statement
// that is wrong is one. A file that is damaged, gone or replaced is answered by open.ts, and its watchers are told.
// permanent, 5 s to write what is collected and close.
import { statSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import {
  BanyanError,
  type Failure,
  failure,
  GenServer,
  isDown,
  messageOf,
  type NoReply,
  noReply,
  type Ref,
} from "../../supervision/index.js";
import type { HealthStatus } from "../health/status.js";
import { announce } from "../telemetry/happenings.js";
import { Troubles } from "../troubles.js";
import { Backlog } from "./backlog.js";
import { type Backup, listBackups } from "./backups.js";
import { hold } from "./held.js";
import { droppedNotice, replacedNotice } from "./notices.js";
import { mend, type Opened, openDatabase } from "./open.js";
import { usedBytes } from "./size.js";
import { isDamaged } from "./sqlite-codes.js";
import { mendOf } from "./sqlite-mends.js";
import type { Row, Statement } from "./statement.js";
import { Upkeep, type UpkeepOptions } from "./upkeep.js";

export interface StoreOptions {
  /** The database file; its folder is made if need be. */
  readonly file: string;
  /** Checks the file, backs it up and keeps it small; without it, as for a run of one answer, none of that is done. */
  readonly upkeep?: UpkeepOptions | undefined;
}

export interface StoreState {
  readonly file: string;
  /** False: nothing outlives this process. */
  readonly durable: boolean;
  /** Which data this is: another one once the file was begun anew or a backup took its place. */
  readonly id: string;
  /** What the user should know, oldest first. */
  readonly notices: readonly string[];
  /** What the data takes, in bytes; measured once a minute, and every second while rows are appended. */
  readonly size: number;
  readonly lastBackup?: Backup | undefined;
  /** The last integrity check, in epoch milliseconds; undefined before the first of this run. */
  readonly lastCheck?: number | undefined;
  /** Rows given to `append` that were let go. */
  readonly dropped: number;
}

export interface StoreWatcher {
  /** What the user should know. The data may be other data: see `id` of {@link StoreState}. */
  storeChanged(notice: string): void;
}

/** The disk or another process stands in the way; nothing was changed. `code` is SQLite's. */
export class StoreError extends BanyanError {}

/** How long a statement waits for another process that holds the file. */
const BUSY_MS = 2_000;
const BUSY_PAUSE_MS = 25;
/** Rows that nobody waits for are written together after this long, or when they are many. */
const COLLECT_MS = 50;
/** Pause after which rows that could not be written are tried again. */
const WRITE_AGAIN_MS = 1_000;
const MOST_NOTICES = 20;
const REPLACED = "another database took the place of the one that was there";

export class Store extends GenServer<StoreOptions, StoreState> {
  private db!: Database.Database; // set by init
  private inode = 0;
  private readonly prepared = new Map<string, Database.Statement>();
  private readonly watchers = new Map<number, Ref<StoreWatcher>>();
  private readonly troubles = new Troubles();
  private readonly backlog = new Backlog();
  /** Rows let go that the user has not been told of. */
  private untold = 0;
  private collecting: (() => void) | undefined;
  private upkeep: Upkeep | undefined;

  protected override async init({ file, upkeep }: StoreOptions) {
    this.trapExit = true;
    this.take(file, await openDatabase(file, this.signal));
    if (this.state.durable && this.state.notices.length > 0) this.troubles.set("file", "warn", REPLACED);
    if (upkeep === undefined || !this.state.durable) return;
    this.upkeep = new Upkeep(upkeep, {
      file,
      signal: this.signal,
      run: (work) => this.run(() => work(this.db, this.prepare)),
      damaged: (why) => this.replace(why),
      remember: (facts) => {
        this.state = { ...this.state, ...facts };
      },
      tell: (notice) => this.tell(notice),
      troubles: this.troubles,
      later: (ms, message) => void this.sendAfter(ms, message),
    });
    this.upkeep.begin();
  }

  protected override async terminate() {
    try {
      await this.writeCollected();
    } finally {
      this.db.close();
    }
  }

  protected override async handleInfo(message: unknown) {
    if (isDown(message)) this.watchers.delete(message.id);
    else if (message === "collected") await this.writeCollected();
    else await this.upkeep?.handle(message);
  }

  /** Where the data is, how much it is, and when it was last backed up and checked. */
  status(): StoreState {
    return { ...this.state, dropped: this.backlog.dropped };
  }

  /** Checks the file now and backs it up if that is due; answers what is then. Takes a second or so for each 100 MB. Does nothing
   * where the file is not looked after. */
  check(): StoreState | NoReply {
    if (this.upkeep === undefined) return this.status();
    const from = this.from<StoreState>();
    this.upkeep.care(() => void from.reply(this.status()));
    return noReply;
  }

  getStatus(): HealthStatus {
    return this.troubles.status();
  }

  /** Tells the watcher what the user should know, until it ends. */
  watch(watcher: Ref<StoreWatcher>): StoreState {
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return this.status();
  }

  /** The rows of one query; what was appended before it is there. Fails with {@link StoreError}. */
  async all({ sql, params = [] }: Statement): Promise<Row[] | Failure<StoreError>> {
    await this.writeCollected();
    return this.answer("read", () => this.prepare(sql).all(...params) as Row[]); // readers check the columns they use
  }

  /**
   * Runs the statements in one transaction, all or none; resolves once they are on disk, with the number of rows each changed.
   * Fails with {@link StoreError}.
   */
  write(...statements: Statement[]): Promise<number[] | Failure<StoreError>> {
    return this.answer("write", () =>
      this.db.transaction(() => statements.map(({ sql, params = [] }) => this.prepare(sql).run(...params).changes))(),
    );
  }

  /**
   * Writes rows that nobody waits for, within 50 ms, together with others; to be cast. While the database cannot be written at
   * most 10,000 rows or 16 MB wait; then the oldest are let go, counted in `status().dropped`, and the user is told.
   */
  async append(...statements: Statement[]): Promise<void> {
    for (const statement of statements) {
      this.prepare(statement.sql); // one that is wrong is the crash of its own message
      this.backlog.add(statement);
    }
    if (this.backlog.isMuch && !this.troubles.has("append")) await this.writeCollected();
    else this.collecting ??= this.sendAfter(COLLECT_MS, "collected");
  }

  /** Writes all that is collected, so many rows in a transaction; what cannot be written now waits. */
  private async writeCollected(): Promise<void> {
    this.collecting?.();
    this.collecting = undefined;
    try {
      while (this.backlog.length > 0) {
        await this.run(() => this.backlog.writeSome(this.db, this.prepare), 0);
        this.upkeep?.wrote();
        if (this.backlog.length > 0) await nextTurn();
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.troubles.set(
        "append",
        "warn",
        `rows of the log wait, because the database cannot be written (${error.code})`,
      );
      this.collecting = this.sendAfter(WRITE_AGAIN_MS, "collected");
      return;
    }
    this.troubles.over("append");
    const untold = this.backlog.dropped - this.untold;
    this.untold = this.backlog.dropped;
    if (untold > 0) this.tell(droppedNotice(untold));
  }

  private async answer<T>(operation: "read" | "write", work: () => T): Promise<T | Failure<StoreError>> {
    const started = performance.now();
    const told = (outcome: "done" | "failed"): void =>
      announce({ type: "store", operation, outcome, ms: performance.now() - started });
    try {
      const result = await this.run(work);
      told("done");
      return result;
    } catch (error) {
      told("failed");
      if (error instanceof StoreError) return failure(error);
      throw error;
    }
  }

  /**
   * Waits for other processes without holding the event loop, at most `patience` milliseconds. If the file turns out to be
   * damaged, or not to be in its place any more, that is mended and the work done again, once. Throws {@link StoreError}.
   */
  private async run<T>(work: () => T, patience = BUSY_MS): Promise<T> {
    const until = performance.now() + patience;
    for (let mended = false; ; ) {
      try {
        const result = work();
        if (mended || this.isInPlace()) return result;
        mended = true;
        await this.reopen();
      } catch (error) {
        if (!(error instanceof Database.SqliteError)) throw error;
        if (/^SQLITE_(BUSY|LOCKED)/.test(error.code) && performance.now() < until) {
          await sleep(BUSY_PAUSE_MS, undefined, { signal: this.signal });
        } else if (isDamaged(error) && !mended) {
          mended = true;
          await this.replace(messageOf(error));
        } else {
          const why = mendOf(error.code);
          if (why === undefined) throw error;
          throw new StoreError(error.code, `The database could not be used, because ${why} (${messageOf(error)}).`);
        }
      }
    }
  }

  /** False when the file was moved, removed or replaced: what is written now would be found by nobody. */
  private isInPlace(): boolean {
    const { file, durable } = this.state;
    return !durable || statSync(file, { throwIfNoEntry: false })?.ino === this.inode;
  }

  private async reopen(): Promise<void> {
    const { file } = this.state;
    this.db.close();
    const opened = await openDatabase(file, this.signal);
    this.change(opened.notices.length > 0 ? opened : { ...opened, notices: [replacedNotice(file)] });
  }

  private async replace(why: string): Promise<void> {
    this.db.close();
    this.change(await mend(this.state.file, why, this.signal));
  }

  private change(opened: Opened): void {
    this.take(this.state.file, { ...opened, notices: this.state.notices });
    for (const notice of opened.notices) this.tell(notice);
    if (opened.notices.length > 0) this.troubles.set("file", "warn", REPLACED);
  }

  private take(file: string, { db, durable, id, inode, notices }: Opened): void {
    this.db = db;
    // A process that is killed has no `terminate`; one that was killed while it opened the file comes here all the same.
    if (this.signal.aborted) db.close();
    this.signal.addEventListener("abort", () => db.close(), { once: true });
    this.inode = inode;
    this.prepared.clear();
    const size = usedBytes(this.prepare);
    this.state = { ...this.state, file, durable, id, notices, size, dropped: 0, lastBackup: listBackups(file)[0] };
    if (!durable) this.troubles.set("disk", "error", "nothing is kept on disk");
  }

  private tell(notice: string): void {
    const { notices } = this.state;
    if (notices.includes(notice)) return;
    this.state = { ...this.state, notices: [...notices, notice].slice(-MOST_NOTICES) };
    for (const watcher of this.watchers.values()) watcher.cast.storeChanged(notice);
  }

  private readonly prepare = (sql: string): Database.Statement => {
    let statement = this.prepared.get(sql);
    if (statement === undefined) {
      statement = hold(this.db.prepare(sql));
      this.prepared.set(sql, statement);
    }
    return statement;
  };
}
