// Finds files by name and lines by content. The walk and the matching run in a worker thread that is ended when the time is
// over or the caller cancels: a regular expression that backtracks without end stops there too, while this thread stays free.
// That leaves the full JavaScript syntax to the caller, where a linear-time engine would forbid parts of it.
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { codeOf, resolveInside } from "./support/folder.js";
import { parseGlob } from "./support/glob.js";
import type { SearchCounts, SearchJob, SearchNews } from "./support/search-worker.js";
import { count, formatBytes } from "./support/text.js";

const MAX_FILES = 50_000;
const MAX_FILE_BYTES = 2_000_000;
const MAX_DEPTH = 64;
const MAX_MEMORY_MB = 128;
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
    regex: z.boolean().default(false).describe("Take query as a JavaScript regular expression, matched line by line"),
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
  async handler(args, { root, signal, limits, progress }) {
    if (args.query === undefined && args.glob === undefined) {
      throw new ToolError("Give query to search in files, glob to search for names, or both.");
    }
    const start = await resolveInside(root, args.path);
    if (!start.exists) throw new ToolError(`"${args.path}" does not exist; use list_directory to find the right path.`);
    const job: SearchJob = {
      root,
      start: start.real,
      name: start.shown === "." ? "" : start.shown.replaceAll("\\", "/"),
      pattern: args.query === undefined ? undefined : patternOf(args.query, args.regex, args.case_sensitive),
      glob: args.glob === undefined ? undefined : parseGlob(args.glob),
      skip: args.include_ignored ? [] : SKIPPED,
      maxResults: args.max_results,
      maxFiles: MAX_FILES,
      maxFileBytes: MAX_FILE_BYTES,
      maxDepth: MAX_DEPTH,
    };
    // Half of the caller's time, so that what was found by then still reaches the caller.
    const timeMs = limits.timeMs / 2;
    const outcome = await run(job, timeMs, signal, (counts) => progress(counts.files, undefined, "Searching"));
    return report(outcome, job, timeMs);
  },
});

function patternOf(query: string, regex: boolean, caseSensitive: boolean): { source: string; flags: string } {
  const source = regex ? query : query.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const flags = caseSensitive ? "" : "i";
  try {
    new RegExp(source, flags);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /s, "") : "";
    throw new ToolError(
      `query is no valid regular expression (${why}); correct it, or set regex to false to find it as text.`,
    );
  }
  return { source, flags };
}

interface Outcome {
  readonly lines: readonly string[];
  readonly counts: SearchCounts;
  readonly end: "done" | "results" | "files" | "time";
}

async function run(
  job: SearchJob,
  timeMs: number,
  signal: AbortSignal,
  progress: (counts: SearchCounts) => void,
): Promise<Outcome> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./support/search-worker.js", import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
    // What a worker prints would otherwise go to this process's stdout, which belongs to the protocol.
    stdout: true,
    stderr: true,
  });
  const lines: string[] = [];
  let counts: SearchCounts = { files: 0, matchingFiles: 0, tooLarge: 0, unreadable: 0 };
  let timer: NodeJS.Timeout | undefined;
  let cancel: (() => void) | undefined;
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      cancel = () => reject(signal.reason);
      signal.addEventListener("abort", cancel, { once: true });
      timer = setTimeout(() => resolve({ lines, counts, end: "time" }), timeMs);
      worker.on("message", (news: SearchNews) => {
        if (news.type === "found") lines.push(news.line);
        else counts = news.counts;
        if (news.type === "progress") progress(counts);
        if (news.type === "done") resolve({ lines, counts, end: news.full ?? "done" });
      });
      worker.once("error", (error) =>
        reject(
          codeOf(error) === "ERR_WORKER_OUT_OF_MEMORY"
            ? new ToolError("The search used too much memory; narrow path or glob.", { cause: error })
            : error,
        ),
      );
    });
  } finally {
    clearTimeout(timer);
    if (cancel) signal.removeEventListener("abort", cancel);
    await worker.terminate();
  }
}

function report({ lines, counts, end }: Outcome, job: SearchJob, timeMs: number): string[] {
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
  if (counts.unreadable > 0) said.push(`${count(counts.unreadable, "entry", "entries")} could not be read`);
  const summary = `(${said.join("; ")}.)`;
  return lines.length === 0 ? [summary] : [lines.join("\n"), summary];
}
