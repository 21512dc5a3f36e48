// A terminal without a window: what Ink and the painter write goes, byte for byte, into xterm's own emulator, and tests read
// what a person would see. It is stdout and stdin of a screen at once.
import { EventEmitter } from "node:events";
import xterm from "@xterm/headless";
import type { TerminalInput, TerminalOutput } from "../../../src/ui/terminal.js";

export class HeadlessTerminal {
  readonly stdout: TerminalOutput & EventEmitter;
  readonly stdin: TerminalInput & EventEmitter;
  readonly raw: boolean[] = [];
  bytes = "";
  #columns: number;
  #rows: number;
  readonly #xterm: xterm.Terminal;
  readonly #written = new EventEmitter();

  constructor(columns = 80, rows = 24) {
    this.#columns = columns;
    this.#rows = rows;
    this.#xterm = new xterm.Terminal({ cols: columns, rows, scrollback: 100_000, allowProposedApi: true });
    this.stdout = Object.assign(new EventEmitter(), {
      isTTY: true,
      write: (text: string): boolean => {
        this.bytes += text;
        this.#xterm.write(text, () => this.#written.emit("written"));
        return true;
      },
    });
    Object.defineProperty(this.stdout, "columns", { get: () => this.#columns });
    Object.defineProperty(this.stdout, "rows", { get: () => this.#rows });
    this.stdin = Object.assign(new EventEmitter(), {
      isTTY: true,
      setRawMode: (on: boolean) => this.raw.push(on),
      resume: () => {},
      pause: () => {},
    });
  }

  /** Presses keys, as bytes. */
  type(bytes: string): void {
    this.stdin.emit("data", bytes);
  }

  resize(columns: number, rows: number): void {
    this.#columns = columns;
    this.#rows = rows;
    this.#xterm.resize(columns, rows);
    this.stdout.emit("resize");
  }

  /** All lines, from the first of the scrollback; a line the terminal wrapped is one. */
  lines(): string[] {
    return this.#read(0);
  }

  /** The lines on the screen now. */
  screen(): string[] {
    return this.#read(this.#xterm.buffer.active.baseY);
  }

  /** What stands in the cursor's line before it and after it, with `|` for the cursor; "hidden" while it is. */
  cursor(): string {
    const { active } = this.#xterm.buffer;
    const line = active.getLine(active.baseY + active.cursorY);
    const [before, after] = [
      line?.translateToString(false, 0, active.cursorX),
      line?.translateToString(true, active.cursorX),
    ];
    const shown = this.bytes.lastIndexOf("\u001B[?25h") > this.bytes.lastIndexOf("\u001B[?25l");
    return shown ? `${before}|${after}` : "hidden";
  }

  text(): string {
    return this.lines().join("\n");
  }

  /** Every character with its colour and whether it is bold, from the first of the scrollback; blanks have neither. */
  cells(): string[] {
    const { active } = this.#xterm.buffer;
    const rows = Array.from({ length: active.length }, (_, row) => {
      const cells = Array.from({ length: this.#columns }, (_, column) => {
        const cell = active.getLine(row)?.getCell(column);
        const text = cell?.getChars().trim() ?? "";
        return text === "" ? " " : `${text}${cell?.getFgColor()}${cell?.isBold() === 0 ? "" : "b"} `;
      });
      return cells.join("").trimEnd();
    });
    while (rows.at(-1) === "") rows.pop();
    return rows;
  }

  /** Resolves when the terminal shows `wanted`; rejects with what it shows after `ms`. */
  shows(wanted: string | RegExp, ms = 100_000): Promise<void> {
    return this.until(
      () => (typeof wanted === "string" ? this.text().includes(wanted) : wanted.test(this.text())),
      String(wanted),
      ms,
    );
  }

  /** Resolves when the screen (not the scrollback) no longer shows `unwanted`. */
  hides(unwanted: string, ms = 100_000): Promise<void> {
    return this.until(() => !this.screen().join("\n").includes(unwanted), `no ${unwanted}`, ms);
  }

  /** Resolves when everything written so far is on the screen. */
  settled(): Promise<void> {
    return new Promise((done) => this.#xterm.write("", done));
  }

  until(holds: () => boolean, what: string, ms = 100_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.#written.off("written", check);
        if (error === undefined) resolve();
        else reject(error);
      };
      const check = (): void => {
        if (holds()) finish();
      };
      const timer = setTimeout(() => finish(new Error(`never showed ${what}; shows:\n${this.text()}`)), ms);
      this.#written.on("written", check);
      check();
    });
  }

  #read(from: number): string[] {
    const { active } = this.#xterm.buffer;
    const lines: string[] = [];
    for (let row = from; row < active.length; row++) {
      const line = active.getLine(row);
      const goesOn = active.getLine(row + 1)?.isWrapped === true;
      const text = line?.translateToString(!goesOn) ?? "";
      if (line?.isWrapped === true && lines.length > 0) lines[lines.length - 1] += text;
      else lines.push(text);
    }
    const trimmed = lines.map((line) => line.trimEnd());
    while (trimmed.at(-1) === "") trimmed.pop();
    return trimmed;
  }
}
