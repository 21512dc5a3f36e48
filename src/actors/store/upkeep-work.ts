// What keeps the database whole: checking it, backing it up, and putting a backup in its place. All of it reads the whole
// file, so it runs in a thread of its own (upkeep-worker.ts) on connections of its own, and never on the event loop. Processes
// that share a database take turns by a lock that ends with the process that holds it.
// A backup is made by `VACUUM INTO`, one consistent moment that holds up no writer. (better-sqlite3's `backup()` begins again
// whenever another connection writes, and its objects cannot be held as held.ts wants them.)
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { platform } from "../platform/index.js";
import { type Backup, backupName, isFresh, listBackups, makeBackupFolder, removeOldBackups } from "./backups.js";
import { hold } from "./held.js";
import { isDamaged } from "./sqlite-codes.js";

export interface CareOrder {
  readonly job: "care";
  readonly file: string;
  /** How many backups are kept; 0 makes none. */
  readonly kept: number;
  /** A backup is made when the newest is older than this, in milliseconds. */
  readonly interval: number;
}

export interface Cared {
  readonly checkedAt: number;
  /** What is wrong with the database. */
  readonly damage?: string;
  /** The newest backup there is. */
  readonly backup?: Backup;
  /** Why the backup that was due could not be made. */
  readonly backupFailed?: string;
}

export interface RepairOrder {
  readonly job: "repair";
  readonly file: string;
}

export interface Repaired {
  /** Where the damaged file lies now. */
  readonly aside?: string;
  /** The backup that took its place; without one there is no file now. */
  readonly backup?: Backup;
  /** Backups that were damaged too. */
  readonly badBackups: number;
  /** The database was good: another process had mended it by then. */
  readonly wasGood: boolean;
}

/** How long one process waits for another that has the lock. */
const LOCK_TIMEOUT_MS = 60_000;
const BUSY_TIMEOUT_MS = 5_000;

/** Checks the database and, if it is good and a backup is due, makes one. */
export function care({ file, kept, interval }: CareOrder): Cared {
  const damage = damageOf(file);
  const checked = { checkedAt: Date.now(), ...(damage === undefined ? {} : { damage }) };
  if (damage !== undefined) return checked;
  let failed: { backupFailed?: string } = {};
  try {
    if (kept > 0) backUp(file, kept, interval);
  } catch (error) {
    failed = { backupFailed: error instanceof Error ? error.message : String(error) };
  }
  const [backup] = listBackups(file);
  return { ...checked, ...failed, ...(backup === undefined ? {} : { backup }) };
}

function backUp(file: string, kept: number, interval: number): void {
  withLock(file, () => {
    if (isFresh(listBackups(file)[0], interval)) return;
    removeOldBackups(file, kept);
    const name = join(makeBackupFolder(file), backupName(Date.now()));
    const unfinished = `${name}.unfinished`;
    closeSync(openSync(unfinished, "w", 0o600));
    try {
      withDatabase(file, {}, (db) => hold(db.prepare("VACUUM INTO ?")).run(unfinished));
      const damage = damageOf(unfinished);
      if (damage !== undefined) throw new Error(`the copy is damaged: ${damage}`);
      toDisk(unfinished);
      renameSync(unfinished, name);
    } finally {
      rmSync(unfinished, { force: true });
    }
    toDisk(dirname(name));
    removeOldBackups(file, kept);
  });
}

/** Moves a damaged database aside and puts the newest good backup in its place, if there is one. */
export function repair({ file }: RepairOrder): Repaired {
  return withLock(file, () => {
    if (!isEmpty(file) && damageOf(file) === undefined) return { badBackups: 0, wasGood: true };
    const backups = listBackups(file);
    const good = backups.findIndex((candidate) => damageOf(candidate.file) === undefined);
    const backup = backups[good];
    const ready = backup === undefined ? undefined : prepareBackup(backup, file);
    const aside = moveAside(file);
    if (ready !== undefined) renameSync(ready, file);
    toDisk(dirname(file));
    return {
      badBackups: good < 0 ? backups.length : good,
      wasGood: false,
      ...(aside === undefined ? {} : { aside }),
      ...(backup === undefined ? {} : { backup }),
    };
  });
}

/** No database was ever there, or its file is gone or was cut down to nothing. */
export function isEmpty(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/** A copy of the backup that needs only a name. */
function prepareBackup(backup: Backup, file: string): string {
  const copy = `${file}.restoring`;
  copyFileSync(backup.file, copy);
  chmodSync(copy, 0o600);
  // Other data than before, so another identity than the backup's: see open.ts.
  withDatabase(copy, {}, (db) => db.exec("DELETE FROM process_state WHERE run = '' AND process = 'Store'"));
  toDisk(copy);
  return copy;
}

/** The log goes with its file: what it holds is of that one, and left behind it would be applied to the next. */
function moveAside(file: string): string | undefined {
  const aside = `${file}.broken-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  const parts = ["-wal", "-shm", ""].filter((suffix) => existsSync(file + suffix));
  for (const suffix of parts) renameSync(file + suffix, aside + suffix);
  return parts.includes("") ? aside : undefined;
}

/** What is wrong with a database; undefined for a good one. Throws what is the disk's or another process's fault. */
export function damageOf(file: string): string | undefined {
  try {
    const found = withDatabase(file, { fileMustExist: true }, (db) =>
      hold(db.prepare("PRAGMA integrity_check(1)").pluck()).get(),
    );
    if (found === "ok") return undefined;
    return String(found).replace("*** in database main ***", "").trim();
  } catch (error) {
    if (isDamaged(error)) return error.message;
    throw error;
  }
}

function withDatabase<T>(file: string, options: Database.Options, work: (db: Database.Database) => T): T {
  const db = hold(new Database(file, { timeout: BUSY_TIMEOUT_MS, ...options }));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** SQLite's own lock on an empty file: it ends with the process, however that ends. */
function withLock<T>(file: string, work: () => T): T {
  const lock = join(makeBackupFolder(file), "lock");
  closeSync(openSync(lock, "a", 0o600));
  // Nothing is ever written into it, so what is there is damage. Made empty and not removed: another may have its lock on it by now.
  if (!isEmpty(lock)) truncateSync(lock);
  return withDatabase(lock, { timeout: LOCK_TIMEOUT_MS }, (db) => {
    db.exec("BEGIN EXCLUSIVE");
    return work();
  });
}

function toDisk(path: string): void {
  if (!platform.syncsFolders) return;
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
