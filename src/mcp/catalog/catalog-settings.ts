// Where the catalog reads and for how long it keeps what, as the settings say.
import { join, resolve } from "node:path";
import type { Settings } from "../../actors/config/schema.js";
import type { Paths } from "../../actors/paths.js";

export interface CatalogSettings {
  /** Without it no question is answered. */
  readonly enabled: boolean;
  /** Absolute folders, the first the most important. */
  readonly roots: readonly string[];
  /** Where the index is kept. */
  readonly folder: string;
  readonly cacheTtlMs: number;
  readonly reindexMs: number;
  readonly maxLogRows: number;
}

export function catalogSettings(
  { catalog }: Settings,
  { data }: Pick<Paths, "data">,
  project: string,
): CatalogSettings {
  const { enabled, roots, cache_ttl, reindex_interval, max_log_rows } = catalog;
  return {
    enabled,
    roots: roots.map((root) => resolve(project, root)),
    folder: join(data, "catalog"),
    cacheTtlMs: cache_ttl,
    reindexMs: reindex_interval,
    maxLogRows: max_log_rows,
  };
}
