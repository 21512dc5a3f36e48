// Store: the only owner of the SQLite handle. Others send it statements; what it answers is on disk. After a crash it opens
// the file again, which is its state; a database in memory is all that a restart of this process cannot bring back.
// A full disk or a file that another process holds is no crash: the caller is told, and nobody else. A statement that is
// wrong is one.
// permanent, 5 s to close.
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { BanyanError, type Failure, failure, GenServer, messageOf, type Ref } from "../../supervision/index.js";
import { announce } from "../telemetry/happenings.js";
import { hold } from "./held.js";
import { beginAnew, isDamaged, type Opened, openDatabase } from "./open.js";

export type SqlValue = string | number | bigint | null | Uint8Array;

export interface Statement {
  readonly sql: string;
  readonly params?: readonly SqlValue[];
}

export type Row = Readonly<Record<string, unknown>>;

export interface StoreOptions {
  /** The database file; its folder is made if need be. */
  readonly file: string;
}

interface StoreState {
  readonly file: string;
  readonly durable: boolean;
  readonly notices: readonly string[];
}

export interface StoreWatcher {
  /** What the user should know: the data is not where it was. */
  storeChanged(notice: string): void;
}

/** The disk or another process stands in the way; nothing was changed. `code` is SQLite's. */
export class StoreError extends BanyanError {}

/** How long a statement waits for another process that holds the file. */
const BUSY_MS = 2_000;
const BUSY_PAUSE_MS = 25;

/** What stands in the way by SQLite's code, and the mend. */
const MENDS: readonly [code: string, why: string][] = [
  ["SQLITE_FULL", "the disk is full; make room and say it again"],
  ["SQLITE_BUSY", "another program holds the database; close it and say it again"],
  ["SQLITE_LOCKED", "another program holds the database; close it and say it again"],
  ["SQLITE_READONLY", "the database may not be written; make it writable and say it again"],
  ["SQLITE_PERM", "the database may not be written; make it writable and say it again"],
  ["SQLITE_CANTOPEN", "the database's file cannot be opened; see to its folder and start Banyan again"],
  ["SQLITE_IOERR", "the disk fails to read or write; see to it and say it again"],
];

export class Store extends GenServer<StoreOptions, StoreState> {
  private db!: Database.Database; // set by init
  private readonly prepared = new Map<string, Database.Statement>();
  private readonly watchers = new Map<number, Ref<StoreWatcher>>();

  protected override init({ file }: StoreOptions) {
    this.trapExit = true;
    this.take(file, openDatabase(file));
  }

  protected override terminate(): void {
    this.db.close();
  }

  protected override handleInfo(message: { readonly id?: number }): void {
    if (message.id !== undefined) this.watchers.delete(message.id);
  }

  /** Where the data is, whether it outlives this process, and what the user should know. */
  status(): StoreState {
    return this.state;
  }

  /** Tells the watcher when the data is no longer where it was, until it ends. */
  watch(watcher: Ref<StoreWatcher>): StoreState {
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return this.state;
  }

  /** The rows of one query. Fails with {@link StoreError}. */
  all({ sql, params = [] }: Statement): Promise<Row[] | Failure<StoreError>> {
    return this.attempt("read", () => this.prepare(sql).all(...params) as Row[]); // readers check the columns they use
  }

  /**
   * Runs the statements in one transaction, all or none; resolves once they are on disk, with the number of rows each changed.
   * Fails with {@link StoreError}.
   */
  write(...statements: Statement[]): Promise<number[] | Failure<StoreError>> {
    return this.attempt("write", () =>
      this.db.transaction(() => statements.map(({ sql, params = [] }) => this.prepare(sql).run(...params).changes))(),
    );
  }

  /** Waits for other processes without holding the event loop, and begins a new file once if this one is damaged. */
  private async attempt<T>(operation: "read" | "write", work: () => T): Promise<T | Failure<StoreError>> {
    const started = performance.now();
    const until = started + BUSY_MS;
    const told = (outcome: "done" | "failed") =>
      announce({ type: "store", operation, outcome, ms: performance.now() - started });
    for (let begun = false; ; ) {
      try {
        const result = work();
        told("done");
        return result;
      } catch (error) {
        if (!(error instanceof Database.SqliteError)) throw error;
        if (/^SQLITE_(BUSY|LOCKED)/.test(error.code) && performance.now() < until) {
          await sleep(BUSY_PAUSE_MS, undefined, { signal: this.signal });
        } else if (isDamaged(error) && !begun) {
          begun = true;
          this.replace(error);
        } else {
          const mend = MENDS.find(([code]) => error.code.startsWith(code))?.[1];
          told("failed");
          if (mend === undefined) throw error;
          return failure(
            new StoreError(error.code, `The database could not be used, because ${mend} (${messageOf(error)}).`),
          );
        }
      }
    }
  }

  private replace(why: unknown): void {
    const { file } = this.state;
    this.db.close();
    this.take(file, beginAnew(file, why));
    for (const watcher of this.watchers.values()) {
      for (const notice of this.state.notices) watcher.cast.storeChanged(notice);
    }
  }

  private take(file: string, { db, durable, notices }: Opened): void {
    this.db = db;
    this.prepared.clear();
    this.state = { file, durable, notices };
  }

  private prepare(sql: string): Database.Statement {
    let statement = this.prepared.get(sql);
    if (statement === undefined) {
      statement = hold(this.db.prepare(sql));
      this.prepared.set(sql, statement);
    }
    return statement;
  }
}
