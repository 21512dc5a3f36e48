// An entry as the search sees it: how often each word stem stands in which of its fields.
import type { CatalogEntry } from "../entry.js";
import { headingsOf } from "../reading/read-entry.js";
import { sketchOf } from "./sketch.js";
import { stopWords } from "./stop-words.js";
import { eachWord, stemOf } from "./words.js";

/** Of a field: how many bits its counts have in a packed number, and where they begin. */
export const fields = {
  name: { bits: 3, shift: 0 },
  tags: { bits: 3, shift: 3 },
  plugin: { bits: 3, shift: 6 },
  description: { bits: 5, shift: 9 },
  headings: { bits: 6, shift: 14 },
  body: { bits: 12, shift: 20 },
} as const;
export type Field = keyof typeof fields;
export const fieldNames = Object.keys(fields) as Field[]; // the keys of a literal

export interface Document {
  readonly kind: string;
  /** Numbers of stems in the vocabulary, each once. */
  readonly terms: Uint32Array;
  /** For each of the terms its counts in the fields, packed. */
  readonly counts: Uint32Array;
  /** How many words each of the fields has, as in `fieldNames`. */
  readonly lengths: Uint32Array;
  readonly sketch: Uint32Array;
}

/** Of a description this is told what it is; what follows (examples, mostly) counts as text. */
const DESCRIPTION = 600;
/** Of a text: long ones end with code and templates. */
export const BODY = 24_000;

/** The words of all documents: each has a stem, and stems have numbers. */
export class Vocabulary {
  /** The number of each word's stem; -1 for a word that is not looked for. */
  readonly stemOfWord = new Map<string, number>();
  readonly stems: string[] = [];
  /** By the number of the stem: a hash of it that is the same in each run. */
  readonly hashes: number[] = [];
  private readonly numbers = new Map<string, number>();

  /** The number of the word's stem, which is given one if need be. */
  number(word: string): number {
    const known = this.stemOfWord.get(word);
    if (known !== undefined) return known;
    const number = stopWords.has(word) ? -1 : this.stem(stemOf(word));
    this.stemOfWord.set(word, number);
    return number;
  }

  stem(stem: string): number {
    let number = this.numbers.get(stem);
    if (number === undefined) {
      number = this.stems.push(stem) - 1;
      this.hashes.push(hashOf(stem));
      this.numbers.set(stem, number);
    }
    return number;
  }
}

/** Makes documents; what it needs for that is kept from one to the next. */
export class Reader {
  private packed = new Uint32Array(1 << 14);
  private hashes = new Uint32Array(1 << 14);

  constructor(private readonly vocabulary: Vocabulary) {}

  document(entry: Omit<CatalogEntry, "id">, body: string): Document {
    const { name, description, plugin, capabilities, keywords, category, path, role } = entry;
    const file =
      path === undefined
        ? ""
        : path
            .split("/")
            .slice(3)
            .join(" ")
            .replace(/\.md$/i, "")
            .replace(/\bskill$/i, "");
    const texts: Record<Field, readonly string[]> = {
      name: [name, ...(plain(file).includes(plain(name)) || plain(name).includes(plain(file)) ? [] : [file])],
      tags: [
        ...capabilities,
        ...keywords,
        ...(category && category !== plugin ? [category] : []),
        ...(role ? [role] : []),
      ],
      plugin: [plugin],
      description: [description.slice(0, DESCRIPTION)],
      headings: headingsOf(body.slice(0, BODY)),
      body: [description.slice(DESCRIPTION), body.slice(0, BODY)],
    };
    const found: number[] = [];
    const lengths = new Uint32Array(fieldNames.length);
    let hashed = 0;
    fieldNames.forEach((field, at) => {
      const { bits, shift } = fields[field];
      const most = 2 ** bits - 1;
      const take = (word: string): void => {
        const term = this.vocabulary.number(word);
        if (term < 0) return;
        lengths[at] = (lengths[at] ?? 0) + 1;
        if (term >= this.packed.length) this.packed = grown(this.packed, term);
        const before = this.packed[term] ?? 0;
        if (before === 0) found.push(term);
        if (((before >>> shift) & most) < most) this.packed[term] = before + 2 ** shift;
        if (field !== "body") return;
        if (hashed >= this.hashes.length) this.hashes = grown(this.hashes, hashed);
        this.hashes[hashed++] = this.vocabulary.hashes[term] ?? 0;
      };
      for (const text of texts[field]) eachWord(text, take);
    });
    const terms = Uint32Array.from(found).sort();
    const counts = terms.map((term) => this.packed[term] ?? 0);
    for (const term of terms) this.packed[term] = 0;
    return { kind: entry.kind, terms, counts, lengths, sketch: sketchOf(this.hashes, hashed) };
  }
}

function grown(array: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(needed + 1, array.length * 2));
  larger.set(array);
  return larger;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

/** FNV-1a. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
