// The ResourceCache: what resources said when they were last read, bounded in bytes, in number and in age, and forgotten when
// their server says that they changed; it is asked to say so. All who want the same resource at the same time wait for one reading.
// Permanent; nothing is lost with it but time.
//
// A reading that began before a change is given to those who waited for it then, and not kept; who comes after the change is
// given one that began after it, too.
import { LRUCache } from "lru-cache";
import { again } from "../../actors/again.js";
import { announce } from "../../actors/telemetry/happenings.js";
import { type From, GenServer, type NoReply, noReply, type Ref, send } from "../../supervision/index.js";
import type { ResourceContents } from "./mcp-types.js";
import { optional } from "./sdk-shapes.js";
import type { ServerManager } from "./server-manager.js";
import type { CallerOptions } from "./tool-work.js";

export interface ResourceCacheOptions {
  readonly servers: Ref<Pick<ServerManager, "wrapperOf">>;
  /** Default 32 MB, counted as UTF-16 text. */
  readonly maxBytes?: number;
  /** Default 500. */
  readonly maxEntries?: number;
  /** Default five minutes. */
  readonly maxAgeMs?: number;
}

export interface ResourceCacheStats {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  /** Pushed out by newer ones, or too old. */
  readonly evicted: number;
  readonly invalidated: number;
  /** False: nothing is kept now. */
  readonly enabled: boolean;
}

/** One resource that is kept. */
export interface CachedResource {
  readonly server: string;
  readonly uri: string;
  readonly bytes: number;
  /** Milliseconds since it was read. */
  readonly ageMs: number;
  /** Milliseconds until it is too old. */
  readonly leftMs: number;
  /** How often it was given out since. */
  readonly hits: number;
}

type Contents = readonly ResourceContents[];

interface Entry {
  readonly server: string;
  readonly uri: string;
  readonly contents: Contents;
  hits: number;
}

/** One reading of one resource, and who waits for it. */
interface Reading {
  readonly server: string;
  readonly uri: string;
  readonly waiting: From<Contents>[];
  /** It has changed since the reading began. */
  stale: boolean;
}

/** How a reading ended. */
type Outcome = { readonly reading: Reading } & ({ readonly contents: Contents } | { readonly error: unknown });

const FOREVER = Number.POSITIVE_INFINITY;

export class ResourceCache extends GenServer<ResourceCacheOptions, ResourceCacheStats> {
  private servers!: ResourceCacheOptions["servers"]; // set by init
  private cache!: LRUCache<string, Entry>; // set by init
  /** Those that are under way and not stale. */
  private readonly readings = new Map<string, Reading>();
  private hits = 0;
  private misses = 0;
  private evicted = 0;
  private invalidated = 0;
  private enabled = true;

  protected override init(options: ResourceCacheOptions): void {
    const { servers, maxBytes = 33_554_432, maxEntries = 500, maxAgeMs = 300_000 } = options;
    this.servers = this.use(servers);
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

  /** What the resource says. The server watches how long that may take; give the call itself more. Fails as the server's wrapper does.
   * What the server asks while it is read, it asks the first of those who wait for it. */
  read(server: string, uri: string, reader?: CallerOptions): Contents | NoReply {
    const key = keyOf(server, uri);
    const entry = this.cache.get(key);
    if (entry === undefined) this.misses++;
    else {
      this.hits++;
      entry.hits++;
    }
    announce({ type: "cache", cache: "resources", outcome: entry === undefined ? "miss" : "hit" });
    this.show();
    if (entry !== undefined) return entry.contents;
    const under = this.readings.get(key);
    if (under !== undefined) under.waiting.push(this.from());
    else this.begin({ server, uri, waiting: [this.from()], stale: false }, reader);
    return noReply;
  }

  /** Forgets one resource, or without `uri` all of the server's. */
  invalidate(server: string, uri?: string): void {
    for (const [key, reading] of this.readings) {
      if (reading.server !== server || (uri !== undefined && reading.uri !== uri)) continue;
      reading.stale = true;
      this.readings.delete(key);
    }
    for (const key of uri === undefined ? this.keysOf(server) : [keyOf(server, uri)]) {
      if (this.cache.delete(key)) this.invalidated++;
    }
    this.show();
  }

  /** Forgets everything; answers how many resources that were. */
  clear(): number {
    const entries = this.cache.size;
    for (const reading of this.readings.values()) reading.stale = true;
    this.readings.clear();
    this.cache.clear();
    this.invalidated += entries;
    this.show();
    return entries;
  }

  /** From now on what is read is kept, or is not and what was is forgotten; until this process starts again. */
  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    if (!enabled) this.clear();
    this.show();
  }

  stats(): ResourceCacheStats {
    return this.state;
  }

  /** What is kept, the latest used first. */
  entries(): readonly CachedResource[] {
    return Array.from(this.cache.entries(), ([key, { server, uri, contents, hits }]) => {
      const leftMs = Math.max(0, Math.round(this.cache.getRemainingTTL(key)));
      return { server, uri, bytes: sizeOf(contents), ageMs: Math.max(0, this.cache.ttl - leftMs), leftMs, hits };
    });
  }

  protected override handleInfo(outcome: Outcome): void {
    const { reading } = outcome;
    const { server, uri, waiting, stale } = reading;
    if (!stale) this.readings.delete(keyOf(server, uri));
    if ("error" in outcome) {
      for (const from of waiting) from.fail(outcome.error);
      return;
    }
    // One larger than the whole cache is not kept.
    if (!stale && this.enabled)
      this.cache.set(keyOf(server, uri), { server, uri, contents: outcome.contents, hits: 0 });
    for (const from of waiting) from.reply(outcome.contents);
    this.show();
  }

  /** Beside the mailbox: however long a server takes, others are answered. */
  private begin(reading: Reading, reader: CallerOptions | undefined): void {
    const { server, uri } = reading;
    this.readings.set(keyOf(server, uri), reading);
    const self = this.self();
    this.ask(server, uri, reader).then(
      (contents) => send(self, { reading, contents } satisfies Outcome),
      (error: unknown) => send(self, { reading, error } satisfies Outcome),
    );
  }

  private async ask(server: string, uri: string, reader: CallerOptions | undefined): Promise<Contents> {
    const wrapper = await again(() => this.servers.with({ timeout: FOREVER }).call.wrapperOf(server));
    return this.use(wrapper)
      .with({ timeout: FOREVER })
      .call.readResource(uri, { watch: true, ...optional({ reader }) });
  }

  private keysOf(server: string): string[] {
    return [...this.cache.entries()].filter(([, entry]) => entry.server === server).map(([key]) => key);
  }

  private show(): void {
    const { hits, misses, evicted, invalidated, enabled } = this;
    this.state = {
      entries: this.cache.size,
      bytes: this.cache.calculatedSize,
      hits,
      misses,
      evicted,
      invalidated,
      enabled,
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
