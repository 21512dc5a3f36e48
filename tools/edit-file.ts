// Replaces passages of a text file, all or none. The passages are found as they stand, save that a line break in them stands for
// whatever the file breaks its lines with; everything around them keeps its bytes: byte order mark, line breaks, encoding.
import type { Stats } from "node:fs";
import { TextDecoder } from "node:util";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { breather } from "./support/breathe.js";
import { findAll } from "./support/find-all.js";
import { resolveInside } from "./support/folder.js";
import { oneAtATime } from "./support/one-at-a-time.js";
import { encodingOf, readWhole } from "./support/read-text.js";
import { replaceFile } from "./support/replace-file.js";
import { count } from "./support/text.js";
import { unifiedDiff } from "./support/unified-diff.js";

const MAX_BYTES = 2_000_000;
const MAX_CHARACTERS = 200_000;
const MAX_EDITS = 100;
const MAX_PLACES = 100_000;

interface Edit {
  readonly old_text: string;
  readonly new_text: string;
  readonly replace_all: boolean;
}

export const editFile = defineTool({
  name: "edit_file",
  description:
    "Change parts of a text file: each edit replaces an exact passage (old_text) by another (new_text), in the order given, and " +
    "either all are made or none. old_text must occur exactly once unless replace_all is set, so copy it from read_file with " +
    "enough lines around it. Shows the change as a diff. Keeps line breaks, encoding and permissions. Files up to 2 MB; for a new " +
    "file or a full rewrite use write_file.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).describe("The file, relative to the working folder, such as src/main.ts"),
    edits: z
      .array(
        z.strictObject({
          old_text: z
            .string()
            .min(1)
            .max(MAX_CHARACTERS)
            .describe("The passage to replace, exactly as it is in the file"),
          new_text: z.string().max(MAX_CHARACTERS).describe("What takes its place; empty to remove the passage"),
          replace_all: z.boolean().default(false).describe("Replace every place where old_text occurs"),
        }),
      )
      .min(1)
      .max(MAX_EDITS)
      .describe("The changes, in order; a later one sees the result of those before it"),
  }),
  annotations: {
    title: "Edit a file",
    readOnlyHint: false,
    idempotentHint: false,
    destructiveHint: true,
    openWorldHint: false,
  },
  needs: ["files:read", "files:write"],
  async handler({ path, edits }, { root, signal }) {
    const { real } = await resolveInside(root, path);
    return oneAtATime(real, async () => {
      const { bytes, stat, shown } = await readWhole(root, path, MAX_BYTES, signal);
      const { text, encode } = decode(bytes, shown);
      const lineBreak = usualLineBreak(text);
      let edited = text;
      let places = 0;
      const breathe = breather(signal);
      for (const [i, edit] of edits.entries()) {
        await breathe();
        const done = apply(edit, edited, lineBreak, `edits[${i}].old_text`, shown);
        edited = done.text;
        places += done.places;
      }
      if (edited === text)
        throw new ToolError(`The edits change nothing in ${shown}; new_text is the same as old_text.`);
      const content = encode(edited);
      if (content.length > MAX_BYTES) throw new ToolError(`${shown} would grow over 2 MB; make smaller edits.`);
      const mayReplace = (now: Stats | undefined) => {
        if (now?.ino === stat.ino && now.mtimeMs === stat.mtimeMs && now.size === stat.size) return;
        throw new ToolError(
          `${shown} was changed by somebody else meanwhile and is left alone; read it and edit again.`,
        );
      };
      await replaceFile(root, { path, signal, fill: (file) => file.writeFile(content), mayReplace });
      const { diff, summary } = await unifiedDiff([`a/${shown}`, text], [`b/${shown}`, edited]);
      const said = `Edited ${shown}: ${count(places, "place")}, ${summary}.`;
      return diff ? [said, diff] : said;
    });
  },
});

/** The text with its byte order mark, and the way back to bytes. Bytes that are no text would be lost on that way. */
function decode(bytes: Uint8Array, shown: string): { text: string; encode(text: string): Buffer } {
  const encoding = encodingOf(bytes, shown);
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    if (encoding === "utf-8") return { text, encode: (edited) => Buffer.from(edited, "utf8") };
    const little = (edited: string) => Buffer.from(edited, "utf16le");
    return { text, encode: encoding === "utf-16le" ? little : (edited) => little(edited).swap16() };
  } catch (error) {
    throw new ToolError(`${shown} holds bytes that are no valid ${encoding} text, which an edit would lose.`, {
      cause: error,
    });
  }
}

function usualLineBreak(text: string): "\n" | "\r\n" {
  let [all, pairs] = [0, 0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    all++;
    if (text[at - 1] === "\r") pairs++;
  }
  return pairs > all / 2 ? "\r\n" : "\n";
}

function apply(
  { old_text: old, new_text: fresh, replace_all: everywhere }: Edit,
  text: string,
  lineBreak: string,
  field: string,
  shown: string,
): { text: string; places: number } {
  const found = occurrences(text, old.replace(/\r\n/g, "\n"));
  if (found.length > MAX_PLACES) throw new ToolError(`${field} occurs over ${MAX_PLACES} times; give more of it.`);
  if (found.length === 0) throw new ToolError(`${field} does not occur in ${shown}; ${nearly(old, text)}.`);
  if (found.length > 1 && !everywhere) {
    const lines = linesOf(
      text,
      found.slice(0, 5).map(({ from }) => from),
    );
    const more = found.length > 5 ? ", …" : "";
    throw new ToolError(
      `${field} occurs ${found.length} times in ${shown} (lines ${lines.join(", ")}${more}); give more lines around it, or set replace_all.`,
    );
  }
  const replacement = fresh.replace(/\r?\n/g, lineBreak);
  const parts: string[] = [];
  let at = 0;
  for (const { from, to } of found) {
    parts.push(text.slice(at, from), replacement);
    at = to;
  }
  parts.push(text.slice(at));
  return { text: parts.join(""), places: found.length };
}

/** Where a passage stands, its line breaks taken for those of the text. */
function occurrences(text: string, passage: string): { readonly from: number; readonly to: number }[] {
  const starts = findAll(text.replaceAll("\r\n", "\n"), passage, MAX_PLACES + 1);
  let [at, plain] = [0, 0]; // the same place in the text and in the text with plain line breaks
  let pair = text.indexOf("\r\n");
  const advance = (to: number) => {
    while (pair !== -1 && pair - at < to - plain) {
      plain += pair - at + 1;
      at = pair + 2;
      pair = text.indexOf("\r\n", at);
    }
    at += to - plain;
    plain = to;
    return at;
  };
  if (pair === -1) return starts.map((from) => ({ from, to: from + passage.length }));
  return starts.map((start) => ({ from: advance(start), to: advance(start + passage.length) }));
}

/** What to do about a passage that is not there: often only its white space differs. */
function nearly(old: string, text: string): string {
  const bare = (line: string) => line.replace(/\s+/g, " ").trim();
  if (text.length > MAX_CHARACTERS) return "read the file and copy the passage exactly";
  const wanted = old.trim().split(/\r?\n/).map(bare);
  const [at = -1] = findAll(text.split(/\r?\n/).map(bare), wanted, 1);
  if (at === -1) return "read the file and copy the passage exactly";
  return `a passage that differs from it in white space alone begins at line ${at + 1}: copy that one exactly`;
}

/** The line numbers of offsets, which are in order. */
function linesOf(text: string, offsets: readonly number[]): number[] {
  let [line, at] = [1, 0];
  return offsets.map((offset) => {
    for (let next = text.indexOf("\n", at); next !== -1 && next < offset; next = text.indexOf("\n", at)) {
      line++;
      at = next + 1;
    }
    return line;
  });
}
