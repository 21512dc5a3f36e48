// A long work on the database in steps. Processes let the event loop in after so many messages; those of such a work are few and
// each takes milliseconds, so here every step lets it in first.
import { setImmediate as nextTurn } from "node:timers/promises";
import { again } from "../again.js";
import type { Row, Statement } from "../store/statement.js";
import type { SessionDatabase } from "./stored-sessions.js";

/** Reads some rows. Rejects with StoreError. */
export async function readStep(database: SessionDatabase, statement: Statement): Promise<Row[]> {
  await nextTurn();
  return again(() => database.call.all(statement));
}

/** Writes in one transaction; the same again must do no harm. Rejects with StoreError. */
export async function writeStep(database: SessionDatabase, ...statements: Statement[]): Promise<number[]> {
  await nextTurn();
  return again(() => database.call.write(...statements));
}
