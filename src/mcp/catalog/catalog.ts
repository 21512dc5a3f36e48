// The Catalog: answers which agents, skills, workflows and tools fit a task, and which sequence of agents has served one like it.
// Files and search are the index's, rows are the Store's; the process has the cache between them, and the figures.
//
// Permanent, shutdown within 1 s to hand over the log. After a crash it opens the index as it was last written and reads its
// patterns again from the Store: what was acknowledged is there. Lost is the cache.
import type { HealthStatus } from "../../actors/health/status.js";
import { Condition } from "../../actors/health/status.js";
import type { Store } from "../../actors/store/store.js";
import { BanyanError, type Failure, failure, GenServer, type Named } from "../../supervision/index.js";
import type { Aggregator } from "../client/aggregator.js";
import type { CatalogSettings } from "./catalog-settings.js";
import type { CatalogStats, ReindexReport } from "./catalog-stats.js";
import type { CatalogEntry } from "./entry.js";
import type {
  AgentAnswer,
  AgentQuery,
  Decision,
  DecisionAnswer,
  NewPattern,
  Pattern,
  PatternAnswer,
  PatternRecommendation,
  PatternRequest,
  PatternSearch,
  SkillAnswer,
  SkillQuery,
  ToolAnswer,
  ToolQuery,
  WorkflowAnswer,
  WorkflowQuery,
} from "./queries.js";

export interface CatalogOptions extends CatalogSettings {
  readonly name: Named<Catalog>;
  readonly store: Named<Store>;
  readonly aggregator: Named<Aggregator>;
  /** The folder whose patterns and decisions are meant where none is named. */
  readonly project: string;
  /** Watches the files and has all at hand from the start; else the index is opened by the first question. */
  readonly longLived: boolean;
}

/** `code` is `invalid_params`, `catalog_off`, `no_index` or that of the sequence at fault. */
export class CatalogError extends BanyanError {}

const notYet = (): Failure<CatalogError> =>
  failure(new CatalogError("no_index", "The catalog has not been read yet; ask again in a moment."));

type Refused = Failure<BanyanError>;
type Answer<T> = Promise<T | Refused> | T | Refused;

export class Catalog extends GenServer<CatalogOptions, { readonly entries: number }> {
  private readonly condition = new Condition();

  protected override init(_options: CatalogOptions): void {
    this.state = { entries: 0 };
  }

  getStatus(): HealthStatus {
    return this.condition.say("ok", `${this.state.entries} entries`);
  }

  queryAgents(_query: AgentQuery): Answer<AgentAnswer> {
    return notYet();
  }

  querySkills(_query: SkillQuery): Answer<SkillAnswer> {
    return notYet();
  }

  queryWorkflows(_query: WorkflowQuery): Answer<WorkflowAnswer> {
    return notYet();
  }

  queryTools(_query: ToolQuery): Answer<ToolAnswer> {
    return notYet();
  }

  /** The one pattern to follow. */
  getPattern(_request: PatternRequest): Answer<PatternRecommendation> {
    return notYet();
  }

  findPatterns(_search: PatternSearch): Answer<PatternAnswer> {
    return notYet();
  }

  /** Stores a pattern, or changes the one of the same goal; resolves once it is on disk. */
  storePattern(_pattern: NewPattern): Answer<Pattern> {
    return notYet();
  }

  /** Resolves once it is on disk. */
  recordDecision(_decision: Decision): Answer<DecisionAnswer> {
    return notYet();
  }

  /** Reads all files again; one reading at a time, which all who ask meanwhile wait for. */
  reindex(): Answer<ReindexReport> {
    return notYet();
  }

  entry(_id: string): Answer<CatalogEntry | undefined> {
    return undefined;
  }

  stats(): Answer<CatalogStats> {
    return notYet();
  }
}
