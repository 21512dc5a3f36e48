// Builds the index of some folders: reads what is new or changed, takes the rest from the index that was kept, and keeps the new one.
import { join } from "node:path";
import { messageOf } from "../../../supervision/errors.js";
import type { CatalogEntry, Diagnosis } from "../entry.js";
import type { FoundFile } from "../reading/find-files.js";
import { lookAround } from "../reading/look-around.js";
import { type ReadEntry, readEntry } from "../reading/read-entry.js";
import { readFound } from "../reading/read-under.js";
import { type Document, MANY_WORDS, Reader, Vocabulary } from "./document.js";
import { indexFile, writeIndexFile } from "./index-file.js";
import { forNext, type KnownFile, knownIn } from "./known.js";
import { pack } from "./packed.js";
import { rolesOf } from "./roles.js";
import { flatTables, type IndexMeta } from "./segment-file.js";
import { tablesOf } from "./tables.js";

export interface BuildOrder {
  readonly roots: readonly string[];
  readonly folder: string;
}
export interface Built {
  /** What `Segment` is made of, as `unpack` takes it. */
  readonly search: Uint8Array<ArrayBuffer>;
  readonly read: number;
  readonly gone: number;
  /** Why the kept index was of no use. */
  readonly damaged?: string;
  /** Why the new one could not be kept. */
  readonly unsaved?: string;
}

export async function build({ roots, folder }: BuildOrder): Promise<Built> {
  const place = indexFile(folder, roots);
  const { known, damaged } = await knownIn(place);
  const around = await lookAround(roots);
  const vocabulary = known?.vocabulary ?? new Vocabulary(MANY_WORDS);
  const reader = new Reader(vocabulary);
  const files: KnownFile[] = [];
  const entries: ReadEntry[] = [];
  const documents: Document[] = [];
  const diagnoses: Diagnosis[] = [...around.diagnoses];
  let read = 0;
  for (const file of around.files) {
    let { entry, document, said } = known?.take(file) ?? {};
    if (said === undefined) {
      read++;
      const fresh = readFile(roots, file);
      [entry, said] = [fresh.entry, fresh.diagnoses];
      document = entry && reader.document(entry, fresh.body);
    }
    diagnoses.push(...said);
    files.push({ ...file, diagnoses: said, document: entry && document ? documents.length : -1 });
    if (entry === undefined || document === undefined) continue;
    entries.push(entry);
    documents.push(document);
  }
  const roles = await rolesOf(roots, entries);
  const named = identified(files, entries, roles.of);
  const meta: IndexMeta = {
    fingerprint: around.fingerprint,
    firsts: roots.map((_, root) => files.filter((file) => file.document >= 0 && file.root < root).length),
    roles: roles.listed,
    diagnoses: [...diagnoses, ...roles.diagnoses],
  };
  const tables = tablesOf(vocabulary, named, documents);
  const search = pack({ meta, arrays: flatTables(tables) });
  const result = { search, read, gone: known?.left ?? 0, ...(damaged !== undefined && { damaged }) };
  try {
    writeIndexFile(folder, place, search, forNext(files, documents));
    return result;
  } catch (error) {
    return { ...result, unsaved: messageOf(error) };
  }
}

function readFile(roots: readonly string[], file: FoundFile & { root: number }) {
  try {
    return readEntry(file, readFound(join(roots[file.root] ?? "", file.path)));
  } catch (error) {
    const problem = `the file cannot be read: ${(error as NodeJS.ErrnoException).code ?? messageOf(error)}`; // only the system's
    return { body: "", diagnoses: [{ file: file.path, line: 1, problem, left: "out" as const }] };
  }
}

/** Each gets an id of its own: two files may lie in the same place of two roots, or be `x.md` and `x/SKILL.md`. */
function identified(
  files: readonly KnownFile[],
  entries: readonly ReadEntry[],
  roles: ReadonlyMap<number, Pick<CatalogEntry, "role" | "fallbacks">>,
): CatalogEntry[] {
  const taken = new Set<string>();
  return files
    .filter(({ document }) => document >= 0)
    .map(({ kind, plugin, place, path, document }) => {
      const base = `${kind}:${plugin}/${place}`;
      let id = taken.has(base) ? `${kind}:${path.replace(/\.md$/i, "")}` : base;
      for (let number = 2; taken.has(id); number++) id = `${base}~${number}`;
      taken.add(id);
      return { id, ...(entries[document] as ReadEntry), ...roles.get(document) }; // as many as there are documents
    });
}
