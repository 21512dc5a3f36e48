// Finds files by name and lines by content. Sandboxed processes have no threads to end, so a pattern must not be able to hang
// this one: expressions run on an engine of linear time, texts are looked for as they are.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { resolveInside } from "./support/folder.js";
import { globTest } from "./support/glob.js";
import { compileRegex } from "./support/linear-regex.js";
import { type LinePattern, type SearchJob, type SearchOutcome, search } from "./support/search.js";
import { count, formatBytes } from "./support/text.js";

const MAX_FILES = 50_000;
const MAX_FILE_BYTES = 2_000_000;
const MAX_DEPTH = 64;
// Steps of a compiled pattern times characters of a line: about a fifth of a second.
const MAX_WORK = 20_000_000;
const SKIPPED = ["node_modules", ".git"];

export const searchFiles = defineTool({
  name: "search_files",
  description:
    "Search the working folder and everything below it: for lines that contain a text or match a regular expression (query), " +
    "for files by name (glob), or for lines in files of that name (both). Results are path:line: text. It skips node_modules, " +
    ".git, binary files and files over 2 MB.",
  input: z.strictObject({
    query: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe("Text to find in the lines of files; leave out to find files by glob"),
    regex: z
      .boolean()
      .default(false)
      .describe("Take query as a regular expression (RE2: no lookaround or backreferences), matched line by line"),
    case_sensitive: z.boolean().default(false).describe("Tell upper from lower case"),
    glob: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        "Only files whose name matches, such as *.ts or src/**/*.{json,toml}; paths are relative to the working folder",
      ),
    path: z.string().min(1).max(4096).default(".").describe("Folder or file to search, relative to the working folder"),
    include_ignored: z.boolean().default(false).describe("Also search node_modules and .git"),
    max_results: z.int().min(1).max(1_000).default(100).describe("Stop after this many results"),
  }),
  annotations: {
    title: "Search files",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler(args, context) {
    const { root, limits } = context;
    if (args.query === undefined && args.glob === undefined) {
      throw new ToolError("Give query to search in files, glob to search for names, or both.");
    }
    const start = await resolveInside(root, args.path);
    if (!start.exists) throw new ToolError(`"${args.path}" does not exist; use list_directory to find the right path.`);
    const job: SearchJob = {
      root,
      start: start.real,
      name: start.shown === "." ? "" : start.shown.replaceAll("\\", "/"),
      pattern: args.query === undefined ? undefined : await patternOf(args.query, args.regex, args.case_sensitive),
      isMeant: args.glob === undefined ? () => true : await globTest(args.glob),
      skip: args.include_ignored ? [] : SKIPPED,
      maxResults: args.max_results,
      maxFiles: MAX_FILES,
      maxFileBytes: MAX_FILE_BYTES,
      maxDepth: MAX_DEPTH,
    };
    // Half of the caller's time, so that what was found by then still reaches the caller.
    const timeMs = limits.timeMs / 2;
    const outcome = await search(job, performance.now() + timeMs, context);
    return report(outcome, job, timeMs);
  },
});

async function patternOf(query: string, regex: boolean, caseSensitive: boolean): Promise<LinePattern> {
  if (!regex) {
    // Nothing in it can backtrack.
    const text = new RegExp(query.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), caseSensitive ? "" : "i");
    return { longest: MAX_FILE_BYTES, find: (line) => line.search(text) };
  }
  const compiled = await compileRegex(query, { ignoreCase: !caseSensitive }, "query");
  return {
    longest: Math.floor(MAX_WORK / compiled.programSize()),
    find(line) {
      const matcher = compiled.matcher(line);
      return matcher.find() ? matcher.start() : -1;
    },
  };
}

function report({ lines, counts, end }: SearchOutcome, job: SearchJob, timeMs: number): string[] {
  const said: string[] = [];
  const files = count(counts.files, "file");
  if (end === "done") {
    said.push(
      job.pattern
        ? `${count(lines.length, "match", "matches")} in ${counts.matchingFiles} of ${files}`
        : `${count(lines.length, "file")} found`,
    );
  }
  if (end === "results")
    said.push(`stopped at ${count(lines.length, "result")}; narrow the search or raise max_results`);
  if (end === "files") said.push(`stopped after ${files}; narrow path or glob`);
  if (end === "time")
    said.push(`stopped after ${timeMs / 1_000} s with ${count(lines.length, "result")}; simplify query or narrow path`);
  if (counts.tooLarge > 0) said.push(`${count(counts.tooLarge, "file")} over ${formatBytes(MAX_FILE_BYTES)} skipped`);
  if (counts.longLines > 0) said.push(`${count(counts.longLines, "line")} too long for this pattern skipped`);
  if (counts.unreadable > 0) said.push(`${count(counts.unreadable, "entry", "entries")} could not be read`);
  const summary = `(${said.join("; ")}.)`;
  return lines.length === 0 ? [summary] : [lines.join("\n"), summary];
}
