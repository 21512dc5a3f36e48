// How large the database is, and how it is made smaller: one bounded step at a time, so that no step holds up the Store. Only
// the log goes, the oldest first: what servers told unasked. Conversations, approvals, aliases and the audit stay.
import type Database from "better-sqlite3";
import { unsynced } from "./unsynced.js";

/** The Store's, which prepares each text once. */
export type Prepare = (sql: string) => Database.Statement;

const ROWS_AT_ONCE = 100;
const PAGES_AT_ONCE = 100;
/** Time after which a step begins no more. */
const STEP_MS = 2;

/** What the data takes, in bytes; pages that are free to be used again do not count. */
export function usedBytes(prepare: Prepare): number {
  const [pages, free, pageSize] = ["page_count", "freelist_count", "page_size"].map((name) => number(prepare, name));
  return ((pages ?? 0) - (free ?? 0)) * (pageSize ?? 0);
}

/** Removes the oldest rows of the log until the data takes no more than `enough` bytes or no time is left, and says how many;
 * none when there are none. */
export function removeOldRows(db: Database.Database, prepare: Prepare, enough: number): number {
  const until = performance.now() + STEP_MS;
  const remove = prepare("DELETE FROM notifications WHERE id IN (SELECT id FROM notifications ORDER BY id LIMIT ?)");
  const removeSome = db.transaction(() => {
    for (let rows = 0; ; ) {
      const { changes } = remove.run(ROWS_AT_ONCE);
      rows += changes;
      if (changes < ROWS_AT_ONCE || performance.now() > until || usedBytes(prepare) <= enough) return rows;
    }
  });
  return unsynced(db, removeSome);
}

/** Gives some of the free pages back to the disk. False when there are no more, or the file is of a kind that keeps them. */
export function giveBackPages(db: Database.Database, prepare: Prepare): boolean {
  const before = number(prepare, "freelist_count");
  unsynced(db, () => db.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`));
  const after = number(prepare, "freelist_count");
  return after > 0 && after < before;
}

function number(prepare: Prepare, pragma: string): number {
  const row = prepare(`PRAGMA ${pragma}`).get() as Record<string, unknown> | undefined; // one column, named as the pragma
  return Number(row?.[pragma] ?? 0);
}
