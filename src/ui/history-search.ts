// Ctrl-R: the newest line of the history that contains what is typed, then the ones before it; Ctrl-S goes the other way. Plain state and pure functions.
import { withText } from "./editor.js";
import type { EditorState } from "./editor-state.js";

export interface HistorySearch {
  readonly query: string;
  /** The entry found, counted from the newest; -1 before one was. */
  readonly at: number;
  /** False: no entry, or no further one, contains the query. */
  readonly found: boolean;
  /** The line being written when the search began. */
  readonly before: EditorState;
}

export function beginSearch(before: EditorState): HistorySearch {
  return { query: "", at: -1, found: true, before };
}

/** The query has changed: the newest entry that contains it. */
export function searchFor(search: HistorySearch, query: string, history: readonly string[]): HistorySearch {
  return find({ ...search, query, at: -1 }, history, 1);
}

/** The next older entry; where there is none the search stays at what it has. */
export function searchOlder(search: HistorySearch, history: readonly string[]): HistorySearch {
  return find(search, history, 1);
}

/** The next newer entry; where there is none the search stays at what it has. */
export function searchNewer(search: HistorySearch, history: readonly string[]): HistorySearch {
  return find(search, history, -1);
}

/** Where a text has what is searched for. */
export function matchIn(
  text: string,
  { query }: HistorySearch,
): { readonly from: number; readonly to: number } | undefined {
  if (query === "") return undefined;
  const found = new RegExp(query.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "iu").exec(text);
  return found === null ? undefined : { from: found.index, to: found.index + found[0].length };
}

/** The line with the entry found in it, as if walked to by Up. */
export function searched({ at, before }: HistorySearch, history: readonly string[]): EditorState {
  const entry = history[history.length - 1 - at];
  if (at === -1 || entry === undefined) return before;
  const draft = before.recalled === -1 ? before.text : before.draft;
  return { ...withText(entry, before), recalled: at, draft };
}

/** `step`: 1 to older entries, -1 to newer ones. */
function find(search: HistorySearch, history: readonly string[], step: 1 | -1): HistorySearch {
  const { query } = search;
  if (query === "") return { ...search, found: true };
  const wanted = query.toLowerCase();
  for (let at = search.at + step; at >= 0 && at < history.length; at += step) {
    if (history[history.length - 1 - at]?.toLowerCase().includes(wanted)) return { ...search, at, found: true };
  }
  return { ...search, found: false };
}
