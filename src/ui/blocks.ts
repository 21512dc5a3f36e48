// Splits a growing Markdown text into blocks that are finished, and so may be printed for good, and the live tail that may
// still change. A block ends at a blank line outside a fence, once the next line shows that it is no continuation; the
// lines of a fenced block at the top level are final one by one. What is cut where depends on the text alone and never on
// how it was dealt out in deltas, so that a screen that starts again finds the same pieces and skips those already printed.

export type Piece = MarkdownPiece | FencePiece | CodePiece | FenceEndPiece;

interface Span {
  /** Where the piece starts and ends in the whole text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export interface MarkdownPiece extends Span {
  readonly kind: "markdown";
  readonly text: string;
}

export interface FencePiece extends Span {
  readonly kind: "fence";
  readonly language: string;
}

export interface CodePiece extends Span {
  readonly kind: "code";
  /** One line without its line end. */
  readonly text: string;
}

export interface FenceEndPiece extends Span {
  readonly kind: "fence-end";
}

/** A block without an end is cut here, at a line end if there is one: nothing grows without limit. */
const LONGEST_BLOCK = 16_384;

const FENCE = /^( *)(`{3,}|~{3,})([^`\n]*)$/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const INDENTED = /^(?: {2}|\t)/;
/** Lines that, once they are whole, may open or close a fence. */
const MAY_OPEN = /^ *(?:`{1,2}|~{1,2}|`{3,}[^`]*|~{3,}.*)$/;
const MAY_CLOSE = /^ *(?:`+|~+)\s*$/;

interface Fence {
  readonly marker: string;
  readonly indent: number;
}

export class BlockSplitter {
  /** Everything not yet cut into lines. */
  #partial = "";
  /** Position of the first character of `#partial`. */
  #at = 0;
  /** Whole lines, with their ends, of the block being written. */
  #block = "";
  #blockStart = 0;
  #isList = false;
  /** The last whole line of the block was blank. */
  #blank = false;
  /** An open fence at the top level, or one inside the block (a list item's). */
  #fence: Fence | undefined;
  #inner: Fence | undefined;

  /** Takes more text and returns what it finished. */
  push(text: string): Piece[] {
    const pieces: Piece[] = [];
    this.#partial += text;
    for (let line = this.#nextLine(); line !== undefined; line = this.#nextLine()) {
      this.#line(line, pieces);
      this.#at += line.length;
    }
    // The first character of the next line already tells whether the block goes on.
    if (this.#blank && this.#partial !== "" && !/^\s/.test(this.#partial)) this.#cut(pieces);
    return pieces;
  }

  /** The text is complete for now: returns all that is left. More may follow later. */
  finish(): Piece[] {
    const pieces: Piece[] = [];
    if (this.#partial !== "") {
      const line = this.#partial;
      this.#partial = "";
      this.#line(line, pieces);
      this.#at += line.length;
    }
    this.#cut(pieces);
    if (this.#fence !== undefined) pieces.push({ kind: "fence-end", start: this.#at, end: this.#at });
    this.#fence = undefined;
    return pieces;
  }

  /** What is not finished: Markdown, or with `code` the line being written of an open fence. */
  get tail(): { readonly code: boolean; readonly text: string } {
    const code = this.#fence !== undefined;
    // A line that may still become a fence, or end one, is not shown yet: it would flash as text.
    const shown = (code ? MAY_CLOSE : MAY_OPEN).test(this.#partial) ? "" : this.#partial;
    return { code, text: code ? shown : this.#block + shown };
  }

  #nextLine(): string | undefined {
    const found = this.#partial.indexOf("\n");
    let end = found + 1;
    if (found === -1 || found >= LONGEST_BLOCK) {
      if (this.#partial.length <= LONGEST_BLOCK) return undefined;
      end = LONGEST_BLOCK;
    }
    const line = this.#partial.slice(0, end);
    this.#partial = this.#partial.slice(end);
    return line;
  }

  #line(line: string, pieces: Piece[]): void {
    const end = this.#at + line.length;
    if (this.#fence !== undefined) {
      if (closes(line, this.#fence)) {
        pieces.push({ kind: "fence-end", start: this.#at, end });
        this.#fence = undefined;
      } else {
        pieces.push({ kind: "code", text: unindent(line, this.#fence.indent), start: this.#at, end });
      }
      return;
    }
    if (this.#inner !== undefined) {
      if (closes(line, this.#inner)) this.#inner = undefined;
      this.#append(line, pieces);
      return;
    }
    if (line.trim() === "") {
      if (this.#block !== "") this.#append(line, pieces);
      this.#blank = this.#block !== "";
      return;
    }
    const continues = this.#isList && INDENTED.test(line);
    if (this.#blank && !continues) this.#cut(pieces);
    const fence = FENCE.exec(line.replace(/\n$/, ""));
    if (fence !== null) {
      const indent = (fence[1] ?? "").length;
      const opened = { marker: fence[2] ?? "```", indent };
      if (this.#block !== "" && continues) {
        this.#inner = opened;
      } else if (indent <= 3) {
        this.#cut(pieces);
        this.#fence = opened;
        const language = /^[^\s{,]*/.exec((fence[3] ?? "").trim())?.[0] ?? "";
        pieces.push({ kind: "fence", language, start: this.#at, end });
        return;
      }
    }
    this.#append(line, pieces);
    if (LIST_ITEM.test(line)) this.#isList = true;
  }

  #append(line: string, pieces: Piece[]): void {
    if (this.#block === "") this.#blockStart = this.#at;
    this.#block += line;
    this.#blank = false;
    if (this.#block.length >= LONGEST_BLOCK) this.#cut(pieces, line.length);
  }

  /** Ends the block. `ahead`: how much of it lies past `#at`, because its last line is only being taken in. */
  #cut(pieces: Piece[], ahead = 0): void {
    const text = this.#block.trimEnd();
    if (text !== "") pieces.push({ kind: "markdown", text, start: this.#blockStart, end: this.#at + ahead });
    this.#block = "";
    this.#isList = false;
    this.#blank = false;
    this.#inner = undefined;
  }
}

function closes(line: string, fence: Fence): boolean {
  const text = line.trim();
  return text.length >= fence.marker.length && text === (fence.marker[0] ?? "`").repeat(text.length);
}

function unindent(line: string, indent: number): string {
  const text = line.replace(/\r?\n$/, "");
  const spaces = /^ */.exec(text)?.[0].length ?? 0;
  return text.slice(Math.min(indent, spaces));
}
