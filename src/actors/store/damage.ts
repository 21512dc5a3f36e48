// How SQLite says that a file is not, or no longer, a database.
import Database from "better-sqlite3";

/** True when the file is damaged; false for what a full disk, another process or a wrong statement brings about. */
export function isDamaged(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  const code = error instanceof Database.SqliteError ? error.code : "";
  return code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT");
}
