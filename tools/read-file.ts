// Reads text in bounded memory whatever the size of the file: it is decoded piece by piece, lines before the range are dropped
// as they pass, and reading stops at the end of the range or at the limit, with a word on how to go on from there.
import type { FileHandle } from "node:fs/promises";
import { TextDecoder } from "node:util";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { openFile } from "./support/folder.js";
import { count, cut, formatBytes, textEncoding } from "./support/text.js";

const MAX_CHARACTERS = 250_000;
const PIECE_BYTES = 64 * 1024;

export const readFile = defineTool({
  name: "read_file",
  description:
    "Read a text file of the working folder and return its content unchanged. Use it when the path is known; use search_files " +
    "to find files or text and list_directory to see what exists. Long files come in parts of up to 250,000 characters: " +
    "continue with start_line. Binary files are refused.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).describe("The file, relative to the working folder, such as src/main.ts"),
    start_line: z.int().min(1).optional().describe("First line to return, counted from 1 (default: 1)"),
    end_line: z.int().min(1).optional().describe("Last line to return, included (default: the end of the file)"),
  }),
  annotations: {
    title: "Read a file",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ path, start_line: start = 1, end_line: end = Number.POSITIVE_INFINITY }, { root, signal }) {
    if (end < start) throw new ToolError(`end_line ${end} comes before start_line ${start}; swap them.`);
    const { file, size, shown } = await openFile(root, path);
    try {
      const part = await readLines(file, start, end, signal, shown, size);
      return [part.text, ...remarks(part, shown, size, start)];
    } finally {
      await file.close();
    }
  },
});

interface Part {
  readonly text: string;
  /** Where reading stopped before the end of the range: after this line, or within it. */
  readonly cut?: { readonly line: number; readonly within: boolean };
}

async function readLines(
  file: FileHandle,
  start: number,
  end: number,
  signal: AbortSignal,
  shown: string,
  size: number,
): Promise<Part> {
  const bytes = Buffer.allocUnsafe(PIECE_BYTES);
  let decoder: TextDecoder | undefined;
  let line = 1;
  let text = "";
  let wholeLines = 0; // how much of `text` ends in a line break
  let begun = false; // whether anything of the current line was seen

  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(bytes, 0, PIECE_BYTES);
    const piece = bytes.subarray(0, bytesRead);
    decoder ??= new TextDecoder(encodingOf(piece, shown, size));
    const decoded = decoder.decode(piece, { stream: bytesRead > 0 });
    for (let at = 0; at < decoded.length; ) {
      const lineBreak = decoded.indexOf("\n", at);
      const next = lineBreak === -1 ? decoded.length : lineBreak + 1;
      if (line >= start) {
        if (text.length + next - at > MAX_CHARACTERS) {
          if (wholeLines > 0) return { text: text.slice(0, wholeLines), cut: { line: line - 1, within: false } };
          return { text: cut(text + decoded.slice(at, next), MAX_CHARACTERS), cut: { line, within: true } };
        }
        text += decoded.slice(at, next);
      }
      begun = lineBreak === -1;
      if (!begun) {
        wholeLines = text.length;
        if (line === end) return { text };
        line++;
      }
      at = next;
    }
    if (bytesRead === 0) break;
  }
  const lines = begun ? line : line - 1;
  if (start > Math.max(lines, 1)) {
    throw new ToolError(`"${shown}" has only ${count(lines, "line")}; choose a start_line up to that.`);
  }
  return { text };
}

function encodingOf(head: Uint8Array, shown: string, size: number): string {
  const encoding = textEncoding(head);
  if (encoding !== undefined) return encoding;
  throw new ToolError(`"${shown}" is a binary file (${formatBytes(size)}), not text; read_file can only show text.`);
}

function remarks(part: Part, shown: string, size: number, start: number): string[] {
  const said: string[] = [];
  if (part.text === "" && start === 1) said.push(`(${shown} is empty.)`);
  if (part.cut?.within) {
    said.push(
      `(Line ${part.cut.line} of ${shown} is longer than one read may return and was cut; use search_files on it.)`,
    );
  } else if (part.cut) {
    const next = part.cut.line + 1;
    said.push(
      `(Lines ${start} to ${part.cut.line} of ${shown}, ${formatBytes(size)} in all; go on with start_line ${next}.)`,
    );
  }
  if (part.text.includes("\uFFFD")) {
    said.push("(Characters shown as \uFFFD are bytes that are not valid text in this file's encoding.)");
  }
  return said;
}
