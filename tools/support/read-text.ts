// A whole file as bytes or text, up to a limit: for tools that need all of it at once. read_file reads in parts and has no limit.
import type { Stats } from "node:fs";
import { TextDecoder } from "node:util";
import { ToolError } from "../define.js";
import { fileProblem, openFile } from "./folder.js";
import { formatBytes, textEncoding } from "./text.js";

export interface WholeFile {
  readonly bytes: Uint8Array;
  readonly stat: Stats;
  readonly shown: string;
}

/** Reads a regular file of at most `maxBytes`. */
export async function readWhole(root: string, path: string, maxBytes: number, signal: AbortSignal): Promise<WholeFile> {
  const { file, shown } = await openFile(root, path);
  try {
    const stat = await file.stat();
    // What a file says of its size is only a hint: it may grow, and some files of the system say 0 and never end.
    const pieces: Buffer[] = [];
    let length = 0;
    for (let hint = Math.min(stat.size, maxBytes) + 1; ; hint = 64 * 1024) {
      signal.throwIfAborted();
      const piece = Buffer.allocUnsafe(hint);
      const { bytesRead } = await file.read(piece, 0, hint);
      if (bytesRead === 0) break;
      pieces.push(piece.subarray(0, bytesRead));
      length += bytesRead;
      if (length > maxBytes) {
        throw new ToolError(`"${shown}" is over ${formatBytes(maxBytes)}, too large for this; choose a smaller file.`);
      }
    }
    return { bytes: pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, length), stat, shown };
  } catch (error) {
    throw fileProblem(error, path);
  } finally {
    await file.close();
  }
}

/** Reads a text file of at most `maxBytes`; a byte order mark is dropped, bytes that are no text become U+FFFD. */
export async function readText(
  root: string,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ text: string; shown: string }> {
  const { bytes, shown } = await readWhole(root, path, maxBytes, signal);
  return { text: new TextDecoder(encodingOf(bytes, shown)).decode(bytes), shown };
}

/** How to decode the text of a file; throws a ToolError if it is no text. */
export function encodingOf(bytes: Uint8Array, shown: string): "utf-8" | "utf-16le" | "utf-16be" {
  const encoding = textEncoding(bytes);
  if (encoding !== undefined) return encoding;
  throw new ToolError(
    `"${shown}" is a binary file (${formatBytes(bytes.length)}), not text; this works on text files alone.`,
  );
}

/** The text that was given, or that of the file that was: exactly one of them. `field` is how the caller names the text. */
export async function textOrFile(
  given: { readonly text?: string | undefined; readonly path?: string | undefined; readonly field?: string },
  maxBytes: number,
  { root, signal }: { readonly root: string; readonly signal: AbortSignal },
): Promise<string> {
  const { text, path, field = "text" } = given;
  if (text !== undefined && path === undefined) return text;
  if (path !== undefined && text === undefined) return (await readText(root, path, maxBytes, signal)).text;
  throw new ToolError(`Give either ${field} or path, and not both.`);
}
