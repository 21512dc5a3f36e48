// A folder and what is below it as an indented tree. Levels are read one after the other, so that a limit cuts off the deepest
// and a caller sees the whole shape before the details of one corner.
import { join } from "node:path";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { resolveInside } from "./support/folder.js";
import { count, formatBytes } from "./support/text.js";
import { type Entry, IGNORED, readFolder } from "./support/walk.js";

interface Branch {
  readonly entry: Entry;
  /** Undefined: not looked into. */
  below: Branch[] | undefined;
  why: string;
}

export const directoryTree = defineTool({
  name: "directory_tree",
  description:
    "Show the shape of a folder as an indented tree with file sizes, several levels deep: the quickest way to get to know a " +
    "project. .git and node_modules are named but not entered. Symbolic links are not followed. Use list_directory for one folder, " +
    "find_files to find files by name, size or date.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).default(".").describe("The folder, relative to the working folder"),
    depth: z.int().min(1).max(20).default(3).describe("How many levels to show"),
    max_entries: z.int().min(1).max(5_000).default(500).describe("Show at most this many files and folders"),
    include_hidden: z.boolean().default(true).describe("Also show names that begin with a dot"),
    include_ignored: z.boolean().default(false).describe("Also enter .git and node_modules"),
  }),
  annotations: {
    title: "Show a folder tree",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ path, depth, max_entries: max, include_hidden: hidden, include_ignored: all }, { root, signal }) {
    const { real, exists, shown } = await resolveInside(root, path);
    if (!exists) throw new ToolError(`"${path}" does not exist; list its parent folder to find the right name.`);
    const counts = { folder: 0, file: 0, bytes: 0, left: 0 };

    const branchesOf = async (folder: string, name: string): Promise<Branch[]> => {
      const { entries, whole } = await readFolder(root, folder, name, signal);
      const seen = entries.filter((entry) => hidden || !entry.name.startsWith("."));
      const room = max - counts.folder - counts.file;
      counts.left += Math.max(0, seen.length - room) + (whole ? 0 : 1);
      return seen.slice(0, room).map((entry) => {
        counts[entry.kind === "folder" ? "folder" : "file"]++;
        counts.bytes += entry.size;
        return { entry, below: undefined, why: !all && IGNORED.includes(entry.name) ? "not entered" : "" };
      });
    };

    const top = await branchesOf(real, path);
    let level = top.map((branch) => ({ branch, real: join(real, branch.entry.name) }));
    for (let at = 2; at <= depth + 1; at++) {
      const next: typeof level = [];
      for (const { branch, real } of level) {
        if (branch.entry.kind !== "folder" || branch.why !== "") continue;
        const full = counts.folder + counts.file >= max;
        if (at > depth || full) {
          branch.why = "not opened";
          if (full) counts.left++;
          continue;
        }
        try {
          branch.below = await branchesOf(real, branch.entry.name);
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof ToolError)) throw error;
          branch.why = "cannot be read";
          continue;
        }
        next.push(...branch.below.map((child) => ({ branch: child, real: join(real, child.entry.name) })));
      }
      level = next;
    }
    if (top.length === 0) return `(${shown} is empty.)`;
    const said = [count(counts.folder, "folder"), count(counts.file, "file"), formatBytes(counts.bytes)].join(", ");
    const left =
      counts.left === 0 ? "" : `; ${counts.left} or more not shown: raise max_entries or choose a sub-folder`;
    return [render(top, "").join("\n"), `(${said}${left}.)`];
  },
});

function render(branches: readonly Branch[], indent: string): string[] {
  return branches.flatMap(({ entry, below, why }) => {
    const size = entry.kind === "file" ? formatBytes(entry.size) : "";
    const what = { file: size, folder: why, link: "symbolic link", other: "special file" }[entry.kind];
    const line = `${indent}${entry.name}${entry.kind === "folder" ? "/" : ""}${what === "" ? "" : `  (${what})`}`;
    return [line, ...render(below ?? [], `${indent}  `)];
  });
}
