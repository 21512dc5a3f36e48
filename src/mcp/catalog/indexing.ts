// The index as the Catalog uses it: opened once, by whoever asks first; read again when files change, by the clock and on demand.
// Until it is there whoever needs it waits; if it cannot be opened they are told, and the next to ask tries again.
import { BanyanError, messageOf } from "../../supervision/index.js";
import { CatalogError } from "./catalog-error.js";
import type { CatalogIndex, Rebuilt } from "./catalog-index.js";
import type { CatalogEntry } from "./entry.js";

export interface IndexingOptions {
  readonly roots: readonly string[];
  readonly folder: string;
  /** Sees changes of the files as they happen. */
  readonly watch: boolean;
  readonly signal: AbortSignal;
  tools(): Promise<readonly CatalogEntry[]>;
  /** There are other entries than before, of files if `read`, else of tools. */
  changed(index: CatalogIndex, read: FilesRead | undefined): void;
  /** It could not be opened, or (undefined) has been. */
  trouble(why: string | undefined): void;
}

export type FilesRead = Pick<Rebuilt, "ms" | "damaged" | "unsaved">;

export class Indexing {
  /** What can be searched at once. */
  now: CatalogIndex | undefined;
  private opening: Promise<CatalogIndex> | undefined;
  /** The tools of the servers have not been taken yet for the first time. */
  private tooled: Promise<CatalogIndex> | undefined;

  constructor(private readonly options: IndexingOptions) {}

  /** The index, at once if it is open; `withTools`: with what the servers had when it was opened. */
  ready(withTools: boolean): CatalogIndex | Promise<CatalogIndex> {
    if (this.now === undefined) return withTools ? this.opened().then(() => this.ready(true)) : this.opened();
    return (withTools ? this.tooled : undefined) ?? this.now;
  }

  opened(): Promise<CatalogIndex> {
    this.opening ??= this.open();
    return this.opening;
  }

  /** Reads what changed; rejects as {@link opened}. */
  async rebuild(): Promise<Rebuilt> {
    const index = await this.opened();
    const rebuilt = await index.rebuild();
    this.options.changed(index, rebuilt);
    return rebuilt;
  }

  /** The tools of the servers are others than before; nothing to do for an index that nobody has asked for. */
  async takeTools(): Promise<void> {
    const index = await this.opening;
    if (index === undefined) return;
    index.setTools(await this.options.tools());
    this.options.changed(index, undefined);
  }

  private async open(): Promise<CatalogIndex> {
    const { roots, folder, trouble } = this.options;
    const started = performance.now();
    try {
      const { openIndex } = await import("./catalog-index.js"); // the engine is of no use before the first question
      const index = await openIndex({ roots, folder });
      // Who asks once wants what is there now; whoever stays is told what has changed since the last time.
      if (!this.options.watch && index.last === undefined) await index.rebuild();
      this.now = index;
      trouble(undefined);
      this.options.changed(index, index.last ?? { ms: performance.now() - started });
      this.tooled = this.firstTools(index);
      if (this.options.watch) void this.watch(index);
      return index;
    } catch (error) {
      this.opening = undefined;
      if (!(error instanceof BanyanError) && !isOfFiles(error)) throw error;
      trouble(`the catalog could not be read (${messageOf(error)})`);
      throw new CatalogError("no_index", `The catalog could not be read: ${messageOf(error)}`);
    }
  }

  /** While the servers cannot be asked there are none. */
  private async firstTools(index: CatalogIndex): Promise<CatalogIndex> {
    try {
      index.setTools(await this.options.tools());
      this.options.changed(index, undefined);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
    } finally {
      this.tooled = undefined;
    }
    return index;
  }

  /** From now on, and once now; what cannot be watched is seen at the next hour. */
  private async watch(index: CatalogIndex): Promise<void> {
    const { signal, changed, trouble } = this.options;
    try {
      const end = await index.watch(
        (rebuilt) => {
          trouble(undefined);
          changed(index, rebuilt);
        },
        (error) => trouble(`the catalog could not be read again (${messageOf(error)})`),
      );
      if (signal.aborted) await end();
      else signal.addEventListener("abort", () => void end(), { once: true });
      const rebuilt = await index.rebuild();
      if (rebuilt.read + rebuilt.gone > 0) changed(index, rebuilt);
    } catch (error) {
      if (!signal.aborted) trouble(`changes of the catalog's files are not seen as they happen (${messageOf(error)})`);
    }
  }
}

/** An error of the operating system, and so nobody's mistake in the program. */
function isOfFiles(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
