// Store: the only owner of the SQLite handle. Others send it statements; what it answers is on disk. After a crash it opens
// the file again, which is its state; a database in memory is all that a restart of this process cannot bring back.
// permanent, 5 s to close.
import type Database from "better-sqlite3";
import { GenServer } from "../../supervision/index.js";
import { openDatabase } from "./open.js";

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

export class Store extends GenServer<StoreOptions, StoreState> {
  private db!: Database.Database; // set by init
  private readonly prepared = new Map<string, Database.Statement>();

  protected override init({ file }: StoreOptions) {
    this.trapExit = true;
    const { db, durable, notices } = openDatabase(file);
    this.db = db;
    this.state = { file, durable, notices };
  }

  protected override terminate(): void {
    this.db.close();
  }

  /** Where the data is, whether it outlives this process, and what the user should know. */
  status(): StoreState {
    return this.state;
  }

  /** The rows of one query. */
  all({ sql, params = [] }: Statement): Row[] {
    return this.prepare(sql).all(...params) as Row[]; // readers check the columns they use
  }

  /** Runs the statements in one transaction, all or none; resolves once they are on disk. */
  write(...statements: Statement[]): void {
    this.db.transaction(() => {
      for (const { sql, params = [] } of statements) this.prepare(sql).run(...params);
    })();
  }

  private prepare(sql: string): Database.Statement {
    let statement = this.prepared.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      this.prepared.set(sql, statement);
    }
    return statement;
  }
}
