// What a command's line may go on as: its command knows, from what servers offer, settings name, and the like.
import type { Command, Suggestions, Surroundings } from "./command.js";
import { promptCommand } from "./commands/prompt-commands.js";
import { parseCommand } from "./commands.js";
import type { CommandHint } from "./events.js";
import { mentionHints } from "./mentions/mention-hints.js";
import { promptNamed } from "./named-prompts.js";

const MOST = 50;

/** Whole lines without their slash, best first; of a mention alone, all that it may become; none for any other line. */
export async function completeLine(line: string, surroundings: Surroundings): Promise<readonly CommandHint[]> {
  if (line.startsWith("@")) return mentionHints(line.slice(1), surroundings);
  const [, name = "", typed] = /^\/(\S+)\s+(.*)$/s.exec(line) ?? [];
  if (typed === undefined) return [];
  const { command, rest = "" } = parseCommand(`/${name}`) ?? (await ofPrompt(name, surroundings)) ?? {};
  if (command?.complete === undefined) return [];
  const before = rest === "" ? "" : `${rest} `; // what an alias stands for besides the name
  const found: Suggestions = await command.complete(`${before}${typed}`, surroundings);
  return found
    .slice(0, MOST)
    .map(({ name: rest, label = rest, summary }) => ({ name: `${name} ${rest.slice(before.length)}`, label, summary }));
}

/** `/server.name` and `/name` are short for `/prompt server.name`. */
async function ofPrompt(
  name: string,
  { names, use }: Surroundings,
): Promise<{ readonly command: Command; readonly rest: string } | undefined> {
  const prompt = promptNamed(name, await use(names.aggregator).call.prompts());
  return prompt && { command: promptCommand, rest: prompt.name };
}
