// The way to many tools for clients that list few: search, describe, call. They are always there and never change, for some clients
// freeze the list they were given first. What is found is what this client may call, and a call made through here is the same as one
// made by the tool's own name.
import { z } from "zod";
import { BanyanError, type Ref } from "../../supervision/index.js";
import type { Catalog } from "../catalog/catalog.js";
import { answerModes } from "../catalog/queries.js";
import { wrongParams } from "../catalog/wrong-params.js";
import type { ToolResult } from "../client/mcp-types.js";
import { optional, sdkTool } from "../client/sdk-shapes.js";
import { undotted } from "./client-names.js";
import { failed, type KnownTool, type OwnCall, type OwnTool, told } from "./own-tools.js";
import { unknownName } from "./refusals.js";

export interface BanyanToolsOptions {
  readonly catalog: Ref<Catalog>;
  /** How everything is, as /health tells it. */
  readonly health: () => Promise<object>;
}

const LONGEST_NAME = 300;
const CUT = 120;
/** More than are wanted, for some of what is found may not be this client's to call. */
const MOST_ASKED = 20;

const search = z.strictObject({
  query: z.string().trim().min(1).max(500).describe("What is to be done, in a few words."),
  limit: z.int().min(1).max(20).default(5).describe("How many at most."),
  mode: z
    .enum(answerModes)
    .default("catalog")
    .describe(
      "index: names alone; catalog: with a short description; full: with the input schema, ready to be called.",
    ),
});
const describe = z.strictObject({ name: z.string().min(1).max(LONGEST_NAME).describe("As search_tools gave it.") });
const callOne = z.strictObject({
  name: z.string().min(1).max(LONGEST_NAME).describe("As search_tools gave it."),
  arguments: z.record(z.string(), z.unknown()).default({}).describe("As its input schema wants them."),
});

/** What the names of tools begin with that are listed whatever else is. */
export const LISTED_ALWAYS = "banyan.";

/** For `initialize`. */
export const HOW_TO_FIND_TOOLS =
  "Tools that are not listed are found by banyan.search_tools (say what is to be done), shown by banyan.describe_tool and called by " +
  "banyan.call_tool, or by their own names.";

export function banyanTools({ catalog, health }: BanyanToolsOptions): readonly OwnTool[] {
  return [
    ownTool({
      name: "banyan.search_tools",
      title: "Search tools",
      description:
        "Finds tools of all connected servers by what is to be done. Answers with names and short descriptions, the best first. " +
        "Then banyan.describe_tool shows how one is called, and banyan.call_tool calls it.",
      params: search,
      reads: true,
      run: (asked, context) => found(catalog, asked, context),
    }),
    ownTool({
      name: "banyan.describe_tool",
      title: "Describe a tool",
      description: "Shows one tool: its whole description, and the JSON schema of its arguments.",
      params: describe,
      reads: true,
      run: async ({ name }, context) => {
        const described = shown(await toolNamed(name, context));
        return told(JSON.stringify(described), described);
      },
    }),
    ownTool({
      name: "banyan.call_tool",
      title: "Call a tool",
      description: "Calls a tool by its name, as banyan.search_tools gave it, and answers with its result.",
      params: callOne,
      reads: false,
      run: ({ name, arguments: args }, context) => context.callTool(name, args),
    }),
    ownTool({
      name: "banyan.health",
      title: "Health",
      description: "Tells how Banyan and the servers behind it are: which are connected, away or restarting.",
      params: z.strictObject({}),
      reads: true,
      run: async () => {
        const body = await health();
        return told(JSON.stringify(body), { ...body });
      },
    }),
  ];
}

interface Described<Schema extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly params: Schema;
  /** It changes nothing. */
  readonly reads: boolean;
  readonly run: (args: z.output<Schema>, context: OwnCall) => Promise<ToolResult>;
}

/** A tool whose arguments are checked before it runs. */
export function ownTool<Schema extends z.ZodObject>(of: Described<Schema>): OwnTool {
  const { name, title, description, params, reads, run } = of;
  const { $schema: _, ...inputSchema } = z.toJSONSchema(params, { io: "input" });
  // What a tool that is called does is its own to say.
  const annotations = { title, readOnly: reads, destructive: !reads, idempotent: reads, openWorld: !reads };
  return {
    info: { name, title, description, inputSchema, annotations },
    call: async (args, context) => {
      const checked = params.safeParse(args);
      if (checked.success) return run(checked.data, context);
      return failed("invalid_params", wrongParams(checked.error.issues, args, Object.keys(params.shape)).join("; "));
    },
  };
}

async function found(
  catalog: Ref<Catalog>,
  { query, limit, mode }: z.output<typeof search>,
  context: OwnCall,
): Promise<ToolResult> {
  const all = (await context.tools()).filter(({ item }) => !item.name.startsWith(LISTED_ALWAYS));
  const { ids, nearest } = await searched(catalog, query, all);
  const byId = new Map(all.map((tool) => [tool.item.name, tool]));
  const tools = ids.map((id) => byId.get(id)).filter((tool) => tool !== undefined);
  const list = tools.slice(0, limit).map((tool) => shortened(tool, mode));
  if (list.length === 0) {
    const near = nearest.length === 0 ? "say it in other words" : `the nearest are: ${nearest.join(", ")}`;
    return told(`No tool fits; ${near}.`, { tools: [], nearest });
  }
  const lines = list.map((tool) => (mode === "full" ? JSON.stringify(tool) : Object.values(tool).join(": ")));
  return told(lines.join("\n"), { tools: list });
}

/** The best first. Without the catalog the words of names and descriptions have to do, as for tools it does not know. */
async function searched(
  catalog: Ref<Catalog>,
  query: string,
  all: readonly KnownTool[],
): Promise<{ readonly ids: readonly string[]; readonly nearest: readonly string[] }> {
  const [answer, { rankTools }] = await Promise.all([
    catalog.call.queryTools({ query, limit: MOST_ASKED, mode: "index" }).catch(unlessOurs),
    import("../../llm/offline/ranking.js"),
  ]);
  const ids = answer?.tools.map(({ id }) => id.slice(id.indexOf(":") + 1)) ?? [];
  const tools = all.map(({ item }) => item);
  const others = answer === undefined ? tools : tools.filter(({ name }) => name.startsWith("chat."));
  const near = rankTools(query, others).filter((candidate) => candidate.near);
  // The catalog knows of tools that are not this client's to call; their names are not told.
  const known = new Set(tools.map(({ name }) => name));
  const nearest = answer?.nearest?.filter((name) => known.has(name)) ?? [];
  return { ids: [...ids, ...near.map(({ tool }) => tool.name)], nearest };
}

/** Away, off, or not read yet. A fault of ours goes on. */
function unlessOurs(error: unknown): undefined {
  if (!(error instanceof BanyanError)) throw error;
}

function shortened(tool: KnownTool, mode: (typeof answerModes)[number]): object {
  if (mode === "full") return shown(tool);
  return mode === "index" ? { name: tool.name } : { name: tool.name, description: cut(tool.item.description) };
}

async function toolNamed(said: string, context: OwnCall): Promise<KnownTool> {
  const tools = await context.tools();
  const tool =
    tools.find(({ name }) => name === said) ??
    tools.find(({ item }) => item.name === said) ??
    tools.find(({ item }) => undotted(item.name) === said);
  if (tool !== undefined) return tool;
  throw unknownName(
    "tool",
    said,
    tools.map(({ name }) => name),
  );
}

function shown({ item, name }: KnownTool) {
  const { title, description, inputSchema, outputSchema } = sdkTool(item, name);
  return { name, ...optional({ title, description }), inputSchema, ...optional({ outputSchema }) };
}

/** At the end of a word. */
function cut(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= CUT) return line;
  const end = line.lastIndexOf(" ", CUT - 1);
  return `${line.slice(0, end > CUT / 2 ? end : CUT - 1)}…`;
}
