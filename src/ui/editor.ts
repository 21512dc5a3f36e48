// Moving in the line being written and changing it, as pure functions from state to state. The cursor stands between what people
// see as characters, never inside an emoji or before an accent of its own letter.
import { at, changed, type EditorState, EMPTY, put } from "./editor-state.js";
import { shownWhole, stillNeeded } from "./pastes.js";
import { lineEnd, lineStart, next, previous, wordEnd, wordStart } from "./text-places.js";

/** Another text in place of all that stands there. */
export function withText(text: string, state: EditorState): EditorState {
  return shownWhole(state, text);
}

export function insert(state: EditorState, text: string): EditorState {
  return put(state, state.cursor, state.cursor, text);
}

/** What a key types. */
export function type(state: EditorState, text: string): EditorState {
  const { cursor } = state;
  const after = state.text.slice(0, cursor) + text + state.text.slice(cursor);
  return changed(state, after, cursor + text.length, { kind: "typing" });
}

/** Pasted text, whole, as {@link clean} leaves it. */
export function paste(state: EditorState, text: string): EditorState {
  return insert(state, clean(text));
}

/** Text from elsewhere: line ends made ours, control characters (and what no text may hold) left out, everything else kept. */
export function clean(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\uFDD0]/g, "");
}

/** A newline where the line would otherwise be sent: a `\` just before the cursor asks for it and is taken away. */
export function continueLine(state: EditorState): EditorState | undefined {
  if (state.text[state.cursor - 1] !== "\\") return undefined;
  return put(state, state.cursor - 1, state.cursor, "\n");
}

export function left(state: EditorState): EditorState {
  return at(state, previous(state.text, state.cursor));
}

export function right(state: EditorState): EditorState {
  return at(state, next(state.text, state.cursor));
}

export function wordLeft(state: EditorState): EditorState {
  return at(state, wordStart(state.text, state.cursor));
}

export function wordRight(state: EditorState): EditorState {
  return at(state, wordEnd(state.text, state.cursor));
}

/** To the start of the line; from there to the start of the text. */
export function home(state: EditorState): EditorState {
  const start = lineStart(state.text, state.cursor);
  return at(state, start === state.cursor ? 0 : start);
}

export function end(state: EditorState): EditorState {
  const stop = lineEnd(state.text, state.cursor);
  return at(state, stop === state.cursor ? state.text.length : stop);
}

export function toStart(state: EditorState): EditorState {
  return at(state, 0);
}

export function toEnd(state: EditorState): EditorState {
  return at(state, state.text.length);
}

export function backspace(state: EditorState): EditorState {
  return erase(state, previous(state.text, state.cursor), state.cursor);
}

export function deleteForward(state: EditorState): EditorState {
  return erase(state, state.cursor, next(state.text, state.cursor));
}

/** Takes away the spaces around the cursor. */
export function deleteSpaces(state: EditorState): EditorState {
  let [from, to] = [state.cursor, state.cursor];
  while (/[ \t]/.test(state.text[from - 1] ?? "")) from--;
  while (/[ \t]/.test(state.text[to] ?? "")) to++;
  return put(state, from, to, "");
}

/** Swaps the characters before and at the cursor and goes on; at the end of a line, the last two. */
export function transpose(state: EditorState): EditorState {
  const { text, cursor } = state;
  const middle = cursor === lineEnd(text, cursor) ? previous(text, cursor) : cursor;
  const [start, stop] = [previous(text, middle), next(text, middle)];
  const [one, other] = [text.slice(start, middle), text.slice(middle, stop)];
  return one === "" || one === "\n" || other === "" ? state : put(state, start, stop, other + one);
}

/** Swaps the word before the cursor with the one at it or after it; behind the last word, the last two. */
export function transposeWords(state: EditorState): EditorState {
  const { text, cursor } = state;
  const stop = wordEnd(text, cursor);
  const second = wordStart(text, stop);
  const first = wordStart(text, second);
  const [firstEnd, secondEnd] = [wordEnd(text, first), wordEnd(text, second)];
  if (firstEnd > second) return state;
  const between = text.slice(firstEnd, second);
  return put(state, first, secondEnd, text.slice(second, secondEnd) + between + text.slice(first, firstEnd));
}

export function upperCase(state: EditorState): EditorState {
  return recase(state, (word) => word.toLocaleUpperCase());
}

export function lowerCase(state: EditorState): EditorState {
  return recase(state, (word) => word.toLocaleLowerCase());
}

/** The next letter large, the others of its word small. */
export function capitalize(state: EditorState): EditorState {
  return recase(state, (word) => word.toLocaleLowerCase().replace(/\p{L}/u, (letter) => letter.toLocaleUpperCase()));
}

/** Nothing, as after a line was sent; what was killed can still be yanked. */
export function emptied({ kills, pastes }: EditorState): EditorState {
  return { ...EMPTY, kills, pastes: stillNeeded(pastes, kills) };
}

/** The next older entry of `history` (oldest first); the line being written is kept as the draft. */
export function older(state: EditorState, history: readonly string[]): EditorState {
  const recalled = state.recalled + 1;
  const entry = history[history.length - 1 - recalled];
  if (entry === undefined) return state;
  const draft = state.recalled === -1 ? state.text : state.draft;
  return { ...withText(entry, state), recalled, draft };
}

/** The next newer entry, and after the newest the draft. */
export function newer(state: EditorState, history: readonly string[]): EditorState {
  if (state.recalled === -1) return state;
  const recalled = state.recalled - 1;
  const entry = recalled === -1 ? state.draft : (history[history.length - 1 - recalled] ?? "");
  return { ...withText(entry, state), recalled };
}

function erase(state: EditorState, from: number, to: number): EditorState {
  return changed(state, state.text.slice(0, from) + state.text.slice(to), from, { kind: "erasing" });
}

/** From the cursor to the end of the word, rewritten; the cursor behind it. */
function recase(state: EditorState, rewrite: (word: string) => string): EditorState {
  const stop = wordEnd(state.text, state.cursor);
  const rewritten = rewrite(state.text.slice(state.cursor, stop));
  return at(put(state, state.cursor, stop, rewritten), state.cursor + rewritten.length);
}
