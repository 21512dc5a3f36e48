// The work of search_files: it walks folders and matches lines in short slices, between which the process answers others and
// hears that the caller has gone or that the time is over. It follows no symlinks.
import { closeSync, constants, type Dirent, fstatSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ToolContext } from "../define.js";
import { breather } from "./breathe.js";
import { foldersFirst, isOpenInside, readFolderSync } from "./folder.js";
import { cut, textEncoding } from "./text.js";

export interface LinePattern {
  /** Characters of a line that it takes in one go without keeping others waiting. */
  readonly longest: number;
  /** Where in the line it matches first; -1: nowhere. */
  find(line: string): number;
}

export interface SearchJob {
  readonly root: string;
  /** Where to begin: a real path and its name relative to the root ("" for the root itself). */
  readonly start: string;
  readonly name: string;
  /** Where in a line the pattern matches first. */
  readonly pattern: LinePattern | undefined;
  /** Whether a file of this path, relative to the root, is meant. */
  readonly isMeant: (path: string) => boolean;
  readonly skip: readonly string[];
  readonly maxResults: number;
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  readonly maxDepth: number;
}

export interface SearchCounts {
  files: number;
  matchingFiles: number;
  tooLarge: number;
  unreadable: number;
  longLines: number;
}

export interface SearchOutcome {
  readonly lines: readonly string[];
  readonly counts: SearchCounts;
  readonly end: "done" | "results" | "files" | "time";
}

const SHOWN_CHARACTERS = 300;
const PROGRESS_EVERY = 200;

/** `until`: by the monotonic clock. */
export async function search(
  job: SearchJob,
  until: number,
  { signal, progress }: Pick<ToolContext, "signal" | "progress">,
): Promise<SearchOutcome> {
  const counts: SearchCounts = { files: 0, matchingFiles: 0, tooLarge: 0, unreadable: 0, longLines: 0 };
  const lines: string[] = [];
  const breathe = breather(signal);
  let end: SearchOutcome["end"] = "done";

  const found = (line: string) => {
    if (lines.length === job.maxResults) end = "results";
    else lines.push(line);
  };

  const file = async (path: string, name: string) => {
    if (!job.isMeant(name)) return;
    if (counts.files === job.maxFiles) {
      end = "files";
      return;
    }
    counts.files++;
    if (counts.files % PROGRESS_EVERY === 0) {
      progress(counts.files, undefined, "Searching");
      signal.throwIfAborted(); // a fast machine is hundreds of files further when it next rests
    }
    const before = lines.length;
    if (job.pattern) await matches(path, name, job.pattern);
    else found(name);
    if (lines.length > before) counts.matchingFiles++;
  };

  const matches = async (path: string, name: string, pattern: LinePattern) => {
    const text = read(path, job, counts);
    if (text === undefined) return;
    let number = 0;
    for (let at = 0; at <= text.length && end === "done"; ) {
      let stop = text.indexOf("\n", at);
      if (stop === -1) stop = text.length;
      number++;
      const line = text.slice(at, text[stop - 1] === "\r" && stop > at ? stop - 1 : stop);
      at = stop + 1;
      await rest();
      if (line.length > pattern.longest) {
        counts.longLines++;
        continue;
      }
      const hit = pattern.find(line);
      if (hit !== -1) found(`${name}:${number}: ${excerpt(line, hit)}`);
    }
  };

  const walk = async (folder: string, name: string, depth: number) => {
    let entries: Dirent[];
    try {
      entries = readFolderSync(job.root, folder).sort(foldersFirst);
    } catch {
      counts.unreadable++;
      return;
    }
    for (const entry of entries) {
      await rest();
      if (end !== "done") return;
      const path = join(folder, entry.name);
      const shown = name === "" ? entry.name : `${name}/${entry.name}`;
      if (entry.isFile()) await file(path, shown);
      else if (entry.isDirectory() && depth < job.maxDepth && !job.skip.includes(entry.name))
        await walk(path, shown, depth + 1);
    }
  };

  const rest = async () => {
    await breathe();
    if (end === "done" && performance.now() > until) end = "time";
  };

  signal.throwIfAborted();
  if (statSync(job.start).isDirectory()) await walk(job.start, job.name, 0);
  else await file(job.start, job.name);
  return { lines, counts, end };
}

/** The text of a file, or undefined if it is binary, too large, gone or not to be read. */
function read(path: string, job: SearchJob, counts: SearchCounts): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(fd);
    if (!stat.isFile() || !isOpenInside(job.root, fd)) return undefined;
    if (stat.size > job.maxFileBytes) {
      counts.tooLarge++;
      return undefined;
    }
    const bytes = Buffer.allocUnsafe(stat.size);
    let length = 0;
    for (let got = -1; got !== 0 && length < stat.size; length += got)
      got = readSync(fd, bytes, length, stat.size - length, null);
    const encoding = textEncoding(bytes.subarray(0, Math.min(length, 8_000)));
    return encoding && new TextDecoder(encoding).decode(bytes.subarray(0, length));
  } catch {
    counts.unreadable++;
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A long line is shown around its match. */
function excerpt(line: string, at: number): string {
  if (line.length <= SHOWN_CHARACTERS) return line;
  const from = Math.max(0, Math.min(at - 60, line.length - SHOWN_CHARACTERS));
  const part = cut(line.slice(from), SHOWN_CHARACTERS);
  return `${from > 0 ? "…" : ""}${part}${from + part.length < line.length ? "…" : ""}`;
}
