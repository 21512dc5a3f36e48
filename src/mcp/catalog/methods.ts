// What may be asked of the catalog from outside, once for all ways to ask: JSON-RPC over HTTP calls a method by its name, a model by
// that of its tool, and the command line either. Params are checked by the method's schema before it is run.
import { z } from "zod";
import type { Ref } from "../../supervision/index.js";
import type { Catalog } from "./catalog.js";
import {
  agentQuery,
  decision,
  newPattern,
  patternRequest,
  patternSearch,
  skillQuery,
  toolQuery,
  workflowQuery,
} from "./queries.js";

export interface RpcMethod<Doors> {
  readonly params: z.ZodObject;
  /** `params` as the schema gave them. */
  run(doors: Doors, params: unknown): Promise<object>;
}

/** How a model meets a method. */
export interface MethodTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** It changes what is stored. */
  readonly writes: boolean;
}

export interface CatalogMethod extends RpcMethod<Ref<Catalog>> {
  readonly name: string;
  /** Absent where another tool does the same. */
  readonly tool?: MethodTool;
}

function method<Schema extends z.ZodObject>(
  name: string,
  params: Schema,
  run: (catalog: Ref<Catalog>, params: z.output<Schema>) => Promise<object>,
  tool?: MethodTool,
): CatalogMethod {
  const checked = (catalog: Ref<Catalog>, said: unknown) => run(catalog, said as z.output<Schema>); // as `RpcMethod.run` demands
  return { name, params, run: checked, ...(tool === undefined ? {} : { tool }) };
}

export const catalogMethods: readonly CatalogMethod[] = [
  method("queryAgents", agentQuery, (catalog, query) => catalog.call.queryAgents(query), {
    name: "query_agents",
    title: "Find agents",
    description:
      "Finds the agents (specialists with instructions of their own) that fit a task. Say what is to be done in `context`; name a " +
      "`capability` tag or a `role` where one is known. Answers with names, plugins, models and short descriptions, the best first; " +
      '`mode: "full"` gives an agent\'s whole instructions. Use it before a task is handed to somebody else, in place of a list of all agents.',
    writes: false,
  }),
  method("querySkills", skillQuery, (catalog, query) => catalog.call.querySkills(query), {
    name: "query_skills",
    title: "Find skills",
    description:
      "Finds skills: written know-how for a kind of work, such as a framework's patterns or how to write a runbook. Say the work in " +
      '`context`, then ask again with `mode: "full"` and `limit: 1`, or read its resource, for the text to work by.',
    writes: false,
  }),
  method("queryWorkflows", workflowQuery, (catalog, query) => catalog.call.queryWorkflows(query), {
    name: "query_workflows",
    title: "Find workflows",
    description:
      "Finds workflows: instructions with steps for a goal of several parts, such as building a feature or answering an incident. Say the " +
      "goal in `goal`. Each is a prompt of this server too.",
    writes: false,
  }),
  method("queryTools", toolQuery, (catalog, query) => catalog.call.queryTools(query)),
  method("getOrchestrationPattern", patternRequest, (catalog, request) => catalog.call.getPattern(request), {
    name: "get_pattern",
    title: "Get the pattern for a goal",
    description:
      "Gives the one sequence of agents that has served goals like this best, with who waits for whom and who may work side by side. Ask " +
      "it before several agents are planned for a goal; none is given where nothing stored is near enough.",
    writes: false,
  }),
  method("queryPattern", patternSearch, (catalog, search) => catalog.call.findPatterns(search), {
    name: "find_patterns",
    title: "Find patterns",
    description:
      "Lists the stored sequences of agents whose goals are like this one, with how often each was followed and how often it went well. " +
      "Lower `min_similarity` for more.",
    writes: false,
  }),
  method("storePattern", newPattern, (catalog, pattern) => catalog.call.storePattern(pattern), {
    name: "store_pattern",
    title: "Store a pattern",
    description:
      "Stores a sequence of agents that reached a goal, so that it is found for goals like it. `dependencies` names for an agent those " +
      "that must have ended before, without a circle. The same goal again changes the pattern that is there.",
    writes: true,
  }),
  method("cacheDecision", decision, (catalog, said) => catalog.call.recordDecision(said), {
    name: "record_decision",
    title: "Record how a task went",
    description:
      "Records which agents a task was given to and how it went, once the task is over. With `pattern_id` the pattern that was followed " +
      "learns from it. The same `task_id` again changes nothing.",
    writes: true,
  }),
];

const nothing = z.strictObject({});

/** For whoever looks after the catalog; these are no methods of the protocol. */
export const upkeepMethods: readonly CatalogMethod[] = [
  method("reindex", nothing, (catalog) => catalog.call.reindex()),
  method("stats", nothing, (catalog) => catalog.call.stats()),
];
