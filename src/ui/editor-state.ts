// The line being written, as plain state, and the one way it changes: every change can be undone, and what is typed in one go is
// undone word by word.
import type { Pastes } from "./pastes.js";
import { boundary } from "./text-places.js";

export interface EditorState {
  readonly text: string;
  /** Where the cursor stands, in UTF-16 units: never inside a character. */
  readonly cursor: number;
  /** What was killed, newest last, for yank. */
  readonly kills: readonly string[];
  /** What was there before, newest last, and what was undone. */
  readonly past: readonly Place[];
  readonly future: readonly Place[];
  /** The large texts that single characters of `text` stand for; see pastes.ts. */
  readonly pastes: Pastes;
  /** What the last key did, for one that goes on with it. */
  readonly last: LastEdit | undefined;
  /** The history entry shown, counted from the newest, or -1 for the line being written. */
  readonly recalled: number;
  /** The line being written while a history entry is shown. */
  readonly draft: string;
}

interface Place {
  readonly text: string;
  readonly cursor: number;
}

type LastEdit =
  | { readonly kind: "typing" | "erasing" | "killing" }
  /** Which of the kills stands from there to the cursor, counted from the newest. */
  | { readonly kind: "yanking"; readonly index: number; readonly from: number };

/** Steps that can be undone, and the characters their texts may have together. */
const MOST_UNDONE = 200;
const MOST_KEPT = 4_000_000;
const SPACE = /\s/;

export const EMPTY: EditorState = {
  text: "",
  cursor: 0,
  kills: [],
  past: [],
  future: [],
  pastes: new Map(),
  last: undefined,
  recalled: -1,
  draft: "",
};

/** A new line that holds the text, with the cursor at its end. */
export function startWith(text: string, cursor = text.length, pastes: Pastes = EMPTY.pastes): EditorState {
  return { ...EMPTY, text, cursor: boundary(text, cursor), pastes };
}

/** Another text and place. Typing that goes on within a word, and erasing that goes on, are one step for undo. */
export function changed(state: EditorState, text: string, cursor: number, last?: LastEdit): EditorState {
  if (text === state.text) return at(state, cursor);
  const goesOn = last !== undefined && last.kind === state.last?.kind && joins(last, state, text, cursor);
  const kept = Math.min(MOST_UNDONE, Math.max(1, Math.floor(MOST_KEPT / state.text.length)));
  const past = goesOn ? state.past : [...state.past, { text: state.text, cursor: state.cursor }].slice(-kept);
  return { ...state, text, cursor: boundary(text, cursor), past, future: [], last };
}

/** The cursor elsewhere. */
export function at(state: EditorState, cursor: number): EditorState {
  return cursor === state.cursor && state.last === undefined ? state : { ...state, cursor, last: undefined };
}

/** The text between two places replaced, the cursor behind what came in. */
export function put(state: EditorState, from: number, to: number, text: string): EditorState {
  return changed(state, state.text.slice(0, from) + text + state.text.slice(to), from + text.length);
}

export function undo(state: EditorState): EditorState {
  const before = state.past.at(-1);
  if (before === undefined) return state;
  const future = [...state.future, { text: state.text, cursor: state.cursor }];
  return { ...state, ...before, past: state.past.slice(0, -1), future, last: undefined, recalled: -1 };
}

export function redo(state: EditorState): EditorState {
  const after = state.future.at(-1);
  if (after === undefined) return state;
  const past = [...state.past, { text: state.text, cursor: state.cursor }];
  return { ...state, ...after, past, future: state.future.slice(0, -1), last: undefined, recalled: -1 };
}

function joins(last: LastEdit, state: EditorState, text: string, cursor: number): boolean {
  if (last.kind === "erasing") return true;
  if (last.kind !== "typing") return false;
  const wordBegins = SPACE.test(state.text[state.cursor - 1] ?? "") && !SPACE.test(text[cursor - 1] ?? "");
  return !wordBegins;
}
