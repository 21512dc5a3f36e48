// What a command's line may go on as: its command knows, from what servers offer, settings name, and the like.
import type { Suggestions, Surroundings } from "./command.js";
import { parseCommand } from "./commands.js";
import type { CommandHint } from "./events.js";
import { mentionHints } from "./mentions/mention-hints.js";

const MOST = 50;

/** Whole lines without their slash, best first; of a mention alone, all that it may become; none for any other line. */
export async function completeLine(line: string, surroundings: Surroundings): Promise<readonly CommandHint[]> {
  if (line.startsWith("@")) return mentionHints(line.slice(1), surroundings);
  const [, name = "", typed] = /^\/(\S+)\s+(.*)$/s.exec(line) ?? [];
  if (typed === undefined) return [];
  const { command, rest = "" } = parseCommand(`/${name}`) ?? {};
  if (command?.complete === undefined) return [];
  const before = rest === "" ? "" : `${rest} `; // what an alias stands for besides the name
  const found: Suggestions = await command.complete(`${before}${typed}`, surroundings);
  return found
    .slice(0, MOST)
    .map(({ name: rest, label = rest, summary }) => ({ name: `${name} ${rest.slice(before.length)}`, label, summary }));
}
