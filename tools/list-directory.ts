// Shows one folder the way people read it: folders first, names in counting order, sizes. Symlinks are named with their target
// and not followed, so that nothing outside the working folder is even measured.
import type { Dirent } from "node:fs";
import { lstat, opendir, readlink } from "node:fs/promises";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { codeOf, fileProblem, foldersFirst, openFolder, resolveInside } from "./support/folder.js";
import { count, formatBytes } from "./support/text.js";

const MAX_SHOWN = 1_000;
const MAX_READ = 100_000;

export const listDirectory = defineTool({
  name: "list_directory",
  description:
    "List the contents of one folder: the files here or in the folder named by path, with their sizes, and its sub-folders. It " +
    "shows one level; use directory_tree for several, find_files to find files by name anywhere below.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).default(".").describe("The folder, relative to the working folder"),
    include_hidden: z.boolean().default(true).describe("Also list names that begin with a dot"),
  }),
  annotations: {
    title: "List a folder",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ path, include_hidden: hidden }, { root, signal }) {
    const { real, exists, shown } = await resolveInside(root, path);
    if (!exists) throw new ToolError(`"${path}" does not exist; list its parent folder to find the right name.`);
    const stat = await lstat(real).catch((error) => {
      throw fileProblem(error, path);
    });
    if (!stat.isDirectory()) throw new ToolError(`"${path}" is a file, not a folder; use read_file to see it.`);
    const folder = await openFolder(root, real, path);
    try {
      const entries: Dirent[] = [];
      let more = false;
      for await (const entry of await opendir(folder.entry("."))) {
        signal.throwIfAborted();
        if (!hidden && entry.name.startsWith(".")) continue;
        more = entries.length === MAX_READ;
        if (more) break;
        entries.push(entry);
      }
      if (entries.length === 0) return `(${shown} is empty.)`;
      entries.sort(foldersFirst);
      const lines: string[] = [];
      for (const entry of entries.slice(0, MAX_SHOWN)) {
        signal.throwIfAborted();
        lines.push(await line(entry, folder.entry(entry.name)));
      }
      const left = entries.length - lines.length;
      const listing = lines.join("\n");
      if (left === 0) return listing;
      return [
        listing,
        `(${more ? "At least " : ""}${count(left, "more entry", "more entries")} not shown; use search_files.)`,
      ];
    } catch (error) {
      throw fileProblem(error, path);
    } finally {
      await folder.close();
    }
  },
});

async function line(entry: Dirent, path: string): Promise<string> {
  if (entry.isDirectory()) return `${entry.name}/`;
  try {
    if (entry.isSymbolicLink()) return `${entry.name} -> ${await readlink(path)}`;
    const stat = await lstat(path);
    return stat.isFile() ? `${entry.name}  ${formatBytes(stat.size)}` : `${entry.name}  (special file)`;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return `${entry.name}  (just removed)`;
    throw error;
  }
}
