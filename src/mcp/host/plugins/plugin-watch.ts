// Watches the folders of plugins. What is said is only that something about a folder may be different; its hash decides whether it is.
// The folders themselves are watched by the system's notices; where another may appear, and the record of approvals, is looked at
// again and again, which also notices what is not there yet.
import { dirname, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { FSWatcher } from "chokidar";
import { watchFiles } from "../../../actors/config/watch-files.js";
import { isWatched, type Plugin, written } from "./plugin.js";

export class PluginWatch {
  private folders: readonly string[] = [];
  private own: readonly string[] = [];
  private watcher: FSWatcher | undefined;
  private looked: readonly string[] = [];
  private stopLooking = (): void => {};
  private stopped = false;

  /** `changed`: something in this folder of a plugin; without one, elsewhere. */
  constructor(private readonly changed: (folder?: string) => void) {}

  /** Watches these from now on, and no others. True if one is new: what happened to it until it is watched is not told. */
  async set(
    plugins: readonly Pick<Plugin, "folder" | "manifest">[],
    others: readonly string[],
    places: readonly string[],
  ): Promise<boolean> {
    const folders = [...plugins.map(({ folder }) => folder), ...others];
    this.own = plugins.flatMap(({ manifest, folder }) => written(manifest, folder));
    const looksElsewhere = this.look(places);
    if (folders.length === 0 && this.watcher === undefined) return looksElsewhere;
    const watcher = await this.started();
    if (this.stopped) return false;
    const gone = this.folders.filter((folder) => !folders.includes(folder));
    if (gone.length > 0) watcher.unwatch(gone);
    const fresh = folders.filter((folder) => !this.folders.includes(folder));
    this.folders = folders;
    if (fresh.length > 0) watcher.add(fresh);
    return looksElsewhere || fresh.length > 0;
  }

  stop(): void {
    this.stopped = true;
    this.stopLooking();
    void this.watcher?.close();
  }

  /** Loaded with the first plugin. */
  private async started(): Promise<FSWatcher> {
    const { watch } = await import("chokidar");
    this.watcher ??= watch([], {
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (path) => this.isIgnored(path),
    })
      .on("all", (_, path) => this.noticed(path))
      .on("error", () => this.changed()); // too many to watch, say: what is noticed otherwise still is
    return this.watcher;
  }

  private isIgnored(path: string): boolean {
    const folder = this.folderOf(path);
    return folder !== undefined && folder !== path && !isWatched(path, folder, this.own);
  }

  private noticed(path: string): void {
    const folder = this.folderOf(path);
    if (folder !== undefined) this.changed(folder);
  }

  private folderOf(path: string): string | undefined {
    return this.folders.find((folder) => path === folder || path.startsWith(folder + sep));
  }

  /** False if these are looked at already. */
  private look(places: readonly string[]): boolean {
    if (this.stopped || isDeepStrictEqual(places, this.looked)) return false;
    this.stopLooking();
    this.looked = places;
    this.stopLooking = watchFiles(places, () => this.changed());
    return true;
  }
}

/** Where to look for new ones: the roots, and the folder of one that is not there yet. */
export function placesToLook(roots: readonly string[], project: string, approvals: string): string[] {
  return [...new Set([...roots, ...roots.map(dirname), `${project}${sep}package.json`, approvals])];
}
