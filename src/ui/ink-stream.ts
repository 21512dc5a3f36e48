// What Ink writes to. Ink would take every line apart into its characters at every frame, keep all it ever printed, rewrite
// the whole live part for one new letter, and wipe screen and scrollback when it believes the terminal is full. So a line
// goes through Ink as one private-use character that stands for it: Ink lays out and orders the characters, this looks them
// up and has the painter bring the lines to the terminal. Everything else Ink writes (erasing, hiding the cursor) is
// dropped, because the painter and the terminal see to it.
import { EventEmitter } from "node:events";
import { createContext } from "react";
import type { Size } from "./layout.js";
import { Painter } from "./painter.js";

/** Planes 15 and 16 are private use; no text of ours passes through Ink that could contain them. */
const LIVE_FROM = 0xf0000;
const PRINTED_FROM = 0x100000;
const PLANE = 0xfffd;
const REFERENCE = /[\u{F0000}-\u{FFFFD}\u{100000}-\u{10FFFD}]/gu;
/** Live lines remembered, of some frames back: a frame may reach us a moment after it was drawn. */
const REMEMBERED = 1_000;

export class InkStream {
  readonly #write: (bytes: string) => void;
  readonly #painter = new Painter();
  readonly #live = new Map<string, string>();
  readonly #lines = new Map<string, string>();
  #next = 0;
  #size: Size = { columns: 80, rows: 24 };
  #printed: string[] = [];

  constructor(write: (bytes: string) => void) {
    this.#write = write;
  }

  /** The character that stands for a line. The same live line is the same character, so that Ink sees an unchanged frame. */
  refer(line: string, kind: "live" | "printed"): string {
    const known = kind === "live" ? this.#live.get(line) : undefined;
    if (known !== undefined) return known;
    this.#next = (this.#next + 1) % PLANE;
    const character = String.fromCodePoint((kind === "live" ? LIVE_FROM : PRINTED_FROM) + this.#next);
    this.#lines.set(character, line);
    if (kind === "live") this.#remember(line, character);
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
      columns: size.columns,
      isTTY: true,
      write,
    }) as unknown as NodeJS.WriteStream;
  }

  /** The terminal has another height. */
  resize(size: Size): void {
    this.#size = size;
    this.#write(this.#painter.again(size));
  }

  /** Takes the live part off the terminal. */
  erase(): void {
    this.#write(this.#painter.erase());
  }

  /** The terminal is empty: what follows starts at its top. */
  wiped(): void {
    this.#painter.forget();
  }

  #take(text: string): void {
    const references = text.match(REFERENCE);
    if (references === null) return;
    const lines = references.map((character) => this.#lines.get(character) ?? "");
    if ((references[0] ?? "") < String.fromCodePoint(PRINTED_FROM)) {
      this.#write(this.#painter.paint(this.#printed, lines, this.#size));
      this.#printed = [];
      return;
    }
    // Ink writes what is final and then, always, the live part.
    this.#printed.push(...lines);
    for (const character of references) this.#lines.delete(character);
  }

  #remember(line: string, character: string): void {
    this.#live.set(line, character);
    if (this.#live.size <= REMEMBERED) return;
    const [oldest] = this.#live;
    if (oldest === undefined) return;
    this.#live.delete(oldest[0]);
    this.#lines.delete(oldest[1]);
  }
}

/** How lines find their stream. Without one they go through Ink as they are. */
export const StreamContext = createContext<InkStream | undefined>(undefined);
