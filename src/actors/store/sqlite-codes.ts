// Which of SQLite's errors mean that a file is damaged.
import Database from "better-sqlite3";

/** True when the file is not, or no longer, a database. */
export function isDamaged(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  const code = error instanceof Database.SqliteError ? error.code : "";
  return code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT");
}
