// One writer of a file at a time, among all programs on this machine: who holds the lock has an exclusive transaction open in an
// empty SQLite database beside the file. Unlike a lock file it cannot be left behind: with its process, the lock is gone.
import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Database from "better-sqlite3";
import { BanyanError } from "../../supervision/errors.js";
import { hold } from "../store/held.js";

const PATIENCE_MS = 10_000;
const PAUSE_MS = 10;

interface Lock {
  readonly db: Database.Database;
  /** Which file it has open. */
  readonly inode: number | undefined;
}

/** Opened once for each file, for none is ever collected (see `hold`); and again where somebody has removed the file. */
const locks = new Map<string, Lock>();

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
  if (known !== undefined && known.inode === inodeOf(file)) return known.db;
  closeSync(openSync(file, "a", 0o600)); // SQLite makes it later
  const lock = { db: hold(new Sqlite(file, { timeout: 0 })), inode: inodeOf(file) };
  locks.set(file, lock);
  return lock.db;
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

/** False while another holds it, in this program or in another. */
function taken(db: Database.Database): boolean {
  if (db.inTransaction) return false;
  try {
    // Nothing is ever written, so there is no journal to be kept on the disk, which may be full.
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY")) return false;
    throw error;
  }
}
