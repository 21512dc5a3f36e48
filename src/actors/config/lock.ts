// One writer of a file at a time, among all programs on this machine: who holds the lock has an exclusive transaction open in an
// empty SQLite database beside the file. Unlike a lock file it cannot be left behind: with its process, the lock is gone.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Database from "better-sqlite3";
import { BanyanError } from "../../supervision/errors.js";
import { hold } from "../store/held.js";

const PATIENCE_MS = 10_000;
const PAUSE_MS = 10;

/** Opened once for each file, for none is ever collected (see `hold`). */
const locks = new Map<string, Database.Database>();

/** Runs `work` while nobody else does so for the same file. Makes the file's folder. Fails with `locked` after ten seconds. */
export async function withLock<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = await lockOf(`${file}.lock`);
  const deadline = performance.now() + PATIENCE_MS;
  while (!taken(db)) {
    if (performance.now() > deadline) {
      throw new BanyanError("locked", `Another program is writing ${file}; try again once it is done.`);
    }
    await sleep(PAUSE_MS);
  }
  try {
    return await work();
  } finally {
    db.exec("ROLLBACK");
  }
}

async function lockOf(file: string): Promise<Database.Database> {
  const { default: Sqlite } = await import("better-sqlite3");
  const known = locks.get(file);
  if (known !== undefined) return known;
  const db = hold(new Sqlite(file, { timeout: 0 }));
  locks.set(file, db);
  return db;
}

/** False while another holds it, in this program or in another. */
function taken(db: Database.Database): boolean {
  if (db.inTransaction) return false;
  try {
    db.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY")) return false;
    throw error;
  }
}
