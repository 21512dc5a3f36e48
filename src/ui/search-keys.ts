// What keys do while the history is searched: text narrows it, Ctrl-R and Ctrl-S go on, Escape gives it up, and any other key takes
// the line found.
import { backspace } from "./editor.js";
import { startWith } from "./editor-state.js";
import { type HistorySearch, searchFor, searchNewer, searchOlder } from "./history-search.js";
import type { Input } from "./keys.js";

/** The search as it goes on, that it is given up, or that its line is taken and the key means what it always does. */
export function searchKey(
  search: HistorySearch,
  input: Input,
  history: readonly string[],
): HistorySearch | "given-up" | "taken" {
  if (input.type !== "key") return searchFor(search, search.query + input.text.replace(/\s+/g, " "), history);
  if (input.ctrl && input.name === "r") return searchOlder(search, history);
  if (input.ctrl && input.name === "s") return searchNewer(search, history);
  if (input.name === "backspace") return searchFor(search, backspace(startWith(search.query)).text, history);
  return input.name === "escape" || (input.ctrl && /^[cg]$/.test(input.name)) ? "given-up" : "taken";
}
