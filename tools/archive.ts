// Packs, lists and unpacks archives. The formats are in support/archive/, loaded at the first call.
import type { FileHandle } from "node:fs/promises";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import type { ArchiveEntry, ArchiveGuard } from "./support/archive/entry.js";
import { openFile, resolveInside } from "./support/folder.js";
import { replaceFile } from "./support/replace-file.js";
import { count, formatBytes } from "./support/text.js";

const MAX_LISTED = 1_000;
const ENDING = /\.(zip|tar|tar\.gz|tgz)$/i;

export const archive = defineTool({
  name: "archive",
  description:
    "Create, list or extract a zip, tar or tar.gz archive within the working folder. create packs paths into a new archive whose " +
    "name ends in .zip, .tar, .tar.gz or .tgz; extract unpacks into a new folder, all or nothing; list shows what is inside " +
    "without unpacking. Up to 10,000 entries and 500 MB. Archives with links, with paths that lead outside, or that unpack to " +
    "far more than their size are refused.",
  input: z.strictObject({
    action: z.enum(["create", "list", "extract"]).describe("What to do"),
    path: z.string().min(1).max(4096).describe("The archive, relative to the working folder, such as backup.zip"),
    paths: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(100)
      .optional()
      .describe("create: the files and folders to pack; they keep their paths from the working folder"),
    exclude: z
      .array(z.string().min(1).max(255))
      .max(50)
      .default([])
      .describe("create: names of files and folders to leave out wherever they are, such as node_modules"),
    to: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        "extract: a folder that does not exist yet or is empty (default: the archive's name without its ending)",
      ),
    overwrite: z.boolean().default(false).describe("create: replace an archive that is already there"),
  }),
  annotations: {
    title: "Pack and unpack archives",
    readOnlyHint: false,
    idempotentHint: false,
    destructiveHint: true,
    openWorldHint: false,
  },
  needs: ["files:read", "files:write"],
  async handler({ action, path, paths, exclude, to, overwrite }, { root, signal, progress }) {
    if (action === "create") {
      const format = ENDING.exec(path)?.[1]?.toLowerCase();
      if (!format) throw new ToolError(`"${path}" must end in .zip, .tar, .tar.gz or .tgz, which tells the format.`);
      if (!paths) throw new ToolError("create needs paths: the files and folders to pack.");
      const { gather, packed } = await import("./support/archive/pack.js");
      const target = await resolveInside(root, path);
      const gathered = await gather(root, paths, { exclude, except: target.real, signal });
      const things = packed(root, gathered, signal, progress);
      const bytes =
        format === "zip"
          ? (await import("./support/archive/zip.js")).writeZip(things)
          : (await import("./support/archive/tar.js")).writeTar(things, format !== "tar");
      const { shown } = await replaceFile(root, {
        path,
        signal,
        fill: async (file) => {
          for await (const piece of bytes) await file.writeFile(piece);
        },
        mayReplace: (old) => {
          if (old && !overwrite) throw new ToolError(`"${path}" exists already; choose another name or set overwrite.`);
        },
      });
      const said = `Packed ${count(gathered.places.length, "entry", "entries")}, ${formatBytes(gathered.bytes)}, into ${shown}.`;
      if (gathered.leftOut === 0) return said;
      return [
        said,
        `(${count(gathered.leftOut, "symbolic link or special file", "symbolic links or special files")} left out.)`,
      ];
    }

    const { file, size, shown } = await openFile(root, path);
    try {
      const { ArchiveGuard } = await import("./support/archive/entry.js");
      const guard = new ArchiveGuard(shown, size);
      const entries = await reader(file, size, shown, guard);
      if (action === "list") return await listing(entries, signal);
      const { unpack } = await import("./support/archive/unpack.js");
      const done = await unpack(entries, guard, { root, path: to ?? withoutEnding(path), signal });
      return `Unpacked ${count(done.files, "file")}, ${formatBytes(done.bytes)}, into ${done.shown}/.`;
    } finally {
      await file.close();
    }
  },
});

/** The format is told by the first bytes, so that the name does not matter. */
async function reader(
  file: FileHandle,
  size: number,
  shown: string,
  guard: ArchiveGuard,
): Promise<AsyncIterable<ArchiveEntry>> {
  const head = Buffer.alloc(2);
  await file.read(head, 0, 2, 0);
  if (head.toString("latin1") === "PK") {
    return (await import("./support/archive/zip.js")).readZip({ file, size, shown }, guard);
  }
  const gzipped = head[0] === 0x1f && head[1] === 0x8b;
  return (await import("./support/archive/tar.js")).readTar({ file, shown, gzipped }, guard);
}

function withoutEnding(path: string): string {
  const name = path.replace(ENDING, "");
  if (name === path) throw new ToolError("Give to: the folder to unpack into.");
  return name;
}

async function listing(entries: AsyncIterable<ArchiveEntry>, signal: AbortSignal): Promise<string[]> {
  const { printable } = await import("./support/archive/entry.js");
  const lines: string[] = [];
  let [all, bytes] = [0, 0];
  for await (const { name, kind, size } of entries) {
    signal.throwIfAborted();
    all++;
    bytes += size;
    const what = { file: formatBytes(size), folder: "folder", link: "link", other: "special file" }[kind];
    if (lines.length < MAX_LISTED) lines.push(`${printable(name)}  (${what})`);
  }
  const rest = all > lines.length ? `, the first ${MAX_LISTED} shown` : "";
  const summary = `(${count(all, "entry", "entries")}, ${formatBytes(bytes)} unpacked${rest}.)`;
  return lines.length === 0 ? [summary] : [lines.join("\n"), summary];
}
