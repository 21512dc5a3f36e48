// The messages of a stored session, page by page.
import { readMessage, type StoredMessage } from "./message.js";
import { readStep } from "./steps.js";
import type { SessionDatabase } from "./stored-sessions.js";

export interface NumberedMessage {
  /** Within the session, from 1. */
  readonly number: number;
  readonly message: StoredMessage;
}

/** Messages read at once, so that none holds up the Store. */
const AT_ONCE = 200;

/** Up to `limit` messages before the one with this number, the oldest first. */
export async function messagesBefore(
  database: SessionDatabase,
  session: string,
  before: number,
  limit: number,
): Promise<NumberedMessage[]> {
  const sql = "SELECT position, body FROM messages WHERE session = ? AND position < ? ORDER BY position DESC LIMIT ?";
  const rows = await readStep(database, { sql, params: [session, before - 1, limit] });
  return rows.reverse().map(numbered);
}

/** All of them, the oldest first. */
export async function* allMessages(database: SessionDatabase, session: string): AsyncGenerator<NumberedMessage> {
  const sql = "SELECT position, body FROM messages WHERE session = ? AND position > ? ORDER BY position LIMIT ?";
  for (let last = -1; ; ) {
    const rows = await readStep(database, { sql, params: [session, last, AT_ONCE] });
    yield* rows.map(numbered);
    if (rows.length < AT_ONCE) return;
    last = Number(rows.at(-1)?.position);
  }
}

function numbered({ position, body }: { readonly [column: string]: unknown }): NumberedMessage {
  return { number: Number(position) + 1, message: readMessage(body) };
}
