// `banyan tools list|show|search|call`: in the app that runs, else with servers of the command's own.
import { askRunningApp } from "../actors/control/client.js";
import { rankTools } from "../llm/offline/ranking.js";
import type { DescribedTool } from "../mcp/client/aggregator.js";
import type { ListedTool } from "../mcp/client/manual-calls.js";
import type { NamespacedTool } from "../mcp/client/mcp-types.js";
import type { ToolFigures } from "../mcp/client/router/router.js";
import { visible } from "../mcp/client/tool-diff.js";
import { acceptStatement } from "../mcp/client/tool-pins.js";
import { BanyanError, plainText } from "../supervision/index.js";
import { callByHand, runningOr, serverOf } from "./call-by-hand.js";
import { type CommonOptions, exitCodes } from "./options.js";
import { withOwnServers } from "./own-servers.js";
import { printJson } from "./print-json.js";
import { recordBefore } from "./recorded.js";
import { pathsOf } from "./settings.js";
import { printTable } from "./table.js";
import { argumentsFrom } from "./tool-arguments.js";
import { printContent } from "./tool-result.js";
import { warn } from "./warn.js";

const MOST_FOUND = 20;

export async function listTools(options: CommonOptions, version: string): Promise<void> {
  const tools = await allTools(options, undefined, version);
  if (options.json) return printJson(tools);
  const isOther = ({ change }: DescribedTool): string => (change === undefined ? "" : "changed");
  printTable(
    ["TOOL", "", "DOES"],
    tools
      .filter(({ figures }) => figures?.hidden !== true)
      .map((tool) => [tool.name, isOther(tool), visible(tool.description)]),
  );
  const hidden = tools.filter(({ figures }) => figures?.hidden === true).map(({ name }) => name);
  if (hidden.length > 0)
    warn(`left out until they are well again: ${hidden.join(", ")}; see banyan tools show ${hidden[0]}.`);
  const [first] = tools.filter(({ change }) => change !== undefined);
  if (first !== undefined) warn(`what is marked as changed is not what it was; see banyan tools show ${first.name}.`);
}

export async function searchTools(words: readonly string[], options: CommonOptions, version: string): Promise<void> {
  const tools = await allTools(options, undefined, version);
  const found = rankTools(words.join(" "), tools)
    .filter(({ score }) => score > 0)
    .slice(0, MOST_FOUND);
  if (options.json) printJson(found.map(({ tool: { name, description }, score }) => ({ name, description, score })));
  else
    printTable(
      ["TOOL", "SCORE", "DOES"],
      found.map(({ tool, score }) => [tool.name, score.toFixed(2), tool.description]),
    );
  if (found.length === 0) throw new BanyanError("not_found", "No tool fits these words; see banyan tools list.");
}

/** With `accept` a tool that has changed is from now on taken for what it is. */
export async function showTool(
  name: string,
  { accept = false, ...options }: CommonOptions & { readonly accept?: boolean },
  version: string,
): Promise<void> {
  const tools = await allTools(options, serverOf(name), version);
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) throw new BanyanError("unknown_name", `There is no tool ${name}; see banyan tools list.`);
  const { change, fingerprint } = tool;
  if (accept && change !== undefined) {
    const accepted = acceptStatement(change.project, name, fingerprint);
    await recordBefore(pathsOf(options), { action: "tool.accept", subject: name, detail: { fingerprint } }, accepted);
  }
  if (options.json) return printJson(tool);
  showDefinition(tool);
  if (tool.figures !== undefined) process.stdout.write(`${inWords(tool.figures)}\n`);
  if (change === undefined) return;
  process.stdout.write(
    plainText(`\nchanged from what it was on ${dayOf(change.pinnedAt)}:\n${change.diff.join("\n")}\n`),
  );
  process.stdout.write(
    accept
      ? "It is accepted as it is.\n"
      : `What was allowed for it is void. If the change is right: banyan tools show ${name} --accept\n`,
  );
}

function showDefinition(tool: DescribedTool): void {
  const { name, title, description, annotations, inputSchema, outputSchema, fingerprint, since } = tool;
  const { readOnly, destructive, idempotent, openWorld } = annotations;
  const said = Object.entries({ "read-only": readOnly, destructive, idempotent, "open world": openWorld });
  const yes = said.filter(([, holds]) => holds).map(([word]) => word);
  const head = `${name}${title === undefined ? "" : ` (${title})`}\n\n${description}\n\n`;
  process.stdout.write(visible(head));
  showSchema("ARGUMENT", inputSchema);
  if (outputSchema !== undefined) showSchema("ANSWER", outputSchema);
  const known = since === undefined || tool.change !== undefined ? "" : `, since ${dayOf(since)}`;
  process.stdout.write(
    `says it is: ${yes.join(", ") || "nothing of its effects"}\nfingerprint: ${fingerprint}${known}\n`,
  );
}

/** Exits with 1 when the tool fails and with 130 when it is cancelled. */
export async function callTool(
  name: string,
  words: readonly string[],
  options: CommonOptions,
  version: string,
): Promise<void> {
  const result = await callByHand(name, await argumentsFrom(words, process.stdin), options, version);
  if (result === undefined) return;
  if (options.json) printJson(result);
  else printContent(result);
  if (result.isError) process.exitCode = exitCodes.failed;
}

async function allTools(options: CommonOptions, server: string | undefined, version: string) {
  const tools = await runningOr(
    () => askRunningApp(pathsOf(options).socket, { method: "tools" }),
    () =>
      withOwnServers(
        options,
        server === undefined ? { start: "unknown" } : { only: server, start: "all" },
        version,
        (door) => door.tools(),
      ),
  );
  return tools as readonly ListedTool[]; // from the Aggregator, here or in the app
}

function showSchema(title: string, schema: NamespacedTool["inputSchema"]): void {
  const { properties, required } = schema as { properties?: Record<string, unknown>; required?: unknown }; // looked at below
  const must = Array.isArray(required) ? required : [];
  const rows = Object.entries(properties ?? {}).map(([key, value]) => {
    const {
      type,
      enum: choices,
      description,
      default: fallback,
    } = (typeof value === "object" ? (value ?? {}) : {}) as Record<string, unknown>; // any JSON
    const kind = Array.isArray(choices)
      ? choices.map((each) => JSON.stringify(each)).join(" | ")
      : type === undefined
        ? "any"
        : typeof type === "string"
          ? type
          : JSON.stringify(type);
    const need = must.includes(key) ? "required" : fallback === undefined ? "" : `default ${JSON.stringify(fallback)}`;
    return [key, kind, need, typeof description === "string" ? description : ""];
  });
  if (rows.length === 0) process.stdout.write(`${title}: none\n`);
  else printTable([title, "TYPE", "", "IS"], rows);
  process.stdout.write("\n");
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** How a tool does, in the app that runs. */
function inWords({ calls, errors, latencyMs, errorRate, cost, breaker, hidden }: ToolFigures): string {
  const times = calls === 1 ? "once" : `${calls} times`;
  const well =
    breaker === "closed" ? "" : `; its breaker is ${breaker}${hidden ? ", and it is left out of lists" : ""}`;
  const took = calls === errors ? "" : `${latencyMs.toFixed(1)} ms and `;
  const lately = `${took}${(100 * errorRate).toFixed(1)}% without an answer lately`;
  return `called ${times}, ${errors} without an answer; ${lately}; cost ${cost}${well}`;
}
