// The slash commands that fit what is typed so far: those whose name, or another name, begins with it, then those that contain its
// letters in order.
import type { CommandHint } from "../chat/events.js";
import { fuzzy } from "../chat/fuzzy.js";

/** Commands for a text of the form `/word`, best first; none for any other text. */
export function completionsFor(text: string, commands: readonly CommandHint[]): readonly CommandHint[] {
  const typed = /^\/(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  const begins = (command: CommandHint): boolean => namesOf(command).some((name) => name.startsWith(typed));
  const named = commands.filter(({ name }) => name.toLowerCase().startsWith(typed));
  const also = commands.filter((command) => begins(command));
  const loosely = fuzzy(commands, typed, (command) => namesOf(command).join(" "));
  return [...new Set([...named, ...also, ...loosely])];
}

function namesOf({ name, also = [] }: CommandHint): string[] {
  return [name, ...also].map((each) => each.toLowerCase());
}
