// /tool: one tool in full: what it takes and answers, what it says of its effects, whether it may run without asking, how it does.
import type { DescribedTool } from "../../mcp/client/aggregator.js";
import type { ToolFigures } from "../../mcp/client/router/router.js";
import { plainText } from "../../supervision/index.js";
import { cell } from "../cell.js";
import type { ServerCommand } from "../command.js";
import { propertiesOf, requiredOf } from "./call-arguments.js";
import { toolNames } from "./tool-names.js";

export const toolCommand: ServerCommand = {
  name: "tool",
  group: "servers and tools",
  summary: "show one tool: its arguments, its effects, whether it asks before it runs, how it does",
  usage: ["SERVER.TOOL"],
  examples: ["/tool host.read_file"],
  complete: toolNames,
  ask: async ({ names, use, signal, isAllowed }, rest) => {
    const name = rest.trim();
    if (name === "") return "Write `/tool SERVER.TOOL`; `/tools` shows what there is.";
    await names.router.find(name, signal); // a lazy server says now what it has
    const tools = await use(names.aggregator).call.describedTools();
    const tool = tools.find((each) => each.name === name);
    if (tool === undefined) return `There is no tool ${name} any more.`;
    return described(tool, await isAllowed(tool), names.router.figures(name));
  },
};

function described(tool: DescribedTool, allowed: boolean, figures: ToolFigures | undefined): string {
  const { name, title, description, annotations, inputSchema, outputSchema, change } = tool;
  const { readOnly, destructive, idempotent, openWorld } = annotations;
  const effects = Object.entries({ "only reads": readOnly, destructive, idempotent, "reaches outside": openWorld });
  const said = effects.filter(([, holds]) => holds).map(([word]) => word);
  return [
    `**${name}**${title === undefined ? "" : ` (${shown(title)})`}`,
    "",
    shown(description),
    "",
    ...table("argument", tool),
    ...(outputSchema === undefined ? [] : ["", ...table("answer", { name, inputSchema: outputSchema })]),
    "",
    `- says of itself: ${said.join(", ") || "nothing of its effects"}`,
    `- ${allowed ? "runs without asking" : "asks before it runs"}`,
    ...(change === undefined
      ? []
      : [`- is another tool than on ${day(change.pinnedAt)}: what was allowed for it is void`]),
    ...(figures === undefined ? [] : [`- ${inWords(figures)}`]),
    "",
    `\`/call ${[name, ...requiredOf({ name, inputSchema }).map((key) => `${key}=…`)].join(" ")}\``,
  ].join("\n");
}

function table(head: string, tool: Pick<DescribedTool, "name" | "inputSchema">): string[] {
  const required = requiredOf(tool);
  const rows = Object.entries(propertiesOf(tool)).map(([key, property]) => {
    const { type, enum: choices, description = "", default: preset } = property;
    const kind = Array.isArray(choices) ? choices.map(String).join(" or ") : String(type ?? "any");
    const facts = [
      kind,
      required.includes(key) ? "required" : "",
      preset === undefined ? "" : `default ${JSON.stringify(preset)}`,
    ];
    return `| \`${cell(key)}\` | ${cell(facts.filter(Boolean).join(", "))} | ${cell(shown(String(description)))} |`;
  });
  if (rows.length === 0) return head === "argument" ? ["It takes no arguments."] : [];
  return [`| ${head} | kind | what it is |`, "| --- | --- | --- |", ...rows];
}

function inWords({ calls, errors, latencyMs, breaker }: ToolFigures): string {
  const wrong = errors === 0 ? "" : `, ${errors} of them without an answer`;
  const left = breaker === "closed" ? "" : "; left alone for a while, because it failed too often";
  return `${calls} ${calls === 1 ? "call" : "calls"} in this run${wrong}, ${Math.round(latencyMs)} ms on average${left}`;
}

function shown(text: string): string {
  return plainText(text).replace(/[<>]/g, "\\$&");
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
