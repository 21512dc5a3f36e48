// Replaces a file in one step: the new content goes to a temporary file in the same folder, is flushed to the disk and then
// renamed over the old one, so that a reader or a crash meets either the old content or the new, never half of it.
import { randomUUID } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, open, rename, stat, unlink } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { fileProblem, openParent, resolveInside } from "./support/folder.js";
import { formatBytes } from "./support/text.js";

const MAX_CHARACTERS = 2_000_000;

export const writeFile = defineTool({
  name: "write_file",
  description:
    "Write a text file in the working folder: create it, with the folders above it, or replace its whole content. It does not " +
    "append or edit in place; to change a part, read the file first and write it back complete.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).describe("The file, relative to the working folder, such as notes/todo.md"),
    content: z.string().max(MAX_CHARACTERS).describe("The complete new content"),
  }),
  annotations: {
    title: "Write a file",
    readOnlyHint: false,
    idempotentHint: true,
    destructiveHint: true,
    openWorldHint: false,
  },
  needs: ["files:read", "files:write"],
  async handler({ path, content }, { root, signal }) {
    const target = await resolveInside(root, path);
    if (target.real === root || /[/\\]$/.test(path)) throw new ToolError(`"${path}" names a folder; add a file name.`);
    try {
      const old = target.exists ? await replaceable(target.real, path) : undefined;
      const folder = await openParent(root, target, path);
      const temporary = folder.entry(`.${randomUUID()}.tmp`);
      try {
        await fill(temporary, content, old);
        signal.throwIfAborted();
        await rename(temporary, folder.entry(basename(target.real)));
      } catch (error) {
        await unlink(temporary).catch(() => {}); // it may never have been made
        throw error;
      } finally {
        await folder.close();
      }
      return `${old ? "Replaced" : "Created"} ${target.shown} (${formatBytes(Buffer.byteLength(content))}).`;
    } catch (error) {
      throw fileProblem(error, path);
    }
  },
});

/** The state of a file that may be replaced. A rename would overwrite a read-only file without a question, so ask here. */
async function replaceable(real: string, path: string): Promise<Stats> {
  const old = await stat(real);
  if (old.isDirectory()) throw new ToolError(`"${path}" is a folder; choose another file name.`);
  if (!old.isFile()) throw new ToolError(`"${path}" is no regular file, so it is left alone; choose another name.`);
  await access(real, constants.W_OK);
  return old;
}

async function fill(temporary: string, content: string, old: Stats | undefined): Promise<void> {
  const file = await open(temporary, "wx", 0o666);
  try {
    if (old) await file.chmod(old.mode & 0o777);
    await file.writeFile(content, "utf8");
    await file.sync();
  } finally {
    await file.close();
  }
}
