// Text on its way to a terminal. What a model, a tool or a server wrote is never written as it came: an escape code in it
// could move the cursor, recolour the screen or fake a prompt. Widths are counted in terminal cells, so that Chinese, emoji and
// accents line up.

import sliceAnsi from "slice-ansi";
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";
import { plainText } from "../supervision/index.js";
import { graphemesOf } from "./graphemes.js";

export const TAB = 4;

// Characters that show nothing or turn the text around them: an approval has to make them visible.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

/** Foreign text as plain lines: no escape codes, no control characters, tabs as spaces, `\n` alone as line end. */
export function printable(text: string): string {
  const plain = plainText(text);
  return plain.includes("\t") ? plain.replace(/[^\n]*\t[^\n]*/g, expandTabs) : plain;
}

/** Foreign text with everything invisible written out as `\u{…}`: what is shown is exactly what is there. Line ends stay. */
export function exact(text: string): string {
  return text.replace(HIDDEN, (character) =>
    character === "\n" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Foreign text on one line. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ").trim();
}

function expandTabs(line: string): string {
  let [out, cells] = ["", 0];
  for (const [index, part] of line.split("\t").entries()) {
    const gap = index === 0 ? 0 : TAB - (cells % TAB);
    out += " ".repeat(gap) + part;
    cells += gap + width(part);
  }
  return out;
}

const SGR = /\u001B\[[\d;]*m/g;
// Letters, punctuation, arrows, box drawing and our own glyphs: one cell each, and none joins with its neighbour.
const NARROW =
  /^[ -~\u00A1-\u00AC\u00AE-\u02FF\u0400-\u0482\u048A-\u052F\u2010-\u2027\u2030-\u205E\u2190-\u21FF\u22EE\u2500-\u257F\u25CB\u25CF\u2713\u2717\u2800-\u28FF]*$/;

/** True when every character is one cell to every terminal but those that are set to Chinese fonts. */
export function isNarrow(text: string): boolean {
  return NARROW.test(text.includes("\u001B") ? text.replace(SGR, "") : text);
}

/** Width in terminal cells; escape codes count nothing. */
export function width(text: string): number {
  const bare = text.includes("\u001B") ? text.replace(SGR, "") : text;
  return NARROW.test(bare) ? bare.length : stringWidth(bare);
}

/** The text, cut to `columns` cells with `ellipsis` as its last where it was longer. */
export function clip(text: string, columns: number, ellipsis = "…"): string {
  if (columns <= 0) return "";
  const start = text.length <= LONGEST_CLIPPED ? text : text.slice(0, LONGEST_CLIPPED).replace(HALF_WRITTEN, "");
  if (start === text && width(text) <= columns) return text;
  const cut = sliceAnsi(start, 0, columns - 1);
  // A wide character across the edge is taken whole: give it up.
  return (width(cut) < columns ? cut : sliceAnsi(start, 0, columns - 2)) + ellipsis;
}

/** More of a text, in UTF-16 units, is not looked at for one line of it: slicing takes time with the square of its length. */
const LONGEST_CLIPPED = 2_000;
/** A character or an escape code that was cut through. */
const HALF_WRITTEN = /(?:[\uD800-\uDBFF]|\u001B(?:\[[\d;]*|\][^\u0007]*)?)$/;

/** Fills the text with spaces to `columns` cells. */
export function pad(text: string, columns: number, align: "left" | "right" | "center" = "left"): string {
  const missing = columns - width(text);
  if (missing <= 0) return text;
  if (align === "right") return " ".repeat(missing) + text;
  if (align === "left") return text + " ".repeat(missing);
  const left = Math.floor(missing / 2);
  return " ".repeat(left) + text + " ".repeat(missing - left);
}

/** Prose is no wider than this, however wide the terminal: longer lines cannot be read. */
const WIDEST_PROSE = 110;

/** Prose broken at words into lines of at most `columns` cells; words longer than that are cut. */
export function prose(text: string, columns: number): string[] {
  return wrap(text, Math.min(columns, WIDEST_PROSE));
}

/** Text broken at words. */
export function wrap(text: string, columns: number): string[] {
  return wrapped(text, columns, true);
}

/** Text whose spaces mean something (code, what the user typed), broken into lines of at most `columns` cells. */
export function wrapExact(text: string, columns: number): string[] {
  return wrapped(text, columns, false);
}

function wrapped(text: string, columns: number, trim: boolean): string[] {
  const room = Math.max(1, columns);
  const atWords = (line: string): string[] =>
    !trim && line.length <= room && NARROW.test(line) ? [line] : wrapAnsi(line, room, { hard: true, trim }).split("\n");
  if (text.length <= LONGEST_AT_WORDS || text.includes("\u001B")) return atWords(text);
  return text.split("\n").flatMap((line) => (line.length <= LONGEST_AT_WORDS ? atWords(line) : rowsOf(line, room)));
}

/** A longer line, in UTF-16 units, is broken where it must be and not at words, which would take its time. */
const LONGEST_AT_WORDS = 4_000;

function rowsOf(line: string, columns: number): string[] {
  const rows: string[] = [];
  if (NARROW.test(line)) {
    for (let from = 0; from < line.length; from += columns) rows.push(line.slice(from, from + columns));
    return rows;
  }
  // Emoji take long to measure, and mostly the same ones come again.
  const widths = new Map<string, number>();
  let [from, cells] = [0, 0];
  for (const { segment, index } of graphemesOf(line)) {
    const own = widths.get(segment) ?? width(segment);
    widths.set(segment, own);
    if (cells + own > columns && index > from) {
      rows.push(line.slice(from, index));
      [from, cells] = [index, 0];
    }
    cells += own;
  }
  return [...rows, line.slice(from)];
}

/** Puts `first` before the first line and `rest` before the others. */
export function hang(lines: readonly string[], first: string, rest: string): string[] {
  return lines.map((line, index) => {
    const before = index === 0 ? first : rest;
    return line === "" ? before.trimEnd() : before + line;
  });
}
