// The bytes that bring a frame to the terminal. It knows which lines of the live part stand there and writes only those
// that changed; lines that are final are written once, above them. The cursor rests on the last live line between
// frames, so every move is relative and whatever was on the terminal before is never touched.

const FRAME_START = "\u001B[?2026h";
const FRAME_END = "\u001B[?2026l";
// A live line that the terminal thinks wider than we do (it may know fewer emoji) is cut at the edge and does not push down
// what is under it.
const WRAP_OFF = "\u001B[?7l";
const WRAP_ON = "\u001B[?7h";
const CLEAR_LINE = "\u001B[2K";
const CLEAR_BELOW = "\u001B[J";

interface Size {
  readonly columns: number;
  readonly rows: number;
}

export class Painter {
  #live: readonly string[] = [];

  /** The live lines that stand on the terminal. */
  get live(): readonly string[] {
    return this.#live;
  }

  /** `printed` for good, then `live` in place of the old live part. Live lines must be no wider than the terminal. */
  paint(printed: readonly string[], live: readonly string[], size: Size): string {
    const old = this.#live;
    this.#live = live;
    if (canInsert(printed, old, size)) {
      return FRAME_START + inserted(printed, old.length) + changed(old, live) + FRAME_END;
    }
    if (printed.length > 0) {
      const final = printed.map((line) => `${line}\r\n`).join("");
      const below = WRAP_OFF + live.join("\r\n") + WRAP_ON;
      return FRAME_START + toTop(old.length) + CLEAR_BELOW + final + below + FRAME_END;
    }
    const changes = changed(old, live);
    return changes === "" ? "" : FRAME_START + changes + FRAME_END;
  }

  /** Takes the live part away; the cursor stands where it began. */
  erase(): string {
    const height = this.#live.length;
    this.#live = [];
    return height === 0 ? "" : toTop(height) + CLEAR_BELOW;
  }

  /** The terminal was wiped: nothing stands there. */
  forget(): void {
    this.#live = [];
  }
}

/** From the last of `height` lines to the start of the first. */
function toTop(height: number): string {
  return up(height - 1);
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

function changed(old: readonly string[], live: readonly string[]): string {
  let row = Math.max(0, old.length - 1);
  let out = "";
  const moveTo = (target: number): void => {
    if (target < row) out += up(row - target);
    // Below the old live part there may be no line yet: only a line end makes one.
    else if (target < old.length) out += target > row ? `\r\u001B[${target - row}B` : "\r";
    else out += "\r\n".repeat(target - row);
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
  moveTo(Math.max(0, live.length - 1));
  return out === "\r" || out === "" ? "" : WRAP_OFF + out + WRAP_ON;
}
