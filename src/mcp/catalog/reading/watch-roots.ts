// Watches the folders the catalog is read from. What is told is only that something may have changed; who is told looks what it was.
// Each folder is watched by itself and no file is, for a folder's watch hears of its files: one of each file besides, as Node watches
// trees on Linux, takes several megabytes for a thousand.
import { type FSWatcher, watch } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";

/** Many files change at once when a branch is changed. */
const QUIET_MS = 300;
/** Systems have a limit, and others want to watch too; past it each look finds what changed all the same. */
const MOST_FOLDERS = 5_000;
/** Folders within the root; as deep as they are read, and those above. */
const MOST_DEPTH = 12;

/** Calls `changed` once after changes of entries and registries. Answers, once it watches, with what ends it. */
export async function watchRoots(roots: readonly string[], changed: () => unknown): Promise<() => Promise<void>> {
  const watched = roots.map((root) => new WatchedRoot(root, changed));
  await Promise.all(watched.map((root) => root.look()));
  return async () => void (await Promise.all(watched.map((root) => root.end())));
}

class WatchedRoot {
  private readonly watchers = new Map<string, FSWatcher>();
  private quiet: NodeJS.Timeout | undefined;
  private looking = Promise.resolve();
  private ended = false;

  constructor(
    private readonly root: string,
    private readonly changed: () => unknown,
  ) {}

  /** Watches what folders there are now. One look at a time. */
  look(): Promise<void> {
    this.looking = this.looking.then(async () => {
      const there = new Set<string>();
      const real = await realpath(this.root).catch(() => undefined);
      if (real === undefined) this.awaitRoot(there);
      else await this.lookInto({ path: this.root, real, within: [], realRoot: real }, there, new Set());
      for (const path of this.watchers.keys()) if (!there.has(path)) this.forget(path);
    });
    return this.looking;
  }

  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.quiet);
    await this.looking;
    for (const watcher of this.watchers.values()) watcher.close();
  }

  /** Each folder is watched before it is read: nothing can come between. */
  private async lookInto(folder: Folder, there: Set<string>, seen: Set<string>): Promise<void> {
    const { path, real, within, realRoot } = folder;
    if (this.ended || seen.has(real) || within.length > MOST_DEPTH) return;
    seen.add(real);
    there.add(path);
    this.watch(path, (event, name) => {
      const isItself = name === basename(path);
      if (event === "rename" && name !== null) this.forgetAll(isItself ? path : join(path, name));
      if (isItself || name === null || (concerns([...within, name]) && (event === "rename" || isRead(name))))
        this.noticed();
    });
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const at = [...within, entry.name];
      if (!concerns(at) || !(entry.isDirectory() || entry.isSymbolicLink())) continue;
      const inside = join(path, entry.name);
      const place = entry.isDirectory() ? join(real, entry.name) : await realpath(inside).catch(() => "");
      // A link that leads out is not read, and one to a file is heard of by its folder.
      if (`${place}${sep}`.startsWith(realRoot + sep))
        await this.lookInto({ path: inside, real: place, within: at, realRoot }, there, seen);
    }
  }

  /** The nearest folder above that is there tells when the next one is. */
  private awaitRoot(there: Set<string>): void {
    for (let [at, next] = [dirname(this.root), this.root]; at !== next; [at, next] = [dirname(at), at]) {
      const wanted = basename(next);
      there.add(at);
      if (this.watch(at, (_, name) => (name === null || name === wanted || name === basename(at)) && this.noticed()))
        return;
      there.delete(at);
    }
  }

  /** False: it cannot be watched. */
  private watch(path: string, heard: (event: string, name: string | null) => unknown): boolean {
    if (this.watchers.has(path)) return true;
    if (this.watchers.size >= MOST_FOLDERS) return false;
    try {
      const watcher = watch(path, { persistent: false }, heard).on("error", () => this.forget(path));
      this.watchers.set(path, watcher);
      return true;
    } catch {
      return false; // it is gone, or no file, or the system has no more watches to give
    }
  }

  /** A folder that came or went, with all in it: another one may be there now, and a watch is of the one it was made for. */
  private forgetAll(path: string): void {
    if (!this.watchers.has(path)) return;
    for (const each of this.watchers.keys()) if (`${each}${sep}`.startsWith(path + sep)) this.forget(each);
  }

  private forget(path: string): void {
    this.watchers.get(path)?.close();
    this.watchers.delete(path);
  }

  private noticed(): void {
    clearTimeout(this.quiet);
    if (this.ended) return;
    this.quiet = setTimeout(async () => {
      await this.look();
      if (!this.ended) this.changed();
    }, QUIET_MS);
  }
}

interface Folder {
  readonly path: string;
  readonly real: string;
  /** The names of the folders from the root on. */
  readonly within: readonly string[];
  readonly realRoot: string;
}

/** Whether what is called so, from the root on, is read or may hold what is. */
function concerns([first = "", ...within]: readonly string[]): boolean {
  if (first === "plugins") return within.length <= 1 || isKind(within[1]);
  if (first === ".claude") return within.length === 0 || isRegistry(within) || isKind(within[0]);
  return isRegistry([first, ...within]);
}

function isRegistry(within: readonly string[]): boolean {
  return within.length === 1 && /^agent-registry\.ya?ml$/.test(within[0] ?? "");
}

function isKind(name: string | undefined): boolean {
  return name === "agents" || name === "skills" || name === "commands";
}

function isRead(name: string): boolean {
  return /\.(?:md|ya?ml)$/i.test(name);
}
