// Opening the database so that the app always gets one: a file that is not a database is moved aside and a fresh one begun, a
// folder that cannot be written leaves the app with a database in memory. Nothing is dropped in silence: whatever was done
// instead of the plain thing is said in one sentence that names the mend.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { messageOf } from "../../supervision/index.js";
import { migrations } from "./migrations.js";

export interface Opened {
  readonly db: Database.Database;
  /** False: nothing outlives this process. */
  readonly durable: boolean;
  /** What the user should know. */
  readonly notices: readonly string[];
}

/** How long a write waits for another process that writes the same file. */
const BUSY_TIMEOUT_MS = 2_000;

export function openDatabase(file: string): Opened {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return { db: openFile(file), durable: true, notices: [] };
  } catch (error) {
    if (!isBroken(error)) return inMemory(file, error);
    try {
      const aside = moveAside(file);
      const notice = `${file} was not a database Banyan can read (${messageOf(error)}); it now lies at ${aside} and a new one was begun.`;
      return { db: openFile(file), durable: true, notices: [notice] };
    } catch (second) {
      return inMemory(file, second);
    }
  }
}

function openFile(file: string): Database.Database {
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // FULL: what is acknowledged survives a power cut, not only a crash of this process.
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: Database.Database): void {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > migrations.length) {
    throw new Error(
      `it was written by a newer Banyan (schema ${version}, this one knows ${migrations.length}); update Banyan`,
    );
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(step);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

function isBroken(error: unknown): boolean {
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
  const db = new Database(":memory:");
  migrate(db);
  const notice = `${file} cannot be used (${messageOf(error)}), so nothing of this session is kept; make the folder writable or choose another with --home DIR.`;
  return { db, durable: false, notices: [notice] };
}
