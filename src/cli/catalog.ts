// `banyan catalog …`: the catalog of the app that runs, else one of the command's own over the same files.
import { askRunningApp } from "../actors/control/client.js";
import { entriesIn } from "../mcp/catalog/answer-text.js";
import type { CatalogStats, IndexCounts, ReindexReport } from "../mcp/catalog/catalog-stats.js";
import type { Found, PatternAnswer } from "../mcp/catalog/queries.js";
import { BanyanError, plainText } from "../supervision/index.js";
import { runningOr } from "./call-by-hand.js";
import type { CommonOptions } from "./options.js";
import { withOwnServers } from "./own-servers.js";
import { printJson } from "./print-json.js";
import { pathsOf } from "./settings.js";
import { printTable } from "./table.js";
import { warn } from "./warn.js";

export interface FindOptions extends CommonOptions {
  readonly capability?: string;
  readonly role?: string;
  readonly plugin?: string;
  readonly model?: string;
  readonly limit?: string;
  readonly full?: boolean;
}

const METHODS = {
  agents: "queryAgents",
  skills: "querySkills",
  workflows: "queryWorkflows",
  tools: "queryTools",
} as const;

/** Prints what fits the words and options, the best first. */
export async function findEntries(
  kind: keyof typeof METHODS,
  words: readonly string[],
  options: FindOptions,
  version: string,
): Promise<void> {
  const { capability, role, plugin, model, limit, full = false } = options;
  const context = words.join(" ");
  const params = {
    ...given({ context: context === "" ? undefined : context, capability, role, plugin, model }),
    ...given({ limit: limit === undefined ? undefined : wholeNumber("--limit", limit) }),
    mode: full ? "full" : "catalog",
  };
  const answer = (await ask(METHODS[kind], params, options, version, kind === "tools")) as object; // of this method
  if (options.json) return printJson(answer);
  const found = entriesIn(answer) ?? [];
  if (full)
    for (const one of found) process.stdout.write(plainText(`${one.name} (${one.plugin})\n\n${one.text ?? ""}\n\n`));
  else
    printTable(
      ["NAME", "PLUGIN", ...(kind === "agents" ? ["MODEL"] : []), "SCORE", "DOES"],
      found.map((one) => row(kind, one)),
    );
  const { reasoning, nearest = [] } = answer as { reasoning: string; nearest?: readonly string[] }; // likewise
  if (found.length > 0) return;
  const near = nearest.length === 0 ? "" : ` The nearest names are: ${nearest.join(", ")}.`;
  throw new BanyanError("not_found", `${reasoning}${near}`);
}

function row(kind: keyof typeof METHODS, { name, plugin, model = "", score, description = "" }: Found): string[] {
  return [name, plugin, ...(kind === "agents" ? [model] : []), score.toFixed(2), description];
}

/** Prints the sequences of agents that served goals like this. */
export async function findPatterns(
  goal: string,
  options: CommonOptions & { readonly minSimilarity?: string; readonly limit?: string },
  version: string,
): Promise<void> {
  const { minSimilarity, limit } = options;
  const params = given({
    goal,
    min_similarity: minSimilarity === undefined ? undefined : number("--min-similarity", minSimilarity),
    limit: limit === undefined ? undefined : wholeNumber("--limit", limit),
  });
  const answer = (await ask("queryPattern", params, options, version)) as PatternAnswer; // of this method
  if (options.json) return printJson(answer);
  printTable(
    ["GOAL", "AGENTS", "LIKE", "WENT WELL", "TIMES"],
    answer.matches.map(({ pattern, similarity, success_rate, task_count }) => [
      pattern.goal,
      pattern.agent_sequence.join(" → "),
      similarity.toFixed(2),
      percent(success_rate),
      `${task_count}`,
    ]),
  );
  if (answer.matches.length > 0) return;
  const near = answer.nearest?.length ? `; the nearest goals are: ${answer.nearest.join("; ")}` : "";
  throw new BanyanError("not_found", `No pattern is near this goal${near}.`);
}

/** Stores a sequence; each agent waits for the one before it, but those joined by a comma, who work side by side. */
export async function addPattern(
  goal: string,
  steps: readonly string[],
  options: CommonOptions,
  version: string,
): Promise<void> {
  const groups = steps.map((step) => step.split(",").filter((name) => name !== ""));
  const dependencies = groups.flatMap((group, place) => {
    const before = groups[place - 1];
    return before === undefined ? [] : group.map((agent) => [agent, before] as const);
  });
  const pattern = {
    goal,
    agent_sequence: groups.flat(),
    dependencies: Object.fromEntries(dependencies),
    parallel_groups: groups,
  };
  const stored = (await ask("storePattern", pattern, options, version)) as { readonly id: string }; // of this method
  if (options.json) return printJson(stored);
  process.stdout.write(`Stored as ${plainText(stored.id)}.\n`);
}

/** Reads all files again, and prints what was not as it should be. */
export async function reindex(options: CommonOptions, version: string): Promise<void> {
  const report = (await ask("reindex", {}, options, version)) as Counted<ReindexReport>; // of this method
  if (options.json) return printJson(report);
  const { indexes, duration_ms, diagnoses, diagnoses_total, damaged } = report;
  process.stdout.write(`${countsText(indexes)}, read in ${Math.round(duration_ms)} ms.\n`);
  if (damaged !== undefined) warn(madeAnew(damaged));
  printTable(
    ["FILE", "PROBLEM", ""],
    diagnoses.map(({ file, line, problem, left }) => [`${file}:${line}`, problem, left === "out" ? "left out" : ""]),
  );
  if (diagnoses_total > diagnoses.length) warn(`${diagnoses_total - diagnoses.length} more; see --json.`);
}

/** Prints what the catalog holds and how fast it answers. */
export async function showStatus(options: CommonOptions, version: string): Promise<void> {
  const stats = (await ask("stats", {}, options, version)) as Counted<CatalogStats>; // of this method
  if (options.json) return printJson(stats);
  const { indexes, cache, queries, performance: took, rebuild, patterns } = stats;
  const asked = `${many(queries.total, "question")}, p95 ${took.p95_query_time_ms.toFixed(1)} ms, ${percent(cache.hit_rate)} out of the cache`;
  const faults = `${many(rebuild.diagnoses, "thing")} in files to mend; banyan catalog reindex shows them`;
  const lines = [
    countsText(indexes),
    ...(indexes.tools === undefined ? ["no server is connected for this, so tools are not counted"] : []),
    queries.total === 0 ? "nothing was asked yet" : asked,
    patterns.total === 0
      ? "no patterns yet"
      : `${many(patterns.total, "pattern")}, ${percent(patterns.avg_success_rate)} success`,
    rebuild.diagnoses === 0 ? "every file is as it should be" : faults,
    ...(rebuild.damaged === undefined ? [] : [madeAnew(rebuild.damaged)]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function madeAnew(damaged: string): string {
  return `the kept index ${damaged}, so it was made anew from the files`;
}

function countsText({ agents, skills, workflows, tools }: Counted<CatalogStats>["indexes"]): string {
  const counts = [many(agents, "agent"), many(skills, "skill"), many(workflows, "workflow")];
  return [...counts, ...(tools === undefined ? [] : [many(tools, "tool")])].join(", ");
}

function many(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** What tells of numbers of entries: of tools only where there are servers. */
type Counted<T extends { readonly indexes: IndexCounts }> = Omit<T, "indexes"> & {
  readonly indexes: Omit<IndexCounts, "tools"> & Partial<Pick<IndexCounts, "tools">>;
};

function withoutTools(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || !("indexes" in answer)) return answer;
  return { ...answer, indexes: { ...(answer.indexes as IndexCounts), tools: undefined } }; // of every method that has some
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

function ask(
  method: string,
  params: object,
  options: CommonOptions,
  version: string,
  withTools = false,
): Promise<unknown> {
  const question = { method: "catalog" as const, ask: method, params: { ...params } };
  return runningOr(
    () => askRunningApp(pathsOf(options).socket, question),
    () =>
      withOwnServers(options, { start: withTools ? "unknown" : "none" }, version, async (door, catalog) => {
        if (withTools) await door.tools(); // the catalog has the tools once the servers have said them
        const answer = await catalog.ask(method, params);
        return withTools ? answer : withoutTools(answer);
      }),
  );
}

function given(params: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

function number(option: string, said: string): number {
  const value = Number(said);
  if (said.trim() !== "" && Number.isFinite(value)) return value;
  throw new BanyanError("usage", `${option} is followed by a number, and ${said} is none.`);
}

function wholeNumber(option: string, said: string): number {
  const value = Number(said);
  if (said.trim() !== "" && Number.isSafeInteger(value)) return value;
  throw new BanyanError("usage", `${option} is followed by a whole number, and ${said} is none.`);
}
