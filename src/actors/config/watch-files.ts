// Watching the places where settings may lie, whether or not anything is there yet: a file that is created, replaced by a rename,
// reached over a link or gone with its folder is noticed alike. Only the way to each file is looked at, never what lies beside it.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { FSWatcher } from "chokidar";

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
  const watcher = watch([...roots], { ignored: (path) => !onTheWay.has(plain(path)), ignoreInitial: true });
  return watcher.on("error", () => {}); // an emitter whose errors nobody hears throws them
}

/** As chokidar writes a path when it asks about it. */
function plain(path: string): string {
  return path.replaceAll("\\", "/");
}
