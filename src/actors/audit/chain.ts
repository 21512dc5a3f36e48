// Reading the audit back and proving it: for the command line, on a database that a running app may be writing to. The file is
// opened read-only, so nothing here can change what it judges.
import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import { BanyanError, messageOf } from "../../supervision/index.js";
import { hold } from "../store/held.js";
import { type AuditRow, hashOf } from "./entry.js";

/** The chain as far as it holds; `broken` names the first row that does not fit and says why. */
export interface Verdict {
  /** Rows that fit. */
  readonly rows: number;
  /** The hash of the last of them, empty without one. Kept elsewhere, it also shows whether rows were cut off the end. */
  readonly last: string;
  readonly broken: { readonly row: AuditRow; readonly why: string } | undefined;
}

/** The newest rows, oldest first. Throws a {@link BanyanError} when the database cannot be read. */
export function newestRows(file: string, limit: number): AuditRow[] {
  return reading(file, [], (rows) => [...rows("ORDER BY seq DESC LIMIT ?", limit)].reverse());
}

/** Follows the chain from its first row. Throws a {@link BanyanError} when the database cannot be read. */
export function verify(file: string): Verdict {
  return reading(file, { rows: 0, last: "", broken: undefined }, (rows) => follow(rows("ORDER BY seq")));
}

function follow(rows: Iterable<AuditRow>): Verdict {
  let count = 0;
  let last = "";
  for (const row of rows) {
    const why = misfit(row, count + 1, last);
    if (why !== undefined) return { rows: count, last, broken: { row, why } };
    count++;
    last = row.hash;
  }
  return { rows: count, last, broken: undefined };
}

function misfit(row: AuditRow, seq: number, previous: string): string | undefined {
  if (row.seq !== seq)
    return row.seq === seq + 1 ? `row ${seq} is missing` : `rows ${seq} to ${row.seq - 1} are missing`;
  if (row.hash !== hashOf(row)) return "it was changed after it was written";
  if (row.previous !== previous) return "it does not follow the row before it, which was changed or replaced";
  return undefined;
}

type Rows = (rest: string, ...params: number[]) => Iterable<AuditRow>;

function reading<T>(file: string, nothing: T, read: (rows: Rows) => T): T {
  if (!existsSync(file)) return nothing;
  let db: Database.Database | undefined;
  try {
    const opened = hold(new Database(file, { readonly: true, timeout: 2_000 }));
    db = opened;
    const exists = hold(opened.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'audit'")).get();
    if (exists === undefined) return nothing; // written by a Banyan from before there was an audit
    // The table is STRICT, so its columns have the types they say.
    return read(
      (rest, ...params) =>
        hold(hold(opened.prepare(`SELECT * FROM audit ${rest}`)).iterate(...params)) as Iterable<AuditRow>,
    );
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    const message = `${file} cannot be read (${messageOf(error)}); restore a backup of it or move it aside.`;
    throw new BanyanError("audit_unreadable", message);
  } finally {
    db?.close();
  }
}
