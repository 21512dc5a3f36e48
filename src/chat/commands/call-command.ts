// /call: tools run by hand, several at once if need be. What is typed becomes calls as a model would have made them: they run in a turn,
// with the same approvals, progress and records, and the model knows of them from its next answer on.
import { randomUUID } from "node:crypto";
import type { ToolCall } from "../../llm/provider.js";
import { BanyanError } from "../../supervision/index.js";
import type { ServerCommand, ServerCommandAnswer, ServerCommandContext } from "../command.js";
import { propertiesOf, readArguments, requiredOf } from "./call-arguments.js";
import { toolAndArguments } from "./tool-names.js";

/** At once. */
const MOST_CALLS = 20;

export const callCommand: ServerCommand = {
  name: "call",
  aliases: ["concurrent"],
  group: "servers and tools",
  summary: "run a tool by hand, or several at once; what is missing is asked for",
  usage: ["SERVER.TOOL [KEY=VALUE … | JSON]", "SERVER.TOOL … ;; SERVER.TOOL …"],
  examples: [
    "/call host.calculate expression=6*7",
    '/call host.read_file {"path": "README.md"}',
    "/call host.current_time ;; host.list_directory path=src",
  ],
  complete: toolAndArguments,
  ask,
};

async function ask(context: ServerCommandContext, rest: string): Promise<ServerCommandAnswer> {
  const parts = rest
    .split(/\s+;;(?:\s+|$)/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0 || parts.length > MOST_CALLS) {
    throw new BanyanError(
      "usage",
      `Name the tool, as in /call SERVER.TOOL key=value; at most ${MOST_CALLS} at once, separated by ;;`,
    );
  }
  const calls: ToolCall[] = [];
  // One after the other, for each may ask for what is missing.
  for (const part of parts) {
    const call = await callOf(context, part);
    if (call === undefined) return undefined;
    calls.push(call);
  }
  return { calls };
}

/** Undefined when the user dismissed the form. */
async function callOf(context: ServerCommandContext, text: string): Promise<ToolCall | undefined> {
  const [, name = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  const tool = await context.names.router.find(name, context.signal);
  const given = readArguments(tool, rest);
  const unknown = Object.keys(given).filter((key) => !(key in propertiesOf(tool)));
  if (unknown.length > 0 && tool.inputSchema.additionalProperties === false) {
    const known = Object.keys(propertiesOf(tool)).join(", ") || "none";
    throw new BanyanError("usage", `${name} has no argument ${unknown.join(", ")}; its arguments are: ${known}.`);
  }
  const missing = requiredOf(tool).filter((key) => given[key] === undefined);
  const values = missing.length === 0 ? given : await context.fillIn({ tool, known: given, missing });
  return values && { id: randomUUID(), name, arguments: values };
}
