// Keeps file tools inside one folder. A path is judged by where it really leads: the deepest part of it that exists is
// resolved through every symlink, and the result must lie in the folder. Between that check and the use of the path somebody
// could swap a folder for a symlink, so what was opened is asked once more where it is (Linux tells through /proc), and new
// files are made relative to an open folder instead of by its name.
import { closeSync, constants, type Dirent, existsSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { ToolError } from "../define.js";

const canAskWhere = hasProcFolder();
const noFollow = constants.O_NOFOLLOW ?? 0;
// Opening a pipe that nobody writes to would wait for ever without this.
const noWait = constants.O_NONBLOCK ?? 0;

/** A path inside the folder: where it really is, and how to name it to the user. */
export interface Inside {
  readonly real: string;
  readonly shown: string;
  readonly exists: boolean;
  /** The deepest part of it that exists, and the names below that which do not. */
  readonly existing: string;
  readonly missing: readonly string[];
}

/** Whether `path` is `root` or below it; both real and absolute. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Resolves what a caller typed (`said`, if it differs); throws a ToolError if it leads out of `root`. The last parts need not exist. */
export async function resolveInside(root: string, path: string, said = path): Promise<Inside> {
  if (said.includes("\0")) throw new ToolError("The path holds a NUL character; remove it.");
  const missing: string[] = [];
  let existing = resolve(root, path);
  for (;;) {
    try {
      const found = await realpath(existing);
      const real = join(found, ...missing);
      if (!isInside(root, real)) throw outside(root, said);
      return { real, shown: relative(root, real) || ".", exists: missing.length === 0, existing: found, missing };
    } catch (error) {
      // The sandbox may look at nothing but the folder.
      if (codeOf(error) === "ERR_ACCESS_DENIED") throw outside(root, said);
      if (codeOf(error) !== "ENOENT") throw fileProblem(error, said);
      // A name that is there although it resolves to nothing is a broken symlink: its target may appear at any moment.
      if (await lstat(existing).catch(() => undefined)) {
        throw new ToolError(`"${said}" goes through a symbolic link whose target is missing; give a path without it.`);
      }
      missing.unshift(basename(existing));
      existing = dirname(existing);
    }
  }
}

/** Opens a regular file for reading. */
export async function openFile(root: string, path: string): Promise<{ file: FileHandle; size: number; shown: string }> {
  const inside = await resolveInside(root, path);
  const file = await open(inside.real, constants.O_RDONLY | noFollow | noWait).catch((error) => {
    throw fileProblem(error, path);
  });
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw new ToolError(`"${path}" is a folder; use list_directory to see what is in it.`);
    if (!stat.isFile()) throw new ToolError(`"${path}" is no regular file, so it cannot be read; choose another.`);
    if (!isOpenInside(root, file.fd)) throw outside(root, path);
    return { file, size: stat.size, shown: inside.shown };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A folder held open. `entry("a.txt")` names something in that very folder, even if its own name is swapped meanwhile. */
export interface OpenFolder {
  entry(name: string): string;
  close(): Promise<void>;
}

/** Opens an existing folder; `real` comes from `resolveInside` or is an entry of an open folder. */
export async function openFolder(root: string, real: string, path: string): Promise<OpenFolder> {
  if (!canAskWhere) return { entry: (name) => join(real, name), close: async () => {} };
  const handle = await open(real, constants.O_RDONLY | constants.O_DIRECTORY | noFollow).catch((error) => {
    throw fileProblem(error, path);
  });
  if (!isOpenInside(root, handle.fd)) {
    await handle.close();
    throw outside(root, path);
  }
  return { entry: (name) => join(`/proc/self/fd/${handle.fd}`, name), close: () => handle.close() };
}

/** Opens the folder that holds `inside`, making what is missing of it step by step, so that no step can be led away. */
export async function openParent(root: string, inside: Inside, path: string): Promise<OpenFolder> {
  let folder = await openFolder(root, inside.exists ? dirname(inside.real) : inside.existing, path);
  for (const name of inside.missing.slice(0, -1)) {
    const parent = folder;
    try {
      await mkdir(parent.entry(name)).catch((error) => {
        if (codeOf(error) !== "EEXIST") throw fileProblem(error, path);
      });
      folder = await openFolder(root, parent.entry(name), path);
    } finally {
      await parent.close();
    }
  }
  return folder;
}

/** What is in a folder, read at once; nothing if it lies outside by now. */
export function readFolderSync(root: string, real: string): Dirent[] {
  if (!canAskWhere) return readdirSync(real, { withFileTypes: true });
  const fd = openSync(real, constants.O_RDONLY | constants.O_DIRECTORY | noFollow);
  try {
    return isOpenInside(root, fd) ? readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true }) : [];
  } finally {
    closeSync(fd);
  }
}

/** Whether what is open as `fd` really lies in `root`, as far as the system can tell. */
export function isOpenInside(root: string, fd: number): boolean {
  return !canAskWhere || isInside(root, readlinkSync(`/proc/self/fd/${fd}`));
}

/** Folders first, then by name the way people count: `file2` before `file10`. */
export function foldersFirst(a: Dirent, b: Dirent): number {
  return Number(b.isDirectory()) - Number(a.isDirectory()) || collator.compare(a.name, b.name);
}
const collator = new Intl.Collator("en", { numeric: true });

/** The one sentence for a system error about `path`; other errors pass unchanged. */
export function fileProblem(error: unknown, path: string): unknown {
  const sentence = {
    ENOENT: `"${path}" does not exist; use list_directory or search_files to find the right path.`,
    ENOTDIR: `"${path}" goes through a file as if it were a folder; check the path.`,
    EISDIR: `"${path}" is a folder, not a file.`,
    EACCES: `"${path}" may not be accessed: permission denied.`,
    EPERM: `"${path}" may not be changed: the operation is not permitted.`,
    ERR_ACCESS_DENIED: `"${path}" may not be accessed: this process was not given permission.`,
    EROFS: `"${path}" is on a read-only file system.`,
    ELOOP: `"${path}" goes through a loop of symbolic links; give a path without it.`,
    ENXIO: `"${path}" is no regular file, so it cannot be read; choose another.`,
    ENAMETOOLONG: `"${path.slice(0, 60)}…" is too long for a path; use shorter names.`,
    ENOSPC: `The disk is full, so "${path}" was not written; free some space.`,
    EDQUOT: `The disk quota is used up, so "${path}" was not written; free some space.`,
    EMFILE: "Too many files are open; try again in a moment.",
  }[codeOf(error) ?? ""];
  return sentence === undefined ? error : new ToolError(sentence, { cause: error });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function outside(root: string, path: string): ToolError {
  return new ToolError(`"${path}" leads outside the allowed folder ${root}; give a path inside it.`);
}

/** False on other systems, without /proc, and where Node's permission model hides it: there the check of the path has to do. */
function hasProcFolder(): boolean {
  try {
    return process.platform === "linux" && existsSync("/proc/self/fd");
  } catch {
    return false; // the permission model throws here
  }
}
