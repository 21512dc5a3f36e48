// The bytes that bring a frame to the terminal. It knows which lines of the live part stand there and writes only those
// that changed; lines that are final are written once, above them. Between frames the cursor rests where one types, or on the last
// live line, so every move is relative and whatever was on the terminal before is never touched. It gets to its column by writing
// again what is before it: so it is right also where the terminal takes characters for wider than we do.
import { type Placed, placed } from "./cursor-mark.js";

const FRAME_START = "\u001B[?2026h";
const FRAME_END = "\u001B[?2026l";
// A live line that the terminal thinks wider than we do (it may know fewer emoji) is cut at the edge and does not push down
// what is under it.
const WRAP_OFF = "\u001B[?7l";
const WRAP_ON = "\u001B[?7h";
const CLEAR_LINE = "\u001B[2K";
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
    const cursorIsRight = !moved && this.#cursorIsOn === (cursor !== undefined);
    if (body === undefined && cursorIsRight) return "";
    const rest = body === undefined ? this.#row : lines.length - 1;
    this.#live = lines;
    this.#marked = live;
    this.#cursor = cursor;
    return FRAME_START + this.hide() + (body ?? "") + vertically(rest, this.#row) + this.#show() + FRAME_END;
  }

  /** Takes the live part away; the cursor stands where it began. */
  erase(): string {
    const height = this.#live.length;
    const out = height === 0 ? "" : this.hide() + up(this.#row) + CLEAR_BELOW;
    this.forget();
    return out;
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

  /** The live line that the cursor rests on. */
  get #row(): number {
    return this.#cursor?.row ?? Math.max(0, this.#live.length - 1);
  }

  /** From where the cursor rests to the last live line with everything that is new; undefined when nothing is. */
  #body(printed: readonly string[], live: readonly string[], size: Size): string | undefined {
    const old = this.#live;
    if (canInsert(printed, old, size)) {
      const last = old.length - 1;
      return vertically(this.#row, last) + inserted(printed, old.length) + (changed(old, live, last) ?? "");
    }
    if (printed.length > 0) {
      const final = printed.map((line) => `${line}\r\n`).join("");
      return up(this.#row) + CLEAR_BELOW + final + WRAP_OFF + live.join("\r\n") + WRAP_ON;
    }
    return changed(old, live, this.#row);
  }

  /** Hides the cursor until the next frame. */
  hide(): string {
    const out = this.#cursorIsOn ? CURSOR_OFF : "";
    this.#cursorIsOn = false;
    return out;
  }

  #show(): string {
    if (this.#cursor === undefined) return "";
    this.#cursorIsOn = true;
    return `\r${WRAP_OFF}${this.#cursor.before}${WRAP_ON}${CURSOR_ON}`;
  }
}

/** From one row to another that is there, to some column. */
function vertically(from: number, to: number): string {
  if (from === to) return "";
  return to < from ? `\u001B[${from - to}A` : `\u001B[${to - from}B`;
}

function up(rows: number): string {
  return rows > 0 ? `\r\u001B[${rows}A` : "\r";
}

const SGR = /\u001B\[[\d;]*m/g;
const ASCII = /^[ -~]*$/;

/**
 * A few lines can be put in above the live part without writing that again. Only lines whose height is beyond doubt, for a
 * terminal may think differently of how wide an emoji is, and what is then in the wrong place would stay there.
 */
function canInsert(printed: readonly string[], old: readonly string[], size: Size): boolean {
  if (printed.length === 0 || old.length === 0 || printed.length + old.length >= size.rows) return false;
  return printed.every((line) => {
    const text = line.replace(SGR, "");
    return text.length <= size.columns && ASCII.test(text);
  });
}

/** Makes room below, shifts the live part into it, writes the lines where it began, and ends on the last live line. */
function inserted(printed: readonly string[], height: number): string {
  const count = printed.length;
  const room = "\r\n".repeat(count) + up(height - 1 + count);
  return `${room}\u001B[${count}L${printed.join("\r\n")}\r\u001B[${height}B`;
}

/** Begins on row `from`, ends on the last live line; undefined where no line changed. */
function changed(old: readonly string[], live: readonly string[], from: number): string | undefined {
  let row = from;
  let out = "";
  const moveTo = (target: number): void => {
    if (target < row) out += up(row - target);
    // Below the old live part there may be no line yet: only a line end makes one.
    else if (target < old.length) out += target > row ? `\r\u001B[${target - row}B` : "\r";
    else {
      const there = Math.max(row, old.length - 1);
      out += vertically(row, there) + "\r\n".repeat(target - there);
    }
    row = target;
  };
  for (const [index, line] of live.entries()) {
    if (index < old.length && line === old[index]) continue;
    moveTo(index);
    out += (index < old.length && old[index] !== "" ? CLEAR_LINE : "") + line;
  }
  if (live.length < old.length) {
    moveTo(live.length);
    out += CLEAR_BELOW;
  }
  if (out === "") return undefined;
  moveTo(Math.max(0, live.length - 1));
  return WRAP_OFF + out + WRAP_ON;
}
