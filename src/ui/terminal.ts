// The terminal itself: raw mode, bracketed paste and a hidden cursor while the screen is up and never after; keys in, size
// changes in, and bytes out. A view that fills the terminal takes its alternate screen, so that what was there comes back.
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "./clock.js";
import { type Input, KeyDecoder } from "./keys.js";
import type { Size } from "./layout.js";

/** What is used of `process.stdin`. */
export interface TerminalInput {
  readonly isTTY?: boolean | undefined;
  setRawMode?(on: boolean): unknown;
  on(event: "data" | "end", listener: (chunk: string | Uint8Array) => void): unknown;
  off(event: "data" | "end", listener: (chunk: string | Uint8Array) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** What is used of `process.stdout`. */
export interface TerminalOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Bytes written that the terminal has not taken. */
  readonly writableLength?: number | undefined;
  write(text: string): unknown;
  on(event: "resize" | "error", listener: () => void): unknown;
  off(event: "resize" | "error", listener: () => void): unknown;
}

export interface TerminalListener {
  input(input: Input): void;
  resized(size: Size): void;
  /** The other side is gone: the window was closed, the connection cut. */
  closed(): void;
}

const PASTE_ON = "\u001B[?2004h";
const PASTE_OFF = "\u001B[?2004l";
const CURSOR_OFF = "\u001B[?25l";
const CURSOR_ON = "\u001B[?25h";
const ALTERNATE_ON = "\u001B[?1049h";
const ALTERNATE_OFF = "\u001B[?1049l";
// Keys in full, so that Shift+Enter is not Enter: kitty's protocol where the terminal answers that it has it, and xterm's in tmux, which
// asks the terminal around it. Neither is sent to a terminal that might print it.
const CAN_EXTEND = "\u001B[?u";
const EXTENDED_ON = "\u001B[>1u";
const EXTENDED_OFF = "\u001B[<u";
const TMUX_EXTENDED_ON = "\u001B[>4;1m";
const TMUX_EXTENDED_OFF = "\u001B[>4;0m";
/** The alternate screen, which has no scrollback: all of it, cursor to the top. */
const CLEAR = "\u001B[2J\u001B[H";
const HOME = "\u001B[H";
/** How long the rest of a key, or of a paste, may take, in milliseconds. */
const KEY_MS = 30;
const PASTE_MS = 1_000;
/** More than this unwritten and new frames wait. */
const BACKLOG = 65_536;
const NARROWEST = 20;

export class Terminal {
  readonly #input: TerminalInput;
  readonly #output: TerminalOutput;
  readonly #clock: Clock;
  readonly #keys = new KeyDecoder();
  readonly #utf8 = new StringDecoder("utf8");
  #listener: TerminalListener | undefined;
  #cancelFlush: (() => void) | undefined;
  #muted = false;
  /** Nobody has the terminal, or another program has. */
  #released = true;

  /** The alternate screen is taken. */
  #full = false;

  readonly #inTmux: boolean;
  /** The terminal was asked whether it reports keys in full. */
  #asked = false;
  #extended = false;

  constructor(input: TerminalInput, output: TerminalOutput, clock: Clock, { inTmux = false } = {}) {
    this.#inTmux = inTmux;
    this.#input = input;
    this.#output = output;
    this.#clock = clock;
  }

  get size(): Size {
    return { columns: Math.max(NARROWEST, this.#output.columns || 80), rows: this.#output.rows || 24 };
  }

  /** True while the terminal lags behind what was written. */
  get busy(): boolean {
    return (this.#output.writableLength ?? 0) > BACKLOG;
  }

  /** `take`: whether at once; another program may have the terminal. */
  open(listener: TerminalListener, take = true): void {
    this.#listener = listener;
    process.once("exit", this.#restore);
    this.#output.on("resize", this.#resized);
    this.#output.on("error", this.#closed);
    if (take) this.take();
  }

  /** The keys come here, and what is written goes there. */
  take(): void {
    if (!this.#released) return;
    this.#released = false;
    this.#input.on("data", this.#data);
    this.#input.on("end", this.#closed);
    this.#input.setRawMode?.(true);
    this.#input.resume();
    if (this.#output.isTTY) this.#output.write(PASTE_ON + CURSOR_OFF + (this.#inTmux ? TMUX_EXTENDED_ON : ""));
    this.#extend();
  }

  /** Gives the terminal to another program, as it was; nothing reaches it until {@link take}. */
  release(): void {
    if (this.#released) return;
    this.#cancelFlush?.();
    this.#input.off("data", this.#data);
    this.#input.off("end", this.#closed);
    this.#input.pause();
    this.#restore();
  }

  /** Everything as it was. */
  close(): void {
    if (this.#listener === undefined) return;
    this.#listener = undefined;
    process.off("exit", this.#restore);
    this.#output.off("resize", this.#resized);
    this.release();
    // Last, for the writes above may still report a terminal that is gone.
    this.#output.off("error", this.#closed);
  }

  write(text: string): void {
    if (!this.#muted && !this.#released && text !== "") this.#output.write(text);
  }

  /** From now on nothing reaches the terminal, until {@link unmute}: it is about to be painted anew. */
  mute(): void {
    this.#muted = true;
  }

  unmute(): void {
    this.#muted = false;
  }

  /** An empty screen. What stood above the cursor is not lost: it is in the scrollback then. */
  clear(): void {
    this.write(this.#full ? CLEAR : `${"\r\n".repeat(this.size.rows - 1)}${HOME}`);
  }

  /** Takes the alternate screen, empty, or gives it back: what was there before comes again, and the cursor is where it was. */
  full(on: boolean): void {
    if (on === this.#full || this.#released) return;
    this.#full = on;
    if (this.#output.isTTY) this.#output.write(on ? ALTERNATE_ON + CLEAR + CURSOR_OFF : ALTERNATE_OFF);
  }

  readonly #restore = (): void => {
    if (this.#released) return;
    this.#released = true;
    this.#input.setRawMode?.(false);
    // The alternate screen has key modes of its own: it goes first.
    const extended = (this.#extended ? EXTENDED_OFF : "") + (this.#inTmux ? TMUX_EXTENDED_OFF : "");
    if (this.#output.isTTY) this.#output.write(PASTE_OFF + CURSOR_ON + (this.#full ? ALTERNATE_OFF : "") + extended);
    this.#full = false;
    this.#extended = false;
  };

  /** Once the terminal has told that it can. */
  #extend(): void {
    if (this.#extended || this.#full || !this.#keys.canExtend || this.#released) return;
    this.#extended = true;
    this.write(EXTENDED_ON);
  }

  readonly #resized = (): void => this.#listener?.resized(this.size);

  readonly #closed = (): void => this.#listener?.closed();

  readonly #data = (chunk: string | Uint8Array): void => {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const text = typeof chunk === "string" ? chunk : this.#utf8.write(Buffer.from(chunk));
    // Not before something is typed: the answer of a slow terminal to a program that has left already would be typed in the shell.
    if (!this.#asked && this.#output.isTTY) this.write(CAN_EXTEND);
    this.#asked = true;
    for (const input of this.#keys.push(text)) this.#listener?.input(input);
    this.#extend();
    if (this.#keys.pending) {
      this.#cancelFlush = this.#clock.after(this.#keys.pasting ? PASTE_MS : KEY_MS, () => {
        for (const input of this.#keys.flush()) this.#listener?.input(input);
      });
    }
  };
}
