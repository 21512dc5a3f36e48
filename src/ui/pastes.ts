// Large pasted texts. In the line being written each is one character that stands for it and is shown as `[pasted 312 lines]`: the
// cursor steps over it at once, one Backspace takes it away, and what is sent has the whole text in its place.
//
// The character is U+FDD0, which Unicode leaves to programs for their own use and no text may contain, with the text's number
// behind it in tag characters, so that every rule for characters (graphemes) takes it for one.
import { type EditorState, put } from "./editor-state.js";

/** The texts, by number; newer ones have higher numbers. */
export type Pastes = ReadonlyMap<number, Pasted>;

interface Pasted {
  readonly text: string;
  /** What is shown for it. */
  readonly label: string;
}

export const CHIP = "\uFDD0";
const CHIPS = /\uFDD0([\u{E0030}-\u{E0039}]*)/gu;
const TAG = 0xe0000;
/** A paste of more lines, or more characters, is not spread out in the line. */
const MOST_LINES = 8;
const MOST_CHARACTERS = 1_000;
/** A longer text is never spread out in the line, in UTF-16 units. */
export const LONGEST_SHOWN = 65_536;
/** All that is pasted into one line may have so many UTF-16 units. */
export const LONGEST_PASTED = 4_000_000;
/** Texts that are not in the line, but may come back by undo or yank, are kept up to so many UTF-16 units. */
const MOST_KEPT = 16_000_000;
const GONE = "[pasted, let go]";

/** The text at the cursor, as one character where it is large. Undefined: with it the line would be too long. */
export function pasted(state: EditorState, text: string): EditorState | undefined {
  if (text.length + lengthOf(state) > LONGEST_PASTED) return undefined;
  const isLarge = text.length > MOST_CHARACTERS || text.split("\n", MOST_LINES + 2).length > MOST_LINES;
  return isLarge ? chipped(state, state.cursor, state.cursor, text) : put(state, state.cursor, state.cursor, text);
}

/** A text in place of the whole line, as one character where it is too long to be spread out. */
export function shownWhole(state: EditorState, text: string): EditorState {
  return text.length > LONGEST_SHOWN
    ? chipped(state, 0, state.text.length, text)
    : put(state, 0, state.text.length, text);
}

/** What the line says, with every pasted text in its place. */
export function whole({ text, pastes }: Pick<EditorState, "text" | "pastes">): string {
  return text.includes(CHIP) ? text.replace(CHIPS, (_, tags: string) => pastes.get(numberOf(tags))?.text ?? "") : text;
}

/** The pasted text before the cursor, or at it, or the first one, spread out in the line; `too-long` where that cannot be. */
export function spreadOut(state: EditorState): EditorState | "none" | "too-long" {
  const chips = [...state.text.matchAll(CHIPS)];
  const touching = chips.filter(({ index, 0: chip }) => index === state.cursor || index + chip.length === state.cursor);
  const chip = touching[0] ?? chips[0];
  if (chip === undefined) return "none";
  const text = state.pastes.get(numberOf(chip[1]))?.text ?? "";
  if (text.length > LONGEST_SHOWN) return "too-long";
  return put(state, chip.index, chip.index + chip[0].length, text);
}

/** A piece of the line as it is shown: a tab is four spaces. */
export function shown(text: string, pastes: Pastes): string {
  const chips = text.includes(CHIP)
    ? text.replace(CHIPS, (_, tags: string) => pastes.get(numberOf(tags))?.label ?? GONE)
    : text;
  return chips.replaceAll("\t", "    ");
}

/** The texts that some of the lines stand for. */
export function stillNeeded(pastes: Pastes, lines: readonly string[]): Pastes {
  const needed = new Set(lines.flatMap((line) => [...line.matchAll(CHIPS)].map((chip) => numberOf(chip[1]))));
  return new Map([...pastes].filter(([number]) => needed.has(number)));
}

function labelOf(text: string): string {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return lines > 1
    ? `[pasted ${lines.toLocaleString("en")} lines]`
    : `[pasted ${text.length.toLocaleString("en")} characters]`;
}

function chipped(state: EditorState, from: number, to: number, text: string): EditorState {
  const number = Math.max(0, ...state.pastes.keys()) + 1;
  const tags = [...`${number}`].map((digit) => String.fromCodePoint(TAG + digit.charCodeAt(0))).join("");
  const next = put(state, from, to, CHIP + tags);
  return { ...next, pastes: kept(new Map([...state.pastes, [number, { text, label: labelOf(text) }]]), next.text) };
}

/** Older texts that are not in the line are let go when all are too much. */
function kept(pastes: Pastes, line: string): Pastes {
  const inLine = stillNeeded(pastes, [line]);
  let left = MOST_KEPT;
  const newestFirst = [...pastes].reverse().filter(([number, { text }]) => {
    if (inLine.has(number)) return true;
    left -= text.length;
    return left >= 0;
  });
  return new Map(newestFirst.reverse());
}

function lengthOf({ text, pastes }: EditorState): number {
  let length = text.length;
  for (const pasted of stillNeeded(pastes, [text]).values()) length += pasted.text.length;
  return length;
}

function numberOf(tags = ""): number {
  return Number([...tags].map((tag) => String.fromCodePoint((tag.codePointAt(0) ?? TAG) - TAG)).join(""));
}
