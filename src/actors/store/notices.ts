// What the user is told about the database: what happened, where things lie now, and what to do.
import { messageOf } from "../../supervision/index.js";
import type { Repaired } from "./upkeep-work.js";

/** `why` is what was wrong with the file; undefined where there was none. */
export function repairNotice(file: string, why: string | undefined, repaired: Repaired): string {
  const { aside, backup, badBackups } = repaired;
  const happened = aside === undefined ? `${file} was gone` : `${file} was damaged (${why ?? "it was empty"})`;
  const lies = aside === undefined ? "" : `; it now lies at ${aside}`;
  const bad =
    badBackups === 0 ? "" : ` (${badBackups} newer, damaged too, ${badBackups === 1 ? "was" : "were"} passed over)`;
  if (backup !== undefined) {
    const when = new Date(backup.at).toLocaleString("sv");
    return `${happened}${lies}, and the backup of ${when}${bad} took its place. What was written after that is not in it.`;
  }
  const why2 = badBackups === 0 ? "" : `, for all ${badBackups} backups are damaged too`;
  return `${happened}${lies} and a new one was begun${why2}.`;
}

export function replacedNotice(file: string): string {
  return `${file} was moved or replaced while Banyan ran; it goes on with the one that is there now.`;
}

export function memoryNotice(file: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const mend = /^(?:SQLITE_FULL|ENOSPC|EDQUOT)/.test(code) ? "make room on its disk" : "make the folder writable";
  return `${file} cannot be used (${messageOf(error)}), so nothing of this session is kept; ${mend} or choose another with --home DIR.`;
}

export function largeNotice(size: number, warnSize: number): string {
  return `The database holds ${megabytes(size)}, more than the ${megabytes(warnSize)} it is warned of (warn_size under [store]); old conversations take most of it as a rule.`;
}

export function prunedNotice(rows: number, size: number, maxSize: number): string {
  const limit = `${megabytes(maxSize)} (max_size under [store])`;
  if (rows === 0) {
    return `The database holds ${megabytes(size)}, more than its limit of ${limit}, and no log is left in it to remove; raise the limit, or move the file away to begin a new one.`;
  }
  const least = size > maxSize ? ", which is still too much; raise the limit" : "";
  return `The database had reached its limit of ${limit}: its ${rows} oldest notifications of servers were removed, and it holds ${megabytes(size)} now${least}.`;
}

export function backupFailedNotice(why: string): string {
  return `No backup of the database could be made (${why}); make room, or see to the folder backups beside it.`;
}

export function checkFailedNotice(why: string): string {
  return `The database could not be checked (${why}); Banyan goes on and checks it again later.`;
}

export function droppedNotice(rows: number): string {
  return `${rows} notifications of servers were not kept, because the database could not be written for a while.`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MB`;
}
