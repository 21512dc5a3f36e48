// How full the disks are, which the primary tells, and what fills a folder, which this process finds out itself by walking it.
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { aligned, expected } from "./support/answers.js";
import { breather } from "./support/breathe.js";
import { fileProblem, readFolderSync, resolveInside } from "./support/folder.js";
import { count, formatBytes } from "./support/text.js";

const MOST_ENTRIES = 200_000;
const MAX_DEPTH = 64;

const answer = z.object({
  fileSystems: z.array(
    z.object({
      holds: z.array(z.string()),
      totalBytes: z.number(),
      freeBytes: z.number(),
      totalFiles: z.number(),
      freeFiles: z.number(),
    }),
  ),
});

export const disk = defineTool({
  name: "disk",
  description:
    "Tell how much room is left on the disks that hold the working folder, the home folder and temporary files; with path, what in that folder takes " +
    "the most room, sub-folder by sub-folder. Use it when the disk is full or to find large folders; use find_files with a size for " +
    "single large files. At most 200,000 files are measured.",
  input: z.strictObject({
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe("A folder to measure, relative to the working folder, such as ."),
    count: z.int().min(1).max(200).default(20).describe("Show this many of its largest entries"),
  }),
  annotations: {
    title: "Disk",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["disk", "files:read"],
  async handler({ path, count: most }, { root, signal, ask, progress }) {
    if (path !== undefined) return measured(root, path, most, signal, progress);
    const { fileSystems } = expected(answer, await ask("disk.file_systems", {}));
    const rows = fileSystems.map(({ holds, totalBytes, freeBytes, totalFiles, freeFiles }) => [
      holds.join(", "),
      `${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}`,
      totalBytes === 0 ? "" : `${Math.round(100 * (1 - freeBytes / totalBytes))} % used`,
      totalFiles > 0 && freeFiles / totalFiles < 0.1 ? `only ${count(freeFiles, "more file")} can be made` : "",
    ]);
    return aligned(rows);
  },
});

interface Size {
  readonly name: string;
  bytes: number;
  files: number;
}

async function measured(
  root: string,
  path: string,
  most: number,
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<string[]> {
  const { real, exists, shown } = await resolveInside(root, path);
  if (!exists) throw new ToolError(`"${path}" does not exist; use list_directory to find the right path.`);
  const stat = await lstat(real).catch((error) => {
    throw fileProblem(error, path);
  });
  if (!stat.isDirectory()) throw new ToolError(`"${path}" is a file of ${formatBytes(stat.size)}; give a folder.`);

  const breathe = breather(signal);
  const seen = new Set<string>(); // a file with several names counts once
  let entries = 0;
  let skipped = 0;
  const walk = async (folder: string, depth: number, add: (name: string, bytes: number) => void): Promise<void> => {
    let names: ReturnType<typeof readFolderSync>;
    try {
      names = depth > MAX_DEPTH ? [] : readFolderSync(root, folder);
    } catch {
      skipped++;
      return;
    }
    for (const entry of names) {
      if (entries === MOST_ENTRIES) return;
      entries++;
      if (entries % 1_000 === 0) progress(entries);
      await breathe();
      const file = join(folder, entry.name);
      const found = await lstat(file).catch(() => undefined);
      if (found === undefined) continue; // it has just been removed
      const again = found.nlink > 1 && !entry.isDirectory() && seen.size === seen.add(`${found.dev}:${found.ino}`).size;
      // What it takes of the disk, where the system says, which for a file with holes is less than its length.
      if (!again) add(entry.name, found.blocks > 0 || found.size === 0 ? found.blocks * 512 : found.size);
      if (entry.isDirectory()) await walk(file, depth + 1, (_, bytes) => add(entry.name, bytes));
    }
  };
  const sizes = new Map<string, Size>();
  await walk(real, 0, (name, bytes) => {
    const size = sizes.get(name) ?? { name, bytes: 0, files: 0 };
    sizes.set(name, size);
    size.bytes += bytes;
    size.files++;
  });
  const all = [...sizes.values()].sort((a, b) => b.bytes - a.bytes);
  const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = all
    .slice(0, most)
    .map(({ name, bytes, files }) => [formatBytes(bytes), count(files, "entry", "entries"), name]);
  const said = [`${formatBytes(total)} in ${count(entries, "entry", "entries")} of ${shown}`];
  if (entries === MOST_ENTRIES) said.push(`stopped there; give a sub-folder`);
  if (skipped > 0) said.push(`${count(skipped, "folder")} could not be read`);
  if (all.length > most) said.push(`${all.length - most} smaller not shown`);
  return [...(rows.length === 0 ? [] : [aligned(rows)]), `(${said.join("; ")}.)`];
}
