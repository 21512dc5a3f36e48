// Which tool calls wait for a yes. Policy first (flags, config), then what the user has allowed for good in this project; the
// rest is asked. Nothing is allowed because nobody could be asked. What the user decides, here or by a flag, is in the audit
// before it counts; what cannot be recorded is not allowed.
import { again } from "../actors/again.js";
import { type Recorder, recordAction } from "../actors/audit/audit.js";
import type { Store } from "../actors/store/store.js";
import type { Ref } from "../supervision/index.js";

/** What the settings allow. */
export interface ApprovalPolicy {
  /** Tool names with `*` for any part; `*` alone allows all. */
  readonly allow: readonly string[];
  readonly allowReadOnly: boolean;
}

export type Decision = "once" | "always" | "deny";

const ACTIONS = { once: "approval.once", always: "approval.always", deny: "approval.denied" } as const;

export interface DecidedCall {
  readonly callId: string;
  /** Namespaced. */
  readonly tool: string;
  readonly arguments: { readonly [key: string]: unknown };
}

export class Approvals {
  private readonly always = new Set<string>();
  private allowed: readonly RegExp[] = [];
  private allowReadOnly = false;
  private granted: readonly RegExp[] = [];

  constructor(
    /** Tools that the flags of this run allow, written as in the settings; they count once they are recorded. */
    private readonly flags: readonly string[],
    /** Bound to the process that asks. */
    private readonly store: Ref<Pick<Store, "all">>,
    /** Bound likewise. */
    private readonly audit: Recorder,
    private readonly project: string,
  ) {}

  /** From now on this decides; what was allowed for good or by the run's flags stays. */
  setPolicy({ allow, allowReadOnly }: ApprovalPolicy): void {
    this.allowed = allow.map(patternOf);
    this.allowReadOnly = allowReadOnly;
  }

  /** Reads what was allowed for good, and records what the flags grant. */
  async load(): Promise<void> {
    const sql = "SELECT tool FROM approvals WHERE project = ?";
    const rows = await again(() => this.store.call.all({ sql, params: [this.project] }));
    for (const { tool } of rows) if (typeof tool === "string") this.always.add(tool);
    if (this.flags.length === 0) return;
    const action = this.flags.includes("*") ? "run.yes" : "run.allow";
    await recordAction(this.audit, { id: "granted", action, subject: this.flags.join(" "), detail: {} });
    this.granted = this.flags.map(patternOf);
  }

  /** True when the tool may run without asking. */
  allows(tool: string, readOnly: boolean): boolean {
    if (this.allowReadOnly && readOnly) return true;
    return this.always.has(tool) || [...this.allowed, ...this.granted].some((pattern) => pattern.test(tool));
  }

  /** Records what the user decided about one call; `always` holds from now on in this project. */
  async decide(decision: Decision, { callId, tool, arguments: args }: DecidedCall): Promise<void> {
    const entry = { id: callId, action: ACTIONS[decision], subject: tool, detail: { arguments: args } };
    if (decision !== "always") return recordAction(this.audit, entry);
    await recordAction(this.audit, entry, {
      sql: "INSERT OR IGNORE INTO approvals (project, tool, created_at) VALUES (?, ?, ?)",
      params: [this.project, tool, Date.now()],
    });
    this.always.add(tool);
  }
}

function patternOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
