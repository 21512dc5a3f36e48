// A privileged action of the command line, recorded before it takes effect. The command has no tree of its own; for the one
// row it starts a Store and an Audit, beside whatever app is running on the same database.
import { randomUUID } from "node:crypto";
import { Audit, recordAction } from "../actors/audit/audit.js";
import type { AuditAction } from "../actors/audit/entry.js";
import type { Paths } from "../actors/paths.js";
import { Store } from "../actors/store/store.js";
import { BanyanError, stopProcess } from "../supervision/index.js";

export interface RecordedAction {
  readonly action: AuditAction;
  /** What it is done to. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Resolves once the action is on disk. Rejects when it cannot be: then it must not be done. */
export async function recordBefore(paths: Paths, { action, subject, detail }: RecordedAction): Promise<void> {
  const store = await Store.start({ file: paths.database });
  const audit = await Audit.start({ store, project: process.cwd(), run: randomUUID() });
  try {
    const { durable, notices } = await store.call.status();
    if (!durable) {
      throw new BanyanError("not_recorded", `Nothing was done, since it cannot be recorded: ${notices.join(" ")}`);
    }
    await recordAction(audit, { action, subject, detail: { ...detail } });
  } finally {
    await stopProcess(audit);
    await stopProcess(store);
  }
}
