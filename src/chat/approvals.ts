// Which tool calls wait for a yes. Policy first (flags, config), then what the user has allowed for good in this project; the
// rest is asked. What was allowed by the name of a tool is void when the tool is another one than then. Nothing is allowed because nobody could be asked. What the user decides, here or by a flag, is in the audit
// before it counts; what cannot be recorded is not allowed.
import { again } from "../actors/again.js";
import { type Recorder, recordAction } from "../actors/audit/audit.js";
import type { Store } from "../actors/store/store.js";
import { matchesPattern } from "../mcp/client/name-pattern.js";
import { acceptStatement } from "../mcp/client/tool-pins.js";
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
  /** The tool's, as it was when the user decided. */
  readonly fingerprint: string;
}

/** A tool that is to run. */
export interface ToolInQuestion {
  /** Namespaced. */
  readonly tool: string;
  readonly readOnly: boolean;
  readonly fingerprint: string;
  /** It is another tool than the one the user has seen or accepted: then only a pattern or a yes for just this tool counts. */
  readonly changed: boolean;
}

export class Approvals {
  /** The fingerprint each tool had when it was allowed for good. */
  private readonly always = new Map<string, string>();
  private allowed: readonly string[] = [];
  private allowReadOnly = false;
  private granted: readonly string[] = [];

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
    this.allowed = allow;
    this.allowReadOnly = allowReadOnly;
  }

  /** Reads what was allowed for good, and records what the flags grant. */
  async load(): Promise<void> {
    const sql = "SELECT tool, fingerprint FROM approvals WHERE project = ?";
    const rows = await again(() => this.store.call.all({ sql, params: [this.project] }));
    for (const { tool, fingerprint } of rows) this.always.set(String(tool), String(fingerprint));
    if (this.flags.length === 0) return;
    const action = this.flags.includes("*") ? "run.yes" : "run.allow";
    await recordAction(this.audit, { id: "granted", action, subject: this.flags.join(" "), detail: {} });
    this.granted = this.flags;
  }

  /** True when the tool may run without asking. */
  allows({ tool, readOnly, fingerprint, changed }: ToolInQuestion): boolean {
    if (this.allowsAnyVersion(tool) || this.always.get(tool) === fingerprint) return true;
    if (changed) return false;
    return (this.allowReadOnly && readOnly) || this.allowsName(tool);
  }

  /** True when the settings or the flags allow what is called so, by its name or by a pattern. */
  allowsName(name: string): boolean {
    return [...this.allowed, ...this.granted].some((pattern) => matchesPattern(pattern, name));
  }

  /** True when a pattern allows it, which is about names and not about one tool as it was. */
  allowsAnyVersion(tool: string): boolean {
    return [...this.allowed, ...this.granted].some((name) => name.includes("*") && matchesPattern(name, tool));
  }

  /** Records what the user decided about one call; `always` holds from now on in this project. */
  async decide(decision: Decision, { callId, tool, arguments: args, fingerprint }: DecidedCall): Promise<void> {
    const entry = { id: callId, action: ACTIONS[decision], subject: tool, detail: { arguments: args, fingerprint } };
    if (decision !== "always") return recordAction(this.audit, entry);
    await recordAction(
      this.audit,
      entry,
      {
        sql: "INSERT OR REPLACE INTO approvals (project, tool, created_at, fingerprint) VALUES (?, ?, ?, ?)",
        params: [this.project, tool, Date.now(), fingerprint],
      },
      acceptStatement(this.project, tool, fingerprint),
    );
    this.always.set(tool, fingerprint);
  }
}
