// What is recorded of a privileged action, and how it becomes a row of the chain. Each row carries the hash of the one before
// and its own, over everything else in it, so that no row can be changed, taken out or put in between without breaking the
// chain. Number, previous hash and hash are worked out by the statement itself: several programs may append to one
// database at once, and SQLite lets in one at a time.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Statement } from "../store/statement.js";
import { loggable, redact } from "../telemetry/redact.js";

/** What can be recorded. A part with a privileged action of its own adds its word here. */
export const auditActions = [
  "approval.once",
  "approval.session",
  "approval.always",
  "approval.pattern",
  "approval.denied",
  "approval.removed",
  "run.yes",
  "run.allow",
  "config.set",
  "config.approve",
  "server.add",
  "server.remove",
  "server.enable",
  "server.disable",
  "server.connect",
  "server.disconnect",
  "server.restart",
  "server.login",
  "server.logout",
  "plugin.restart",
  "tool.call",
  "tool.accept",
  "url.open",
  "tool.create",
  "tool.update",
  "tool.delete",
  "tool.rollback",
  "session.remove",
  "key.create",
  "key.revoke",
  "process.restart",
  "process.suspend",
  "process.resume",
  "process.kill",
] as const;

export type AuditAction = (typeof auditActions)[number];

export const auditEntrySchema = z.strictObject({
  /** Names the action within its run: recorded again, after a crash say, it is still one row. */
  id: z.string().min(1).max(200),
  /** Epoch milliseconds. */
  at: z.int().nonnegative(),
  action: z.enum(auditActions),
  /** What it was done to: a tool, a setting, a file. */
  subject: z.string().max(1_000),
  /** Whatever else matters; redacted and cut before it is written. */
  detail: z.record(z.string(), z.unknown()),
});

export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** A row as it lies in the database; `detail` is JSON. */
export interface AuditRow {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly project: string;
  readonly run: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
  readonly previous: string;
  readonly hash: string;
}

/** In UTF-16 units. */
const LONGEST_DETAIL = 16 * 1024;

// The names stand in the order of the alphabet, as in the canonical JSON that is hashed.
const HASHED = ["action", "at", "detail", "id", "previous", "project", "run", "seq", "subject"] as const;

/** Appends the entry; does nothing if the run has recorded it already. */
export function appendStatement(
  { id, at, action, subject, detail }: AuditEntry,
  project: string,
  run: string,
): Statement {
  const json = HASHED.map((name) => `'${name}', ${name}`).join(", ");
  return {
    sql: `INSERT INTO audit (seq, id, at, project, run, action, subject, detail, previous, hash)
          SELECT *, sha256(json_object(${json})) FROM (
            SELECT COALESCE((SELECT MAX(seq) FROM audit), 0) + 1 AS seq, ? AS id, CAST(? AS INTEGER) AS at, ? AS project, ? AS run,
                   ? AS action, ? AS subject, ? AS detail,
                   COALESCE((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') AS previous
          ) WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.run = ? AND audit.id = ?)`,
    params: [id, at, project, run, action, redact(subject), detailOf(detail), run, id],
  };
}

/** As JSON that may be read by many and kept for ever: without secrets, and cut. */
function detailOf(detail: AuditEntry["detail"]): string {
  const json = JSON.stringify(loggable(detail));
  return json.length <= LONGEST_DETAIL ? json : JSON.stringify({ cut: json.slice(0, LONGEST_DETAIL) });
}

/** The hash a row should have: SHA-256 over the canonical JSON (names in order, no spaces) of all its other columns. */
export function hashOf(row: AuditRow): string {
  const json = JSON.stringify(Object.fromEntries(HASHED.map((name) => [name, row[name]])));
  return createHash("sha256").update(json).digest("hex");
}
