// Rows that nobody waits for, collected until the Store writes many of them at once. It holds so many and no more: while the
// database cannot be written the oldest go, and are counted.
import Database from "better-sqlite3";
import type { Prepare } from "./size.js";
import type { Statement } from "./statement.js";
import { unsynced } from "./unsynced.js";

const MOST_ROWS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** What one transaction takes: few milliseconds' work. */
const SOME_ROWS = 500;
const SOME_BYTES = 1024 * 1024;

export class Backlog {
  private rows: Statement[] = [];
  private bytes = 0;
  /** Rows that were let go since the start. */
  dropped = 0;

  get length(): number {
    return this.rows.length;
  }

  /** Enough for a transaction of its own. */
  get isMuch(): boolean {
    return this.rows.length >= SOME_ROWS || this.bytes >= SOME_BYTES;
  }

  add(statement: Statement): void {
    this.rows.push(statement);
    this.bytes += sizeOf(statement);
    let gone = 0;
    for (; this.rows.length - gone > MOST_ROWS || this.bytes > MOST_BYTES; gone++) {
      const oldest = this.rows[gone];
      if (oldest === undefined) break;
      this.bytes -= sizeOf(oldest);
    }
    if (gone > 0) this.rows.splice(0, gone);
    this.dropped += gone;
  }

  /** Writes the oldest rows in one transaction. A row that the database refuses goes alone; a throw leaves all of them here. */
  writeSome(db: Database.Database, prepare: Prepare): void {
    const { rows, bytes } = this.some();
    const write = db.transaction(() => rows.filter((row) => !isTaken(row, prepare)).length);
    const refused = unsynced(db, write);
    this.rows.splice(0, rows.length);
    this.bytes -= bytes;
    this.dropped += refused;
  }

  private some(): { rows: readonly Statement[]; bytes: number } {
    let [count, bytes] = [0, 0];
    for (const row of this.rows) {
      if (count >= SOME_ROWS || bytes >= SOME_BYTES) break;
      count++;
      bytes += sizeOf(row);
    }
    return { rows: this.rows.slice(0, count), bytes };
  }
}

function isTaken({ sql, params = [] }: Statement, prepare: Prepare): boolean {
  try {
    prepare(sql).run(...params);
    return true;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith("SQLITE_CONSTRAINT")) return false;
    throw error;
  }
}

function sizeOf({ params = [] }: Statement): number {
  return params.reduce((sum: number, value) => {
    if (typeof value === "string") return sum + value.length;
    return sum + (value instanceof Uint8Array ? value.byteLength : 8);
  }, 0);
}
