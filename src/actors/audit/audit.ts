// Audit: the record of privileged actions, such as a tool call that the user allowed. An action is recorded before it takes
// effect, and what cannot be recorded does not happen: whoever acts calls `record` and waits. Rows are only ever added,
// each bound to the one before it by its hash (entry.ts); the database itself refuses to change or delete one.
// permanent, 1 s. It holds nothing that matters: the rows are in the Store. Callers make the call again when it crashes under
// them (`recordAction`), which is still one row.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { BanyanError, type Failure, failure, GenServer, messageOf, type Ref } from "../../supervision/index.js";
import { again } from "../again.js";
import { Condition, type HealthStatus } from "../health/status.js";
import type { Statement } from "../store/statement.js";
import { type Store, StoreError } from "../store/store.js";
import { type AuditEntry, appendStatement, auditEntrySchema } from "./entry.js";

export interface AuditOptions {
  readonly store: Ref<Store>;
  /** The folder the actions are done in. */
  readonly project: string;
  readonly run: string;
}

/** What should have been recorded is no entry. Code `audit_entry`. */
export class AuditEntryError extends BanyanError {
  constructor(why: string) {
    super("audit_entry", `This cannot be recorded in the audit: ${why}.`);
  }
}

interface AuditState {
  /** Rows that this incarnation wrote. */
  readonly recorded: number;
}

export class Audit extends GenServer<AuditOptions, AuditState> {
  private options!: AuditOptions; // set by init
  private store!: Ref<Store>; // set by init
  private readonly condition = new Condition("nothing recorded yet");

  protected override init(options: AuditOptions) {
    this.options = options;
    this.store = this.use(options.store);
    this.state = { recorded: 0 };
  }

  /**
   * Appends the entry and runs the other statements, all in one transaction; resolves once that is on disk. The same entry
   * again is no second row. Fails with {@link AuditEntryError} or {@link StoreError}, nothing changed.
   */
  async record(
    entry: AuditEntry,
    ...alongside: Statement[]
  ): Promise<undefined | Failure<AuditEntryError | StoreError>> {
    const checked = auditEntrySchema.safeParse(entry);
    if (!checked.success) return failure(new AuditEntryError(z.prettifyError(checked.error).replace(/\s+/g, " ")));
    const { project, run } = this.options;
    try {
      await again(() => this.store.call.write(appendStatement(checked.data, project, run), ...alongside));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.condition.say("error", `the last action could not be recorded: ${messageOf(error)}`);
      return failure(error);
    }
    this.state = { recorded: this.state.recorded + 1 };
    this.condition.say("ok", `${this.state.recorded} recorded, the last at ${new Date().toISOString()}`);
    return undefined;
  }

  getStatus(): HealthStatus {
    return this.condition.status;
  }
}

/** The part of the Audit that those who act need; hand in a ref bound to the calling process. */
export type Recorder = Ref<Pick<Audit, "record">>;

/**
 * Records an action that is about to take effect, with the statements that make it so, if any. `id` names it within the run;
 * without one it is an action of its own. Rejects when it is not recorded: then it must not take effect.
 */
export async function recordAction(
  audit: Recorder,
  { id = randomUUID(), ...entry }: Omit<AuditEntry, "id" | "at"> & { readonly id?: string },
  ...alongside: Statement[]
): Promise<void> {
  const stamped = { ...entry, id, at: Date.now() };
  await again(() => audit.call.record(stamped, ...alongside));
}
