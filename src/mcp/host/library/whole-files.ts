// Small files written whole, without holding up the program: whoever reads one, also after a crash or a power cut in the middle,
// finds the old content or the new. The caller holds the library's lock, so one name for the fresh file is enough; what a crash leaves
// of it is swept by `sweepFresh`.
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { platform } from "../../../actors/platform/index.js";

const FRESH = ".new";

/** Readable by its owner alone. Durable once it resolves. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const fresh = `${file}${FRESH}`;
  // Whatever lies there, a link to elsewhere say, is not written through.
  await rm(fresh, { force: true });
  const handle = await open(fresh, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
  await syncFolder(dirname(file));
}

export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncFolder(dirname(file));
}

/** Removes what a crash left half-written. */
export async function sweepFresh(folder: string, isOurs: (file: string) => boolean): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (name.endsWith(FRESH) && isOurs(name.slice(0, -FRESH.length))) await rm(join(folder, name), { force: true });
  }
}

/** The names in a folder, in order; none if there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await syncFolder(dirname(made));
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Until the folder is on disk too, a power cut may bring back a name's old file. */
async function syncFolder(folder: string): Promise<void> {
  if (!platform.syncsFolders) return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
