// Forking a session: a new one with the same beginning, that goes its own way from there. A long one is copied in steps, so that
// none holds up the Store; until the last of them it is there for nobody, and if its maker is killed it is swept away.
import { ownerOf } from "../run-owner.js";
import type { SqlValue } from "../store/statement.js";
import { writeStep } from "./steps.js";
import { findSession, freeName, nameSession, type SessionDatabase, type StoredSession } from "./stored-sessions.js";

/** Messages copied in one transaction. */
const AT_ONCE = 100;

export interface ForkRequest {
  /** Names the fork: asked again after a crash it is still one. */
  readonly id: string;
  /** How many messages, from the first on; undefined for all of them. */
  readonly messages: number | undefined;
  readonly name: string | undefined;
}

/**
 * Answers the new session, which is nobody's yet and has cost nothing. Rejects with StoreError, or as `nameSession` does, and then
 * there is none.
 */
export async function forkSession(
  database: SessionDatabase,
  of: StoredSession,
  { id, messages, name }: ForkRequest,
): Promise<StoredSession> {
  if (name !== undefined) await freeName(database, name, id); // before anything is made
  const { pid, started } = ownerOf(process.pid);
  const end = Math.min(messages ?? of.messages, of.messages);
  const now = Date.now();
  const write = (sql: string, params: SqlValue[]) => writeStep(database, { sql, params });
  await write(
    `INSERT OR IGNORE INTO sessions (id, project, run, model, kind, created_at, updated_at, pid, pid_started, state, forked_from, context)
     SELECT ?, project, '', model, 'chat', ?, ?, ?, ?, 'making', id, context FROM sessions WHERE id = ?`,
    [id, now, now, pid, started, of.id],
  );
  for (let from = 0; from < end; from += AT_ONCE) {
    // A copied message has an id of its own, the same one if it is copied again. The turn that answers it goes on in the other.
    await write(
      `INSERT OR IGNORE INTO messages (session, position, id, body, created_at)
       SELECT ?, position, sha256(? || id), json_remove(json_set(body, '$.id', sha256(? || id)), '$.turn'), created_at FROM messages
       WHERE session = ? AND position >= ? AND position < ? AND json_valid(body) ORDER BY position`,
      [id, id, id, of.id, from, Math.min(from + AT_ONCE, end)],
    );
  }
  await write("UPDATE sessions SET state = 'whole', pid = NULL WHERE id = ? AND state = 'making'", [id]);
  if (name !== undefined) await nameSession(database, id, name);
  return findSession(database, id);
}
