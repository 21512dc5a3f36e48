// /prompts and /prompt: the prompts of servers. What one answers with is said in the conversation as if the user had, and the
// model goes on from there. An argument that is required and missing is asked for, with what the server completes it to.
import type { PromptInfo } from "../../mcp/client/mcp-types.js";
import type { Namespaced } from "../../mcp/client/server-lists.js";
import type { ServerWrapper } from "../../mcp/client/server-wrapper.js";
import { BanyanError, type Ref } from "../../supervision/index.js";
import { cell } from "../cell.js";
import type { ServerCommand, ServerCommandAnswer, ServerCommandContext } from "../command.js";
import { ofServer, serverAndName } from "../named-of-server.js";
import { promptArguments } from "../named-prompts.js";
import { promptNames } from "../offered-names.js";
import { serverNames } from "../server-names.js";

/** `/prompt SERVER.NAME …`, also for what is typed as `/SERVER.NAME …`. */
export const promptCommand: ServerCommand = {
  name: "prompt",
  group: "resources and prompts",
  summary: "say a server's prompt in the conversation; what it needs and is not given is asked for",
  usage: ["SERVER.NAME [VALUE …] [KEY=VALUE …]"],
  examples: ["/prompt notes.summarize 32", "/prompt notes.summarize week=32"],
  complete: promptNames,
  ask: say,
};

export const promptCommands: readonly ServerCommand[] = [
  {
    name: "prompts",
    group: "resources and prompts",
    summary: "show the prompts of all servers, or of one",
    usage: ["[SERVER]"],
    complete: serverNames,
    ask: (context, rest) => list(context, rest.trim()),
  },
  promptCommand,
];

async function list(context: ServerCommandContext, only: string): Promise<string> {
  const prompts = ofServer(await context.prompts(), only);
  if (prompts.length === 0)
    return only === "" ? "No server offers a prompt now." : `The server ${only} offers no prompt now.`;
  const rows = prompts.map(({ name, title, description = title ?? "", arguments: all }) => {
    const args = all.map((one) => (one.required ? one.name : `[${one.name}]`)).join(" ");
    return `| \`${cell(name)}\` | ${cell(args)} | ${cell(description.slice(0, 160))} |`;
  });
  return ["| prompt | arguments | what it is |", "| --- | --- | --- |", ...rows].join("\n");
}

async function say(context: ServerCommandContext, rest: string): Promise<ServerCommandAnswer> {
  const [, full = "", given = ""] = /^\s*(\S*)\s*([\s\S]*)$/.exec(rest) ?? [];
  const { server, name } = serverAndName(full, "/prompt SERVER.NAME");
  const wrapper = await context.server(server);
  const prompt = (await context.prompts()).find((one) => one.name === full);
  if (prompt === undefined) {
    throw new BanyanError("unknown_name", `${server} has no prompt "${name}"; /prompts ${server} shows what it has.`);
  }
  const values = await completed(context, wrapper, prompt, promptArguments(given, prompt));
  if (values === undefined) return undefined;
  const { messages } = await wrapper.call.getPrompt(name, values);
  if (messages.length === 0) throw new BanyanError("empty_prompt", `The prompt ${full} has no messages.`);
  return { prompt: full, messages };
}

/** One argument after another, for what one may be can depend on those before it. Undefined when the user dismissed a form. */
async function completed(
  context: ServerCommandContext,
  wrapper: Ref<ServerWrapper>,
  prompt: Namespaced<PromptInfo>,
  given: Readonly<Record<string, string>>,
): Promise<Record<string, string> | undefined> {
  const values = { ...given };
  const missing = (): PromptInfo["arguments"] =>
    prompt.arguments.filter(({ name, required }) => required && values[name] === undefined);
  for (let next = missing()[0]; next !== undefined; next = missing()[0]) {
    const { name, description } = next;
    const target = { type: "prompt", name: prompt.ownName } as const;
    const found = await wrapper.call.complete(target, { name, value: "" }, values);
    const choices = found.values.length > 0 && !found.hasMore ? { enum: [...found.values] } : {};
    const property = { type: "string", ...choices, ...(description === undefined ? {} : { description }) };
    const filled = await context.fillIn({
      tool: {
        name: `/prompt ${prompt.name}`,
        inputSchema: { type: "object", properties: { [name]: property }, required: [name] },
      },
      known: values,
      missing: missing().map((one) => one.name),
    });
    const value = filled?.[name];
    if (typeof value !== "string") return undefined;
    values[name] = value;
  }
  return values;
}
