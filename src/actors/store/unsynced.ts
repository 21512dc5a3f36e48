// Writes that nobody was promised: they need not hold the event loop until the disk has them. They outlive a kill of this process;
// a power cut may take them, up to the next write that waits for the disk. The file stays whole either way (WAL).
import type Database from "better-sqlite3";

export function unsynced<T>(db: Database.Database, work: () => T): T {
  db.exec("PRAGMA synchronous = NORMAL");
  try {
    return work();
  } finally {
    db.exec("PRAGMA synchronous = FULL");
  }
}
