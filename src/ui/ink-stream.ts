// What Ink writes to. Ink would take every line apart into its characters at every frame, keep all it ever printed, rewrite
// the whole live part for one new letter, and wipe screen and scrollback when it believes the terminal is full. So a line
// goes through Ink as one private-use character that stands for it: Ink lays out and orders the characters, this looks them
// up and has the painter bring the lines to the terminal. Everything else Ink writes (erasing, hiding the cursor) is
// dropped, because the painter and the terminal see to it.
//
// A frame that is to fill the terminal is made of lines of another kind, and goes to the alternate screen: the kind of the lines
// says where a frame belongs, so however late Ink hands one on, it cannot come out on the wrong screen. What is printed
// meanwhile waits, and comes with the next frame of the live part.
import { EventEmitter } from "node:events";
import { createContext } from "react";
import type { Size } from "./layout.js";
import { Painter } from "./painter.js";
import { clip } from "./text.js";

/** Planes 15 and 16 are private use; no text of ours passes through Ink that could contain them. */
const FROM = { live: 0xf0000, full: 0xf8000, printed: 0x100000 } as const;
/** Characters of a kind. */
const PLANE = 0x7ffd;
const REFERENCE = /[\u{F0000}-\u{FFFFD}\u{100000}-\u{10FFFD}]/gu;
/** Cells that Ink is given for a line's character, which takes one or, as some count, two. */
const CANVAS = 2;
/** Live lines remembered, of some frames back: a frame may reach us a moment after it was drawn. */
const REMEMBERED = 1_000;
const CLEAR = "\u001B[2J\u001B[H";

/** `printed` once and for good, part of the `live` frame under it, or of a frame that fills the terminal. */
export type LineKind = keyof typeof FROM;

/** What is used of the terminal. */
interface Surface {
  write(bytes: string): void;
  /** Takes the alternate screen, or gives it back. */
  full(on: boolean): void;
}

export class InkStream {
  readonly #surface: Surface;
  readonly #painter = new Painter();
  readonly #fullPainter = new Painter();
  readonly #live = new Map<string, string>();
  readonly #lines = new Map<string, string>();
  #next = 0;
  #size: Size = { columns: 80, rows: 24 };
  #printed: string[] = [];
  /** The live lines that came while nothing is written. */
  #held: readonly string[] | undefined;
  /** The terminal has this size since the live part was written. */
  #wrapped: Size | undefined;
  #isFull = false;

  constructor(surface: Surface) {
    this.#surface = surface;
  }

  /** True while the alternate screen is shown. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** The character that stands for a line. The same live line is the same character, so that Ink sees an unchanged frame. */
  refer(line: string, kind: LineKind): string {
    const known = kind === "printed" ? undefined : this.#live.get(kind + line);
    if (known !== undefined) return known;
    this.#next = (this.#next + 1) % PLANE;
    const character = String.fromCodePoint(FROM[kind] + this.#next);
    this.#lines.set(character, line);
    if (kind !== "printed") this.#remember(kind + line, character);
    return character;
  }

  /** The stream for one mount of Ink. */
  open(size: Size): NodeJS.WriteStream {
    this.#size = size;
    const write = (text: string): boolean => {
      this.#take(text);
      return true;
    };
    // Ink uses of a stream exactly these members. It is told no height, so it never believes that the terminal is full, and a
    // width that suffices for a character, for it fills a canvas of that size at every frame.
    return Object.assign(new EventEmitter(), {
      columns: CANVAS,
      isTTY: true,
      write,
    }) as unknown as NodeJS.WriteStream;
  }

  /** The terminal has another height. */
  resize(size: Size): void {
    this.#size = size;
    this.#surface.write(this.#painter.again(size));
  }

  /** From now on nothing is written, until {@link settle}: the terminal is being pulled to another size. */
  hold(): void {
    this.#held ??= this.#painter.live;
  }

  /**
   * The terminal has its new size and has wrapped what stood on it: the live part is written anew, cut to the width, until the
   * next frame comes. `reflows`: whether it is one that wraps anew.
   */
  settle(size: Size, reflows: boolean): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#size = size;
    this.#wrapped = { columns: reflows ? size.columns : Number.POSITIVE_INFINITY, rows: size.rows };
    if (this.#isFull) return this.repaintFull();
    const live = held.slice(-Math.max(1, size.rows - 1)).map((line) => clip(line, size.columns));
    this.#paintLive(live);
  }

  /** Writes the frame of the alternate screen again on an empty one; what does not fit any more is left out. */
  repaintFull(): void {
    if (!this.#isFull) return;
    const lines = this.#fullPainter.live.slice(0, this.#size.rows);
    this.#fullPainter.forget();
    this.#surface.write(CLEAR + this.#fullPainter.paint([], lines, this.#size));
  }

  /** Gives the alternate screen back, prints what waited, and takes the live part off the terminal. */
  erase(): void {
    this.#leaveFull();
    if (this.#printed.length > 0) this.#paintLive(this.#painter.live);
    this.#surface.write(this.#painter.erase(this.#wrapped));
    this.#wrapped = undefined;
  }

  /** The terminal is empty: what follows starts at its top. */
  wiped(): void {
    this.#painter.forget();
  }

  #leaveFull(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#surface.full(false);
    if (this.#wrapped === undefined) this.#surface.write(this.#painter.again(this.#size));
  }

  #paintLive(lines: readonly string[]): void {
    // Where the old live part was wrapped, nothing of it stands where it stood.
    const erased = this.#wrapped === undefined ? "" : this.#painter.erase(this.#wrapped);
    this.#wrapped = undefined;
    this.#surface.write(erased + this.#painter.paint(this.#printed, lines, this.#size));
    this.#printed = [];
  }

  #paintFull(lines: readonly string[]): void {
    if (!this.#isFull) {
      this.#isFull = true;
      this.#fullPainter.forget();
      this.#surface.write(this.#painter.hide());
      this.#surface.full(true);
    }
    this.#surface.write(this.#fullPainter.paint([], lines, this.#size));
  }

  #take(text: string): void {
    const references = text.match(REFERENCE);
    if (references === null) return;
    const lines = references.map((character) => this.#lines.get(character) ?? "");
    const kind = kindOf(references[0]);
    if (kind === "full") return this.#paintFull(lines);
    if (kind === "live") {
      this.#leaveFull();
      if (this.#held === undefined) this.#paintLive(lines);
      else this.#held = lines;
      return;
    }
    // Ink writes what is final and then, always, the live part.
    this.#printed.push(...lines);
    for (const character of references) this.#lines.delete(character);
  }

  #remember(known: string, character: string): void {
    this.#live.set(known, character);
    if (this.#live.size <= REMEMBERED) return;
    const [oldest] = this.#live;
    if (oldest === undefined) return;
    this.#live.delete(oldest[0]);
    this.#lines.delete(oldest[1]);
  }
}

function kindOf(character = ""): LineKind {
  const code = character.codePointAt(0) ?? 0;
  return code >= FROM.printed ? "printed" : code >= FROM.full ? "full" : "live";
}

/** How lines find their stream. Without one they go through Ink as they are. */
export const StreamContext = createContext<InkStream | undefined>(undefined);
