// Completes the name of a tool, and after it the names of its arguments and, where the schema lists them, their values.
import type { Suggestions, Surroundings } from "../command.js";
import type { CommandHint } from "../events.js";
import { fuzzyBegin } from "../suggestions.js";
import { propertiesOf, requiredOf } from "./call-arguments.js";

export async function toolNames(typed: string, { names, use }: Surroundings): Promise<Suggestions> {
  const tools = names.router.visible(await use(names.aggregator).call.tools());
  return fuzzyBegin(
    typed,
    tools.map(({ name, description }) => ({ name, summary: description.split("\n", 1)[0] ?? "" })),
  );
}

/** Of the last of several calls. */
export async function toolAndArguments(typed: string, surroundings: Surroundings): Promise<Suggestions> {
  const [, calls = "", last = ""] = /^([\s\S]*\s;;\s+)?([\s\S]*)$/.exec(typed) ?? [];
  const [, name, before = "", word = ""] = /^(\S+)(\s+(?:[\s\S]*\s)?)(\S*)$/.exec(last) ?? [];
  if (name === undefined) return prefixed(calls, await toolNames(last, surroundings));
  const { names, use } = surroundings;
  const tool = (await use(names.aggregator).call.tools()).find((one) => one.name === name);
  if (tool === undefined) return [];
  const properties = propertiesOf(tool);
  const [, key, value = ""] = /^([^=\s]+)=(.*)$/.exec(word) ?? [];
  if (key !== undefined) {
    const { enum: choices, type } = properties[key] ?? {};
    const words = Array.isArray(choices) ? choices.map(String) : type === "boolean" ? ["true", "false"] : [];
    const fit = words.filter((one) => one.startsWith(value));
    const hints = fit.map((one) => ({ name: `${key}=${one}`, label: one, summary: "" }));
    return prefixed(`${calls}${name}${before}`, hints);
  }
  const required = requiredOf(tool);
  const open = Object.entries(properties)
    .sort(([one], [other]) => Number(required.includes(other)) - Number(required.includes(one)))
    .filter(([each]) => each.startsWith(word) && !before.includes(` ${each}=`))
    .map(([each, { description }]) => ({
      name: `${each}=`,
      label: `${each}=`,
      summary: [required.includes(each) ? "required" : "", String(description ?? "")].filter(Boolean).join(", "),
    }));
  return prefixed(`${calls}${name}${before}`, open);
}

function prefixed(before: string, hints: Suggestions): CommandHint[] {
  return hints.map(({ name, label = name, summary }) => ({ name: `${before}${name}`, label, summary }));
}
