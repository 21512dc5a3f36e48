// The bytes that bring a frame to the terminal. It knows which lines of the live part stand there, takes what is final and the
// new live part as one list of lines that follows on the old one, and writes only where the two differ: what they end with in
// common is moved by inserting or deleting lines above it, and of a line that grew only what it grew by is written. A frame begins
// and ends at the start of the last live line, so every move is relative and whatever was on the terminal before is never touched.
// Between frames the cursor rests there, or where one types: past emoji and wide characters it gets by writing them again, and so
// is right also where the terminal takes them for wider than we do.
import { type Placed, placed } from "./cursor-mark.js";
import { plainFrom, surelyFits } from "./row.js";
import { isNarrow, width } from "./text.js";

const FRAME_START = "\u001B[?2026h";
const FRAME_END = "\u001B[?2026l";
// A live line that the terminal thinks wider than we do (it may know fewer emoji) is cut at the edge and does not push down
// what is under it.
const WRAP_OFF = "\u001B[?7l";
const WRAP_ON = "\u001B[?7h";
const CLEAR_LINE = "\u001B[2K";
const CLEAR_REST = "\u001B[K";
const CLEAR_BELOW = "\u001B[J";
const CURSOR_OFF = "\u001B[?25l";
const CURSOR_ON = "\u001B[?25h";

interface Size {
  readonly columns: number;
  readonly rows: number;
}

export class Painter {
  #live: readonly string[] = [];
  #marked: readonly string[] = [];
  #cursor: Placed["cursor"];
  #cursorIsOn = false;

  /** The live part as it was painted last. */
  get live(): readonly string[] {
    return this.#marked;
  }

  /** `printed` for good, then `live` in place of the old live part. Live lines must be no wider than the terminal. */
  paint(printed: readonly string[], live: readonly string[], size: Size): string {
    const { lines, cursor } = placed(live);
    const body = this.#body(printed, lines, size);
    const moved = cursor?.row !== this.#cursor?.row || cursor?.before !== this.#cursor?.before;
    if (body === "" && !moved && this.#cursorIsOn === (cursor !== undefined)) return "";
    const out = FRAME_START + this.hide() + this.#toLast() + body;
    this.#live = lines;
    this.#marked = live;
    this.#cursor = cursor;
    return out + this.#show(size) + FRAME_END;
  }

  /**
   * Takes the live part away; the cursor stands where it began. `size`: that of the terminal by now, where it has wrapped anew
   * what stood on it. What has left the screen by that cannot be taken away.
   */
  erase(size?: Size): string {
    const above = this.#live.slice(0, this.#row);
    const inRow = size === undefined ? 0 : Math.floor(width(this.#cursor?.before ?? "") / size.columns);
    const rows = above.reduce((sum, line) => sum + (size === undefined ? 1 : rowsOf(line, size.columns)), inRow);
    const erased = this.#live.length === 0 ? "" : up(Math.min(rows, (size?.rows ?? rows + 1) - 1)) + CLEAR_BELOW;
    this.forget();
    return erased;
  }

  /** The live part once more: a terminal that became lower drops what is under the cursor. */
  again(size: Size): string {
    const live = this.#marked;
    return live.length === 0 ? "" : this.erase() + this.paint([], live, size);
  }

  /** The terminal was wiped: nothing stands there. */
  forget(): void {
    this.#live = [];
    this.#marked = [];
    this.#cursor = undefined;
  }

  /** Hides the cursor until the next frame. */
  hide(): string {
    const out = this.#cursorIsOn ? CURSOR_OFF : "";
    this.#cursorIsOn = false;
    return out;
  }

  /** The live line that the cursor rests on. */
  get #row(): number {
    return this.#cursor?.row ?? Math.max(0, this.#live.length - 1);
  }

  #body(printed: readonly string[], live: readonly string[], size: Size): string {
    const old = this.#live;
    const next = printed.length === 0 ? live : [...printed, ...live];
    // What is final must stand in rows that no terminal counts otherwise, or what follows would be put in the wrong place.
    const sure = printed.every((line) => surelyFits(line, size.columns));
    const top = sure ? commonStart(old, next) : 0;
    return sure && next.length - top <= size.rows ? edited(old, next, top) : rewritten(old, printed, live, top);
  }

  /** From where the cursor rests to the start of the last live line. */
  #toLast(): string {
    if (this.#cursor === undefined) return "";
    const below = this.#live.length - 1 - this.#row;
    return below > 2 ? `\r\u001B[${below}B` : below > 0 ? "\r\n".repeat(below) : "\r";
  }

  /** From the start of the last live line to where the cursor rests. */
  #show(size: Size): string {
    if (this.#cursor === undefined) return "";
    this.#cursorIsOn = true;
    const { row, before } = this.#cursor;
    const above = this.#live.length - 1 - row;
    return (above > 0 ? `\u001B[${above}A` : "") + toColumn(before, size.columns) + CURSOR_ON;
  }
}

/** From the start of a row that shows `before` to behind that: over what every terminal takes for a cell each, else by writing it again. */
function toColumn(before: string, columns: number): string {
  if (before === "") return "";
  if (isNarrow(before)) return `\u001B[${width(before)}C`;
  return surelyFits(before, columns) ? before : WRAP_OFF + before + WRAP_ON;
}

/** Rows that a line takes which the terminal has wrapped. */
function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(width(line) / columns));
}

/** Rows above, at the start of the row. */
function up(rows: number): string {
  return rows > 0 ? `\r\u001B[${rows}A` : "\r";
}

/** All of it anew from line `same` on; final lines may be wider than the terminal, which then wraps them. */
function rewritten(old: readonly string[], printed: readonly string[], live: readonly string[], same: number): string {
  const top = Math.min(same, Math.max(0, old.length - 1)); // the row to go on from is the last that is there
  const final = printed.slice(top).map((line) => `${line}\r\n`);
  const below = live.slice(Math.max(0, top - printed.length));
  return `${up(old.length - 1 - top)}${CLEAR_BELOW}${final.join("")}${WRAP_OFF}${below.join("\r\n")}\r${WRAP_ON}`;
}

function commonStart(old: readonly string[], next: readonly string[]): number {
  const most = Math.min(old.length, next.length);
  let count = 0;
  while (count < most && old[count] === next[count]) count++;
  return count;
}

/** How many lines at the end stay where they are, of which the very last, the status, may be another. */
function commonEnd(old: readonly string[], next: readonly string[], top: number): number {
  const most = Math.min(old.length, next.length) - top;
  let count = most > 1 && old.at(-2) === next.at(-2) ? 1 : 0;
  while (count < most && old[old.length - 1 - count] === next[next.length - 1 - count]) count++;
  return count;
}

/** Makes the old lines the next ones; all rows from `top` on are on the screen. */
function edited(old: readonly string[], next: readonly string[], top: number): string {
  const bottom = commonEnd(old, next, top);
  const oldMiddle = old.length - top - bottom;
  const middle = next.length - top - bottom;
  if (oldMiddle === 0 && middle === 0 && old.at(-1) === next.at(-1)) return "";
  const more = middle - oldMiddle;
  let row = Math.max(0, old.length - 1);
  let out = "";
  const moveTo = (target: number): void => {
    const down = target - row;
    if (down < 0) out += up(-down);
    else if (down > 2) out += `\r\u001B[${down}B`;
    else out += down === 0 ? "\r" : "\r\n".repeat(down);
    row = target;
  };
  if (more > 0) {
    // Only a line end makes rows below the old ones.
    out += "\r\n".repeat(old.length === 0 ? next.length - 1 : more);
    row = next.length - 1;
  }
  if (more !== 0 && bottom > 0) {
    moveTo(top + Math.min(oldMiddle, middle));
    out += more > 0 ? `\u001B[${more}L` : `\u001B[${-more}M`;
  }
  for (let index = top; index < next.length; index++) {
    const line = next[index] ?? "";
    const before = (index >= top + middle ? old[index - more] : index < top + oldMiddle ? old[index] : undefined) ?? "";
    if (line === before) continue;
    moveTo(index);
    out += over(before, line);
  }
  if (more < 0 && bottom === 0) {
    moveTo(next.length);
    out += CLEAR_BELOW;
  }
  moveTo(next.length - 1);
  return WRAP_OFF + out + WRAP_ON;
}

/** From the start of a row that shows `before`: makes it show `line`. */
function over(before: string, line: string): string {
  if (before === "") return line;
  const { at, cells } = plainFrom(before, line);
  if (cells === 0) return CLEAR_LINE + line;
  const clear = before.length > at ? CLEAR_REST : "";
  return `\u001B[${cells}C${clear}${line.slice(at)}`;
}
