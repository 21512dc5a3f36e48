// The part of search_files that runs in a thread of its own: it walks folders and matches lines with plain blocking calls, and
// whoever started it may end the thread at any time, even in the middle of one regular expression. It follows no symlinks.
import { closeSync, constants, type Dirent, fstatSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { foldersFirst, isOpenInside, readFolderSync } from "./folder.js";
import type { Glob } from "./glob.js";
import { cut, textEncoding } from "./text.js";

export interface SearchJob {
  readonly root: string;
  /** Where to begin: a real path and its name relative to the root ("" for the root itself). */
  readonly start: string;
  readonly name: string;
  readonly pattern: { readonly source: string; readonly flags: string } | undefined;
  readonly glob: Glob | undefined;
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
}

export type SearchNews =
  | { readonly type: "found"; readonly line: string }
  | { readonly type: "progress"; readonly counts: SearchCounts }
  | { readonly type: "done"; readonly counts: SearchCounts; readonly full: "results" | "files" | undefined };

const SHOWN_CHARACTERS = 300;
const PROGRESS_EVERY = 200;

function search(job: SearchJob, tell: (news: SearchNews) => void): void {
  const counts: SearchCounts = { files: 0, matchingFiles: 0, tooLarge: 0, unreadable: 0 };
  const glob = job.glob && new RegExp(job.glob.source);
  const pattern = job.pattern && new RegExp(job.pattern.source, job.pattern.flags);
  let results = 0;
  let full: "results" | "files" | undefined;

  const found = (line: string) => {
    if (results === job.maxResults) full = "results";
    else tell({ type: "found", line });
    results++;
  };

  const file = (path: string, name: string, base: string) => {
    if (glob && !glob.test(job.glob?.wholePath ? name : base)) return;
    if (counts.files === job.maxFiles) {
      full = "files";
      return;
    }
    counts.files++;
    if (counts.files % PROGRESS_EVERY === 0) tell({ type: "progress", counts });
    const before = results;
    if (pattern) for (const line of matches(path, name, pattern)) found(line);
    else found(name);
    if (results > before) counts.matchingFiles++;
  };

  function* matches(path: string, name: string, pattern: RegExp): Generator<string> {
    const text = read(path, job, counts);
    if (text === undefined) return;
    let number = 0;
    for (let at = 0; at <= text.length; ) {
      let end = text.indexOf("\n", at);
      if (end === -1) end = text.length;
      number++;
      const line = text.slice(at, text[end - 1] === "\r" && end > at ? end - 1 : end);
      at = end + 1;
      const hit = pattern.exec(line);
      if (!hit) continue;
      yield `${name}:${number}: ${excerpt(line, hit.index)}`;
      if (full) return;
    }
  }

  const walk = (folder: string, name: string, depth: number) => {
    let entries: Dirent[];
    try {
      entries = readFolderSync(job.root, folder).sort(foldersFirst);
    } catch {
      counts.unreadable++;
      return;
    }
    for (const entry of entries) {
      if (full) return;
      const path = join(folder, entry.name);
      const shown = name === "" ? entry.name : `${name}/${entry.name}`;
      if (entry.isFile()) file(path, shown, entry.name);
      else if (entry.isDirectory() && depth < job.maxDepth && !job.skip.includes(entry.name))
        walk(path, shown, depth + 1);
    }
  };

  if (statSync(job.start).isDirectory()) walk(job.start, job.name, 0);
  else file(job.start, job.name, job.name.slice(job.name.lastIndexOf("/") + 1));
  tell({ type: "done", counts, full });
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

if (parentPort) {
  const port = parentPort;
  // The one who starts this thread is search-files.ts, and it sends exactly this type.
  search(workerData as SearchJob, (news) => port.postMessage(news));
}
