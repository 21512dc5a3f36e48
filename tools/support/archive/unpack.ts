// Unpacks into a folder that nobody else knows of and gives it its name when everything is there: what goes wrong on the way,
// a refused entry, a damaged archive, a crash, leaves nothing half unpacked under the name that was asked for.
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { ToolError } from "../../define.js";
import { codeOf, fileProblem, openParent, resolveInside } from "../folder.js";
import type { ArchiveEntry, ArchiveGuard } from "./entry.js";

export interface Unpacked {
  readonly shown: string;
  readonly files: number;
  readonly bytes: number;
}

/** Unpacks into `path`, which must not exist or be an empty folder. */
export async function unpack(
  entries: AsyncIterable<ArchiveEntry>,
  guard: ArchiveGuard,
  { root, path, signal }: { readonly root: string; readonly path: string; readonly signal: AbortSignal },
): Promise<Unpacked> {
  const target = await resolveInside(root, path);
  if (target.real === root)
    throw new ToolError("The working folder itself cannot be replaced; name a new folder as to.");
  const parent = await openParent(root, target, path);
  const temporary = parent.entry(`.${randomUUID()}.tmp`);
  const place = parent.entry(basename(target.real));
  let [files, bytes] = [0, 0];
  try {
    await mkdir(temporary);
    for await (const entry of entries) {
      signal.throwIfAborted();
      const parts = guard.place(entry);
      if (!parts) continue;
      const to = join(temporary, ...parts);
      if (entry.kind === "folder") await mkdir(to, { recursive: true });
      else {
        if (parts.length > 1) await mkdir(join(temporary, ...parts.slice(0, -1)), { recursive: true });
        bytes += await write(to, entry, signal);
        files++;
      }
    }
    if (target.exists) await rmdir(place); // only ever an empty folder
    await rename(temporary, place);
    return { shown: target.shown, files, bytes };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(codeOf(error) ?? "")) {
      throw new ToolError(`"${path}" exists already and is not an empty folder; name a new one as to.`, {
        cause: error,
      });
    }
    throw fileProblem(error, path);
  } finally {
    await parent.close();
  }
}

async function write(to: string, entry: ArchiveEntry, signal: AbortSignal): Promise<number> {
  const file = await open(to, "wx", entry.executable ? 0o777 : 0o666);
  let bytes = 0;
  try {
    for await (const piece of entry.content()) {
      signal.throwIfAborted();
      await file.writeFile(piece);
      bytes += piece.length;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
