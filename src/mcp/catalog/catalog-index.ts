// All entries of the catalog, and the search over them: files of the roots, and tools of the connected servers.
import { open, readFile, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { BanyanError } from "../../supervision/errors.js";
import type { CatalogEntry, Diagnosis, EntryKind } from "./entry.js";
import { findFiles } from "./reading/find-files.js";
import { readEntry } from "./reading/read-entry.js";
import { type Role, readRegistries } from "./reading/registry.js";

export interface IndexOptions {
  /** The folders that hold `plugins/`, `.claude/` and agent-registry.yml; absolute. */
  readonly roots: readonly string[];
  /** Where the index is kept; made if need be. */
  readonly folder: string;
}

export interface Filter {
  readonly kinds?: readonly EntryKind[];
  /** As its folder is called; the case does not matter. */
  readonly plugin?: string;
  /** `opus` finds opus and `claude-opus-4-1`. */
  readonly model?: string;
}
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
}

export interface CatalogIndex {
  /** The best first; each near-duplicate once. */
  search(query: IndexQuery): Hit[];
  /** The primary of the role, then its fallbacks; empty if no registry names the role. The way it is written does not matter. */
  byRole(role: string, filter?: Filter): CatalogEntry[];
  /** Those with exactly this tag first (score 1), then those that come near. */
  byCapability(capability: string, options: Filter & { readonly limit: number }): Hit[];
  entry(id: string): CatalogEntry | undefined;
  /** The text of the entry's file, read now. Rejects with `unknown_entry` for one that is not there, and for a tool with its description. */
  text(id: string): Promise<string>;
  /** Names that come nearest to a word, for an answer that found nothing. */
  nearest(text: string, options: Filter & { readonly limit: number }): string[];
  readonly size: number;
  readonly counts: Readonly<Record<EntryKind, number>>;
  readonly roles: readonly string[];
  readonly diagnoses: readonly Diagnosis[];
  /** Tools of connected servers, all of them; only those that differ are worked on. */
  setTools(entries: readonly CatalogEntry[]): void;
  /** Reads what changed. One at a time: who asks meanwhile gets the next. */
  rebuild(): Promise<Rebuilt>;
  /** Rebuilds soon after something changed in the roots, and tells. Answers with what ends it. */
  watch(changed: (rebuilt: Rebuilt) => void): Promise<() => Promise<void>>;
}

/** Resolves when it can be searched: at once from what was kept, else when it is built. */
export async function openIndex(options: IndexOptions): Promise<CatalogIndex> {
  const index = new SimpleIndex(options);
  await index.rebuild();
  return index;
}

class SimpleIndex implements CatalogIndex {
  private files: { entry: CatalogEntry; words: Set<string>; root: string }[] = [];
  private tools: { entry: CatalogEntry; words: Set<string> }[] = [];
  private registry: readonly Role[] = [];
  diagnoses: readonly Diagnosis[] = [];

  constructor(private readonly options: IndexOptions) {}

  private get all() {
    return [...this.files, ...this.tools];
  }

  search({ text, limit, ...filter }: IndexQuery): Hit[] {
    const asked = [...wordsOf(text)];
    return this.all
      .filter(({ entry }) => passes(entry, filter))
      .map(({ entry, words }) => ({ entry, matched: asked.filter((word) => words.has(word)), alternates: [] }))
      .map((hit) => ({ ...hit, score: hit.matched.length / Math.max(1, asked.length) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  }

  byRole(role: string, filter: Filter = {}): CatalogEntry[] {
    const found = this.registry.find((each) => plain(each.role) === plain(role));
    const entries = found?.agents.map((name) => this.all.find(({ entry }) => entry.name === name)?.entry) ?? [];
    return entries.filter((entry) => entry !== undefined).filter((entry) => passes(entry, filter));
  }

  byCapability(capability: string, { limit, ...filter }: Filter & { limit: number }): Hit[] {
    const exact = this.all
      .filter(
        ({ entry }) => passes(entry, filter) && entry.capabilities.some((tag) => plain(tag) === plain(capability)),
      )
      .map(({ entry }) => ({ entry, score: 1, matched: [capability], alternates: [] }));
    const rest = this.search({ text: capability, limit: limit + exact.length, ...filter });
    return [...exact, ...rest.filter(({ entry }) => !exact.some((hit) => hit.entry === entry))].slice(0, limit);
  }

  nearest(_text: string, { limit, ...filter }: Filter & { limit: number }): string[] {
    return this.all
      .filter(({ entry }) => passes(entry, filter))
      .map(({ entry }) => entry.name)
      .slice(0, limit);
  }

  entry(id: string): CatalogEntry | undefined {
    return this.all.find(({ entry }) => entry.id === id)?.entry;
  }

  async text(id: string): Promise<string> {
    const file = this.files.find(({ entry }) => entry.id === id);
    if (file?.entry.path === undefined) throw new BanyanError("unknown_entry", `There is no ${id} in the catalog.`);
    const [root, path] = await Promise.all([realpath(file.root), realpath(join(file.root, file.entry.path))]);
    if (!path.startsWith(root + sep)) throw new BanyanError("unknown_entry", `The file of ${id} lies elsewhere.`);
    const handle = await open(path);
    try {
      return await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  }

  get size(): number {
    return this.files.length + this.tools.length;
  }

  get counts(): Record<EntryKind, number> {
    const counts = { agent: 0, skill: 0, workflow: 0, tool: 0 };
    for (const { entry } of this.all) counts[entry.kind]++;
    return counts;
  }

  get roles(): readonly string[] {
    return this.registry.map(({ role }) => role);
  }

  setTools(entries: readonly CatalogEntry[]): void {
    this.tools = entries.map((entry) => ({ entry, words: wordsOf(`${entry.name} ${entry.description}`) }));
  }

  async rebuild(): Promise<Rebuilt> {
    const started = performance.now();
    const files: typeof this.files = [];
    const diagnoses: Diagnosis[] = [];
    const roles: Role[] = [];
    for (const root of this.options.roots) {
      const found = await findFiles(root);
      const registry = await readRegistries(root);
      diagnoses.push(...found.diagnoses, ...registry.diagnoses);
      roles.push(...registry.roles);
      for (const file of found.files) {
        const read = readEntry(file, await readFile(join(root, file.path), "utf8"));
        diagnoses.push(...read.diagnoses);
        if (read.entry === undefined) continue;
        const entry = { id: `${file.kind}:${file.plugin}/${file.place}`, ...read.entry };
        files.push({ entry, words: wordsOf(`${entry.name} ${entry.description} ${read.body}`), root });
      }
    }
    this.files = files;
    this.registry = roles;
    this.diagnoses = diagnoses;
    return { entries: this.size, read: files.length, gone: 0, ms: performance.now() - started };
  }

  async watch(): Promise<() => Promise<void>> {
    return async () => {};
  }
}

function passes(entry: CatalogEntry, { kinds, plugin, model }: Filter): boolean {
  if (kinds !== undefined && !kinds.includes(entry.kind)) return false;
  if (plugin !== undefined && entry.plugin.toLowerCase() !== plugin.toLowerCase()) return false;
  return model === undefined || (entry.model ?? "").toLowerCase().includes(model.toLowerCase());
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu));
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
