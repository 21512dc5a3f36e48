// Words as the offline model compares them: lower case, cut into the parts of identifiers, and reduced to a stem, so that
// "listing files" meets `list_file`. The stemmer is deliberately small: both sides go through it, so it only has to be
// consistent, not right.

export interface Word {
  /** As written, in lower case. */
  readonly text: string;
  readonly stem: string;
  readonly start: number;
  readonly end: number;
}

const MOST_WORDS = 300;

/** The first 300 words of a message with their places. Stretches that were read as something else are skipped. */
export function wordsOf(message: string, skip: readonly { start: number; end: number }[]): Word[] {
  const words: Word[] = [];
  for (const match of message.matchAll(/[\p{L}\p{N}_]+(?:['’]\p{L}+)*/gu)) {
    const start = match.index;
    const end = start + match[0].length;
    if (skip.some((stretch) => start < stretch.end && end > stretch.start)) continue;
    const text = match[0].toLowerCase().replaceAll("’", "'");
    if (words.length === MOST_WORDS) break;
    words.push({ text, stem: stem(text.replace(/'s$/, "")), start, end });
  }
  return words;
}

/** The words an identifier is made of, in lower case: `readTextFile`, `read_text_file` and `read-text-file` are the same. */
export function partsOf(identifier: string): string[] {
  return identifier
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** The stems of a description, in order, without the words that tell no tool from another. */
export function stemsOf(prose: string): string[] {
  return partsOf(prose)
    .filter((word) => !STOP_WORDS.has(word) && !SAYS_NOTHING.has(word))
    .map(stem);
}

/** A word without its ending. */
export function stem(word: string): string {
  let root = word;
  if (root.length > 4 && root.endsWith("ies")) root = `${root.slice(0, -3)}y`;
  else if (/(?:[sxz]|[cs]h|o)es$/.test(root) && root.length > 4) root = root.slice(0, -2);
  else if (root.length > 3 && /[^su]s$/.test(root)) root = root.slice(0, -1);
  if (root.length > 5 && root.endsWith("ing")) root = root.slice(0, -3);
  else if (root.length > 4 && root.endsWith("ed")) root = root.slice(0, -2);
  if (root.length > 3 && root.endsWith("e")) root = root.slice(0, -1);
  return root.replace(/([^aeiou\d])\1$/, "$1");
}

/** Words of grammar and politeness: they neither name a tool nor speak against one. */
export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}

/** Verbs so general that every tool could be meant: they count where a tool's name has them, and are ignored elsewhere. */
export function isSoftWord(word: string): boolean {
  return SOFT_WORDS.has(word);
}

/** Words that turn a request into its opposite. */
export function isNegation(word: string): boolean {
  return NEGATIONS.has(word);
}

const list = (words: string) => new Set(words.trim().split(/\s+/));

const STOP_WORDS = list(`
  a an the this that these those is are was were be been am do does did will would can could should shall may might must
  i me my mine myself you your yours we us our it its he she they them his her their there here of to in on at by for from
  with without and or as if then than so just please kindly what what's which who whom whose when where how much many let
  let's want wanna need like i'd i'll i'm it's that's up out about into onto via using some any all also too very really
  again ok okay hey lets no yes called named s t d ll m re ve
`);

const SOFT_WORDS = list("show get give display run use call tell make perform execute try return print see put go");

const NEGATIONS = list("not don't dont never shouldn't cannot can't won't doesn't isn't");

// Words that descriptions of tools are full of and that tell no tool from another.
const SAYS_NOTHING = list(
  "tool tools function returns return using use used provided whether value default defaults optional",
);
