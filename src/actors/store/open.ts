// Opening the database so that the app always gets one: a file that is not a database is moved aside and a fresh one begun, a
// folder that cannot be written leaves the app with a database in memory. Nothing is dropped in silence: whatever was done
// instead of the plain thing is said in one sentence that names the mend.
import { createHash } from "node:crypto";
import { chmodSync, closeSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { messageOf } from "../../supervision/index.js";
import { hold } from "./held.js";
import { migrations } from "./migrations.js";

export interface Opened {
  readonly db: Database.Database;
  /** False: nothing outlives this process. */
  readonly durable: boolean;
  /** What the user should know. */
  readonly notices: readonly string[];
}

/** How long the event loop is held for another process that writes the same file. Who can wait longer tries again later. */
const BUSY_TIMEOUT_MS = 20;
/** At the start nothing else goes on, so there the wait may hold the event loop. */
const OPENING_TIMEOUT_MS = 2_000;

export function openDatabase(file: string): Opened {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return { db: openFile(file), durable: true, notices: [] };
  } catch (error) {
    return isDamaged(error) ? beginAnew(file, error) : inMemory(file, error);
  }
}

/** Moves a damaged file, which nobody here has open any more, aside and begins a new one. */
export function beginAnew(file: string, why: unknown): Opened {
  try {
    const aside = moveAside(file);
    const notice = `${file} was not a database Banyan can read (${messageOf(why)}); it now lies at ${aside} and a new one was begun.`;
    return { db: openFile(file), durable: true, notices: [notice] };
  } catch (error) {
    return inMemory(file, error);
  }
}

function openFile(file: string): Database.Database {
  makePrivate(file);
  const db = hold(new Database(file, { timeout: OPENING_TIMEOUT_MS }));
  try {
    // FULL: what is acknowledged survives a power cut, not only a crash of this process.
    addFunctions(db);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    migrate(db);
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return db;
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

/** True when the file is not, or no longer, a database. */
export function isDamaged(error: unknown): boolean {
  const code = error instanceof Database.SqliteError ? error.code : "";
  return code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT");
}

function moveAside(file: string): string {
  const aside = `${file}.broken-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  renameSync(file, aside);
  // The log and the shared memory belong to the file that is gone; left behind, they would be applied to the new one.
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  return aside;
}

function inMemory(file: string, error: unknown): Opened {
  const db = hold(new Database(":memory:"));
  addFunctions(db);
  migrate(db);
  const notice = `${file} cannot be used (${messageOf(error)}), so nothing of this session is kept; make the folder writable or choose another with --home DIR.`;
  return { db, durable: false, notices: [notice] };
}
