// Which tool calls wait for a yes. Policy first (flags, config), then what the user has allowed: for this conversation, or for good in
// this project, one tool or all whose name fits a pattern; the rest is asked. What was allowed by the name of a tool is void when the
// tool is another one than then. Nothing is allowed because nobody could be asked. What the user decides, here or by a flag, is in
// the audit before it counts; what cannot be recorded is not allowed.
import { z } from "zod";
import { again } from "../actors/again.js";
import { type Recorder, recordAction } from "../actors/audit/audit.js";
import { keepStatement, recallState, type StateStore } from "../actors/kept-state.js";
import { matchesPattern } from "../mcp/client/name-pattern.js";
import { acceptStatement } from "../mcp/client/tool-pins.js";
import type { Decision } from "./events.js";

/** What the settings allow. */
export interface ApprovalPolicy {
  /** Tool names with `*` for any part; `*` alone allows all. */
  readonly allow: readonly string[];
  readonly allowReadOnly: boolean;
}

const ACTIONS = {
  once: "approval.once",
  session: "approval.session",
  always: "approval.always",
  pattern: "approval.pattern",
  deny: "approval.denied",
} as const;

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

/** Something that is allowed, and by what. */
export interface Grant {
  /** The tool or the pattern. */
  readonly what: string;
  readonly how: "settings" | "flags" | "session" | "always" | "pattern";
  /** Epoch milliseconds; absent where nobody said when. */
  readonly since?: number;
}

interface Given {
  /** The tool's when it was allowed; of a pattern {@link ANY}. */
  readonly fingerprint: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

interface Here {
  readonly session: string;
  readonly tools: ReadonlyMap<string, Given>;
}

const NOTHING: ReadonlyMap<string, Given> = new Map();

export interface ApprovalsOptions {
  /** Tools that the flags of this run allow, written as in the settings; they count once they are recorded. */
  readonly flags: readonly string[];
  /** Bound to the process that asks. */
  readonly store: StateStore;
  /** Bound likewise. */
  readonly audit: Recorder;
  readonly project: string;
  /** This run of the app. */
  readonly run: string;
  /** The id of the conversation as it is now. */
  readonly session: () => string;
}

/** In the place of a fingerprint, which is a hash: what is named is a pattern. */
const ANY = "*";
/** Under which what is allowed for a conversation is kept. */
const KEY = "chat:approvals";
const keptSchema = z.object({
  session: z.string(),
  tools: z.array(z.tuple([z.string(), z.object({ fingerprint: z.string(), since: z.number() })])),
});

export class Approvals {
  /** For good, by tool or pattern. */
  private readonly given = new Map<string, Given>();
  /** For one conversation, by tool. */
  private here: Here = { session: "", tools: NOTHING };
  private allowed: readonly string[] = [];
  private allowReadOnly = false;
  private granted: readonly string[] = [];

  constructor(private readonly options: ApprovalsOptions) {}

  /** From now on this decides; what was allowed by the user or by the run's flags stays. */
  setPolicy({ allow, allowReadOnly }: ApprovalPolicy): void {
    this.allowed = allow;
    this.allowReadOnly = allowReadOnly;
  }

  /** Reads what was allowed, and records what the flags grant. */
  async load(): Promise<void> {
    const { store, audit, project, run, flags } = this.options;
    const sql = "SELECT tool, fingerprint, created_at FROM approvals WHERE project = ?";
    for (const { tool, fingerprint, created_at } of await again(() => store.call.all({ sql, params: [project] }))) {
      this.given.set(String(tool), { fingerprint: String(fingerprint), since: Number(created_at) });
    }
    const kept = await recallState(store, run, KEY, keptSchema);
    if (kept !== undefined) this.here = { session: kept.session, tools: new Map(kept.tools) };
    if (flags.length === 0) return;
    const action = flags.includes("*") ? "run.yes" : "run.allow";
    await recordAction(audit, { id: "granted", action, subject: flags.join(" "), detail: {} });
    this.granted = flags;
  }

  /** True when the tool may run without asking. */
  allows({ tool, readOnly, fingerprint, changed }: ToolInQuestion): boolean {
    const isGiven = [this.given.get(tool), this.inThisSession.get(tool)].some(
      (given) => given?.fingerprint === fingerprint,
    );
    if (isGiven || this.allowsAnyVersion(tool)) return true;
    if (changed) return false;
    return (this.allowReadOnly && readOnly) || this.allowsName(tool);
  }

  /** True when the settings or the flags allow what is called so, by its name or by a pattern. */
  allowsName(name: string): boolean {
    return [...this.allowed, ...this.granted].some((pattern) => matchesPattern(pattern, name));
  }

  /** True when a pattern allows it, which is about names and not about one tool as it was. */
  allowsAnyVersion(tool: string): boolean {
    const given = [...this.given].flatMap(([what, { fingerprint }]) => (fingerprint === ANY ? [what] : []));
    const patterns = [...this.allowed, ...this.granted].filter((name) => name.includes("*"));
    return [...patterns, ...given].some((pattern) => matchesPattern(pattern, tool));
  }

  /** Records what the user decided about one call, and lets it count. */
  async decide(decided: Decision, call: DecidedCall): Promise<void> {
    const { audit, project, run, session } = this.options;
    const { callId, tool, arguments: args, fingerprint } = call;
    const since = Date.now();
    const entry = {
      id: callId,
      action: ACTIONS[decided.decision],
      subject: tool,
      detail: { arguments: args, fingerprint },
    };
    switch (decided.decision) {
      case "once":
        return recordAction(audit, entry);
      case "deny":
        return recordAction(audit, { ...entry, detail: { ...entry.detail, reason: decided.reason } });
      case "session": {
        const tools = new Map(this.inThisSession).set(tool, { fingerprint, since });
        const here = { session: session(), tools };
        await recordAction(audit, entry, keepStatement(run, KEY, { ...here, tools: [...tools] }));
        this.here = here;
        return;
      }
      case "always": {
        const accept = acceptStatement(project, tool, fingerprint);
        await recordAction(audit, entry, giveStatement(project, tool, fingerprint, since), accept);
        this.given.set(tool, { fingerprint, since });
        return;
      }
      case "pattern": {
        const { pattern } = decided;
        const detail = { ...entry.detail, tool };
        await recordAction(audit, { ...entry, subject: pattern, detail }, giveStatement(project, pattern, ANY, since));
        this.given.set(pattern, { fingerprint: ANY, since });
      }
    }
  }

  /** All that is allowed without asking, but for what the settings say of tools that only read. */
  list(): Grant[] {
    const given = [...this.given].map(([what, { fingerprint, since }]): Grant => {
      return { what, how: fingerprint === ANY ? "pattern" : "always", since };
    });
    return [
      ...given,
      ...[...this.inThisSession].map(([what, { since }]): Grant => ({ what, how: "session", since })),
      ...this.granted.map((what): Grant => ({ what, how: "flags" })),
      ...this.allowed.map((what): Grant => ({ what, how: "settings" })),
    ];
  }

  get readOnlyAllowed(): boolean {
    return this.allowReadOnly;
  }

  /** Takes back what the user has allowed by this name or pattern, or all of it; answers how much that was. */
  async remove(what: string | undefined): Promise<number> {
    const { audit, project, run } = this.options;
    const chosen = (from: ReadonlyMap<string, Given>): string[] =>
      [...from.keys()].filter((name) => what === undefined || name === what);
    const [given, here] = [chosen(this.given), chosen(this.inThisSession)];
    if (given.length + here.length === 0) return 0;
    const left = new Map([...this.inThisSession].filter(([name]) => !here.includes(name)));
    const entry = {
      action: "approval.removed",
      subject: what ?? "*",
      detail: { removed: [...given, ...here] },
    } as const;
    await recordAction(
      audit,
      entry,
      ...given.map((tool) => ({
        sql: "DELETE FROM approvals WHERE project = ? AND tool = ?",
        params: [project, tool],
      })),
      keepStatement(run, KEY, { session: this.here.session, tools: [...left] }),
    );
    for (const name of given) this.given.delete(name);
    this.here = { ...this.here, tools: left };
    return given.length + here.length;
  }

  private get inThisSession(): ReadonlyMap<string, Given> {
    return this.here.session === this.options.session() ? this.here.tools : NOTHING;
  }
}

function giveStatement(project: string, what: string, fingerprint: string, since: number) {
  return {
    sql: "INSERT OR REPLACE INTO approvals (project, tool, created_at, fingerprint) VALUES (?, ?, ?, ?)",
    params: [project, what, since, fingerprint],
  };
}
