// The slash commands that fit what is typed so far: those whose name begins with it, then those that contain it, then those
// that contain its letters in order.
import type { CommandHint } from "../chat/events.js";

/** Commands for a text of the form `/word`, best first; none for any other text. */
export function completionsFor(text: string, commands: readonly CommandHint[]): readonly CommandHint[] {
  const typed = /^\/(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  const ranked: { readonly rank: number; readonly command: CommandHint }[] = [];
  for (const command of commands) {
    const rank = rankOf(command.name.toLowerCase(), typed);
    if (rank !== undefined) ranked.push({ rank, command });
  }
  return ranked.sort((one, other) => one.rank - other.rank).map(({ command }) => command);
}

function rankOf(name: string, typed: string): number | undefined {
  if (name.startsWith(typed)) return 0;
  if (name.includes(typed)) return 1;
  let from = 0;
  for (const letter of typed) {
    from = name.indexOf(letter, from) + 1;
    if (from === 0) return undefined;
  }
  return 2;
}
