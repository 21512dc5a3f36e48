// The tools of connected servers: few, and often other ones, so they are an index of their own beside that of the files.
import { isDeepStrictEqual } from "node:util";
import type { CatalogEntry } from "../entry.js";
import { type Document, Reader, Vocabulary } from "./document.js";
import { Segment } from "./segment.js";
import { tablesOf } from "./tables.js";

export class ToolSegment {
  segment = new Segment(tablesOf(new Vocabulary(), [], []));
  private readonly vocabulary = new Vocabulary();
  private readonly reader = new Reader(this.vocabulary);
  private known = new Map<string, { entry: CatalogEntry; document: Document }>();

  /** All tools there are; only those that differ are read. */
  set(entries: readonly CatalogEntry[]): void {
    const next = new Map<string, { entry: CatalogEntry; document: Document }>();
    for (const entry of entries) {
      const known = this.known.get(entry.id);
      const same = known !== undefined && isDeepStrictEqual(known.entry, entry);
      next.set(entry.id, same ? known : { entry, document: this.reader.document(entry, "") });
    }
    this.known = next;
    const all = [...next.values()];
    this.segment = new Segment(
      tablesOf(
        this.vocabulary,
        all.map(({ entry }) => entry),
        all.map(({ document }) => document),
      ),
    );
  }
}
