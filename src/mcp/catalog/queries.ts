// What may be asked of the catalog, and what it answers: the words of the JSON-RPC methods, of the tools and of the command line alike.
// Fields are written as in the protocol these came from, in snake_case.
import { z } from "zod";
import type { EntryKind } from "./entry.js";

const short = (most: number) => z.string().trim().min(1).max(most);
/** An object cannot be told of what goes by this name. */
const agent = short(200).refine((name) => name !== "__proto__", { error: "no agent may be called that" });
const names = (most: number) => z.array(agent).max(most);

/** `index`: name and kind; `catalog`: with a cut description; `full`: with the file's text. */
export const answerModes = ["index", "catalog", "full"] as const;

const common = {
  context: short(500).optional().describe("What is to be done, in free words."),
  plugin: short(200).optional().describe("Only of this plugin."),
  limit: z.int().min(1).max(20).default(5).describe("How many at most."),
  mode: z.enum(answerModes).default("catalog").describe("How much is told of each."),
  max_tokens: z
    .int()
    .min(50)
    .max(100_000)
    .optional()
    .describe("The answer's budget: fewer or shorter entries where it would be more."),
  expand: z
    .array(short(50))
    .max(20)
    .optional()
    .describe("More words for the same thing, that count less than those of the context."),
};

export const agentQuery = z.strictObject({
  ...common,
  capability: short(100).optional().describe("A capability tag, exact first and then like it."),
  role: short(50).optional().describe("A role of agent-registry.yml: its primary, then its fallbacks."),
  model: short(100).optional().describe("Only agents of this model."),
});
export const skillQuery = z.strictObject({
  ...common,
  capability: short(100).optional().describe("A keyword or category."),
});
export const workflowQuery = z.strictObject({
  ...common,
  goal: short(500).optional().describe("The same as context."),
});
export const toolQuery = z.strictObject({ ...common, query: short(500).optional().describe("The same as context.") });

export type AgentQuery = z.input<typeof agentQuery>;
export type SkillQuery = z.input<typeof skillQuery>;
export type WorkflowQuery = z.input<typeof workflowQuery>;
export type ToolQuery = z.input<typeof toolQuery>;

/** One found entry; what the mode leaves out is absent. */
export interface Found {
  readonly id: string;
  readonly kind: EntryKind;
  readonly name: string;
  readonly plugin: string;
  readonly description?: string;
  readonly model?: string;
  readonly capabilities?: readonly string[];
  readonly keywords?: readonly string[];
  readonly category?: string;
  readonly arguments?: string;
  readonly steps?: readonly string[];
  readonly agents?: readonly string[];
  readonly role?: string;
  readonly fallbacks?: readonly string[];
  /** Near-duplicates that stand for the same, by their ids. */
  readonly alternates?: readonly string[];
  readonly text?: string;
  /** Between 0 and 1. */
  readonly score: number;
}

export interface Answered {
  readonly reasoning: string;
  /** Between 0 and 1: how likely the first is what was meant. */
  readonly confidence: number;
  readonly cache_hit: boolean;
  /** Where nothing matches: the nearest names. */
  readonly nearest?: readonly string[];
  /** How many more the budget left out. */
  readonly left_out?: number;
}
export type AgentAnswer = Answered & { readonly agents: readonly Found[] };
export type SkillAnswer = Answered & { readonly skills: readonly Found[] };
export type WorkflowAnswer = Answered & { readonly workflows: readonly Found[] };
export type ToolAnswer = Answered & { readonly tools: readonly Found[] };

// --- patterns and decisions ------------------------------------------------------------------------------------------------

const project = short(200).optional().describe("Another project's id; the current one when absent.");

export const patternRequest = z.strictObject({ goal: short(500), project });
export const patternSearch = z.strictObject({
  goal: short(500),
  min_similarity: z.number().min(0).max(1).default(0.7),
  limit: z.int().min(1).max(20).default(5),
  project,
});
export const newPattern = z.strictObject({
  goal: short(500),
  agent_sequence: names(50).min(1),
  dependencies: z
    .record(short(200), names(50))
    .default({})
    .describe("For each agent, those that must have ended before."),
  parallel_groups: z.array(names(50).min(1)).max(50).default([]),
  project,
});
export const decisionResults = ["success", "failure", "partial"] as const;
export const decision = z.strictObject({
  task_id: short(200),
  task_description: short(2_000),
  agents_used: names(50),
  result: z.enum(decisionResults),
  duration_ms: z.int().min(0).max(1e12).optional(),
  tokens_saved: z.int().min(0).max(1e12).optional(),
  pattern_id: short(100).optional().describe("The pattern that was followed; it learns from the result."),
  project,
});

export type PatternRequest = z.input<typeof patternRequest>;
export type PatternSearch = z.input<typeof patternSearch>;
export type NewPattern = z.input<typeof newPattern>;
/** A new one with its defaults filled in. */
export type StoredPattern = z.output<typeof newPattern>;
export type Decision = z.input<typeof decision>;

export interface Pattern {
  readonly id: string;
  readonly goal: string;
  readonly agent_sequence: readonly string[];
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  readonly parallel_groups: readonly (readonly string[])[];
  readonly success_count: number;
  readonly failure_count: number;
  readonly avg_duration_ms: number;
  readonly avg_tokens_saved: number;
  /** ISO 8601. */
  readonly created_at: string;
  readonly updated_at: string;
}

export interface PatternMatch {
  readonly pattern: Pattern;
  /** Smoothed, between 0 and 1. */
  readonly success_rate: number;
  readonly similarity: number;
  /** How often it was followed. */
  readonly task_count: number;
}
/** The one pattern to follow, or none that is near enough. */
export type PatternRecommendation = { readonly cache_hit: boolean } & (
  | PatternMatch
  | { readonly pattern: null; readonly nearest: readonly string[] }
);
export interface PatternAnswer {
  readonly matches: readonly PatternMatch[];
  readonly cache_hit: boolean;
  /** Where none is near enough: the goals that come nearest. */
  readonly nearest?: readonly string[];
}
/** `known`: this task's decision had been stored before, and nothing was changed. */
export interface DecisionAnswer {
  readonly stored: boolean;
  readonly known: boolean;
  /** The pattern that learned from it, or that it became. */
  readonly pattern_id?: string;
}
