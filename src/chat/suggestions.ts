// What completers of commands have in common.
import type { Suggestions } from "./command.js";
import type { CommandHint } from "./events.js";

/** Of these those that begin with what is typed, whatever the case. */
export function startingWith(typed: string, hints: readonly CommandHint[]): Suggestions {
  const wanted = typed.toLowerCase();
  return hints.filter(({ name }) => name.toLowerCase().startsWith(wanted));
}

/** A completer for one of a few words, each with what it means. */
export function oneOf(words: Readonly<Record<string, string>>): (typed: string) => Suggestions {
  const hints = Object.entries(words).map(([name, summary]) => ({ name, summary }));
  return (typed) => startingWith(typed, hints);
}

/** Those that begin with what is typed; if none does, those that contain its letters in order. */
export async function fuzzyBegin(typed: string, hints: readonly CommandHint[]): Promise<Suggestions> {
  const named = startingWith(typed, hints);
  if (named.length > 0) return named;
  const { fuzzy } = await import("./fuzzy.js"); // only who searches pays for it
  return fuzzy(hints, typed, ({ name }) => name);
}
