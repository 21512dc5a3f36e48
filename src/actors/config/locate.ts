// On which line a setting stands. The TOML parser gives values without positions, so this scanner walks a document that
// the parser has already accepted and notes the line of every table, key and array element. It skips what can look like
// a key and is none: comments, strings of all four kinds, and the insides of values.
import type { Path } from "./schema.js";

// Deeper than any setting; keeps a hostile document of one endless dotted key from costing its square.
const DEEPEST = 8;

/** Finds the line (from 1) of a path in a valid TOML document; of the nearest table around it where the path itself is not there. */
export function locate(toml: string): (path: Path) => number {
  const lines = new Scanner(toml).scan();
  return (path) => {
    for (let length = Math.min(path.length, DEEPEST); length > 0; length--) {
      const line = lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
}

/** A line such as `[log]` or `[[servers]]`. */
export interface Header {
  /** From 1. */
  readonly line: number;
  readonly keys: readonly string[];
}

/** The headers of a valid TOML document, in its order. */
export function headersOf(toml: string): readonly Header[] {
  const scanner = new Scanner(toml);
  scanner.scan();
  return scanner.headers;
}

class Scanner {
  readonly headers: Header[] = [];
  readonly #text: string;
  readonly #lines = new Map<string, number>();
  /** How many blocks each array of tables has so far. */
  readonly #blocks = new Map<string, number>();
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): Map<string, number> {
    let table: Path = [];
    for (this.#skipBlank(); this.#at < this.#text.length; this.#skipBlank()) {
      if (this.#text[this.#at] === "[") table = this.#header();
      else this.#pair(table);
    }
    return this.#lines;
  }

  #header(): Path {
    const isBlock = this.#text[this.#at + 1] === "[";
    this.#advance(isBlock ? 2 : 1);
    const line = this.#line;
    const keys = this.#key("]");
    if (isBlock) this.#advance(1);
    this.headers.push({ line, keys });
    let path: Path = [];
    for (const [index, key] of keys.entries()) {
      path = [...path, key].slice(0, DEEPEST + 1);
      const name = JSON.stringify(path);
      const last = index === keys.length - 1;
      if (last && isBlock) this.#blocks.set(name, (this.#blocks.get(name) ?? 0) + 1);
      this.#note(path, line);
      const blocks = this.#blocks.get(name);
      if (blocks !== undefined) path = [...path, blocks - 1];
    }
    this.#note(path, line);
    return path;
  }

  #pair(table: Path): void {
    const line = this.#line;
    let path = table;
    for (const key of this.#key("=")) {
      path = [...path, key].slice(0, DEEPEST + 1);
      this.#note(path, line);
    }
    this.#skipBlank();
    this.#value(path);
  }

  #value(path: Path): void {
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") this.#string();
    else if (first === "[") this.#items("]", (index) => this.#element([...path, index]));
    else if (first === "{") this.#items("}", () => this.#pair(path));
    else while (this.#at < this.#text.length && !/[,\]}#\n]/.test(this.#text.charAt(this.#at))) this.#advance(1);
  }

  #element(path: Path): void {
    this.#note(path, this.#line);
    this.#value(path);
  }

  /** The members of an array or an inline table, between its brackets. */
  #items(end: "]" | "}", member: (index: number) => void): void {
    this.#advance(1);
    for (let index = 0; this.#at < this.#text.length; index++) {
      this.#skipBlank();
      if (this.#text[this.#at] !== end) member(index);
      this.#skipBlank();
      const separator = this.#text[this.#at];
      this.#advance(1);
      if (separator === end) return;
    }
  }

  /** A key with its dots, up to and with the sign that ends it. */
  #key(end: "=" | "]"): string[] {
    const keys: string[] = [];
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at);
      if (char === '"' || char === "'") keys.push(this.#string());
      else if (/[\w-]/.test(char)) keys.push(this.#bareKey());
      else {
        this.#advance(1);
        if (char === end) break;
      }
    }
    return keys;
  }

  #bareKey(): string {
    const start = this.#at;
    while (/[\w-]/.test(this.#text.charAt(this.#at))) this.#advance(1);
    return this.#text.slice(start, this.#at);
  }

  /** Skips a string of any kind and returns its text, with the escapes that JSON shares. */
  #string(): string {
    const quote = this.#text.charAt(this.#at);
    const long = this.#text.startsWith(quote.repeat(3), this.#at);
    const end = long ? quote.repeat(3) : quote;
    const start = this.#at + end.length;
    this.#advance(end.length);
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at)) {
      this.#advance(quote === '"' && this.#text[this.#at] === "\\" ? 2 : 1);
    }
    const inside = this.#text.slice(start, this.#at);
    this.#advance(end.length);
    // A long string may end in up to two quotes of its own.
    while (long && this.#text[this.#at] === quote) this.#advance(1);
    return quote === '"' && !long && inside.includes("\\") ? withEscapes(inside) : inside;
  }

  /** White space, line breaks and comments. */
  #skipBlank(): void {
    for (; this.#at < this.#text.length; this.#advance(1)) {
      const char = this.#text.charAt(this.#at);
      if (char === "#") while (this.#at < this.#text.length && this.#text[this.#at] !== "\n") this.#advance(1);
      else if (char.trim() !== "") return;
    }
  }

  #advance(count: number): void {
    for (const end = this.#at + count; this.#at < end; this.#at++) if (this.#text[this.#at] === "\n") this.#line++;
  }

  /** The first mention of a path is the one that is told. */
  #note(path: Path, line: number): void {
    const name = JSON.stringify(path);
    if (path.length <= DEEPEST && !this.#lines.has(name)) this.#lines.set(name, line);
  }
}

function withEscapes(inside: string): string {
  try {
    return String(JSON.parse(`"${inside}"`));
  } catch {
    return inside;
  }
}
