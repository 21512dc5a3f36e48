// Patterns as rows of the Store, and what is written when one is stored, followed or made out of a decision.
import { z } from "zod";
import type { Row, SqlValue, Statement } from "../../../actors/store/statement.js";
import type { Decision, Pattern, StoredPattern } from "../queries.js";
import { plainGoal } from "./goal-words.js";

/** Below this success rate a pattern goes, once it was followed so often. */
const LEAST_RATE = 0.3;
const EVIDENCE = 10;

const json = <S extends z.ZodType>(schema: S) => z.string().transform((text) => schema.parse(JSON.parse(text)));
const names = z.array(z.string());
const rowSchema = z.object({
  id: z.string(),
  goal: z.string(),
  agent_sequence: json(names),
  dependencies: json(z.record(z.string(), names)),
  parallel_groups: json(z.array(names)),
  success_count: z.number(),
  failure_count: z.number(),
  avg_duration_ms: z.number().transform(Math.round),
  avg_tokens_saved: z.number().transform(Math.round),
  created_at: z.string(),
  updated_at: z.string(),
});

/** Undefined for a row that something else has written, and wrongly. */
export function patternOf(row: Row): Pattern | undefined {
  try {
    return rowSchema.parse(row);
  } catch {
    return undefined;
  }
}

/** So many of a project after this id, by their ids. */
export function somePatterns(project: string, after: string, limit: number): Statement {
  const sql = "SELECT * FROM orchestration_patterns WHERE project = ? AND id > ? ORDER BY id LIMIT ?";
  return { sql, params: [project, after, limit] };
}

export function onePattern(project: string, id: string): Statement {
  return { sql: "SELECT * FROM orchestration_patterns WHERE project = ? AND id = ?", params: [project, id] };
}

export function patternOfGoal(project: string, goal: string): Statement {
  const sql = "SELECT * FROM orchestration_patterns WHERE project = ? AND goal_key = ?";
  return { sql, params: [project, plainGoal(goal)] };
}

/** Changed since, or at, a time. */
export function changedPatterns(project: string, since: string, limit: number): Statement {
  const sql = "SELECT * FROM orchestration_patterns WHERE project = ? AND updated_at >= ? ORDER BY updated_at LIMIT ?";
  return { sql, params: [project, since, limit] };
}

/** How many there are, and when the last was changed: the same, and nobody has changed any. */
export function patternsNow(project: string): Statement {
  const sql = "SELECT COUNT(*) AS count, MAX(updated_at) AS changed FROM orchestration_patterns WHERE project = ?";
  return { sql, params: [project] };
}

export function patternFigures(project: string): Statement {
  const sql = `SELECT COUNT(*) AS total,
      AVG(CASE WHEN success_count + failure_count > 0 THEN 1.0 * success_count / (success_count + failure_count) END) AS rate
    FROM orchestration_patterns WHERE project = ?`;
  return { sql, params: [project] };
}

const COLUMNS = `id, project, goal, goal_key, agent_sequence, dependencies, parallel_groups, success_count,
  avg_duration_ms, duration_samples, avg_tokens_saved, token_samples, created_at, updated_at`;

/** A pattern of a goal that is there already is changed, and keeps its id and what it has learned. */
export function storePattern(project: string, id: string, pattern: StoredPattern, now: string): Statement {
  const { goal, agent_sequence, dependencies, parallel_groups } = pattern;
  return {
    sql: `INSERT INTO orchestration_patterns (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, ?, ?)
      ON CONFLICT (project, goal_key) DO UPDATE SET goal = excluded.goal, agent_sequence = excluded.agent_sequence,
        dependencies = excluded.dependencies, parallel_groups = excluded.parallel_groups, updated_at = excluded.updated_at`,
    params: [
      ...[id, project, goal, plainGoal(goal), ...[agent_sequence, dependencies, parallel_groups].map(asJson)],
      ...[now, now],
    ],
  };
}

/** The decision's row; changes none when its task is known. */
export function storeDecision(project: string, decision: Decision, now: string): Statement {
  const { task_id, task_description, agents_used, result, duration_ms, tokens_saved, pattern_id } = decision;
  return {
    sql: `INSERT INTO decision_history
        (task_id, project, task_description, agents_used, result, duration_ms, tokens_saved, pattern_id, timestamp)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (task_id) DO NOTHING`,
    params: [
      ...[task_id, project, task_description, asJson(agents_used), result],
      ...[duration_ms ?? null, tokens_saved ?? null, pattern_id ?? null, now],
    ],
  };
}

/**
 * To come right after {@link storeDecision} in its transaction: what the pattern learns from a decision that was not known. Success
 * and failure are counted, `partial` is neither; time and tokens are running averages over those decisions that tell them.
 */
export function learn(project: string, id: string, decision: Decision, now: string): Statement[] {
  const { result, duration_ms, tokens_saved } = decision;
  const average = (column: string, samples: string): string =>
    `${column} = ${column} + COALESCE(? - ${column}, 0) / (${samples} + 1.0), ${samples} = ${samples} + (? IS NOT NULL)`;
  const outcome = (value: number | undefined): SqlValue[] => [value ?? null, value ?? null];
  return [
    {
      sql: `UPDATE orchestration_patterns SET success_count = success_count + ?, failure_count = failure_count + ?,
          ${average("avg_duration_ms", "duration_samples")}, ${average("avg_tokens_saved", "token_samples")}, updated_at = ?
        WHERE id = ? AND project = ? AND changes() = 1`,
      params: [
        ...[Number(result === "success"), Number(result === "failure")],
        ...[...outcome(duration_ms), ...outcome(tokens_saved), now, id, project],
      ],
    },
    {
      sql: `DELETE FROM orchestration_patterns WHERE id = ? AND project = ? AND success_count + failure_count >= ${EVIDENCE}
        AND (success_count + 1.0) / (success_count + failure_count + 2) < ${LEAST_RATE}`,
      params: [id, project],
    },
  ];
}

/** To come right after {@link storeDecision}: what was done, one after another, is a pattern from now on. */
export function becomePattern(project: string, id: string, goal: string, decision: Decision, now: string): Statement {
  const { agents_used, duration_ms, tokens_saved } = decision;
  return {
    sql: `INSERT INTO orchestration_patterns (${COLUMNS})
      SELECT ?, ?, ?, ?, ?, '{}', '[]', 1, ?, ?, ?, ?, ?, ? WHERE changes() = 1 ON CONFLICT (project, goal_key) DO NOTHING`,
    params: [
      ...[id, project, goal, plainGoal(goal), asJson([...new Set(agents_used)])],
      ...[duration_ms ?? 0, Number(duration_ms !== undefined), tokens_saved ?? 0, Number(tokens_saved !== undefined)],
      ...[now, now],
    ],
  };
}

function asJson(value: unknown): string {
  return JSON.stringify(value);
}
