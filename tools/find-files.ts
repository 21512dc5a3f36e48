// Finds files and folders by what they are: name, kind, size, age. Their content is search_files' work.
import { lstat } from "node:fs/promises";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { fileProblem, resolveInside } from "./support/folder.js";
import { globTest } from "./support/glob.js";
import { count, formatBytes } from "./support/text.js";
import { IGNORED, type Place, walk } from "./support/walk.js";

const MAX_SEEN = 100_000;
const MAX_DEPTH = 64;
const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export const findFiles = defineTool({
  name: "find_files",
  description:
    "Find files or folders below a folder by name pattern, size or time of change, and list them with size and date; sort by size " +
    "or by date to find the largest or the newest. Skips .git and node_modules, and does not follow symbolic links. To find text " +
    "inside files use search_files; to see the shape of a folder use directory_tree.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).default(".").describe("The folder to look in, relative to the working folder"),
    glob: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        "Name pattern, such as *.log, or with slashes a path from the working folder, such as src/**/*.{ts,tsx}",
      ),
    type: z.enum(["file", "folder", "any"]).default("file").describe("What to find"),
    min_bytes: z.int().min(0).optional().describe("Only files of at least this size"),
    max_bytes: z.int().min(0).optional().describe("Only files of at most this size"),
    modified_since: z
      .string()
      .min(2)
      .max(40)
      .optional()
      .describe(
        "Only what changed since: a date such as 2026-01-31 or 2026-01-31T12:00Z, or an age such as 30m, 24h, 7d, 2w",
      ),
    sort: z
      .enum(["path", "size", "modified"])
      .default("path")
      .describe("Order: by path, largest first, or newest first"),
    include_ignored: z.boolean().default(false).describe("Also look in .git and node_modules"),
    max_results: z.int().min(1).max(1_000).default(100).describe("Show at most this many"),
  }),
  annotations: {
    title: "Find files",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler(args, { root, signal, limits, progress }) {
    const { min_bytes: min = 0, max_bytes: max = Number.POSITIVE_INFINITY, sort } = args;
    if (min > max) throw new ToolError("min_bytes is above max_bytes; swap them.");
    const since = args.modified_since === undefined ? Number.NEGATIVE_INFINITY : timeOf(args.modified_since);
    const named = args.glob === undefined ? () => true : await globTest(args.glob);
    const sized = args.min_bytes !== undefined || args.max_bytes !== undefined;
    const start = await resolveInside(root, args.path);
    const stat = await lstat(start.real).catch((error) => {
      throw fileProblem(error, args.path);
    });
    if (!stat.isDirectory()) throw new ToolError(`"${args.path}" is a file; give a folder to look in.`);

    // Half of the caller's time, so that what was found by then still reaches the caller.
    const deadline = performance.now() + limits.timeMs / 2;
    const found: Place[] = [];
    let [seen, unread, end] = [0, 0, ""];
    const skip = args.include_ignored ? [] : IGNORED;
    const incomplete = () => void unread++;
    const name = start.shown === "." ? "" : start.shown.replaceAll("\\", "/");
    for await (const place of walk({ root, signal, skip, maxDepth: MAX_DEPTH, incomplete }, start.real, name)) {
      if (++seen % 1_000 === 0) progress(seen, undefined, "Looking");
      if (seen > MAX_SEEN) end = `stopped after ${MAX_SEEN} entries: narrow path`;
      if (performance.now() > deadline) end = "stopped for lack of time: narrow path";
      if (end !== "") break;
      if (args.type !== "any" && place.kind !== args.type) continue;
      if (sized && (place.kind !== "file" || place.size < min || place.size > max)) continue;
      if (place.modifiedMs >= since && named(place.shown)) found.push(place);
    }
    if (sort === "size") found.sort((a, b) => b.size - a.size);
    if (sort === "modified") found.sort((a, b) => b.modifiedMs - a.modifiedMs);

    const lines = found.slice(0, args.max_results).map(line);
    const said = [found.length > lines.length ? `${lines.length} of ${found.length} found` : `${found.length} found`];
    said.push(`in ${count(seen, "entry", "entries")}`);
    if (found.length > lines.length) said.push("raise max_results or narrow the search");
    if (unread > 0) said.push(`${count(unread, "folder")} not read to the end`);
    if (end !== "") said.push(end);
    const summary = `(${said.join("; ")}.)`;
    return lines.length === 0 ? summary : [lines.join("\n"), summary];
  },
});

function line({ shown, kind, size, modifiedMs }: Place): string {
  const what = { file: formatBytes(size), folder: "folder", link: "symbolic link", other: "special file" }[kind];
  const when = new Date(modifiedMs).toISOString().slice(0, 16).replace("T", " ");
  return `${shown}${kind === "folder" ? "/" : ""}  (${what}, ${when} UTC)`;
}

function timeOf(text: string): number {
  const age = /^(\d{1,6})([mhdw])$/.exec(text.trim());
  if (age) return Date.now() - Number(age[1]) * UNITS_MS[age[2] as keyof typeof UNITS_MS]; // the pattern allows these four
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new ToolError(
      `modified_since "${text}" is neither a date such as 2026-01-31 nor an age such as 30m, 24h, 7d or 2w.`,
    );
  }
  return at;
}
