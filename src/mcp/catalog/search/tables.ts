// The index as flat tables: what the search needs of all documents, in arrays that can be written to a file and used from there.
import type { CatalogEntry } from "../entry.js";
import { type Document, fieldNames, fields, type Vocabulary } from "./document.js";
import { clustersOf } from "./sketch.js";
import { bigramsOf, MOST_BIGRAM } from "./spelling.js";
import { weights } from "./weights.js";

/** Strings as one text in UTF-8 and where each begins; one more beginning than there are strings. */
export interface Strings {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}
export interface Tables {
  /** All words and stems, sorted by their UTF-8. */
  readonly words: Strings;
  /** Of each word, the number of its stem. */
  readonly wordStem: Uint32Array;
  /** Of each word: 1 if it stands in a text, 2 if it is in more than the body of one. */
  readonly wordMarks: Uint8Array;
  /** The words with two letters beside each other, by the letters. */
  readonly bigramStarts: Uint32Array;
  readonly bigramWords: Uint32Array;
  /** By stem: the documents it stands in, and how well it describes them (65,535 is entirely). */
  readonly postingStarts: Uint32Array;
  readonly postingDocuments: Uint32Array;
  readonly postingImpacts: Uint16Array;
  /** Of each document the number of the first that is alike. */
  readonly clusters: Uint32Array;
  /** Each entry as JSON, and the numbers of the documents sorted by id. */
  readonly entries: Strings;
  readonly byId: Uint32Array;
  readonly kinds: Uint8Array;
  readonly plugins: Uint32Array;
  readonly models: Uint32Array;
  /** What the numbers of plugins and models stand for, lowercased. */
  readonly values: Strings;
  /** Capability tags and keywords, plain and sorted, and the documents that have them. */
  readonly tags: Strings;
  readonly tagStarts: Uint32Array;
  readonly tagDocuments: Uint32Array;
}

export const kindNumbers = { agent: 0, skill: 1, workflow: 2, tool: 3 } as const;

/** `entries` and `documents` go together. */
export function tablesOf(
  vocabulary: Vocabulary,
  entries: readonly CatalogEntry[],
  documents: readonly Document[],
): Tables {
  const postings = postingsOf(vocabulary.stems.length, documents);
  const words = wordsTable(vocabulary, postings);
  const values = new Map<string, number>();
  const numberOf = (value: string | undefined): number => {
    const key = (value ?? "").toLowerCase();
    if (!values.has(key)) values.set(key, values.size);
    return values.get(key) ?? 0;
  };
  const plugins = Uint32Array.from(entries, ({ plugin }) => numberOf(plugin));
  const models = Uint32Array.from(entries, ({ model }) => numberOf(model));
  return {
    ...words,
    postingStarts: postings.starts,
    postingDocuments: postings.documents,
    postingImpacts: postings.impacts,
    clusters: clustersOf(documents),
    entries: stringsOf(entries.map((entry) => JSON.stringify(entry))),
    byId: Uint32Array.from(entries.keys()).sort((a, b) => compare(entries[a]?.id ?? "", entries[b]?.id ?? "")),
    kinds: Uint8Array.from(entries, ({ kind }) => kindNumbers[kind]),
    plugins,
    models,
    values: stringsOf([...values.keys()]),
    ...tagsTable(entries),
  };
}

interface Postings {
  readonly starts: Uint32Array;
  readonly documents: Uint32Array;
  readonly impacts: Uint16Array;
  readonly marks: Uint8Array;
}

function postingsOf(stems: number, documents: readonly Document[]): Postings {
  const starts = new Uint32Array(stems + 1);
  for (const { terms } of documents) for (const term of terms) starts[term + 1] = (starts[term + 1] ?? 0) + 1;
  for (let stem = 0; stem < stems; stem++) starts[stem + 1] = (starts[stem + 1] ?? 0) + (starts[stem] ?? 0);
  const next = starts.slice();
  const total = starts[stems] ?? 0;
  const posted = { documents: new Uint32Array(total), impacts: new Uint16Array(total), marks: new Uint8Array(stems) };
  const means = fieldNames.map((_, at) => {
    const sum = documents.reduce((so, { lengths }) => so + (lengths[at] ?? 0), 0);
    return Math.max(1, sum / Math.max(1, documents.filter(({ lengths }) => (lengths[at] ?? 0) > 0).length));
  });
  const shift = fields.body.shift;
  const outside = 2 ** shift - 1;
  const others = fieldNames.filter((field) => field !== "body").map((field) => fields[field]);
  const { saturation } = weights;
  for (const [document, { terms, counts, lengths }] of documents.entries()) {
    // BM25F: what a word in a field is worth here, for the field's weight and its length in this document.
    const worth = fieldNames.map((field, at) => {
      const share = weights.length[field];
      return weights.field[field] / (1 - share + (share * Math.max(1, lengths[at] ?? 0)) / (means[at] ?? 1));
    });
    const inBody = worth.at(-1) ?? 0;
    for (let at = 0; at < terms.length; at++) {
      const [term, packed] = [terms[at] ?? 0, counts[at] ?? 0];
      let frequency = (packed >>> shift) * inBody;
      if (packed & outside)
        for (let of = 0; of < others.length; of++) {
          const field = others[of];
          if (field) frequency += ((packed >>> field.shift) & (2 ** field.bits - 1)) * (worth[of] ?? 0);
        }
      const place = next[term] ?? 0;
      next[term] = place + 1;
      posted.documents[place] = document;
      posted.impacts[place] = Math.max(1, Math.round((65_535 * frequency) / (frequency + saturation)));
      posted.marks[term] = (posted.marks[term] ?? 0) | (packed & outside ? 3 : 1);
    }
  }
  return { starts, ...posted };
}

function wordsTable(vocabulary: Vocabulary, { starts, marks }: Postings) {
  const stems = new Map<string, { stem: number; marks: number }>();
  const stands = (stem: number): boolean => stem >= 0 && (starts[stem + 1] ?? 0) > (starts[stem] ?? 0);
  vocabulary.stems.forEach((text, stem) => {
    if (stands(stem)) stems.set(text, { stem, marks: 0 });
  });
  for (const [text, stem] of vocabulary.stemOfWord)
    if (stands(stem)) stems.set(text, { stem, marks: marks[stem] ?? 0 });
  // A word has no characters beyond the first 65,536, so that these sort as their UTF-8 does.
  const sorted = [...stems.keys()].sort().map((text) => [text, stems.get(text) ?? { stem: 0, marks: 0 }] as const);
  const { all, starts: ofWord } = bigramsOfAll(sorted.map(([text, { marks: mark }]) => (mark > 0 ? text : "")));
  const counts = new Uint32Array(MOST_BIGRAM + 1);
  for (const bigram of all) counts[bigram + 1] = (counts[bigram + 1] ?? 0) + 1;
  for (let at = 0; at < MOST_BIGRAM; at++) counts[at + 1] = (counts[at + 1] ?? 0) + (counts[at] ?? 0);
  const bigramWords = new Uint32Array(all.length);
  const next = counts.slice();
  for (let word = 0; word < sorted.length; word++)
    for (let at = ofWord[word] ?? 0; at < (ofWord[word + 1] ?? 0); at++) {
      const place = next[all[at] ?? 0] ?? 0;
      next[all[at] ?? 0] = place + 1;
      bigramWords[place] = word;
    }
  return {
    words: stringsOf(sorted.map(([text]) => text)),
    wordStem: Uint32Array.from(sorted, ([, { stem }]) => stem),
    wordMarks: Uint8Array.from(sorted, ([, { marks: mark }]) => mark),
    bigramStarts: counts,
    bigramWords,
  };
}

/** Those of all words one after the other, and where each word's begin; too short ones have none. */
function bigramsOfAll(words: readonly string[]): { all: Uint16Array; starts: Uint32Array } {
  const all = new Uint16Array(words.reduce((sum, { length }) => sum + length + 1, 0));
  const starts = new Uint32Array(words.length + 1);
  let count = 0;
  words.forEach((word, at) => {
    if (word.length > 3) for (const bigram of bigramsOf(word)) all[count++] = bigram;
    starts[at + 1] = count;
  });
  return { all: all.subarray(0, count), starts };
}

function tagsTable(entries: readonly CatalogEntry[]) {
  const found = new Map<string, number[]>();
  entries.forEach(({ capabilities, keywords, category }, document) => {
    const tags = new Set([...capabilities, ...keywords, ...(category ? [category] : [])].map(plainTag));
    for (const tag of tags) {
      const documents = found.get(tag);
      if (documents === undefined) found.set(tag, [document]);
      else documents.push(document);
    }
  });
  const sorted = [...found].filter(([tag]) => tag !== "").sort(([a], [b]) => compare(a, b));
  const starts = new Uint32Array(sorted.length + 1);
  sorted.forEach(([, documents], at) => {
    starts[at + 1] = (starts[at] ?? 0) + documents.length;
  });
  return {
    tags: stringsOf(sorted.map(([tag]) => tag)),
    tagStarts: starts,
    tagDocuments: Uint32Array.from(sorted.flatMap(([, documents]) => documents)),
  };
}

/** `Code Review`, `code-review` and `codeReview` are one tag. */
export function plainTag(tag: string): string {
  return tag.toLowerCase().replace(/[^\p{L}\p{N}+#]+/gu, "");
}

export function stringsOf(texts: readonly string[]): Strings {
  const starts = new Uint32Array(texts.length + 1);
  let length = 0;
  texts.forEach((text, at) => {
    length += Buffer.byteLength(text);
    starts[at + 1] = length;
  });
  const bytes = Buffer.from(texts.join(""));
  return { bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), starts };
}

/** As UTF-8 sorts, which the search for a string relies on. */
export function compare(a: string, b: string): number {
  return /^[\x00-\x7f]*$/.test(a) && /^[\x00-\x7f]*$/.test(b)
    ? a < b
      ? -1
      : a > b
        ? 1
        : 0
    : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
