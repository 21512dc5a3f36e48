// What an index knows of the files it was built from, so that the next build reads only what changed.
import type { Diagnosis } from "../entry.js";
import type { FoundFile } from "../reading/find-files.js";
import type { ReadEntry } from "../reading/read-entry.js";
import { type Document, fieldNames, MANY_WORDS, Vocabulary } from "./document.js";
import { readIndexFile } from "./index-file.js";
import type { Packed } from "./packed.js";
import type { Segment } from "./segment.js";
import { segmentOf } from "./segment-file.js";
import type { Tables } from "./tables.js";
import { stemOf } from "./words.js";

/** A file as the next build wants to know it. */
export interface KnownFile extends FoundFile {
  readonly root: number;
  readonly diagnoses: readonly Diagnosis[];
  /** The number of its document; -1 if it has none. */
  readonly document: number;
}

/** All documents one after the other. */
interface Rows {
  readonly termStarts: Uint32Array;
  readonly terms: Uint32Array;
  readonly counts: Uint32Array;
  readonly lengths: Uint32Array;
  readonly sketchStarts: Uint32Array;
  readonly sketches: Uint32Array;
}

/** `damaged`: why what was kept is of no use. */
export async function knownIn(place: string): Promise<{ known?: Known; damaged?: string }> {
  const [search, next] = [await readIndexFile(place, "search"), await readIndexFile(place, "rebuild")];
  if (search === undefined || next === undefined) return {};
  if ("damaged" in search) return search;
  if ("damaged" in next) return next;
  const segment = segmentOf(search);
  return fits(segment, next)
    ? { known: new Known(segment, next) }
    : { damaged: "has parts that do not belong together" };
}

/** What the next build begins with is of the same documents, and of no other words. */
function fits({ size, tables }: Segment, { arrays }: Packed): boolean {
  const { termStarts, terms } = arrays as unknown as Rows; // as it was found to be when it was read
  return termStarts.length === size + 1 && terms.every((term) => term < tables.postingStarts.length - 1);
}

/** What the kept index knows. */
export class Known {
  readonly vocabulary = new Vocabulary(MANY_WORDS);
  private readonly files = new Map<string, KnownFile>();
  private readonly rows: Rows;

  constructor(
    private readonly segment: Segment,
    next: Packed,
  ) {
    restoreVocabulary(this.vocabulary, segment.tables);
    this.rows = next.arrays as unknown as Rows; // as `forNext` wrote them
    for (const file of next.meta as KnownFile[]) this.files.set(keyOf(file), file); // likewise
  }

  /** How many were not taken. */
  get left(): number {
    return this.files.size;
  }

  /** What is known of a file that has not changed. */
  take(
    file: FoundFile & { root: number },
  ): { entry?: ReadEntry; document?: Document; said?: readonly Diagnosis[] } | undefined {
    const key = keyOf(file);
    const known = this.files.get(key);
    if (known !== undefined) this.files.delete(key);
    if (known === undefined || known.size !== file.size || known.mtimeMs !== file.mtimeMs) return undefined;
    if (known.document < 0) return { said: known.diagnoses };
    const { id: _, role: __, fallbacks: ___, ...entry } = this.segment.entry(known.document);
    return { entry, document: this.document(known.document, entry.kind), said: known.diagnoses };
  }

  private document(at: number, kind: string): Document {
    const { termStarts, terms, counts, lengths, sketchStarts, sketches } = this.rows;
    const [from, to] = [termStarts[at], termStarts[at + 1]];
    return {
      kind,
      terms: terms.subarray(from, to),
      counts: counts.subarray(from, to),
      lengths: lengths.subarray(at * fieldNames.length, (at + 1) * fieldNames.length),
      sketch: sketches.subarray(sketchStarts[at], sketchStarts[at + 1]),
    };
  }
}

function keyOf({ root, path }: { root: number; path: string }): string {
  return `${root}\0${path}`;
}

/** The stems get the numbers they had. */
function restoreVocabulary(vocabulary: Vocabulary, { words, wordStem, wordMarks, postingStarts }: Tables): void {
  const decoder = new TextDecoder();
  const stems: string[] = new Array(postingStarts.length - 1).fill("");
  const surfaces: [string, number][] = [];
  wordStem.forEach((stem, at) => {
    const word = decoder.decode(words.bytes.subarray(words.starts[at], words.starts[at + 1]));
    if (stems[stem] === "") stems[stem] = stemOf(word);
    if ((wordMarks[at] ?? 0) > 0) surfaces.push([word, stem]);
  });
  // One that stands nowhere any more keeps its number.
  for (const [at, stem] of stems.entries()) vocabulary.stem(stem === "" ? `\0${at}` : stem);
  for (const [word, stem] of surfaces) vocabulary.stemOfWord.set(word, stem);
}

export function forNext(files: readonly KnownFile[], documents: readonly Document[]): Packed {
  const joined = (lists: readonly Uint32Array[]): { all: Uint32Array; starts: Uint32Array } => {
    const starts = new Uint32Array(lists.length + 1);
    lists.forEach((list, at) => {
      starts[at + 1] = (starts[at] ?? 0) + list.length;
    });
    const all = new Uint32Array(starts[lists.length] ?? 0);
    lists.forEach((list, at) => {
      all.set(list, starts[at]);
    });
    return { all, starts };
  };
  const terms = joined(documents.map((document) => document.terms));
  const sketches = joined(documents.map(({ sketch }) => sketch));
  const arrays: Rows & Packed["arrays"] = {
    termStarts: terms.starts,
    terms: terms.all,
    counts: joined(documents.map(({ counts }) => counts)).all,
    lengths: joined(documents.map(({ lengths }) => lengths)).all,
    sketchStarts: sketches.starts,
    sketches: sketches.all,
  };
  return { meta: files, arrays };
}
