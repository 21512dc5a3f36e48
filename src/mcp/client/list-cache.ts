// What servers offered when they were last asked, kept in the Store, so that a lazy server's tools are known before it is started.
// An entry is bound to what is started (the command, its arguments and folder, and the files among these as they stand) and to
// this version of Banyan: changed, it is another program, of which nothing is known. A list that cannot be read or written is
// no more than a list that is not known.
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { again } from "../../actors/again.js";
import { type Store, StoreError } from "../../actors/store/store.js";
import { CallError, type Ref } from "../../supervision/index.js";
import type { ServerConfig } from "./server-config.js";
import { type ListKind, listKinds, noLists, type ServerLists } from "./server-lists.js";

/** A list of more bytes, as JSON, is not kept. */
const LONGEST = 8_388_608;
/** What was started last longer ago than this, under other settings, is forgotten. */
const KEPT_MS = 30 * 86_400_000;
/** A program or a script: no option, and more than a word. */
const MAY_BE_A_FILE = /^[^-].*[./\\]/;

export class ListCache {
  constructor(
    /** Bound to the process that asks. */
    private readonly store: Ref<Store>,
    private readonly version: string,
  ) {}

  /** The lists of those of the servers whose tools are known, by origin. */
  async load(origins: readonly string[]): Promise<ReadonlyMap<string, ServerLists>> {
    const sql = "SELECT origin, kind, items FROM server_lists WHERE origin IN (SELECT value FROM json_each(?))";
    const params = [JSON.stringify(origins)];
    const found = new Map<string, Partial<ServerLists>>();
    for (const { origin, kind, items } of await this.rows({ sql, params })) {
      if (typeof origin !== "string" || !isKind(kind) || typeof items !== "string") continue;
      found.set(origin, { ...found.get(origin), [kind]: JSON.parse(items) as unknown }); // `save` has written it
    }
    const known = [...found].filter(([, lists]) => lists.tools !== undefined);
    return new Map(known.map(([origin, lists]) => [origin, { ...noLists, ...lists }]));
  }

  /** Keeps those of the lists that are others than before. Nobody waits for it. `origin`: as it was when it was started. */
  save(server: string, origin: string, lists: ServerLists, before: ServerLists | undefined): void {
    const now = Date.now();
    for (const kind of listKinds) {
      if (lists[kind] === before?.[kind]) continue;
      const items = JSON.stringify(lists[kind]);
      // Most servers have nothing but tools; what has no row is empty.
      const isKept = items.length <= LONGEST && (kind === "tools" || lists[kind].length > 0);
      if (!isKept)
        this.store.cast.append({
          sql: "DELETE FROM server_lists WHERE origin = ? AND kind = ?",
          params: [origin, kind],
        });
      else
        this.store.cast.append({
          sql: "INSERT OR REPLACE INTO server_lists (origin, kind, server, items, updated_at) VALUES (?, ?, ?, ?, ?)",
          params: [origin, kind, server, items, now],
        });
    }
    this.store.cast.append({
      sql: "DELETE FROM server_lists WHERE server = ? AND origin <> ? AND updated_at < ?",
      params: [server, origin, now - KEPT_MS],
    });
  }

  private async rows(statement: { sql: string; params: string[] }) {
    try {
      return await again(() => this.store.call.all(statement));
    } catch (error) {
      if (error instanceof StoreError || error instanceof CallError) return [];
      throw error;
    }
  }

  /** What the server is as it would be reached now. A hash, for arguments and headers may hold secrets. */
  originOf({ name, command, args, cwd, url, headers, allow, deny, version }: ServerConfig): string {
    if (version !== undefined) return hash([this.version, name, version, allow, deny]);
    const words = command === undefined ? [] : [command, ...args];
    const files = words.map((word) => (MAY_BE_A_FILE.test(word) ? changedAt(word, cwd) : undefined));
    const reached = url === undefined ? words : [url, headers];
    return hash([this.version, name, reached, cwd, allow, deny, files]);
  }
}

function hash(origin: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(origin)).digest("hex");
}

/** Undefined where there is no such file. */
function changedAt(word: string, cwd: string | undefined): number | undefined {
  try {
    const found = statSync(cwd === undefined ? word : resolve(cwd, word), { throwIfNoEntry: false });
    return found?.isFile() ? found.mtimeMs : undefined;
  } catch {
    return undefined; // not to be looked at, or no path at all
  }
}

function isKind(kind: unknown): kind is ListKind {
  return listKinds.some((known) => known === kind);
}
