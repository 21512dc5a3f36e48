// What keys do in the list above the input: the arrows mark, Tab takes the marked one into the line, and Enter sends it once it
// was marked on purpose.
import type { CommandHint } from "../chat/events.js";
import type { Completion } from "./interaction-state.js";
import type { Key } from "./keys.js";

export type CompletionOutcome =
  | { readonly list: Completion }
  | { readonly take: CommandHint }
  | { readonly send: CommandHint };

/** Undefined: the key is not the list's. */
export function completionKey(completion: Completion, key: Key): CompletionOutcome | undefined {
  const { items, selected, picked } = completion;
  const marked = items[selected];
  if (key.name === "up" || key.name === "down") {
    const next = (selected + (key.name === "up" ? -1 : 1) + items.length) % items.length;
    return { list: { items, selected: next, picked: true } };
  }
  if (marked === undefined) return undefined;
  if (key.name === "tab") return { take: marked };
  return key.name === "enter" && !key.alt && !key.shift && picked ? { send: marked } : undefined;
}

/** The list with its first one marked, or none. */
export function listed(items: readonly CommandHint[]): Completion | undefined {
  return items.length === 0 ? undefined : { items, selected: 0, picked: false };
}
