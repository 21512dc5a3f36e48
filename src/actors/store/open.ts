// Opening the database so that the app always gets one: the newest good backup takes the place of a file that is damaged or
// gone, without one a fresh file is begun, and a folder that cannot be written leaves the app with a database in memory.
// Nothing is dropped in silence: a damaged file is kept, and whatever was done instead of the plain thing is said in one
// sentence that says where things lie.
import { createHash, randomUUID } from "node:crypto";
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { messageOf } from "../../supervision/index.js";
import { listBackups } from "./backups.js";
import { hold } from "./held.js";
import { migrations } from "./migrations.js";
import { backupFailedNotice, memoryNotice, repairNotice } from "./notices.js";
import { isDamaged } from "./sqlite-codes.js";
import { inThread } from "./upkeep-thread.js";
import { isEmpty } from "./upkeep-work.js";

export interface Opened {
  readonly db: Database.Database;
  /** False: nothing outlives this process. */
  readonly durable: boolean;
  /** Which data this is: another one once the file was begun anew or a backup took its place. */
  readonly id: string;
  /** The file that is open, whatever has its name later. */
  readonly inode: number;
  /** What the user should know. */
  readonly notices: readonly string[];
}

/** How long the event loop is held for another process that writes the same file. Who can wait longer tries again later. */
const BUSY_TIMEOUT_MS = 20;
/** At the start nothing else goes on, so there the wait may hold the event loop. */
const OPENING_TIMEOUT_MS = 2_000;
/** The log is cut down to this once what a backup or a long write let it grow to is in the database. */
const LOG_BYTES = 16 * 1024 * 1024;

/** `signal` ends a repair that is under way; then the database is one in memory. */
export async function openDatabase(file: string, signal: AbortSignal): Promise<Opened> {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (isEmpty(file) && listBackups(file).length > 0) return await mend(file, undefined, signal);
    return opened(file, await backUpIfOlder(file, signal));
  } catch (error) {
    return isDamaged(error) ? mend(file, messageOf(error), signal) : inMemory(file, error);
  }
}

/** A database whose shape is about to change is backed up first; what stands in the way of that is told, and no reason to stop. */
async function backUpIfOlder(file: string, signal: AbortSignal): Promise<string[]> {
  const version = versionOf(file);
  if (version === 0 || version >= migrations.length) return [];
  const all = Number.POSITIVE_INFINITY;
  const { backupFailed } = await inThread({ job: "care", file, kept: all, interval: 0 }, signal);
  return backupFailed === undefined ? [] : [backupFailedNotice(backupFailed)];
}

/** 0 for what is no database yet, or none that can be read just now. */
function versionOf(file: string): number {
  if (isEmpty(file)) return 0;
  const db = hold(new Database(file, { timeout: 0 }));
  try {
    return Number(hold(db.prepare("PRAGMA user_version").pluck()).get());
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === "SQLITE_BUSY") return 0;
    throw error;
  } finally {
    db.close();
  }
}

/** Puts a backup or a new file in the place of one that is damaged, which nobody here has open any more, or gone. `why` is
 * what is wrong with it. */
export async function mend(file: string, why: string | undefined, signal: AbortSignal): Promise<Opened> {
  try {
    const repaired = await inThread({ job: "repair", file }, signal);
    return opened(file, repaired.wasGood ? [] : [repairNotice(file, why, repaired)]);
  } catch (error) {
    return inMemory(file, error);
  }
}

function opened(file: string, notices: readonly string[]): Opened {
  makePrivate(file);
  const db = hold(new Database(file, { timeout: OPENING_TIMEOUT_MS }));
  try {
    // FULL: what is acknowledged survives a power cut, not only a crash of this process.
    addFunctions(db);
    // Space that is given free goes back to the disk in steps; that must be said before the file has a first table.
    db.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = ${LOG_BYTES}`);
    migrate(db);
    const id = identify(db);
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return { db, durable: true, id, inode: statSync(file).ino, notices };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** What statements may use besides SQLite's own: `sha256(text)`, in hexadecimal. */
function addFunctions(db: Database.Database): void {
  db.function("sha256", { deterministic: true }, (text) => createHash("sha256").update(String(text)).digest("hex"));
}

/** Only its owner may read what was said. SQLite gives the files beside it the mode of the file itself. */
function makePrivate(file: string): void {
  closeSync(openSync(file, "a", 0o600));
  for (const suffix of ["", "-wal", "-shm"]) {
    try {
      chmodSync(file + suffix, 0o600);
    } catch {
      // Not there, or another's: then it is not ours to close.
    }
  }
}

function migrate(db: Database.Database): void {
  const userVersion = hold(db.prepare("PRAGMA user_version").pluck());
  const version = Number(userVersion.get());
  if (version > migrations.length) {
    throw new Error(
      `it was written by a newer Banyan (schema ${version}, this one knows ${migrations.length}); update Banyan`,
    );
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      // Another process that starts at the same time may have taken this step while we waited for the lock.
      if (Number(userVersion.get()) > index) return;
      db.exec(step);
      db.exec(`PRAGMA user_version = ${index + 1}`);
    }).immediate();
  }
}

function identify(db: Database.Database): string {
  const sql = "SELECT state FROM process_state WHERE run = '' AND process = 'Store'";
  const known = hold(db.prepare(sql).pluck());
  const insert = `INSERT OR IGNORE INTO process_state (run, process, state, updated_at) VALUES ('', 'Store', ?, ?)`;
  if (known.get() === undefined) hold(db.prepare(insert)).run(JSON.stringify(randomUUID()), Date.now());
  return String(known.get());
}

function inMemory(file: string, error: unknown): Opened {
  const db = hold(new Database(":memory:"));
  addFunctions(db);
  migrate(db);
  return { db, durable: false, id: identify(db), inode: 0, notices: [memoryNotice(file, error)] };
}
