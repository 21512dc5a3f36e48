// Killing and yanking, as in readline: what is killed in one go is one piece, a yank brings the newest piece back, and further
// presses put the older ones in its place.
import { type EditorState, EMPTY, put } from "./editor-state.js";
import { lineEnd, lineStart, spacedWordStart, wordEnd, wordStart } from "./text-places.js";

/** Pieces kept. */
const MOST_KILLS = 30;

/** Kills to the end of the line; at the end of a line, the line end itself. */
export function killToEnd(state: EditorState): EditorState {
  const stop = lineEnd(state.text, state.cursor);
  return kill(state, state.cursor, stop === state.cursor ? Math.min(stop + 1, state.text.length) : stop);
}

export function killToStart(state: EditorState): EditorState {
  return kill(state, lineStart(state.text, state.cursor), state.cursor);
}

/** Kills back to the last space. */
export function killSpacedWord(state: EditorState): EditorState {
  return kill(state, spacedWordStart(state.text, state.cursor), state.cursor);
}

export function killWord(state: EditorState): EditorState {
  return kill(state, wordStart(state.text, state.cursor), state.cursor);
}

export function killWordForward(state: EditorState): EditorState {
  return kill(state, state.cursor, wordEnd(state.text, state.cursor));
}

/** Empties the line; yank and undo bring it back. */
export function clear(state: EditorState): EditorState {
  const { text, kills, past, pastes } = kill(state, 0, state.text.length);
  return { ...EMPTY, text, kills, past, pastes };
}

export function yank(state: EditorState): EditorState {
  return yanked(state, 0, state.cursor);
}

/** After a yank: the piece killed before it in its place, around to the newest. */
export function yankOlder(state: EditorState): EditorState {
  if (state.last?.kind !== "yanking") return state;
  const { index, from } = state.last;
  return yanked(state, (index + 1) % state.kills.length, from);
}

function yanked(state: EditorState, index: number, from: number): EditorState {
  const piece = state.kills.at(-1 - index);
  if (piece === undefined) return state;
  return { ...put(state, from, state.cursor, piece), last: { kind: "yanking", index, from } };
}

function kill(state: EditorState, from: number, to: number): EditorState {
  if (from === to) return state;
  const piece = state.text.slice(from, to);
  const newest = state.last?.kind === "killing" ? state.kills.at(-1) : undefined;
  const joined = newest === undefined ? piece : from < state.cursor ? piece + newest : newest + piece;
  const kept = newest === undefined ? state.kills : state.kills.slice(0, -1);
  return { ...put(state, from, to, ""), kills: [...kept, joined].slice(-MOST_KILLS), last: { kind: "killing" } };
}
