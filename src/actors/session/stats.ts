// What a session was made of: how many messages, which tools and how they fared. A long one is counted in steps, so that none holds up
// the Store.
import { readStep } from "./steps.js";
import type { SessionDatabase, StoredSession } from "./stored-sessions.js";

export interface ToolStats {
  readonly tool: string;
  readonly calls: number;
  /** Those that ended well. */
  readonly done: number;
  /** All of them together. */
  readonly durationMs: number;
}

export interface SessionStats {
  readonly user: number;
  readonly assistant: number;
  readonly summary: number;
  /** The most used first. */
  readonly tools: readonly ToolStats[];
}

const AT_ONCE = 500;

export async function statsOf(
  database: SessionDatabase,
  { id, messages }: Pick<StoredSession, "id" | "messages">,
): Promise<SessionStats> {
  const said = { user: 0, assistant: 0, summary: 0 };
  const tools = new Map<string, ToolStats>();
  const sql = `
    SELECT body ->> 'role' AS role, body ->> 'tool' AS tool, COUNT(*) AS count, SUM(body ->> 'status' = 'done') AS done,
           SUM(body ->> 'durationMs') AS duration
    FROM messages WHERE session = ? AND position >= ? AND position < ? AND json_valid(body) GROUP BY 1, 2`;
  for (let from = 0; from < messages; from += AT_ONCE) {
    for (const row of await readStep(database, { sql, params: [id, from, from + AT_ONCE] })) {
      const count = Number(row.count);
      if (row.role === "user" || row.role === "assistant" || row.role === "summary") said[row.role] += count;
      else {
        const tool = String(row.tool);
        const before = tools.get(tool) ?? { calls: 0, done: 0, durationMs: 0 };
        tools.set(tool, {
          tool,
          calls: before.calls + count,
          done: before.done + Number(row.done),
          durationMs: before.durationMs + Number(row.duration ?? 0),
        });
      }
    }
  }
  return { ...said, tools: [...tools.values()].sort((a, b) => b.calls - a.calls || (a.tool < b.tool ? -1 : 1)) };
}
