// Watching the places where settings may lie, whether or not anything is there yet: a file that is created, replaced by a rename,
// reached over a link or gone with its folder is noticed alike. Only the way to each file is looked at, never what lies beside it.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { FSWatcher } from "chokidar";

/** How often is looked. The system's own notices would come sooner, but one for each write to anything in those folders, and a
 * database lies in one of them; looking four times a second takes half a millisecond of each, and works on every file system. */
export const LOOK_EVERY_MS = 250;

/** Emits `all` for every change of one of the files, `ready` once it watches, `error` when it cannot. */
export async function watchFiles(files: readonly string[]): Promise<FSWatcher> {
  const { watch } = await import("chokidar"); // here, for a single answer needs no watcher
  const onTheWay = new Set<string>();
  const roots = new Set<string>();
  for (const file of files) {
    let folder = dirname(file);
    onTheWay.add(plain(file));
    for (; !existsSync(folder) && dirname(folder) !== folder; folder = dirname(folder)) onTheWay.add(plain(folder));
    onTheWay.add(plain(folder));
    roots.add(folder);
  }
  const ignored = (path: string) => !onTheWay.has(plain(path));
  const watcher = watch([...roots], { ignored, ignoreInitial: true, usePolling: true, interval: LOOK_EVERY_MS });
  return watcher.on("error", () => {}); // an emitter whose errors nobody hears throws them
}

/** As chokidar writes a path when it asks about it. */
function plain(path: string): string {
  return path.replaceAll("\\", "/");
}
