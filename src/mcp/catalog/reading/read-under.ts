// The text of a file, if it lies under a folder: a link may have been put in its place since it was found.
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { MOST_BYTES } from "./find-files.js";

/** A pipe that stands in its place is no file, and must not be waited for. Windows has none, nor the word for it. */
const WITHOUT_WAITING = constants.O_NONBLOCK ?? 0;

/** Undefined if there is none, it lies elsewhere, or it is larger than any that is taken. */
export async function readUnder(root: string, path: string): Promise<string | undefined> {
  try {
    const [folder, file] = [await realpath(root), await realpath(join(root, path))];
    if (!file.startsWith(folder + sep)) return undefined;
    const handle = await open(file, constants.O_RDONLY | WITHOUT_WAITING);
    try {
      const stats = await handle.stat();
      return stats.isFile() && stats.size <= MOST_BYTES ? await handle.readFile("utf8") : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** The same in one go, of a file that was found under a folder before. Throws why it cannot be had. */
export function readFound(path: string): string {
  const handle = openSync(path, constants.O_RDONLY | WITHOUT_WAITING);
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile() || stats.size > MOST_BYTES)
      throw new Error(`it is no file of ${MOST_BYTES / 1024} KB at most any more`);
    return readFileSync(handle, "utf8");
  } finally {
    closeSync(handle);
  }
}
