// Watches the folders the catalog is read from. What is told is only that something may have changed; who is told looks what it was.
import type { Stats } from "node:fs";
import { sep } from "node:path";

/** Many files change at once when a branch is changed. */
const QUIET_MS = 300;

/** Calls `changed` once after changes of entries and registries. Answers, once it watches, with what ends it. */
export async function watchRoots(roots: readonly string[], changed: () => unknown): Promise<() => Promise<void>> {
  const { watch } = await import("chokidar"); // loaded by those alone who watch
  let quiet: NodeJS.Timeout | undefined;
  const noticed = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(changed, QUIET_MS);
  };
  // The roots themselves, since what is to be watched may not be there yet; in them nothing else.
  const watcher = watch([...roots], {
    ignoreInitial: true,
    followSymlinks: true,
    ignored: (path, stats) => !roots.some((root) => concerns(root, path, stats)),
  })
    .on("all", noticed)
    .on("error", noticed); // too many to watch, say: each look finds what changed all the same
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  return async () => {
    clearTimeout(quiet);
    await watcher.close();
  };
}

function concerns(root: string, path: string, stats: Stats | undefined): boolean {
  if (path === root) return true;
  if (!path.startsWith(root + sep)) return false;
  const [first = "", ...within] = path.slice(root.length + 1).split(sep);
  if (first === "plugins") return within.length <= 1 || inPlugin(within.slice(1), stats);
  if (first === ".claude") return within.length === 0 || isRegistry(within) || inPlugin(within, stats);
  return isRegistry([first, ...within]);
}

function isRegistry(within: readonly string[]): boolean {
  return within.length === 1 && /^agent-registry\.ya?ml$/.test(within[0] ?? "");
}

function inPlugin(within: readonly string[], stats: Stats | undefined): boolean {
  if (!/^(?:agents|skills|commands)$/.test(within[0] ?? "")) return false;
  return stats?.isFile() !== true || /\.md$/i.test(within.at(-1) ?? "");
}
