// Removing a session. From one moment on it is there for nobody: the record of it in the audit and the mark on its row are one
// transaction. What it was goes after that in steps, so that none holds up the Store; a kill in between leaves the rest to the
// next sweep.
import { BanyanError } from "../../supervision/index.js";
import { type Recorder, recordAction } from "../audit/audit.js";
import {
  NoSessionError,
  type SessionDatabase,
  type StoredSession,
  selectSessions,
  TakenError,
} from "./stored-sessions.js";
import { sweepSome } from "./sweep.js";

/** Rejects with {@link TakenError} while another process has it open, with {@link NoSessionError}, or as the audit does; then
 * nothing was removed. */
export async function removeSession(database: SessionDatabase, audit: Recorder, session: StoredSession): Promise<void> {
  const { id, run, openIn, name, project, messages } = session;
  if (openIn !== undefined) {
    throw new TakenError(`The conversation ${name ?? id} is open in the process ${openIn}; end that one first.`);
  }
  const detail = { name: name ?? null, of: project, messages };
  await recordAction(
    audit,
    { action: "session.remove", subject: id, detail },
    // Not if it was taken up since it was looked at.
    {
      sql: "UPDATE sessions SET state = 'removing', run = '', name = NULL WHERE id = ? AND run = ? AND state = 'whole'",
      params: [id, run],
    },
  );
  const [still] = await selectSessions(database, "id = ?", [id]);
  if (still !== undefined) {
    throw new BanyanError(
      "session_taken",
      `The conversation ${name ?? id} has just been taken up; nothing was removed.`,
    );
  }
  while (await sweepSome(database));
}
