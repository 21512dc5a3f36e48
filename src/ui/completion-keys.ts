// What keys do in the list above the input: the arrows mark, Tab takes the marked one into the line. Enter sends a command once it
// was marked on purpose, and takes a mention unless it is whole already.
import type { CommandHint } from "../chat/events.js";
import type { WrittenMention } from "./completion.js";
import type { Completion } from "./interaction-state.js";
import type { Key } from "./keys.js";

export type CompletionOutcome =
  | { readonly list: Completion }
  | { readonly take: CommandHint }
  | { readonly send: CommandHint };

/** Undefined: the key is not the list's. */
export function completionKey(completion: Completion, key: Key): CompletionOutcome | undefined {
  const { items, selected, picked, of } = completion;
  const marked = items[selected];
  if (key.name === "up" || key.name === "down") {
    const next = (selected + (key.name === "up" ? -1 : 1) + items.length) % items.length;
    return { list: { ...completion, selected: next, picked: true } };
  }
  if (marked === undefined) return undefined;
  if (key.name === "tab") return { take: marked };
  const enter = key.name === "enter" && !key.alt && !key.shift;
  if (of !== undefined)
    return enter && (picked || !items.some(({ name }) => name === of.text)) ? { take: marked } : undefined;
  return enter && picked ? { send: marked } : undefined;
}

/** The list with its first one marked, or none. */
export function listed(items: readonly CommandHint[], of?: WrittenMention): Completion | undefined {
  return items.length === 0 ? undefined : { items, selected: 0, picked: false, ...(of !== undefined && { of }) };
}
