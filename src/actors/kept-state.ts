// The little state that a process wants back after its own crash, kept in the Store under the run's and the process's name.
// For what changes rarely; whatever has a table of its own does not need this.
import type { z } from "zod";
import type { Ref } from "../supervision/index.js";
import { again } from "./again.js";
import type { Statement } from "./store/statement.js";
import type { Store } from "./store/store.js";

/** The part of the Store this needs; hand in a ref bound to the calling process. */
export type StateStore = Ref<Pick<Store, "all" | "write">>;

export async function keepState(store: StateStore, run: string, process: string, state: unknown): Promise<void> {
  await again(() => store.call.write(keepStatement(run, process, state)));
}

/** The same as a statement, to be written together with others. */
export function keepStatement(run: string, process: string, state: unknown): Statement {
  return {
    sql: "INSERT OR REPLACE INTO process_state (run, process, state, updated_at) VALUES (?, ?, ?, ?)",
    params: [run, process, JSON.stringify(state), Date.now()],
  };
}

/** What was kept, if it still has the shape of `schema`. */
export async function recallState<S extends z.ZodType>(
  store: StateStore,
  run: string,
  process: string,
  schema: S,
): Promise<z.infer<S> | undefined> {
  const [row] = await again(() =>
    store.call.all({ sql: "SELECT state FROM process_state WHERE run = ? AND process = ?", params: [run, process] }),
  );
  if (typeof row?.state !== "string") return undefined;
  const parsed = schema.safeParse(JSON.parse(row.state));
  return parsed.success ? parsed.data : undefined;
}
