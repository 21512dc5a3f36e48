// The file that takes what the daemon's app writes to stderr, which is little: notices, and the last words of one that dies. The keeper
// begins another where it has grown too large by the time of a start; while an app runs, the app sees to it.
// What the keeper itself has to say stands in lines of their own that begin with MARK.
import { closeSync, copyFileSync, fstatSync, openSync, readSync, truncateSync } from "node:fs";
import { join } from "node:path";

/** Begins a line of the keeper's. */
export const MARK = "--- ";
const MOST_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 64 * 1024;
const MOST_WORDS = 2_000;

export interface StderrFile {
  readonly path: string;
  /** Bytes, past which what is there becomes the file of before. */
  readonly most: number;
}

export function stderrFile(logs: string): StderrFile {
  return { path: join(logs, "daemon-stderr.log"), most: MOST_BYTES };
}

/** Makes room; it is written to by others meanwhile, at its end, so it stays the same file. */
export function cutStderr({ path, most }: StderrFile): void {
  try {
    const handle = openSync(path, "r");
    const { size } = fstatSync(handle);
    closeSync(handle);
    if (size <= most) return;
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

/** The end of what the last app wrote that has ended; empty where it wrote nothing, or where that can no longer be read. */
export function lastWords({ path }: StderrFile): string {
  try {
    const handle = openSync(path, "r");
    try {
      const { size } = fstatSync(handle);
      const bytes = Buffer.alloc(Math.min(size, READ_BYTES));
      const read = readSync(handle, bytes, 0, bytes.length, size - bytes.length);
      return lastWordsIn(bytes.toString("utf8", 0, read));
    } finally {
      closeSync(handle);
    }
  } catch {
    return "";
  }
}

/** What stands before the last line of an end, and after the mark before that. */
export function lastWordsIn(text: string): string {
  const lines = text.trimEnd().split("\n");
  const end = lines.findLastIndex((line) => line.startsWith(MARK) && / ended\b/.test(line));
  if (end < 0) return "";
  const begin = lines.findLastIndex((line, at) => at < end && line.startsWith(MARK));
  return lines
    .slice(begin + 1, end)
    .join("\n")
    .trim()
    .slice(-MOST_WORDS);
}
