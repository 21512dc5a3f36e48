// What is left of sessions that count no more: those being removed, and forks whose maker was killed. A long one goes in steps,
// so that none holds up the Store.
import { isAlive } from "../run-owner.js";
import { readStep, writeStep } from "./steps.js";
import type { SessionDatabase } from "./stored-sessions.js";

/** Messages removed in one transaction. */
const AT_ONCE = 100;

/** Removes some of it; false when there is no more. Rejects with StoreError. */
export async function sweepSome(database: SessionDatabase): Promise<boolean> {
  const sql = "SELECT id, state, pid, pid_started FROM sessions WHERE state <> 'whole' LIMIT 20";
  const rows = await readStep(database, { sql });
  const left = rows.find((row) => row.state === "removing" || !isBeingMade(row));
  if (left === undefined) return false;
  const id = String(left.id);
  await writeStep(
    database,
    {
      sql: `DELETE FROM messages WHERE seq IN
              (SELECT seq FROM messages WHERE session = ? ORDER BY position LIMIT ${AT_ONCE})`,
      params: [id],
    },
    {
      sql: `DELETE FROM sessions WHERE id = ? AND state <> 'whole'
              AND NOT EXISTS (SELECT 1 FROM messages WHERE session = ?)`,
      params: [id, id],
    },
  );
  return true;
}

function isBeingMade({ pid, pid_started: started }: { readonly [column: string]: unknown }): boolean {
  return typeof pid === "number" && isAlive({ pid, started: String(started) });
}
