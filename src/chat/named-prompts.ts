// The prompts of servers as slash commands of their own: `/server.name`, and `/name` where no other prompt is called that and no command
// is. What follows are the arguments, in their order or by name.
import type { PromptInfo } from "../mcp/client/mcp-types.js";
import type { Namespaced } from "../mcp/client/server-lists.js";
import { BanyanError } from "../supervision/index.js";
import type { CommandHint } from "./events.js";
import { unquoted } from "./pairs.js";

type Prompt = Namespaced<PromptInfo>;

/** The one that is meant; undefined for none, and for a short name that several have. */
export function promptNamed(name: string, prompts: readonly Prompt[]): Prompt | undefined {
  const whole = prompts.find((prompt) => prompt.name === name);
  if (whole !== undefined) return whole;
  const short = prompts.filter(({ ownName }) => ownName === name);
  return short.length === 1 ? short[0] : undefined;
}

/** What completion lists of them; `taken`: the names of commands. */
export function promptHints(prompts: readonly Prompt[], taken: ReadonlySet<string>): readonly CommandHint[] {
  return prompts.map(({ name, ownName, title, description = title ?? "a prompt", arguments: all }) => {
    const args = all.map((one) => (one.required ? one.name : `[${one.name}]`)).join(" ");
    const summary = args === "" ? description : `${description} (${args})`;
    const also = !taken.has(ownName) && promptNamed(ownName, prompts) !== undefined ? [ownName] : [];
    return { name, summary, also };
  });
}

const WORD = /(?:([^\s="']+)=)?("(?:[^"\\]|\\.)*"|'[^']*'|\S*)\s*/gy;

/**
 * `key=value` for an argument of that name; any other words are taken in order by those that are left, and the last of these takes
 * all that is over. Throws a `usage` error for more words than there are arguments.
 */
export function promptArguments(text: string, prompt: Prompt): Record<string, string> {
  const values: Record<string, string> = {};
  const words: string[] = [];
  for (const [whole, key, value = ""] of text.trim().matchAll(WORD)) {
    if (whole === "") continue;
    if (key === undefined) words.push(unquoted(value));
    else if (prompt.arguments.some(({ name }) => name === key)) values[key] = unquoted(value);
    else throw noArgument(key, prompt);
  }
  const open = prompt.arguments.filter(({ name }) => values[name] === undefined);
  if (words.length > 0 && open.length === 0) throw noArgument(words[0] ?? "", prompt);
  for (const [at, { name }] of open.entries()) {
    const taken = at === open.length - 1 ? words.splice(0) : words.splice(0, 1);
    if (taken.length > 0) values[name] = taken.join(" ");
  }
  return values;
}

function noArgument(word: string, { name, arguments: all }: Prompt): BanyanError {
  const known = all.map((one) => one.name).join(", ") || "none";
  return new BanyanError("usage", `${name} has no argument for "${word.slice(0, 60)}"; its arguments are: ${known}.`);
}
