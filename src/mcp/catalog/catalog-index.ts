// All entries of the catalog, and the search over them: files of the roots, and tools of the connected servers.
import { BanyanError } from "../../supervision/errors.js";
import { type CatalogEntry, type Diagnosis, type EntryKind, entryKinds } from "./entry.js";
import { lookAround } from "./reading/look-around.js";
import { readUnder } from "./reading/read-under.js";
import { watchRoots } from "./reading/watch-roots.js";
import { buildInThread } from "./search/build-thread.js";
import { confidence } from "./search/confidence.js";
import { Vocabulary } from "./search/document.js";
import { indexFile, readIndexFile } from "./search/index-file.js";
import { type Packed, unpack } from "./search/packed.js";
import type { Ranked } from "./search/ranking.js";
import { type Answer, type Filter, passing, Searcher } from "./search/searcher.js";
import { Segment } from "./search/segment.js";
import { type IndexMeta, segmentOf } from "./search/segment-file.js";
import { synonyms } from "./search/synonym-table.js";
import { plainTag, tablesOf } from "./search/tables.js";
import { ToolSegment } from "./search/tool-segment.js";

export interface IndexOptions {
  /** The folders that hold `plugins/`, `.claude/` and agent-registry.yml; absolute. */
  readonly roots: readonly string[];
  /** Where the index is kept; made if need be. */
  readonly folder: string;
}

export type { Filter };
export interface IndexQuery extends Filter {
  readonly text: string;
  /** More words for the same thing, that count less. */
  readonly expand?: readonly string[];
  readonly limit: number;
}

export interface Hit {
  readonly entry: CatalogEntry;
  /** Between 0 and 1: how likely it is what was meant. */
  readonly score: number;
  /** The words of the query it was found by. */
  readonly matched: readonly string[];
  /** Ids of near-duplicates that stand for the same. */
  readonly alternates: readonly string[];
}

/** What a rebuild did. */
export interface Rebuilt {
  readonly entries: number;
  /** Files that were read, since they are new or changed. */
  readonly read: number;
  /** Files that are gone. */
  readonly gone: number;
  readonly ms: number;
  /** Why all had to be read again, if the kept index could not be used. */
  readonly damaged?: string;
  /** Why the new one could not be kept. */
  readonly unsaved?: string;
}

export interface CatalogIndex {
  /** The best first; each near-duplicate once. */
  search(query: IndexQuery): Hit[];
  /** The primary of the role, then its fallbacks; empty if no registry names the role. The way it is written does not matter. */
  byRole(role: string, filter?: Filter): CatalogEntry[];
  /** Those with exactly this tag first (score 1), then those that come near. */
  byCapability(capability: string, options: Filter & { readonly limit: number }): Hit[];
  entry(id: string): CatalogEntry | undefined;
  /** Those of files in the order of their ids, then the tools. */
  entries(filter?: Filter): Iterable<CatalogEntry>;
  /** The text of the entry's file, read now. Rejects with `unknown_entry` for one that is not there, and for a tool with its description. */
  text(id: string): Promise<string>;
  /** Names that come nearest to a word, for an answer that found nothing. */
  nearest(text: string, options: Filter & { readonly limit: number }): string[];
  readonly size: number;
  readonly counts: Readonly<Record<EntryKind, number>>;
  readonly roles: readonly string[];
  readonly diagnoses: readonly Diagnosis[];
  /** What the last rebuild did, that at the opening too; absent while the kept index is as it was. */
  readonly last: Rebuilt | undefined;
  /** Tools of connected servers, all of them; only those that differ are worked on. */
  setTools(entries: readonly CatalogEntry[]): void;
  /** Reads what changed. One at a time: who asks meanwhile gets the next. */
  rebuild(): Promise<Rebuilt>;
  /** Rebuilds soon after something changed in the roots, and tells. Answers with what ends it. */
  watch(changed: (rebuilt: Rebuilt) => void, failed: (error: unknown) => void): Promise<() => Promise<void>>;
}

/** Resolves when it can be searched: at once from what was kept, else when it is built. What changed since is read by `rebuild`. */
export async function openIndex(options: IndexOptions): Promise<CatalogIndex> {
  synonyms(); // read now, not while the first question waits
  const kept = await readIndexFile(indexFile(options.folder, options.roots), "search");
  const usable = kept !== undefined && !("damaged" in kept) ? kept : undefined;
  const index = new FileIndex(options, usable);
  if (usable === undefined) await index.rebuild();
  return index;
}

const nothing = tablesOf(new Vocabulary(), [], []);

class FileIndex implements CatalogIndex {
  private files = new Segment(nothing);
  private meta: IndexMeta = { fingerprint: "", firsts: [], roles: [], diagnoses: [] };
  private readonly tools = new ToolSegment();
  private searcher = new Searcher([]);
  last: Rebuilt | undefined;
  private building: Promise<Rebuilt> | undefined;
  private next: Promise<Rebuilt> | undefined;

  constructor(
    private readonly options: IndexOptions,
    kept: Packed | undefined,
  ) {
    if (kept !== undefined) this.take(kept);
  }

  search({ text, expand = [], limit, ...filter }: IndexQuery): Hit[] {
    const answer = this.searcher.search(text, expand, filter, limit);
    return answer.ranked.map((ranked) => this.hit(ranked, answer, filter));
  }

  byRole(role: string, filter: Filter = {}): CatalogEntry[] {
    const found = this.meta.roles.find((each) => plainTag(each.role) === plainTag(role));
    const passes = passing(this.files, filter);
    return (found?.documents ?? []).filter(passes).map((document) => this.files.entry(document));
  }

  byCapability(capability: string, { limit, ...filter }: Filter & { readonly limit: number }): Hit[] {
    const found = this.search({ text: capability, limit: limit + 20, ...filter });
    const exact = this.searcher.segments.flatMap((segment) =>
      Array.from(segment.tagged(capability).filter(passing(segment, filter)), (document) => segment.entry(document)),
    );
    const ids = new Set(exact.map(({ id }) => id));
    const place = new Map(found.map(({ entry }, at) => [entry.id, at]));
    const ordered = exact.sort((a, b) => (place.get(a.id) ?? limit + 20) - (place.get(b.id) ?? limit + 20));
    const hits = ordered.map((entry) => ({ entry, score: 1, matched: [capability], alternates: [] }));
    return [...hits, ...found.filter(({ entry }) => !ids.has(entry.id))].slice(0, limit);
  }

  nearest(text: string, { limit, ...filter }: Filter & { readonly limit: number }): string[] {
    const near = this.searcher.near(text);
    const { ranked } = this.searcher.search(near.join(" "), [], filter, limit);
    return [...new Set(ranked.map(({ segment, document }) => segment.entry(document).name))];
  }

  entry(id: string): CatalogEntry | undefined {
    const segment = this.searcher.segments.find((each) => each.find(id) >= 0);
    return segment?.entry(segment.find(id));
  }

  *entries(filter: Filter = {}): Generator<CatalogEntry> {
    for (const segment of this.searcher.segments) {
      const passes = passing(segment, filter);
      for (const document of segment.tables.byId) if (passes(document)) yield segment.entry(document);
    }
  }

  async text(id: string): Promise<string> {
    const document = this.files.find(id);
    if (document < 0) {
      const tool = this.entry(id);
      if (tool === undefined) throw new BanyanError("unknown_entry", `There is no ${id} in the catalog.`);
      return tool.description;
    }
    const root = this.options.roots[this.meta.firsts.findLastIndex((first) => first <= document)];
    const text = await readUnder(root ?? "", this.files.entry(document).path ?? "");
    if (text === undefined) throw new BanyanError("unknown_entry", `The file of ${id} is not there any more.`);
    return text;
  }

  get size(): number {
    return this.files.size + this.tools.segment.size;
  }

  get counts(): Record<EntryKind, number> {
    const counts = { agent: 0, skill: 0, workflow: 0, tool: 0 };
    for (const { tables } of this.searcher.segments)
      for (const kind of tables.kinds) counts[entryKinds[kind] ?? "tool"]++;
    return counts;
  }

  get roles(): readonly string[] {
    return this.meta.roles.map(({ role }) => role);
  }

  get diagnoses(): readonly Diagnosis[] {
    return this.meta.diagnoses;
  }

  setTools(entries: readonly CatalogEntry[]): void {
    this.tools.set(entries);
    this.searcher = new Searcher([this.files, this.tools.segment]);
  }

  rebuild(): Promise<Rebuilt> {
    if (this.building === undefined) {
      this.building = this.rebuildNow().finally(() => {
        this.building = undefined;
      });
      return this.building;
    }
    // What changes while one reads may be seen by the next alone.
    this.next ??= this.building.then(
      () => this.again(),
      () => this.again(),
    );
    return this.next;
  }

  private again(): Promise<Rebuilt> {
    this.next = undefined;
    return this.rebuild();
  }

  private async rebuildNow(): Promise<Rebuilt> {
    const started = performance.now();
    const { fingerprint, empty } = await lookAround(this.options.roots);
    const done = { read: 0, gone: 0 };
    if (fingerprint === this.meta.fingerprint || (empty && this.files.size === 0))
      return { entries: this.size, ...done, ms: performance.now() - started };
    const { search, ...built } = await buildInThread(this.options);
    this.take(unpack(search));
    this.last = { entries: this.size, ...built, ms: performance.now() - started };
    return this.last;
  }

  private take(packed: Packed): void {
    this.files = segmentOf(packed);
    this.meta = packed.meta as IndexMeta; // as build.ts wrote it
    this.searcher = new Searcher([this.files, this.tools.segment]);
  }

  watch(changed: (rebuilt: Rebuilt) => void, failed: (error: unknown) => void): Promise<() => Promise<void>> {
    return watchRoots(this.options.roots, () => this.rebuild().then(changed, failed));
  }

  private hit({ segment, document, rank, found }: Ranked, { concepts, ideal, ranked }: Answer, filter: Filter): Hit {
    const entry = segment.entry(document);
    const alike = segment.alike(document).filter(passing(segment, filter));
    return {
      entry,
      score: confidence(rank, ranked[0]?.rank ?? rank, ideal),
      matched: concepts.filter((_, at) => found & (1 << at)).map(({ word }) => word),
      alternates: Array.from(alike, (other) => segment.entry(other).id),
    };
  }
}
