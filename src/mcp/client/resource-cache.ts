// The ResourceCache: what resources said when they were last read, bounded in bytes, in number and in age, and forgotten when
// their server says that they changed. Permanent; nothing is lost with it but time.
//
// A reading that began before a change must not be put in after it: `get` answers a miss with a `since`, which `put` gives
// back, and a change in between makes the put void.
import { LRUCache } from "lru-cache";
import { announce } from "../../actors/telemetry/happenings.js";
import { GenServer } from "../../supervision/index.js";
import type { ResourceContents } from "./mcp-types.js";

export interface ResourceCacheOptions {
  /** Default 32 MB, counted as UTF-16 text. */
  readonly maxBytes?: number;
  /** Default 500. */
  readonly maxEntries?: number;
  /** Default five minutes. */
  readonly maxAgeMs?: number;
}

export type CacheLookup =
  | { readonly hit: true; readonly contents: readonly ResourceContents[] }
  | { readonly hit: false; readonly since: number };

export interface ResourceCacheStats {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  /** Pushed out by newer ones, or too old. */
  readonly evicted: number;
  readonly invalidated: number;
}

interface Entry {
  readonly server: string;
  readonly contents: readonly ResourceContents[];
}

export class ResourceCache extends GenServer<ResourceCacheOptions | undefined, ResourceCacheStats> {
  private cache!: LRUCache<string, Entry>; // set by init
  /** Counts changes; the last one of each server. */
  private changes = 0;
  private readonly changedAt = new Map<string, number>();
  private hits = 0;
  private misses = 0;
  private evicted = 0;
  private invalidated = 0;

  protected override init(options: ResourceCacheOptions = {}): void {
    const { maxBytes = 33_554_432, maxEntries = 500, maxAgeMs = 300_000 } = options;
    this.cache = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      ttl: maxAgeMs,
      sizeCalculation: ({ contents }) => sizeOf(contents),
      dispose: (_entry, _key, reason) => {
        if (reason === "evict" || reason === "expire") this.evicted++;
      },
    });
    this.show();
  }

  get(server: string, uri: string): CacheLookup {
    const entry = this.cache.get(keyOf(server, uri));
    if (entry === undefined) this.misses++;
    else this.hits++;
    announce({ type: "cache", cache: "resources", outcome: entry === undefined ? "miss" : "hit" });
    this.show();
    return entry === undefined ? { hit: false, since: this.changes } : { hit: true, contents: entry.contents };
  }

  /** Keeps what was read after the miss that gave `since`; one larger than the whole cache is not kept. */
  put(server: string, uri: string, contents: readonly ResourceContents[], since: number): void {
    if ((this.changedAt.get(server) ?? 0) > since) return;
    this.cache.set(keyOf(server, uri), { server, contents });
    this.show();
  }

  /** Forgets one resource, or without `uri` all of the server's. */
  invalidate(server: string, uri?: string): void {
    this.changedAt.set(server, ++this.changes);
    for (const key of uri === undefined ? this.keysOf(server) : [keyOf(server, uri)]) {
      if (this.cache.delete(key)) this.invalidated++;
    }
    this.show();
  }

  stats(): ResourceCacheStats {
    return this.state;
  }

  private keysOf(server: string): string[] {
    return [...this.cache.entries()].filter(([, entry]) => entry.server === server).map(([key]) => key);
  }

  private show(): void {
    const { hits, misses, evicted, invalidated } = this;
    this.state = {
      entries: this.cache.size,
      bytes: this.cache.calculatedSize,
      hits,
      misses,
      evicted,
      invalidated,
    };
  }
}

function keyOf(server: string, uri: string): string {
  return `${server} ${uri}`; // a server's name has no space
}

function sizeOf(contents: readonly ResourceContents[]): number {
  let size = 64;
  for (const part of contents) size += 2 * ("text" in part ? part.text.length : part.blob.length);
  return size;
}
