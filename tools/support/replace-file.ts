// Replaces a file in one step: the new content goes to a temporary file in the same folder, is flushed to the disk and then
// renamed over the old one, so that a reader or a crash meets either the old content or the new, never half of it.
import { randomUUID } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, chmod, type FileHandle, lstat, open, rename, stat, unlink } from "node:fs/promises";
import { basename } from "node:path";
import { ToolError } from "../define.js";
import { fileProblem, openParent, resolveInside } from "./folder.js";

export interface Replacement {
  readonly path: string;
  readonly signal: AbortSignal;
  /** Writes the whole content. */
  fill(file: FileHandle): Promise<void>;
  /** Asked just before the last step about the file that will go (undefined: there is none); throws to leave it alone. */
  mayReplace?(old: Stats | undefined): void;
}

/** Creates a file, with the folders above it, or replaces it; keeps the permissions of the old one. */
export async function replaceFile(root: string, to: Replacement): Promise<{ shown: string; replaced: boolean }> {
  const { path, signal } = to;
  const target = await resolveInside(root, path);
  if (target.real === root || /[/\\]$/.test(path)) throw new ToolError(`"${path}" names a folder; add a file name.`);
  try {
    const old = target.exists ? await replaceable(target.real, path) : undefined;
    to.mayReplace?.(old);
    const folder = await openParent(root, target, path);
    const temporary = folder.entry(`.${randomUUID()}.tmp`);
    const entry = folder.entry(basename(target.real));
    try {
      await write(temporary, to, old);
      signal.throwIfAborted();
      to.mayReplace?.(await lstat(entry).catch(() => undefined));
      await rename(temporary, entry);
    } catch (error) {
      await unlink(temporary).catch(() => {}); // it may never have been made
      throw error;
    } finally {
      await folder.close();
    }
    return { shown: target.shown, replaced: old !== undefined };
  } catch (error) {
    throw fileProblem(error, path);
  }
}

/** The state of a file that may be replaced. A rename would overwrite a read-only file without a question, so ask here. */
async function replaceable(real: string, path: string): Promise<Stats> {
  const old = await stat(real);
  if (old.isDirectory()) throw new ToolError(`"${path}" is a folder; choose another file name.`);
  if (!old.isFile()) throw new ToolError(`"${path}" is no regular file, so it is left alone; choose another name.`);
  await access(real, constants.W_OK);
  return old;
}

async function write(temporary: string, to: Replacement, old: Stats | undefined): Promise<void> {
  const file = await open(temporary, "wx", 0o666);
  try {
    // By its name, since Node's permission model refuses to change the mode of an open file.
    if (old) await chmod(temporary, old.mode & 0o777);
    await to.fill(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
