// The folder of backups beside the database: one file a day, `banyan-YYYY-MM-DD.db` (UTC), each a whole database of its own.
// A file has that name only once it was checked; what is still being written has another.
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Backup {
  readonly file: string;
  /** When it was made, in epoch milliseconds. */
  readonly at: number;
}

const NAME = /^banyan-\d{4}-\d\d-\d\d\.db$/;
const UNFINISHED = /^banyan-.*\.unfinished$/;

export function backupFolder(database: string): string {
  return join(dirname(database), "backups");
}

/** Makes the folder, for its owner alone. */
export function makeBackupFolder(database: string): string {
  const folder = backupFolder(database);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

export function backupName(at: number): string {
  return `banyan-${new Date(at).toISOString().slice(0, 10)}.db`;
}

/** Newest first; none where there is no folder or it cannot be read. */
export function listBackups(database: string): Backup[] {
  const folder = backupFolder(database);
  return namesIn(folder)
    .filter((name) => NAME.test(name))
    .sort()
    .reverse()
    .flatMap((name) => {
      const file = join(folder, name);
      const stats = statSync(file, { throwIfNoEntry: false });
      return stats === undefined ? [] : { file, at: stats.mtimeMs };
    });
}

/** True when no other backup is due yet. One from the future, of a clock that was wrong, holds up none. */
export function isFresh(backup: Backup | undefined, interval: number): boolean {
  return backup !== undefined && Math.abs(Date.now() - backup.at) < interval;
}

/** Removes all but the newest, and what a process that was killed left unfinished. */
export function removeOldBackups(database: string, kept: number): void {
  for (const { file } of listBackups(database).slice(kept)) rmSync(file, { force: true });
  const folder = backupFolder(database);
  for (const name of namesIn(folder)) if (UNFINISHED.test(name)) rmSync(join(folder, name), { force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
