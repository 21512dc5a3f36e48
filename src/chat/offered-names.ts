// What may follow the commands about resources and prompts: names from what servers offer, arguments from the prompt, and values as the
// server itself completes them.
import type { CompletionTarget } from "../mcp/client/mcp-types.js";
import type { Suggestions, Surroundings } from "./command.js";
import { serverAndName } from "./named-of-server.js";
import { promptArguments } from "./named-prompts.js";
import { startingWith } from "./suggestions.js";

export async function resourceNames(typed: string, { names, use }: Surroundings): Promise<Suggestions> {
  const resources = await use(names.aggregator).call.resources();
  return resources
    .flatMap(({ name, server, uri, description = "" }) => [
      { name, summary: description },
      { name: `${server}.${uri}`, summary: description },
    ])
    .filter(({ name }) => name.startsWith(typed));
}

export async function promptNames(typed: string, { names, use }: Surroundings): Promise<Suggestions> {
  const prompts = await use(names.aggregator).call.prompts();
  const [, before = "", last = ""] = /^(.*\s)?(\S*)$/s.exec(typed) ?? [];
  if (before.trim() === "") {
    return startingWith(
      last,
      prompts.map(({ name, description = "" }) => ({ name, summary: description })),
    );
  }
  const [, name = "", given = ""] = /^\s*(\S+)\s*(.*)$/s.exec(before) ?? [];
  const prompt = prompts.find((one) => one.name === name);
  if (prompt === undefined) return [];
  const pairs = promptArguments(given, prompt);
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
  const wrapper = use(await use(names.servers).call.wrapperOf(server));
  const target: CompletionTarget = { type: "prompt", name: prompt.ownName };
  const { values } = await wrapper.call.complete(target, { name: key, value }, pairs);
  return values.map((one) => ({
    name: `${before}${key}=${/[\s"']/.test(one) ? JSON.stringify(one) : one}`,
    label: one,
    summary: "",
  }));
}
