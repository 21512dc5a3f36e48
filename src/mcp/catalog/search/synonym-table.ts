// What stands for what, read from the data once: words and phrases by their stems.

import { stopWords } from "./stop-words.js";
import { synonymGroups } from "./synonyms.js";
import { stemOf, wordsOf } from "./words.js";

export interface SynonymTable {
  /** Stems of a phrase joined by spaces → the phrases that may stand for it, each as its stems. */
  readonly meanings: ReadonlyMap<string, readonly Meaning[]>;
  /** The stems with which a phrase of several words begins. */
  readonly openings: ReadonlySet<string>;
  /** Every stem the data knows: a word that is spelled right. */
  readonly known: ReadonlySet<string>;
}
export interface Meaning {
  readonly stems: readonly string[];
  /** Of those named on the same side of an arrow: no more than hinted at. */
  readonly weight: number;
}

const MOST_MEANINGS = 30;

export const MOST_PHRASE = 4;

interface Phrase {
  readonly stems: readonly string[];
  readonly key: string;
}

/** `a, b, c`: each stands for the others. `a, b > c, d`: the first stand for the latter, not the other way round. */
export function tableOf(groups: string): SynonymTable {
  const meanings = new Map<string, Map<string, Meaning>>();
  const openings = new Set<string>();
  const known = new Set<string>();
  const phrases = new Map<string, Phrase>();
  // The same words come again and again.
  const stems = new Map<string, string>();
  const stem = (word: string): string => {
    let found = stems.get(word);
    if (found === undefined) {
      found = stemOf(word);
      stems.set(word, found);
    }
    return found;
  };
  const phrase = (text: string): Phrase => {
    let read = phrases.get(text);
    if (read === undefined) {
      read = phraseOf(text, stem);
      phrases.set(text, read);
      for (const stem of read.stems) known.add(stem);
    }
    return read;
  };
  const link = (from: Phrase, to: Phrase, weight: number): void => {
    if (from.key === "" || to.key === "" || from.key === to.key) return;
    let list = meanings.get(from.key);
    if (list === undefined) meanings.set(from.key, (list = new Map()));
    if (list.has(to.key) || list.size >= MOST_MEANINGS) return;
    list.set(to.key, { stems: to.stems, weight });
    if (from.stems[0] !== undefined && from.stems.length > 1) openings.add(from.stems[0]);
  };
  for (const line of groups.split("\n")) {
    const row = line.replace(/\/\/.*$/, "").trim();
    if (row === "") continue;
    const [left = "", right] = row.split(" > ");
    const from = left.split(", ").map(phrase);
    const to = right === undefined ? from : right.split(", ").map(phrase);
    for (const each of from) for (const other of to) link(each, other, right === undefined ? 1 : 0.8);
  }
  const lists = [...meanings].map(([key, list]) => [key, [...list.values()]] as const);
  return { meanings: new Map(lists), openings, known };
}

/** What `wordsOf` would only take apart at its spaces. */
const PLAIN = /^[a-z]{3,}(?: [a-z]{3,})*$/;

/** "log in" is not "log": where one telling word would be left, all of them are the phrase. */
function phraseOf(text: string, stemOf: (word: string) => string): Phrase {
  const words = PLAIN.test(text) ? text.split(" ") : wordsOf(text);
  const telling = words.filter((word) => !stopWords.has(word));
  const stems = (telling.length > 1 ? telling : words).map(stemOf);
  return { stems, key: stems.join(" ") };
}

let table: SynonymTable | undefined;

/** Read when it is first asked for. */
export function synonyms(): SynonymTable {
  table ??= tableOf(synonymGroups);
  return table;
}
