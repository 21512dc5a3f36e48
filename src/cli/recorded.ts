// A privileged action of the command line, recorded before it takes effect.
import { recordAction } from "../actors/audit/audit.js";
import type { AuditAction } from "../actors/audit/entry.js";
import type { Paths } from "../actors/paths.js";
import type { Statement } from "../actors/store/statement.js";
import { withDatabase } from "./database.js";

export interface RecordedAction {
  readonly action: AuditAction;
  /** What it is done to. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Resolves once the action is on disk, and what the statements change with it. Rejects when it cannot be: then it must not be done. */
export function recordBefore(
  paths: Paths,
  { action, subject, detail }: RecordedAction,
  ...alongside: Statement[]
): Promise<void> {
  const entry = { action, subject, detail: { ...detail } };
  return withDatabase(paths, ({ audit }) => recordAction(audit, entry, ...alongside));
}
