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

/** `a, b, c`: each stands for the others. `a, b > c, d`: the first stand for the latter, not the other way round. */
export function tableOf(groups: string): SynonymTable {
  const meanings = new Map<string, Meaning[]>();
  const openings = new Set<string>();
  const known = new Set<string>();
  const phrase = (text: string): string[] => {
    const words = wordsOf(text.trim());
    const telling = words.filter((word) => !stopWords.has(word));
    // "log in" is not "log": where one word would be left, all of them are the phrase.
    const stems = (telling.length > 1 ? telling : words).map(stemOf);
    for (const stem of stems) known.add(stem);
    return stems;
  };
  const link = (from: readonly string[], to: readonly string[], weight: number): void => {
    const key = from.join(" ");
    if (key === "" || to.length === 0 || key === to.join(" ")) return;
    const list = meanings.get(key) ?? [];
    if (list.length >= MOST_MEANINGS || list.some(({ stems }) => stems.join(" ") === to.join(" "))) return;
    list.push({ stems: to, weight });
    meanings.set(key, list);
    if (from[0] !== undefined && from.length > 1) openings.add(from[0]);
  };
  for (const line of groups.split("\n")) {
    const row = line.replace(/\/\/.*$/, "").trim();
    if (row === "") continue;
    const [left = "", right] = row.split(" > ");
    const from = left.split(",").map(phrase);
    const to = right === undefined ? from : right.split(",").map(phrase);
    for (const each of from) for (const other of to) link(each, other, right === undefined ? 1 : 0.8);
  }
  return { meanings, openings, known };
}

let table: SynonymTable | undefined;

/** Read with the first query. */
export function synonyms(): SynonymTable {
  table ??= tableOf(synonymGroups);
  return table;
}
