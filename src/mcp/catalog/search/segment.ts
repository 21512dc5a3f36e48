// The tables of an index, as they are asked. Strings stay where they lie, as bytes: only what is answered becomes an object.
import type { CatalogEntry } from "../entry.js";
import { bigramsOf, distance, mostWrong } from "./spelling.js";
import { compare, plainTag, type Strings, type Tables } from "./tables.js";

export interface Candidate {
  readonly word: string;
  readonly stem: number;
  readonly wrong: number;
  /** In how many documents the stem stands. */
  readonly documents: number;
}

const decoder = new TextDecoder();
/** So many words are compared letter by letter. */
const MOST_COMPARED = 60;

export class Segment {
  readonly size: number;
  /** How many words have how many pairs of letters of the one that is looked for; all 0 between two searches. */
  private readonly common: Uint8Array;

  private clustered: Map<number, number[]> | undefined;

  constructor(readonly tables: Tables) {
    this.size = tables.kinds.length;
    this.common = new Uint8Array(tables.wordStem.length);
  }

  entry(document: number): CatalogEntry {
    return JSON.parse(textAt(this.tables.entries, document)) as CatalogEntry; // written by ours, and its checksum was right
  }

  /** The number of the document with this id; -1 if there is none. */
  find(id: string): number {
    const { byId } = this.tables;
    let [low, high] = [0, byId.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const document = byId[middle] ?? 0;
      const order = compare(this.entry(document).id, id);
      if (order === 0) return document;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** The number of the stem of a word or of a stem; -1 if it stands nowhere. */
  stem(word: string): number {
    const at = indexOf(this.tables.words, Buffer.from(word));
    return at < 0 ? -1 : (this.tables.wordStem[at] ?? -1);
  }

  documents(stem: number): number {
    const { postingStarts } = this.tables;
    return stem < 0 ? 0 : (postingStarts[stem + 1] ?? 0) - (postingStarts[stem] ?? 0);
  }

  /** Words that begin so, the most frequent first; each stem once. */
  beginning(start: string, limit: number): Candidate[] {
    const { words, wordStem, wordMarks } = this.tables;
    const bytes = Buffer.from(start);
    const found = new Map<number, Candidate>();
    for (let at = lowerBound(words, bytes); at < wordStem.length; at++) {
      const word = textAt(words, at);
      if (!word.startsWith(start)) break;
      const stem = wordStem[at] ?? 0;
      if ((wordMarks[at] ?? 0) > 0 && !found.has(stem))
        found.set(stem, { word, stem, wrong: 0, documents: this.documents(stem) });
      if (found.size > 200) break;
    }
    return [...found.values()].sort((a, b) => b.documents - a.documents).slice(0, limit);
  }

  /** Words that may have been meant, the nearest first; each stem once. `most`: letters that may be wrong. */
  near(word: string, limit: number, most = mostWrong(word.length)): Candidate[] {
    if (most === 0) return [];
    const { bigramStarts, bigramWords, wordStem, words, wordMarks } = this.tables;
    const pairs = bigramsOf(word);
    // Each wrong letter touches two pairs, one that changed places three.
    const least = Math.max(1, pairs.length - 3 * most);
    const touched: number[] = [];
    for (const pair of pairs)
      for (let at = bigramStarts[pair] ?? 0; at < (bigramStarts[pair + 1] ?? 0); at++) {
        const candidate = bigramWords[at] ?? 0;
        const count = (this.common[candidate] ?? 0) + 1;
        this.common[candidate] = count;
        if (count === least) touched.push(candidate);
      }
    const { starts } = words;
    const bytes = Buffer.byteLength(word);
    const likely = touched
      .filter((at) => Math.abs((starts[at + 1] ?? 0) - (starts[at] ?? 0) - bytes) <= most)
      .sort((a, b) => (this.common[b] ?? 0) - (this.common[a] ?? 0))
      .slice(0, MOST_COMPARED);
    for (const pair of pairs)
      for (let at = bigramStarts[pair] ?? 0; at < (bigramStarts[pair + 1] ?? 0); at++)
        this.common[bigramWords[at] ?? 0] = 0;
    const found = new Map<number, Candidate>();
    for (const at of likely) {
      const text = textAt(words, at);
      const wrong = distance(word, text, most);
      const stem = wordStem[at] ?? 0;
      if (wrong > most || wrong >= (found.get(stem)?.wrong ?? Number.POSITIVE_INFINITY)) continue;
      // A first letter is seldom wrong, and a word in a name or description more likely meant.
      const doubt = (text[0] === word[0] ? 0 : 0.5) + ((wordMarks[at] ?? 0) > 1 ? 0 : 0.3);
      found.set(stem, { word: text, stem, wrong: wrong + doubt, documents: this.documents(stem) });
    }
    return [...found.values()].sort((a, b) => a.wrong - b.wrong || b.documents - a.documents).slice(0, limit);
  }

  /** The documents with exactly this tag. */
  tagged(tag: string): Uint32Array {
    const at = indexOf(this.tables.tags, Buffer.from(plainTag(tag)));
    const { tagStarts, tagDocuments } = this.tables;
    return at < 0 ? new Uint32Array() : tagDocuments.subarray(tagStarts[at], tagStarts[at + 1]);
  }

  /** The others that say the same. */
  alike(document: number): Uint32Array {
    const { clusters } = this.tables;
    if (this.clustered === undefined) {
      // Lists of documents by cluster, made with the first answer.
      this.clustered = new Map();
      clusters.forEach((cluster, at) => {
        const before = this.clustered?.get(cluster) ?? [];
        if (cluster !== at) this.clustered?.set(cluster, [...(before.length === 0 ? [cluster] : before), at]);
      });
    }
    const all = this.clustered.get(clusters[document] ?? document) ?? [];
    return Uint32Array.from(all.filter((other) => other !== document));
  }

  /** Which of the numbers of plugins and models stand for what is asked. */
  values(fits: (value: string) => boolean): Uint8Array {
    const { values } = this.tables;
    return Uint8Array.from({ length: values.starts.length - 1 }, (_, at) => (fits(textAt(values, at)) ? 1 : 0));
  }
}

export function textAt({ bytes, starts }: Strings, at: number): string {
  return decoder.decode(bytes.subarray(starts[at], starts[at + 1]));
}

function indexOf(strings: Strings, wanted: Uint8Array): number {
  const at = lowerBound(strings, wanted);
  return at < strings.starts.length - 1 && order(strings, at, wanted) === 0 ? at : -1;
}

function lowerBound(strings: Strings, wanted: Uint8Array): number {
  let [low, high] = [0, strings.starts.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(strings, middle, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function order({ bytes, starts }: Strings, at: number, wanted: Uint8Array): number {
  const [start, end] = [starts[at] ?? 0, starts[at + 1] ?? 0];
  const length = Math.min(end - start, wanted.length);
  for (let next = 0; next < length; next++) {
    const difference = (bytes[start + next] ?? 0) - (wanted[next] ?? 0);
    if (difference !== 0) return difference;
  }
  return end - start - wanted.length;
}
