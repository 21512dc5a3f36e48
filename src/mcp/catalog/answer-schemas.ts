// What the tools of the catalog answer, for clients that check it.
import { z } from "zod";
import { entryKinds } from "./entry.js";

const names = z.array(z.string());

const found = z.looseObject({
  id: z.string(),
  kind: z.enum(entryKinds),
  name: z.string(),
  plugin: z.string(),
  description: z.string().optional(),
  model: z.string().optional(),
  capabilities: names.optional(),
  alternates: names.optional().describe("Ids of near-duplicates that stand for the same."),
  text: z.string().optional(),
  score: z.number(),
});

const answered = {
  reasoning: z.string(),
  confidence: z.number().describe("Between 0 and 1: how likely the first is what was meant."),
  cache_hit: z.boolean(),
  nearest: names.optional().describe("Where nothing matches: the nearest names."),
  left_out: z.number().optional().describe("How many more the budget left out."),
};

const pattern = z.looseObject({
  id: z.string(),
  goal: z.string(),
  agent_sequence: names,
  dependencies: z.record(z.string(), names),
  parallel_groups: z.array(names),
  success_count: z.number(),
  failure_count: z.number(),
});

const match = { success_rate: z.number(), similarity: z.number(), task_count: z.number() };

/** By the names of the tools. */
export const answerSchemas: Readonly<Record<string, z.ZodObject>> = {
  query_agents: z.looseObject({ agents: z.array(found), ...answered }),
  query_skills: z.looseObject({ skills: z.array(found), ...answered }),
  query_workflows: z.looseObject({ workflows: z.array(found), ...answered }),
  get_pattern: z.looseObject({
    pattern: pattern.nullable(),
    ...z.object(match).partial().shape,
    cache_hit: z.boolean(),
    nearest: names.optional(),
  }),
  find_patterns: z.looseObject({
    matches: z.array(z.looseObject({ pattern, ...match })),
    cache_hit: z.boolean(),
    nearest: names.optional(),
  }),
  store_pattern: pattern,
  record_decision: z.looseObject({
    stored: z.boolean(),
    known: z.boolean().describe("This task's decision had been stored before, and nothing was changed."),
  }),
};
