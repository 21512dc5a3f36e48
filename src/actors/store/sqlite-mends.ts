// What stands in SQLite's way where it is nothing that Banyan did, and how the user mends it. It loads nothing, for a command that failed
// asks it, too.

const MENDS: readonly [code: string, why: string][] = [
  ["SQLITE_FULL", "the disk is full; make room and say it again"],
  ["SQLITE_BUSY", "another program holds the database; close it and say it again"],
  ["SQLITE_LOCKED", "another program holds the database; close it and say it again"],
  ["SQLITE_READONLY", "the database may not be written; make it writable and say it again"],
  ["SQLITE_PERM", "the database may not be written; make it writable and say it again"],
  ["SQLITE_CANTOPEN", "the database's file cannot be opened; see to its folder and start Banyan again"],
  ["SQLITE_IOERR", "the disk fails to read or write; see to it and say it again"],
];

/** What stands in the way, and the mend; undefined for a statement that is wrong. */
export function mendOf(code: string): string | undefined {
  return MENDS.find(([known]) => code.startsWith(known))?.[1];
}
