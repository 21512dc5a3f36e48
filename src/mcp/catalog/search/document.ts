// An entry as the search sees it: how often each word stem stands in which of its fields.
import type { CatalogEntry } from "../entry.js";
import { outlineOf } from "../reading/outline.js";
import { sketchOf } from "./sketch.js";
import { stopWords } from "./stop-words.js";
import { eachWord, stemOf, wordsOf } from "./words.js";

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
/** Of a text: long ones end with code and templates, and tell what they are for at the beginning. */
export const BODY = 9_000;
/** Room for the words of thousands of files. */
export const MANY_WORDS = 1 << 17;
const FEW_WORDS = 1 << 12;

/** The words of all documents: each has a stem, and stems have numbers. */
export class Vocabulary {
  /** The number of each word's stem; -1 for a word that is not looked for. */
  readonly stemOfWord = new Map<string, number>();
  readonly stems: string[] = [];
  /** By the number of the stem: a hash of it that is the same in each run. */
  readonly hashes: number[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly slots: Uint32Array;
  private readonly slotHashes: Int32Array;
  /** The letters of these words one after the other, and where each word's begin. */
  private letters = new Uint8Array(1 << 12);
  private readonly starts: Uint32Array;
  private readonly slotStems: Int32Array;
  private slotCount = 0;

  /** `room`: twice as many words as are found again without being cut out of their text; a power of two. */
  constructor(room = FEW_WORDS) {
    this.slots = new Uint32Array(room);
    this.slotHashes = new Int32Array(room);
    this.starts = new Uint32Array(room / 2 + 2);
    this.slotStems = new Int32Array(room / 2 + 1);
  }

  /** The number of the word's stem, which is given one if need be. */
  number(word: string): number {
    const known = this.stemOfWord.get(word);
    if (known !== undefined) return known;
    const number = stopWords.has(word) ? -1 : this.stem(stemOf(word));
    this.stemOfWord.set(word, number);
    return number;
  }

  /** The same for a word of letters within a text, of which `eachWord` tells the codes of its characters and the hash. */
  numberIn(text: string, codes: Uint16Array, start: number, end: number, hash: number): number {
    const mask = this.slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const at = (this.slots[slot] ?? 0) - 1;
      if (at < 0) break;
      if (this.slotHashes[slot] === hash && this.isAt(at, codes, start, end)) return this.slotStems[at] ?? -1;
      slot = (slot + 1) & mask;
    }
    const word = text.slice(start, end).toLowerCase();
    const number = this.number(word);
    if (this.slotCount * 2 > mask) return number; // full: slower, and right
    const from = this.starts[this.slotCount] ?? 0;
    while (from + word.length > this.letters.length) this.letters = twice(this.letters);
    for (let at = 0; at < word.length; at++) this.letters[from + at] = word.charCodeAt(at);
    this.slotStems[this.slotCount] = number;
    this.slots[slot] = ++this.slotCount;
    this.starts[this.slotCount] = from + word.length;
    this.slotHashes[slot] = hash;
    return number;
  }

  private isAt(word: number, codes: Uint16Array, start: number, end: number): boolean {
    const { letters } = this;
    const from = this.starts[word] ?? 0;
    const length = end - start;
    if ((this.starts[word + 1] ?? 0) - from !== length) return false;
    for (let at = 0; at < length; at++) if (letters[from + at] !== ((codes[start + at] ?? 0) | 32)) return false;
    return true;
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

function twice(array: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** Makes documents; what it needs for that is kept from one to the next. */
export class Reader {
  private packed = new Uint32Array(1 << 14);
  private hashes = new Uint32Array(1 << 14);

  constructor(private readonly vocabulary: Vocabulary) {}

  document(entry: Omit<CatalogEntry, "id">, body: string): Document {
    const { name, description, plugin, capabilities, keywords, category, path } = entry;
    // What its file is called, where that says more than its name.
    const place = /(?:^|\/)(?:agents|skills|commands)\/(.*?)(?:\/skill)?\.md$/i.exec(path ?? "")?.[1] ?? "";
    const named = new Set(wordsOf(name));
    const file = wordsOf(place)
      .filter((word) => !named.has(word))
      .join(" ");
    const texts: Record<Field, readonly string[]> = {
      name: [name, file],
      tags: [...capabilities, ...keywords, ...(category && category !== plugin ? [category] : [])],
      plugin: [plugin],
      description: [description.slice(0, DESCRIPTION)],
      headings: outlineOf(body.slice(0, BODY)).headings,
      body: [description.slice(DESCRIPTION), body.slice(0, BODY)],
    };
    const found: number[] = [];
    const lengths = new Uint32Array(fieldNames.length);
    let hashed = 0;
    for (const [at, field] of fieldNames.entries()) {
      const { bits, shift } = fields[field];
      const [most, one, isBody] = [2 ** bits - 1, 2 ** shift, field === "body"];
      let length = 0;
      const take = (term: number): void => {
        if (term < 0) return;
        length++;
        if (term >= this.packed.length) this.packed = grown(this.packed, term);
        const before = this.packed[term] ?? 0;
        if (before === 0) found.push(term);
        if (((before >>> shift) & most) < most) this.packed[term] = before + one;
        if (!isBody) return;
        if (hashed >= this.hashes.length) this.hashes = grown(this.hashes, hashed);
        this.hashes[hashed++] = this.vocabulary.hashes[term] ?? 0;
      };
      for (const text of texts[field])
        eachWord(
          text,
          (word) => take(this.vocabulary.number(word)),
          (codes, start, end, hash) => take(this.vocabulary.numberIn(text, codes, start, end, hash)),
        );
      lengths[at] = length;
    }
    const terms = new Uint32Array(found).sort();
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

/** FNV-1a. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
