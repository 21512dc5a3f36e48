// What a line that names a prompt or a resource may go on as: names from what servers offer, arguments from the prompt, and values as
// the server itself completes them.
import type { Aggregator } from "../mcp/client/aggregator.js";
import type { CompletionTarget } from "../mcp/client/mcp-types.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import type { Ref } from "../supervision/index.js";
import type { CommandHint } from "./events.js";
import { serverAndName } from "./named-of-server.js";
import { nameAndPairs } from "./pairs.js";

const MOST = 50;

/** Whole lines without their slash, best first; none for any other line. The refs are bound to the process that asks. */
export async function completeLine(
  line: string,
  aggregator: Ref<Aggregator>,
  servers: Ref<ServerManager>,
): Promise<readonly CommandHint[]> {
  const [, command, rest = ""] = /^\/(prompt|resource|subscribe|unsubscribe)\s+(.*)$/s.exec(line) ?? [];
  if (command === undefined) return [];
  const hints =
    command === "prompt" ? await promptHints(rest, aggregator, servers) : await resourceHints(rest, aggregator);
  return hints
    .slice(0, MOST)
    .map(({ name, label = name, summary }) => ({ name: `${command} ${name}`, label, summary }));
}

async function resourceHints(typed: string, aggregator: Ref<Aggregator>): Promise<CommandHint[]> {
  const resources = await aggregator.call.resources();
  return resources
    .flatMap(({ name, server, uri, description = "" }) => [
      { name, summary: description },
      { name: `${server}.${uri}`, summary: description },
    ])
    .filter(({ name }) => name.startsWith(typed));
}

async function promptHints(
  typed: string,
  aggregator: Ref<Aggregator>,
  servers: Ref<ServerManager>,
): Promise<CommandHint[]> {
  const prompts = await aggregator.call.prompts();
  const [, before = "", last = ""] = /^(.*\s)?(\S*)$/s.exec(typed) ?? [];
  if (before.trim() === "") {
    const named = prompts.filter(({ name }) => name.startsWith(last));
    return named.map(({ name, description = "" }) => ({ name, summary: description }));
  }
  const { name, pairs } = nameAndPairs(before);
  const prompt = prompts.find((one) => one.name === name);
  if (prompt === undefined) return [];
  const [, key, value = ""] = /^([^=]+)=(.*)$/s.exec(last) ?? [];
  if (key === undefined) {
    const open = prompt.arguments.filter((one) => one.name.startsWith(last) && pairs[one.name] === undefined);
    return open.map((one) => ({
      name: `${before}${one.name}=`,
      label: `${one.name}=`,
      summary: one.description ?? "",
    }));
  }
  const { server } = serverAndName(name, "/prompt SERVER.NAME");
  const wrapper = await servers.call.wrapperOf(server);
  const target: CompletionTarget = { type: "prompt", name: prompt.ownName };
  const { values } = await wrapper.call.complete(target, { name: key, value }, pairs);
  return values.map((one) => ({
    name: `${before}${key}=${/[\s"']/.test(one) ? JSON.stringify(one) : one}`,
    label: one,
    summary: "",
  }));
}
