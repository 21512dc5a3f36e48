// A client of Banyan's catalog for programs that must go on whether it runs or not: queries are answered by the server, from what it
// answered a while ago, or, when it cannot be reached, from a small registry of roles. Every call tries the server again, so that
// nothing has to be done when it comes back.
import type {
  AgentAnswer,
  AgentQuery,
  Decision,
  NewPattern,
  Pattern,
  PatternAnswer,
  PatternRecommendation,
  PatternRequest,
  PatternSearch,
  SkillAnswer,
  SkillQuery,
  WorkflowAnswer,
  WorkflowQuery,
} from "../queries.js";
import { NotBanyanError, UnreachableError } from "./errors.js";
import { keyOf, Recent } from "./recent.js";
import { agentsOf, builtIn, type Registry, registryFrom } from "./registry.js";
import { isRecord, Rpc } from "./rpc.js";
import { Waiting } from "./waiting.js";

export interface BanyanClientOptions {
  /** Where `banyan serve --http` listens. `http://127.0.0.1:3700` when absent. */
  readonly url?: string;
  /** An API key, for a server that wants one. */
  readonly key?: string;
  /** Milliseconds for one request; 5,000 when absent. */
  readonly timeoutMs?: number;
  /** Milliseconds for which an answer is given again without asking; 300,000 when absent, 0 never. */
  readonly cacheTtlMs?: number;
  /** Who takes which role when the server cannot be reached, in place of what is built in: a table, or the text of an
   * agent-registry.yml. */
  readonly fallback?: Registry | string;
}

/** The server, an answer of its from before, or the client's own registry. */
export type Source = "server" | "cache" | "fallback";
export type Told<Answer> = Answer & { readonly source: Source };

/** `queued`: it is sent again with the next call that reaches the server. `refused`: it never will be taken. */
export type DecisionOutcome = "stored" | "queued" | "refused";

export interface Health {
  readonly status: string;
  readonly uptime_ms: number;
  readonly memory_mb: number;
  readonly cache: { readonly hits: number; readonly misses: number; readonly hit_rate: number };
  readonly database: { readonly connected: boolean; readonly size_mb: number };
  readonly indexes: Readonly<Record<"agents" | "skills" | "workflows" | "tools" | "patterns", number>>;
}

const MOST_ANSWERS = 500;
const NOT_REACHED = "Banyan cannot be reached, and the client has none of its own.";
const nothing = { reasoning: NOT_REACHED, confidence: 0, cache_hit: false };

export class BanyanClient {
  private readonly url: string;
  private readonly rpc: Rpc;
  private readonly recent: Recent<object>;
  private readonly decisions: Waiting;
  private readonly fallback: Registry | string;

  /** Asks nothing of the server yet. */
  constructor(options: BanyanClientOptions = {}) {
    const { url = "http://127.0.0.1:3700", key, timeoutMs = 5_000, cacheTtlMs = 300_000, fallback = builtIn } = options;
    const { protocol, href } = new URL(url);
    if (!/^https?:$/.test(protocol)) throw new TypeError(`${url} is no address of a server; write it as http://…`);
    this.url = href;
    this.rpc = new Rpc({ url: href, key, timeoutMs });
    this.recent = new Recent(MOST_ANSWERS, cacheTtlMs);
    this.decisions = new Waiting(this.rpc);
    this.fallback = fallback;
  }

  /** Agents by role, capability or free words; of the registry while the server is away. */
  queryAgents(query: AgentQuery): Promise<Told<AgentAnswer>> {
    return this.query("queryAgents", query, listing("agents"), async () => {
      const { fallback } = this;
      return agentsOf(typeof fallback === "string" ? await registryFrom(fallback) : fallback, query);
    });
  }

  /** None while the server is away. */
  querySkills(query: SkillQuery): Promise<Told<SkillAnswer>> {
    return this.query("querySkills", query, listing("skills"), () => ({ skills: [], ...nothing }));
  }

  /** None while the server is away. */
  queryWorkflows(query: WorkflowQuery): Promise<Told<WorkflowAnswer>> {
    return this.query("queryWorkflows", query, listing("workflows"), () => ({ workflows: [], ...nothing }));
  }

  /** The pattern that fits the goal best; none while the server is away. */
  getOrchestrationPattern(goal: string | PatternRequest): Promise<Told<PatternRecommendation>> {
    const request = typeof goal === "string" ? { goal } : goal;
    return this.query("getOrchestrationPattern", request, hasPattern, () => ({
      pattern: null,
      nearest: [],
      cache_hit: false,
    }));
  }

  /** All patterns that are near; none while the server is away. */
  queryPattern(search: PatternSearch): Promise<Told<PatternAnswer>> {
    return this.query("queryPattern", search, listing("matches"), () => ({ matches: [], cache_hit: false }));
  }

  /** Rejects when the server cannot be reached. */
  async storePattern(pattern: NewPattern): Promise<Pattern> {
    const stored = await this.rpc.request("storePattern", pattern);
    this.recent.clear();
    void this.decisions.send();
    return stored as Pattern; // of this method
  }

  /** Never rejects: what cannot be sent now waits, the oldest of too many going first, and is sent once the server answers again.
   * It is stored once, however often it is sent. */
  async cacheDecision(decision: Decision): Promise<DecisionOutcome> {
    return this.decisions.take(decision);
  }

  /** Rejects when the server cannot be reached. */
  async getHealth(): Promise<Health> {
    const health = await this.rpc.request("getHealth", {});
    void this.decisions.send();
    return health as Health; // of this method
  }

  /** Sends the decisions that wait, and answers how many still do. */
  async flush(): Promise<number> {
    await this.decisions.send();
    return this.decisions.size;
  }

  private async query<Answer extends object>(
    method: string,
    params: object,
    fits: (answer: Body) => boolean,
    instead: () => Answer | Promise<Answer>,
  ): Promise<Told<Answer>> {
    const key = keyOf(method, params);
    const known = this.recent.get(key);
    const before = (): Told<Answer> => ({ ...(known?.value as Answer), cache_hit: true, source: "cache" }); // kept below
    if (known?.fresh) return before();
    try {
      const answer = await this.rpc.request(method, params);
      // Of JSON, as any object that came.
      if (!fits(answer as Body)) throw new NotBanyanError(this.url, `it answers ${method} with something else`);
      this.recent.set(key, answer);
      void this.decisions.send();
      return { ...(answer as Answer), source: "server" }; // of this method
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      return known === undefined ? { ...(await instead()), source: "fallback" } : before();
    }
  }
}

type Body = Readonly<Record<string, unknown>>;

/** Whoever asked goes through the list, and must not stumble over what another program answers in Banyan's place. */
function listing(name: string): (answer: Body) => boolean {
  return (answer) => Array.isArray(answer[name]) && answer[name].every(isRecord);
}

function hasPattern({ pattern }: Body): boolean {
  return pattern === null || isRecord(pattern);
}
