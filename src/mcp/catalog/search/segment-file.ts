// The tables of a segment with the names they have in a file.
import type { Diagnosis } from "../entry.js";
import type { Packable, Packed } from "./packed.js";
import { Segment } from "./segment.js";
import type { Tables } from "./tables.js";

/** What goes with the tables of files. */
export interface IndexMeta {
  readonly fingerprint: string;
  /** For each of the roots the number of its first document. */
  readonly firsts: readonly number[];
  /** The primary's document first. */
  readonly roles: readonly { readonly role: string; readonly documents: readonly number[] }[];
  readonly diagnoses: readonly Diagnosis[];
}

export function flatTables(tables: Tables): Record<string, Packable> {
  const flat: Record<string, Packable> = {};
  for (const [name, table] of Object.entries(tables) as [string, Packable | Tables["words"]][])
    if ("bytes" in table) [flat[`${name}.bytes`], flat[`${name}.starts`]] = [table.bytes, table.starts];
    else flat[name] = table;
  return flat;
}

/** Of what `flatTables` made, which is one with the version of the file. */
export function segmentOf({ arrays }: Packed): Segment {
  const tables: Record<string, unknown> = {};
  for (const [name, array] of Object.entries(arrays)) {
    const [table = "", part] = name.split(".");
    if (part === undefined) tables[name] = array;
    else tables[table] = { ...(tables[table] as object), [part]: array };
  }
  return new Segment(tables as unknown as Tables);
}
