// Paths that have no mark of one: "in src", "the docs folder", "read LICENSE", "here".
import { overlap, type Stretch, type Utterance } from "./utterance.js";
import { isStopWord, stem, type Word } from "./words.js";

/** Where the message says "here" or "this folder". */
export function hereIn(text: string): Stretch | undefined {
  const here = /\b(?:here|(?:this|the current|current|the working) (?:folder|directory|dir))\b/i.exec(text);
  return here === null ? undefined : { start: here.index, end: here.index + here[0].length };
}

/**
 * The bare name the message uses as a path, if it plainly does.
 *
 * @param mayBe whether a stretch may be one: not taken, and no word of the tool's own name
 * @param alone whether a name in capitals at the end counts without any word that leads to it
 */
export function barePath(message: Utterance, mayBe: (word: Word) => boolean, alone: boolean): Stretch | undefined {
  for (const shape of alone ? [...SHAPES, CAPITALISED] : SHAPES) {
    const shaped = shape.exec(message.text.trimEnd());
    const name = shaped?.[1];
    if (shaped === null || name === undefined) continue;
    const start = shaped.index + shaped[0].lastIndexOf(name);
    const stretch = { start, end: start + name.length };
    const word = message.words.find((one) => overlap(one, stretch));
    if (word === undefined || isStopWord(word.text) || NO_NAMES.has(word.stem) || !mayBe(word)) continue;
    return stretch;
  }
  return undefined;
}

// Blanks are bounded, for on a long run of them these patterns would take quadratic time.
const SHAPES = [
  /\b(?:folder|directory|dir|file)\s{1,9}(?:called\s{1,9}|named\s{1,9})?([\w.@+~-]{1,255})/i,
  /\b(?:in|inside|under|from|of|at)\s{1,9}(?:the\s{1,9}|my\s{1,9})?([\w.@+~-]{1,255})(?:\s{1,9}(?:folder|directory|dir))?\s{0,9}[?.!]?$/i,
  /\b(?:the|my)\s{1,9}([\w.@+~-]{1,255})\s{1,9}(?:folder|directory|dir|file)\b/i,
];
const CAPITALISED = /(?<=\S\s{1,9})(?=\S{0,254}\p{Lu})([\w.@+~-]{1,255})\s{0,9}[?.!]?$/u;

/** Words that follow "file" or "folder" without being its name. */
const NO_NAMES = new Set(
  "structure tree size list content contents name with called that says saying containing info information"
    .split(" ")
    .map(stem),
);
