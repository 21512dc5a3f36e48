// Moves or renames. What stands at the new name is never replaced unless the caller says so, and then only a file by a file. A
// symbolic link is moved itself: it keeps pointing where it points, and using it is judged as ever by where that is.
import type { Stats } from "node:fs";
import { lstat, rename } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { codeOf, fileProblem, type Inside, isInside, openFolder, openParent, resolveInside } from "./support/folder.js";

export const moveFile = defineTool({
  name: "move_file",
  description:
    "Move or rename a file or a folder within the working folder; missing folders above the new name are made. Nothing is " +
    "overwritten unless overwrite is set, and then only a file by a file. To copy a file, read it and write it.",
  input: z.strictObject({
    from: z.string().min(1).max(4096).describe("The file or folder to move, relative to the working folder"),
    to: z
      .string()
      .min(1)
      .max(4096)
      .describe("Its complete new path, with its new name, relative to the working folder"),
    overwrite: z.boolean().default(false).describe("Replace a file that is already at the new path"),
  }),
  annotations: {
    title: "Move or rename",
    readOnlyHint: false,
    idempotentHint: false,
    destructiveHint: true,
    openWorldHint: false,
  },
  needs: ["files:read", "files:write"],
  async handler({ from, to, overwrite }, { root, signal }) {
    const source = await resolveEntry(root, from);
    const target = await resolveEntry(root, to);
    const moved = source.stat;
    if (!moved)
      throw new ToolError(`"${from}" does not exist; use list_directory or find_files to find the right path.`);
    if (source.real === target.real) throw new ToolError(`"${from}" is already there; give another path as to.`);
    if (moved.isDirectory() && isInside(source.real, target.real)) {
      throw new ToolError(`"${from}" cannot be moved into itself; give a path outside it as to.`);
    }
    mayTakePlace(moved, target.stat, to, overwrite);
    signal.throwIfAborted();
    const [old, fresh] = [await openFolder(root, dirname(source.real), from), await openParent(root, target, to)];
    try {
      const place = fresh.entry(basename(target.real));
      mayTakePlace(moved, await lstat(place).catch(() => undefined), to, overwrite);
      await rename(old.entry(basename(source.real)), place);
    } catch (error) {
      if (codeOf(error) === "EXDEV")
        throw new ToolError(`"${to}" is on another disk than "${from}"; write it there anew.`);
      throw fileProblem(error, from);
    } finally {
      await old.close();
      await fresh.close();
    }
    return `Moved ${source.shown} to ${target.shown}${target.stat ? ", replacing the file that was there" : ""}.`;
  },
});

function mayTakePlace(moved: Stats, there: Stats | undefined, to: string, overwrite: boolean): void {
  if (!there) return;
  if (!overwrite)
    throw new ToolError(`"${to}" exists already; choose another name, or set overwrite to replace a file.`);
  if (moved.isDirectory() || !there.isFile()) {
    throw new ToolError(`"${to}" exists already, and only a file can be replaced, by a file; choose another name.`);
  }
}

/** The entry itself that a path names: unlike `resolveInside`, a symbolic link at its end is not followed. */
async function resolveEntry(root: string, path: string): Promise<Inside & { readonly stat: Stats | undefined }> {
  const whole = resolve(root, path);
  if (whole === root) throw new ToolError(`"${path}" is the working folder itself; name something in it.`);
  const name = basename(whole);
  const parent = await resolveInside(root, dirname(whole), path);
  const shown = parent.shown === "." ? name : join(parent.shown, name);
  const real = join(parent.real, name);
  if (!parent.exists) return { ...parent, real, shown, missing: [...parent.missing, name], stat: undefined };
  const stat = await lstat(real).catch((error) => {
    if (codeOf(error) !== "ENOENT") throw fileProblem(error, path);
    return undefined;
  });
  return { real, shown, exists: stat !== undefined, existing: parent.real, missing: stat ? [] : [name], stat };
}
