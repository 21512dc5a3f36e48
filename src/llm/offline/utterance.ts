// A message as it is read once, before any tool is considered: its words, the values it states, and where it names a tool.
import { type Literal, literalsOf } from "./literals.js";
import { stem, type Word, wordsOf } from "./words.js";

/** A part of the message. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface Utterance {
  readonly text: string;
  readonly words: readonly Word[];
  readonly literals: readonly Literal[];
  /** Where the name of a tool ends that the message names outright. */
  readonly namedUntil: number | undefined;
}

/** Reads a message. `named` is the stretch in which a tool is named outright; no values are looked for in it. */
export function utterance(text: string, named?: Stretch): Utterance {
  if (named === undefined) {
    const literals = literalsOf(text);
    const words = wordsOf(text, literals);
    if (ASKS_FOR_LIST.test(text)) words.unshift({ text: "show", stem: stem("list"), start: 0, end: 0 });
    return { text, literals, words, namedUntil: undefined };
  }
  const before = literalsOf(text.slice(0, named.start));
  const after = literalsOf(" ".repeat(named.end) + text.slice(named.end));
  const literals = [...before, ...after];
  return { text, literals, words: wordsOf(text, [...literals, named]), namedUntil: named.end };
}

/** "What files are in src?" and "what is in this folder?" ask for a list, without the word. */
const ASKS_FOR_LIST =
  /^\s*(?:(?:what|which|how many)\s+(?:[\w-]+\s+)?[\w-]{2,}s\s+(?:are|do|exist|can)\b|what(?:'s| is) in (?:this|the|my)\b.*\b(?:folder|directory)\b)/i;

export function overlap(a: Stretch, b: Stretch): boolean {
  return a.start < b.end && b.start < a.end;
}
