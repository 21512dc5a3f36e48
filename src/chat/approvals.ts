// Which tool calls wait for a yes. Policy first (flags, config), then what the user has allowed for good in this project; the
// rest is asked. Nothing is allowed because nobody could be asked.
import { again } from "../actors/again.js";
import type { Store } from "../actors/store/store.js";
import type { Ref } from "../supervision/index.js";

export interface ApprovalPolicy {
  /** Tool names with `*` for any part; `*` alone allows all. */
  readonly allow: readonly string[];
  readonly allowReadOnly: boolean;
}

export class Approvals {
  private readonly always = new Set<string>();
  private patterns: readonly RegExp[];

  constructor(
    private policy: ApprovalPolicy,
    /** Bound to the process that asks. */
    private readonly store: Ref<Pick<Store, "all" | "write">>,
    private readonly project: string,
  ) {
    this.patterns = policy.allow.map(patternOf);
  }

  /** From now on this decides; what was allowed for good stays. */
  setPolicy(policy: ApprovalPolicy): void {
    this.policy = policy;
    this.patterns = policy.allow.map(patternOf);
  }

  /** Reads what was allowed for good. */
  async load(): Promise<void> {
    const sql = "SELECT tool FROM approvals WHERE project = ?";
    const rows = await again(() => this.store.call.all({ sql, params: [this.project] }));
    for (const { tool } of rows) if (typeof tool === "string") this.always.add(tool);
  }

  /** True when the tool may run without asking. */
  allows(tool: string, readOnly: boolean): boolean {
    if (this.policy.allowReadOnly && readOnly) return true;
    return this.always.has(tool) || this.patterns.some((pattern) => pattern.test(tool));
  }

  /** From now on, in this project, the tool runs without asking. */
  async allowAlways(tool: string): Promise<void> {
    await again(() =>
      this.store.call.write({
        sql: "INSERT OR IGNORE INTO approvals (project, tool, created_at) VALUES (?, ?, ?)",
        params: [this.project, tool, Date.now()],
      }),
    );
    this.always.add(tool);
  }
}

function patternOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
