// Goes through a folder and what is below it, in the order people read: folders first, names in counting order. Symbolic links
// are told and never followed.
import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, fileProblem, foldersFirst, openFolder } from "./folder.js";

const MAX_READ = 100_000;

/** Folders that hold what tools made, seldom what somebody looks for. */
export const IGNORED: readonly string[] = [".git", "node_modules"];

export interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  readonly mode: number;
  readonly modifiedMs: number;
}

/** What is in one folder; `real` comes from `resolveInside` or is below it. `whole` is false where more was not read. */
export async function readFolder(
  root: string,
  real: string,
  path: string,
  signal: AbortSignal,
): Promise<{ entries: Entry[]; whole: boolean }> {
  const folder = await openFolder(root, real, path);
  try {
    const found = [];
    let whole = true;
    for await (const entry of await opendir(folder.entry("."))) {
      signal.throwIfAborted();
      whole = found.length < MAX_READ;
      if (!whole) break;
      found.push(entry);
    }
    const entries: Entry[] = [];
    for (const { name } of found.sort(foldersFirst)) {
      signal.throwIfAborted();
      const stat = await lstat(folder.entry(name)).catch((error) => {
        if (codeOf(error) !== "ENOENT") throw error;
        return undefined; // it has just been removed
      });
      if (!stat) continue;
      const kind = stat.isFile() ? "file" : stat.isDirectory() ? "folder" : stat.isSymbolicLink() ? "link" : "other";
      const size = stat.isFile() ? stat.size : 0;
      entries.push({ name, kind, size, mode: stat.mode, modifiedMs: stat.mtimeMs });
    }
    return { entries, whole };
  } catch (error) {
    throw fileProblem(error, path);
  } finally {
    await folder.close();
  }
}

export interface Place extends Entry {
  readonly real: string;
  /** The path from the working folder, with `/`. */
  readonly shown: string;
}

export interface Walk {
  readonly root: string;
  readonly signal: AbortSignal;
  /** Names of files and folders that are passed over. */
  readonly skip: readonly string[];
  readonly maxDepth: number;
  /** Told of folders that could not be read or not to their end. */
  incomplete(shown: string): void;
}

/** Everything below a folder, each folder before what is in it. `shown` is "" for the working folder. */
export async function* walk(way: Walk, real: string, shown: string, depth = 1): AsyncGenerator<Place> {
  const { root, signal, skip, maxDepth } = way;
  const read = await readFolder(root, real, shown || ".", signal).catch((error) => {
    signal.throwIfAborted();
    if (depth === 1) throw error; // the very folder the caller named
    return undefined;
  });
  if (!read?.whole) way.incomplete(shown);
  for (const entry of read?.entries ?? []) {
    if (skip.includes(entry.name)) continue;
    const place = {
      ...entry,
      real: join(real, entry.name),
      shown: shown === "" ? entry.name : `${shown}/${entry.name}`,
    };
    yield place;
    if (entry.kind !== "folder") continue;
    if (depth < maxDepth) yield* walk(way, place.real, place.shown, depth + 1);
    else way.incomplete(place.shown);
  }
}
