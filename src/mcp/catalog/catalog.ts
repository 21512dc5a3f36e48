// The Catalog: answers which agents, skills, workflows and tools fit a task, and which sequence of agents has served one like it.
// Files and search are the index's, rows are the Store's; the process has the cache between them, the log and the figures.
//
// Permanent, shutdown within 1 s to hand over the log. After a crash it opens the index as it was last written and reads its
// patterns again from the Store: what was acknowledged is there. Lost is the cache.
// Whatever waits for a file, a row or another process is answered beside the mailbox.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { z } from "zod";
import { again } from "../../actors/again.js";
import type { HealthStatus } from "../../actors/health/status.js";
import type { Store, StoreWatcher } from "../../actors/store/store.js";
import { announce, type Happening, happenings } from "../../actors/telemetry/happenings.js";
import { Troubles } from "../../actors/troubles.js";
import { Watching } from "../../actors/watching.js";
import {
  BanyanError,
  failure,
  GenServer,
  isDown,
  type Named,
  type NoReply,
  noReply,
  type Ref,
  send,
} from "../../supervision/index.js";
import type { Aggregator, CapabilityChange, CapabilityWatcher } from "../client/aggregator.js";
import { optional } from "../client/sdk-shapes.js";
import { type Answers, answer, type QueryMethod, queryMethods, questions, textOf } from "./answering/answer.js";
import type { CatalogIndex } from "./catalog-index.js";
import type { CatalogSettings } from "./catalog-settings.js";
import type { CatalogStats, IndexCounts, ReindexReport } from "./catalog-stats.js";
import { type Answer, Desk, type Question } from "./desk.js";
import type { CatalogEntry, EntryKind } from "./entry.js";
import { type FilesRead, Indexing } from "./indexing.js";
import { NEAR, Patterns } from "./patterns/patterns.js";
import { sequenceFault } from "./patterns/sequence.js";
import {
  type AgentAnswer,
  type AgentQuery,
  type Decision,
  type DecisionAnswer,
  decision as decisionSchema,
  type Found,
  type NewPattern,
  newPattern,
  type Pattern,
  type PatternAnswer,
  type PatternRecommendation,
  type PatternRequest,
  type PatternSearch,
  patternRequest,
  patternSearch,
  type SkillAnswer,
  type SkillQuery,
  type ToolAnswer,
  type ToolQuery,
  type WorkflowAnswer,
  type WorkflowQuery,
} from "./queries.js";
import { askedOften } from "./query-log.js";
import { toolEntry } from "./tool-entries.js";
import { warmAnswer } from "./warm-answer.js";

export interface CatalogOptions extends CatalogSettings {
  readonly name: Named<Catalog>;
  readonly store: Named<Store>;
  readonly aggregator: Named<Aggregator>;
  /** The folder whose patterns and decisions are meant where none is named. */
  readonly project: string;
  /** Has all at hand from the start and watches the files; else the index is opened by the first question. */
  readonly longLived: boolean;
}

/** Told when there are other agents, skills or workflows than before. */
export interface EntriesWatcher {
  entriesChanged(): void;
}

export interface EntriesWanted {
  readonly kinds: readonly EntryKind[];
  readonly plugin?: string;
  /** What the name, or the place within the plugin, begins with; in any case. */
  readonly prefix?: string;
  readonly limit: number;
}

/** A mistake of ours in what was done beside the mailbox: it ends the process as any other. */
class Fault {
  constructor(readonly error: unknown) {}
}

const RECOMMEND = "getOrchestrationPattern";
const FIND_PATTERNS = "queryPattern";
const patternMethods = [RECOMMEND, FIND_PATTERNS];
/** Patterns hold for so many times as long as other answers. */
const PATTERNS_HOLD = 2;
const NEAREST_GOALS = 3;
const MOST_DIAGNOSES = 200;
const MOST_LISTED = 10_000;
/** Once the start is over. */
const WARM_AFTER_MS = 300;
const MOST_WARMED = 50;
const [REINDEX, WARM, FLUSH] = ["reindex", "warm", "flush"];

export class Catalog
  extends GenServer<CatalogOptions, { readonly entries: number }>
  implements CapabilityWatcher, StoreWatcher
{
  private options!: CatalogOptions; // set by init, as are the next four
  private store!: Ref<Store>;
  private patterns!: Patterns;
  private desk!: Desk;
  private indexing!: Indexing;
  private readonly troubles = new Troubles();
  private readonly watchers = new Map<number, Ref<EntriesWatcher>>();
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });

  protected override init(options: CatalogOptions): void {
    this.trapExit = true;
    this.options = options;
    this.state = { entries: 0 };
    const { project, maxLogRows, cacheTtlMs, roots, folder, longLived, enabled, name } = options;
    this.store = this.use(options.store);
    this.patterns = new Patterns(this.store, () => this.desk.forget(patternMethods));
    this.desk = new Desk({
      ...{ enabled, project, maxRows: maxLogRows },
      ttlOf: (method) => (patternMethods.includes(method) ? PATTERNS_HOLD : 1) * cacheTtlMs,
      write: (statements) => this.store.cast.append(...statements),
      later: (ms) => void this.sendAfter(ms, FLUSH),
    });
    const aggregator = this.use(options.aggregator);
    this.indexing = new Indexing({
      ...{ roots, folder, watch: longLived, signal: this.signal },
      tools: async () => (await again(() => aggregator.call.tools())).map(toolEntry),
      changed: (index, read) => this.entriesChanged(index, read),
      trouble: (why) => (why === undefined ? this.troubles.over("index") : this.troubles.set("index", "warn", why)),
    });
    this.on(happenings, "happened", (happening: Happening) => {
      if (happening.type === "store") this.desk.figures.tookDatabase(happening.ms);
    });
    if (!enabled) return;
    this.watching.begin(options.store, async () => {
      await this.store.call.watch(name);
    });
    this.watching.begin(options.aggregator, async () => {
      await aggregator.call.subscribe(name);
      this.toolsChanged();
    });
    if (!longLived) return;
    this.inBackground(this.indexing.opened());
    this.sendAfter(WARM_AFTER_MS, WARM);
    this.sendAfter(options.reindexMs, REINDEX);
  }

  protected override terminate(): void {
    this.desk.flush();
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (message instanceof Fault) throw message.error;
    if (message === FLUSH) this.desk.flush();
    else if (message === WARM) this.inBackground(this.warm());
    else if (message === REINDEX) {
      this.sendAfter(this.options.reindexMs, REINDEX);
      this.inBackground(this.indexing.rebuild());
    } else if (!(await this.watching.took(message)) && isDown(message)) this.watchers.delete(message.id);
  }

  getStatus(): HealthStatus {
    const { entries } = this.state;
    const status = this.troubles.status();
    const { diagnoses } = this.desk.figures.told().rebuild;
    const faults = diagnoses === 0 ? "" : `; ${diagnoses} things to mend in their files`;
    return status.level === "ok" ? { ...status, details: `${entries} entries${faults}` } : status;
  }

  // --- questions -----------------------------------------------------------------------------------------------------------

  queryAgents(query: AgentQuery): Answer<AgentAnswer> {
    return this.queried("queryAgents", query);
  }

  querySkills(query: SkillQuery): Answer<SkillAnswer> {
    return this.queried("querySkills", query);
  }

  queryWorkflows(query: WorkflowQuery): Answer<WorkflowAnswer> {
    return this.queried("queryWorkflows", query);
  }

  queryTools(query: ToolQuery): Answer<ToolAnswer> {
    return this.queried("queryTools", query);
  }

  /** The one pattern to follow. */
  getPattern(request: PatternRequest): Answer<PatternRecommendation> {
    return this.desk.checked(RECOMMEND, patternRequest, request, (asked, question) =>
      this.beside(this.recommended(asked, question)),
    );
  }

  findPatterns(search: PatternSearch): Answer<PatternAnswer> {
    return this.desk.checked(FIND_PATTERNS, patternSearch, search, (asked, question) =>
      this.beside(this.found(asked, question)),
    );
  }

  /** Stores a pattern, or changes the one of the same goal; resolves once it is on disk. */
  storePattern(pattern: NewPattern): Answer<Pattern> {
    return this.desk.checked("storePattern", newPattern, pattern, (asked) => {
      const fault = sequenceFault(asked);
      return fault === undefined ? this.beside(this.patterns.storePattern(this.of(asked), asked)) : failure(fault);
    });
  }

  /** Resolves once it is on disk; a task that is known changes nothing. */
  recordDecision(decision: Decision): Answer<DecisionAnswer> {
    return this.desk.checked("cacheDecision", decisionSchema, decision, (asked) =>
      this.beside(this.patterns.decide(this.of(asked), asked)),
    );
  }

  // --- entries -------------------------------------------------------------------------------------------------------------

  /** Of the entries there are now, those of these kinds, in the order of their ids; nothing is read for it. */
  entries({ kinds, plugin, prefix = "", limit }: EntriesWanted): readonly CatalogEntry[] {
    const filter = { kinds, ...(plugin === undefined ? {} : { plugin }) };
    const found: CatalogEntry[] = [];
    for (const entry of this.indexing.now?.entries(filter) ?? []) {
      if (found.length >= Math.min(limit, MOST_LISTED)) break;
      if (startsWith(entry, prefix)) found.push(entry);
    }
    return found;
  }

  /** The plugins that have entries of this kind. */
  plugins({ kind, prefix, limit }: { kind: EntryKind; prefix: string; limit: number }): readonly string[] {
    const found = new Set<string>();
    for (const { plugin } of this.indexing.now?.entries({ kinds: [kind] }) ?? []) {
      if (found.size >= limit) break;
      if (plugin.toLowerCase().startsWith(prefix.toLowerCase())) found.add(plugin);
    }
    return [...found];
  }

  entry(id: string): Answer<CatalogEntry | undefined> {
    return this.beside(this.indexing.opened().then((index) => index.entry(id)));
  }

  /** The text of an entry's file, read now. Fails with `unknown_entry`. */
  text(id: string): Answer<string> {
    return this.beside(this.indexing.opened().then((index) => index.text(id)));
  }

  /** Tells from now on, until the watcher ends, when there are other entries than before. */
  watchEntries(watcher: Ref<EntriesWatcher>): void {
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
  }

  // --- figures -------------------------------------------------------------------------------------------------------------

  /** Reads all files again; one reading at a time. */
  reindex(): Answer<ReindexReport> {
    return this.beside(this.reindexed());
  }

  stats(): Answer<CatalogStats> {
    const { enabled, longLived } = this.options;
    // Whoever asks once wants to know of what is there now.
    return this.beside(enabled && !longLived ? this.indexing.opened().then(() => this.told()) : this.told());
  }

  // --- told by others ------------------------------------------------------------------------------------------------------

  capabilitiesChanged({ tools }: CapabilityChange): void {
    if (tools !== undefined) this.toolsChanged();
  }

  toolsDiffer(): void {}

  /** The rows may be those of another database. */
  storeChanged(): void {
    this.patterns.forget();
  }

  // -------------------------------------------------------------------------------------------------------------------------

  private queried<Method extends QueryMethod>(method: Method, query: object): Answer<Answers[Method]> {
    return this.desk.checked(method, questions[method].schema, query, (asked, question) => {
      const { capability, role } = asked;
      const logged = { capability, role, context: textOf(asked) };
      const idsOf = (given: Answers[Method]): string[] => listOf(method, given).map(({ id }) => id);
      const work = (index: CatalogIndex) =>
        this.desk.remembered({ ...question, logged }, idsOf, () => answer(index, method, asked));
      const ready = this.indexing.ready(method === "queryTools");
      if (ready instanceof Promise) return this.beside(ready.then(work));
      const given = work(ready);
      return given instanceof Promise ? this.beside(given) : given;
    });
  }

  private async recommended({ goal, project }: PatternRequest, asked: Question): Promise<PatternRecommendation> {
    const table = await this.patterns.of(this.of({ project }));
    const idsOf = ({ pattern }: PatternRecommendation): string[] => (pattern === null ? [] : [pattern.id]);
    return this.desk.remembered({ ...asked, logged: { context: goal } }, idsOf, () => {
      const [best] = table.find(goal, NEAR, 1);
      if (best !== undefined) return { ...best, cache_hit: false };
      return { pattern: null, cache_hit: false, nearest: table.nearest(goal, NEAREST_GOALS) };
    });
  }

  private async found(asked: z.output<typeof patternSearch>, question: Question): Promise<PatternAnswer> {
    const { goal, min_similarity, limit } = asked;
    const table = await this.patterns.of(this.of(asked));
    const idsOf = ({ matches }: PatternAnswer): string[] => matches.map(({ pattern }) => pattern.id);
    return this.desk.remembered({ ...question, logged: { context: goal } }, idsOf, () => {
      const matches = table.find(goal, min_similarity, limit);
      const nearest = matches.length > 0 ? {} : { nearest: table.nearest(goal, NEAREST_GOALS) };
      return { matches, cache_hit: false, ...nearest };
    });
  }

  /** What was asked most lately is asked once more, so that its answers are at hand. */
  private async warm(): Promise<void> {
    const { project } = this.options;
    const index = await this.indexing.opened();
    await this.patterns.of(project); // with which patterns are at hand
    for (const { method, params } of await again(() => this.store.call.all(askedOften(project, MOST_WARMED)))) {
      await nextTurn();
      warmAnswer(this.desk, index, String(method), String(params));
    }
  }

  private async reindexed(): Promise<ReindexReport> {
    const { ms } = await this.indexing.rebuild();
    const { diagnoses } = await this.indexing.opened();
    const { total } = await this.patterns.figures(this.options.project);
    return {
      indexes: this.counts(total),
      duration_ms: Math.round(ms),
      diagnoses: diagnoses.slice(0, MOST_DIAGNOSES),
      diagnoses_total: diagnoses.length,
      ...optional({ damaged: this.desk.figures.told().rebuild.damaged }),
    };
  }

  private async told(): Promise<CatalogStats> {
    if (!this.options.longLived) await this.indexing.opened(); // who asks once wants what the files hold
    const { query_time_ms, ...figures } = this.desk.figures.told();
    let [connected, size, total, rate] = [false, 0, 0, 0];
    try {
      size = (await again(() => this.store.call.status())).size;
      ({ total, rate } = await this.patterns.figures(this.options.project));
      connected = true;
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
    }
    return {
      ...figures,
      cache: this.desk.cacheFigures(),
      indexes: this.counts(total),
      database: { connected, size_mb: Number((size / 1024 ** 2).toFixed(2)), query_time_ms },
      patterns: { total, avg_success_rate: Number(rate.toFixed(3)) },
    };
  }

  private counts(patterns: number): IndexCounts {
    const { agent, skill, workflow, tool } = this.indexing.now?.counts ?? { agent: 0, skill: 0, workflow: 0, tool: 0 };
    return { agents: agent, skills: skill, workflows: workflow, tools: tool, patterns };
  }

  private of({ project }: { readonly project?: string | undefined }): string {
    return project ?? this.options.project;
  }

  private entriesChanged(index: CatalogIndex, read: FilesRead | undefined): void {
    this.state = { entries: index.size };
    this.desk.forget(read === undefined ? ["queryTools"] : queryMethods);
    announce({ type: "catalog_index", entries: index.counts, ...optional({ ms: read?.ms }) });
    if (read === undefined) return;
    const { ms, damaged, unsaved } = read;
    this.desk.figures.rebuilt(ms, index.diagnoses.length, damaged);
    if (damaged !== undefined) {
      const text = `The catalog's index was damaged (${damaged}) and was made anew from the files.`;
      announce({ type: "catalog", level: "warn", text });
    }
    if (unsaved === undefined) this.troubles.over("unsaved");
    else this.troubles.set("unsaved", "warn", `the catalog's index cannot be kept on disk (${unsaved})`);
    for (const watcher of this.watchers.values()) watcher.cast.entriesChanged();
  }

  private toolsChanged(): void {
    this.inBackground(this.indexing.takeTools());
  }

  /** Answers the call in hand with what comes of the work, while others are answered. */
  private beside<T>(work: Promise<T>): NoReply {
    const from = this.from<T>();
    work.then(
      (value) => from.reply(value),
      (error: unknown) => {
        from.fail(error);
        this.faulty(error);
      },
    );
    return noReply;
  }

  private inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.faulty(error));
  }

  /** What is expected has been told to who waited for it; anything else is a mistake of ours, and ends the process as any other. */
  private faulty(error: unknown): void {
    if (!(error instanceof BanyanError)) send(this.self(), new Fault(error));
  }
}

/** Whether its name, or its place within the plugin, begins so. */
function startsWith({ id, name }: CatalogEntry, prefix: string): boolean {
  const begin = prefix.toLowerCase();
  return [name, id.slice(id.indexOf("/") + 1)].some((text) => text.toLowerCase().startsWith(begin));
}

function listOf<Method extends QueryMethod>(method: Method, answer: Answers[Method]): readonly Found[] {
  return answer[questions[method].list] as readonly Found[]; // what each of the four lists holds
}
