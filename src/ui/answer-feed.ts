// One answer on its way to the screen: deltas in, finished entries out, and the tail that is still live. A feed can start
// in the middle: a screen that came back skips what its predecessor had printed.
import { BlockSplitter, type Piece } from "./blocks.js";
import { CodeHighlighter } from "./code.js";
import type { EntryBody } from "./entries.js";
import { printable } from "./text.js";
import type { Theme } from "./theme.js";

/** The part of an answer that is not printed yet. */
export interface Tail {
  readonly id: string;
  /** Markdown, or with `code` one line of a code block, painted. */
  readonly text: string;
  readonly code: boolean;
  /** True when nothing of this answer is printed yet, so that the tail carries the answer's mark. */
  readonly mark: boolean;
}

export class AnswerFeed {
  readonly #id: string;
  readonly #theme: Theme;
  readonly #splitter = new BlockSplitter();
  #skipTo: number;
  #received = "";
  #printedTo: number;
  #started: boolean;
  #highlighter: CodeHighlighter | undefined;
  /** The label of a code block none of whose lines is out yet. */
  #label: string | undefined;
  #printedCode = false;

  constructor(id: string, theme: Theme, skipTo = 0) {
    this.#id = id;
    this.#theme = theme;
    this.#skipTo = skipTo;
    this.#printedTo = skipTo;
    this.#started = skipTo > 0;
  }

  /** All text taken in so far. */
  get received(): string {
    return this.#received;
  }

  /** How much of the text has left as entries. */
  get printedTo(): number {
    return this.#printedTo;
  }

  /** True while lines of an open code block are out: nothing else should be printed between them. */
  get midCode(): boolean {
    return this.#printedCode;
  }

  push(text: string): EntryBody[] {
    this.#received += text;
    return this.#entries(this.#splitter.push(text));
  }

  /** Prints all that is left. */
  finish(): EntryBody[] {
    return this.#entries(this.#splitter.finish());
  }

  get tail(): Tail | undefined {
    const { code, text } = this.#splitter.tail;
    if (text.trim() === "" || this.#received.length <= this.#skipTo) return undefined;
    const shown = code ? (this.#highlighter?.partial(printable(text)) ?? text) : text;
    return { id: this.#id, text: shown, code, mark: !this.#started };
  }

  #entries(pieces: readonly Piece[]): EntryBody[] {
    const entries: EntryBody[] = [];
    for (const piece of pieces) this.#take(piece, entries);
    return entries;
  }

  #take(piece: Piece, entries: EntryBody[]): void {
    const printed = piece.end <= this.#skipTo;
    if (!printed) this.#printedTo = piece.end;
    switch (piece.kind) {
      case "markdown": {
        if (printed) return;
        const text = piece.start < this.#skipTo ? piece.text.slice(this.#skipTo - piece.start) : piece.text;
        if (text.trim() === "") return;
        entries.push({ kind: "markdown", text, mark: !this.#started, gap: true });
        this.#started = true;
        return;
      }
      case "fence":
        this.#highlighter = new CodeHighlighter(piece.language, this.#theme);
        this.#label = piece.language;
        return;
      case "code": {
        const source = printable(piece.text);
        const line = this.#highlighter?.line(source) ?? source;
        if (!printed) this.#code(line, source, entries);
        this.#label = undefined;
        return;
      }
      case "fence-end":
        this.#highlighter = undefined;
        this.#label = undefined;
        this.#printedCode = false;
    }
  }

  /** Lines of one block that come out together are one entry. */
  #code(line: string, source: string, entries: EntryBody[]): void {
    const last = entries.at(-1);
    const first = this.#label !== undefined;
    if (!first && last?.kind === "code") {
      entries[entries.length - 1] = { ...last, lines: [...last.lines, line], source: [...last.source, source] };
    } else {
      entries.push({
        kind: "code",
        label: this.#label ?? "",
        language: this.#highlighter?.language ?? "",
        lines: [line],
        source: [source],
        mark: !this.#started,
        gap: first,
      });
    }
    this.#started = true;
    this.#printedCode = true;
  }
}
