// The line being written, as plain state and pure functions from state to state. The cursor stands between what people see as
// characters (graphemes), never inside an emoji or before an accent of its own letter. Text may have many lines and be very long: no
// motion looks at more of it than the line it is in.

export interface EditorState {
  readonly text: string;
  /** Where the cursor stands, in UTF-16 units. */
  readonly cursor: number;
  /** What was killed last, for yank. */
  readonly killed: string;
  /** The history entry shown, counted from the newest, or -1 for the line being written. */
  readonly recalled: number;
  /** The line being written while a history entry is shown. */
  readonly draft: string;
}

export const EMPTY: EditorState = { text: "", cursor: 0, killed: "", recalled: -1, draft: "" };

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** How far around the cursor characters are looked for. */
const REACH = 256;
/** A word motion goes no further than this many characters. */
const LONGEST_WORD = 2_000;

export function withText(text: string, state: EditorState = EMPTY): EditorState {
  return { ...state, text, cursor: text.length };
}

export function insert(state: EditorState, text: string): EditorState {
  const at = state.cursor;
  return { ...state, text: state.text.slice(0, at) + text + state.text.slice(at), cursor: at + text.length };
}

/** Pasted text: line ends made ours, control characters left out, everything else kept. */
export function paste(state: EditorState, text: string): EditorState {
  return insert(state, text.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, ""));
}

/** A newline where the line would otherwise be sent: a `\` just before the cursor asks for it and is taken away. */
export function continueLine(state: EditorState): EditorState | undefined {
  if (state.text[state.cursor - 1] !== "\\") return undefined;
  return insert(remove(state, state.cursor - 1, state.cursor), "\n");
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

export function backspace(state: EditorState): EditorState {
  return remove(state, previous(state.text, state.cursor), state.cursor);
}

export function deleteForward(state: EditorState): EditorState {
  return remove(state, state.cursor, next(state.text, state.cursor));
}

/** Kills to the end of the line; at the end of a line, the line end itself. */
export function killToEnd(state: EditorState): EditorState {
  const stop = lineEnd(state.text, state.cursor);
  return kill(state, state.cursor, stop === state.cursor ? Math.min(stop + 1, state.text.length) : stop);
}

export function killToStart(state: EditorState): EditorState {
  return kill(state, lineStart(state.text, state.cursor), state.cursor);
}

export function killWord(state: EditorState): EditorState {
  return kill(state, wordStart(state.text, state.cursor), state.cursor);
}

export function killWordForward(state: EditorState): EditorState {
  return kill(state, state.cursor, wordEnd(state.text, state.cursor));
}

/** Empties the line; yank brings it back. */
export function clear(state: EditorState): EditorState {
  return { ...EMPTY, killed: state.text === "" ? state.killed : state.text };
}

export function yank(state: EditorState): EditorState {
  return insert(state, state.killed);
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

export function lineStart(text: string, position: number): number {
  return text.lastIndexOf("\n", position - 1) + 1;
}

export function lineEnd(text: string, position: number): number {
  const found = text.indexOf("\n", position);
  return found === -1 ? text.length : found;
}

function at(state: EditorState, cursor: number): EditorState {
  return cursor === state.cursor ? state : { ...state, cursor };
}

function remove(state: EditorState, from: number, to: number): EditorState {
  return from === to ? state : { ...state, text: state.text.slice(0, from) + state.text.slice(to), cursor: from };
}

function kill(state: EditorState, from: number, to: number): EditorState {
  return from === to ? state : { ...remove(state, from, to), killed: state.text.slice(from, to) };
}

function previous(text: string, position: number): number {
  if (position === 0) return 0;
  let from = Math.max(lineStart(text, position - 1), position - REACH);
  if (isLowSurrogate(text, from)) from++;
  let last = from;
  for (const { index } of graphemes.segment(text.slice(from, position))) last = from + index;
  return last;
}

function next(text: string, position: number): number {
  if (position >= text.length) return text.length;
  const first = graphemes
    .segment(text.slice(position, position + REACH))
    [Symbol.iterator]()
    .next();
  return first.done === true ? text.length : position + first.value.segment.length;
}

function isLowSurrogate(text: string, position: number): boolean {
  const unit = text.charCodeAt(position);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

const WORD = /[\p{L}\p{N}\p{M}_]/u;

function wordStart(text: string, position: number): number {
  let from = position;
  let inWord = false;
  for (let steps = 0; from > 0 && steps < LONGEST_WORD; steps++) {
    const before = previous(text, from);
    const isWord = WORD.test(text.slice(before, from));
    if (inWord && !isWord) break;
    inWord ||= isWord;
    from = before;
  }
  return from;
}

function wordEnd(text: string, position: number): number {
  let to = position;
  let inWord = false;
  for (let steps = 0; to < text.length && steps < LONGEST_WORD; steps++) {
    const after = next(text, to);
    const isWord = WORD.test(text.slice(to, after));
    if (inWord && !isWord) break;
    inWord ||= isWord;
    to = after;
  }
  return to;
}
