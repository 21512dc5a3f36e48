// How the editor's text lies on the screen: lines broken into rows at words, the rows around the cursor, and the motion
// up and down between rows. Rows keep where they start in the text, so that a place on the screen is a place in the text.
import { at, type EditorState } from "./editor-state.js";
import { graphemesOf } from "./graphemes.js";
import { type Pastes, shown } from "./pastes.js";
import { width } from "./text.js";
import { lineEnd, lineStart } from "./text-places.js";

export interface Row {
  /** Where the row starts and ends in the text. */
  readonly start: number;
  readonly end: number;
}

export interface Rows {
  readonly rows: readonly Row[];
  /** Which of the rows holds the cursor. */
  readonly cursorRow: number;
  /** True when there are rows above the first or below the last one shown. */
  readonly above: boolean;
  readonly below: boolean;
}

const ASCII = /^[ -~]*$/;

/** The rows to show: those around the cursor, at most `height` of them. */
export function rowsAround(state: EditorState, columns: number, height: number): Rows {
  const { text, cursor, pastes } = state;
  let first = lineStart(text, cursor);
  let last = lineEnd(text, cursor);
  const rows = rowsOfLine(text, first, last, columns, pastes);
  let cursorRow = rowAt(rows, cursor);
  // Neighbouring lines until the height is filled on both sides; what is too much is cut off below.
  while (first > 0 && cursorRow < height) {
    const start = lineStart(text, first - 1);
    const more = rowsOfLine(text, start, first - 1, columns, pastes);
    rows.unshift(...more);
    cursorRow += more.length;
    first = start;
  }
  while (last < text.length && rows.length - cursorRow <= height) {
    const stop = lineEnd(text, last + 1);
    rows.push(...rowsOfLine(text, last + 1, stop, columns, pastes));
    last = stop;
  }
  const from = Math.max(0, Math.min(cursorRow - Math.floor(height / 2), rows.length - height));
  const visible = rows.slice(from, from + height);
  return {
    rows: visible,
    cursorRow: cursorRow - from,
    above: from > 0 || first > 0,
    below: from + height < rows.length || last < text.length,
  };
}

/** The cursor one row up (-1) or down (1) at the same column; undefined when there is no such row. */
export function vertical(state: EditorState, columns: number, step: -1 | 1): EditorState | undefined {
  const { text, cursor, pastes } = state;
  const first = lineStart(text, cursor);
  const last = lineEnd(text, cursor);
  const rows = rowsOfLine(text, first, last, columns, pastes);
  const current = rowAt(rows, cursor);
  let target = rows[current + step];
  if (target === undefined && step === -1 && first > 0) {
    target = rowsOfLine(text, lineStart(text, first - 1), first - 1, columns, pastes).at(-1);
  }
  if (target === undefined && step === 1 && last < text.length) {
    target = rowsOfLine(text, last + 1, lineEnd(text, last + 1), columns, pastes)[0];
  }
  if (target === undefined) return undefined;
  const column = width(shown(text.slice(rows[current]?.start ?? first, cursor), pastes));
  return at(state, atColumn(state, target, column));
}

function rowAt(rows: readonly Row[], cursor: number): number {
  const found = rows.findIndex((row, index) => cursor < row.end || index === rows.length - 1);
  return Math.max(0, found);
}

function atColumn({ text, pastes }: EditorState, row: Row, column: number): number {
  let position = row.start;
  let cells = 0;
  for (const { segment } of graphemesOf(text.slice(row.start, row.end))) {
    cells += width(shown(segment, pastes));
    if (cells > column) break;
    position += segment.length;
  }
  // The end of a row that goes on is the start of the next one: stay in this row.
  const continued = position === row.end && text[row.end] !== "\n" && row.end < text.length;
  return continued ? Math.max(row.start, row.end - 1) : position;
}

function rowsOfLine(text: string, start: number, end: number, columns: number, pastes: Pastes): Row[] {
  const line = text.slice(start, end);
  return ASCII.test(line) ? asciiRows(line, start, columns) : wideRows(line, start, columns, pastes);
}

function asciiRows(line: string, start: number, columns: number): Row[] {
  const rows: Row[] = [];
  let from = 0;
  while (line.length - from > columns) {
    // A space may hang over the edge: it is not seen there.
    const space = line.lastIndexOf(" ", from + columns);
    const to = space > from ? space + 1 : from + columns;
    rows.push({ start: start + from, end: start + to });
    from = to;
  }
  rows.push({ start: start + from, end: start + line.length });
  return rows;
}

function wideRows(line: string, start: number, columns: number, pastes: Pastes): Row[] {
  const rows: Row[] = [];
  let from = 0;
  let cells = 0;
  let breakAt = -1;
  let cellsAtBreak = 0;
  // Wide characters take long to measure, and mostly the same ones come again.
  const widths = new Map<string, number>();
  for (const { segment, index } of graphemesOf(line)) {
    const own = widths.get(segment) ?? width(shown(segment, pastes));
    widths.set(segment, own);
    if (cells + own > columns && segment !== " " && index > from) {
      const to = breakAt > from ? breakAt : index;
      rows.push({ start: start + from, end: start + to });
      cells -= breakAt > from ? cellsAtBreak : cells;
      from = to;
      breakAt = -1;
    }
    cells += own;
    if (segment === " ") {
      breakAt = index + 1;
      cellsAtBreak = cells;
    }
  }
  rows.push({ start: start + from, end: start + line.length });
  return rows;
}
