// Text as words: of prose, of names (`kubernetesOperations`, `ci-cd`), and of scripts that put no space between words.
import { stemmer } from "stemmer";

const MOST_LETTERS = 40;
const [LOWER, UPPER, DIGIT, OTHER, CJK] = [1, 2, 3, 4, 5];

/** What each ASCII character is; 0 stands between words. */
const ascii = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 97 && code <= 122) return LOWER;
  if (code >= 65 && code <= 90) return UPPER;
  return code >= 48 && code <= 57 ? DIGIT : 0;
});

function classOf(code: number): number {
  if (Number.isNaN(code)) return 0; // past the end
  if (code < 128) return ascii[code] ?? 0;
  if (code < 0xc0 || (code >= 0x2000 && code < 0x2c00) || (code >= 0xfe00 && code < 0xff00)) return 0; // signs
  if (code >= 0xd800 && code < 0xf900) return 0; // pictures
  if ((code >= 0x2e80 && code < 0xa000) || (code >= 0xac00 && code < 0xd7b0)) return code < 0x3040 ? 0 : CJK;
  return OTHER;
}

/** A text's characters as numbers, a 0 after the last: read one by one, they come out of an array in half the time they take out of a
 * string. Used anew for each text. */
let codes = new Uint16Array(1 << 14);
let bytes = Buffer.from(codes.buffer);

function fill(text: string): Uint16Array {
  if (text.length >= codes.length) {
    codes = new Uint16Array(2 * text.length);
    bytes = Buffer.from(codes.buffer);
  }
  bytes.write(text, "utf16le");
  codes[text.length] = 0;
  return codes;
}

/** Calls `each` for every word of the text, lowercased, and for the parts of compounds beside the whole. `plain`, if given, is called
 * instead for a word of letters alone, with the codes of all characters, where it stands and its hash; that saves the most of what a long text costs. */
export function eachWord(
  text: string,
  each: (word: string) => void,
  plain?: (codes: Uint16Array, start: number, end: number, hash: number) => void,
): void {
  const { length } = text;
  const codes = fill(text);
  for (let at = 0; at < length; ) {
    const first = classOf(codes[at] ?? 0);
    if (first === 0) {
      at++;
      continue;
    }
    const start = at;
    let [seen, hash] = [1 << first, HASH];
    if (first <= UPPER) {
      hash = hashed(hash, codes[at++] ?? 0);
      for (; at < length; at++) {
        const code = codes[at] ?? 0;
        if (code < 97 || code > 122) break;
        hash = hashed(hash, code);
        seen = 1 << LOWER;
      }
    }
    const [next, signed] = [classOf(codes[at] ?? 0), at - start < 5 && hasSign(text, start, at)];
    if (
      next === 0 &&
      seen === 1 << LOWER &&
      first <= UPPER &&
      !signed &&
      at - start > 2 &&
      at - start <= MOST_LETTERS
    ) {
      if (plain !== undefined) plain(codes, start, at, hash);
      else each(text.slice(start, at).toLowerCase());
      continue;
    }
    at = Math.max(at, start + 1);
    seen |= 1 << first;
    for (; at < length; at++) {
      const found = classOf(codes[at] ?? 0);
      if (found === 0 || (found === CJK) !== (first === CJK)) break;
      seen |= 1 << found;
    }
    if (first === CJK) pairs(text.slice(start, Math.min(at, start + 2_000)), each);
    else if (at - start > MOST_LETTERS) continue;
    else if (seen & (1 << OTHER)) foreign(text.slice(start, at), each);
    else unusual(text, start, at, each);
  }
}

const HASH = 0x811c9dc5 | 0;

/** Of a letter, whatever its case. */
function hashed(hash: number, code: number): number {
  return Math.imul(hash ^ (code | 32), 0x01000193);
}

/** Short words, and those with capitals or digits: the whole and, where there are several, its parts. */
function unusual(text: string, at: number, end: number, each: (word: string) => void): void {
  const run = text.slice(at, end);
  const whole = run.toLowerCase();
  // What follows an apostrophe ("don't", "team's") is no word; years, ports and counts tell nothing.
  if (end - at <= 2 && at > 1 && isApostrophe(text.charCodeAt(at - 1)) && classOf(text.charCodeAt(at - 2)) !== 0)
    return;
  if (run.length !== 3 && classOf(run.charCodeAt(0)) === DIGIT && /^\d+$/.test(run)) return;
  const named = hasSign(text, at, end) ? withSign(text, whole, at, end) : undefined;
  if (named !== undefined) each(named);
  if (whole.length > 1 || whole === "c" || whole === "r") each(whole);
  if (whole.length > 2) for (const part of partsOf(run)) each(part);
}

/** The same names come again and again. */
const parted = new Map<string, readonly string[]>();
const MOST_PARTED = 20_000;

function partsOf(run: string): readonly string[] {
  const known = parted.get(run);
  if (known !== undefined) return known;
  const found = run.match(/[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+[a-z]*/g) ?? [];
  const parts =
    found.length > 1
      ? found.filter((part) => part.length > 2 && !/^\d+$/.test(part)).map((part) => part.toLowerCase())
      : [];
  const letters = /^([a-z]{3,})\d+$/i.exec(run)?.[1];
  if (letters !== undefined) parts.push(letters.toLowerCase());
  if (parted.size < MOST_PARTED) parted.set(run, parts);
  return parts;
}

function hasSign(text: string, at: number, end: number): boolean {
  const next = text.charCodeAt(end);
  if (next === 0x2e) return (text.charCodeAt(end + 1) | 32) === 0x6a; // .js
  return next === 0x2b || next === 0x23 || text.charCodeAt(at - 1) === 0x2e;
}

/** C++, C#, .NET, Node.js: the sign is half of the name. */
function withSign(text: string, word: string, at: number, end: number): string | undefined {
  const [before, next] = [at > 0 ? text[at - 1] : "", text[end]];
  if (before === "." && word === "net" && (at < 2 || classOf(text.charCodeAt(at - 2)) === 0)) return "dotnet";
  if (next === "+" && word === "c" && text[end + 1] === "+") return "cpp";
  if (next === "#" && (word === "c" || word === "f")) return `${word}sharp`;
  if (
    next === "." &&
    (text.startsWith(".js", end) || text.startsWith(".JS", end)) &&
    !classOf(text.charCodeAt(end + 3))
  )
    return `${word}js`;
  return undefined;
}

function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019;
}

function foreign(run: string, each: (word: string) => void): void {
  const word = run.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  if (word.length > 1) each(word);
}

/** Without spaces, two characters beside each other come nearest to a word. */
function pairs(run: string, each: (word: string) => void): void {
  if (run.length === 1) each(run);
  for (let at = 0; at + 1 < run.length; at++) each(run.slice(at, at + 2));
}

export function wordsOf(text: string): string[] {
  const words: string[] = [];
  eachWord(text, (word) => words.push(word));
  return words;
}

/** By Porter; of words that are no English ones, themselves. */
export function stemOf(word: string): string {
  return /^[a-z]{3,}$/.test(word) ? stemmer(word) : word;
}
