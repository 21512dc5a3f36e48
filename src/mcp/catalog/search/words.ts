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
  if (code < 128) return ascii[code] ?? 0;
  if (code < 0xc0 || (code >= 0x2000 && code < 0x2c00) || (code >= 0xfe00 && code < 0xff00)) return 0; // signs
  if (code >= 0xd800 && code < 0xf900) return 0; // pictures
  if ((code >= 0x2e80 && code < 0xa000) || (code >= 0xac00 && code < 0xd7b0)) return code < 0x3040 ? 0 : CJK;
  return OTHER;
}

/** Calls `each` for every word of the text, lowercased, and for the parts of compounds beside the whole. */
export function eachWord(text: string, each: (word: string) => void): void {
  const length = text.length;
  for (let at = 0; at < length; ) {
    const first = classOf(text.charCodeAt(at));
    if (first === 0) {
      at++;
      continue;
    }
    let [end, seen] = [at + 1, 1 << first];
    for (; end < length; end++) {
      const next = classOf(text.charCodeAt(end));
      if (next === 0 || (next === CJK) !== (first === CJK)) break;
      seen |= 1 << next;
    }
    if (end - at <= MOST_LETTERS) {
      if (seen === 1 << LOWER) lowercase(text, at, end, each);
      else if (first === CJK) pairs(text.slice(at, end), each);
      else if (seen & (1 << OTHER)) foreign(text.slice(at, end), each);
      else mixed(text, at, end, each);
    } else if (first === CJK) pairs(text.slice(at, Math.min(end, at + 2_000)), each);
    at = end;
  }
}

function lowercase(text: string, at: number, end: number, each: (word: string) => void): void {
  // What follows an apostrophe ("don't", "team's") is no word.
  if (end - at <= 2 && at > 1 && isApostrophe(text.charCodeAt(at - 1)) && classOf(text.charCodeAt(at - 2)) !== 0)
    return;
  const word = text.slice(at, end);
  const named = withSign(text, word, at, end);
  if (named !== undefined) each(named);
  if (end - at > 1 || word === "c" || word === "r") each(word);
}

/** Words with capitals or digits: the whole and, where there are several, its parts. */
function mixed(text: string, at: number, end: number, each: (word: string) => void): void {
  const run = text.slice(at, end);
  const whole = run.toLowerCase();
  const parts = run.match(/[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+[a-z]*/g) ?? [];
  if (/^\d+$/.test(whole) && whole.length !== 3) return; // years, ports and counts tell nothing; 404 may
  lowercase(
    text.slice(Math.max(0, at - 2), at) + whole + text.slice(end, end + 3),
    Math.min(2, at),
    Math.min(2, at) + whole.length,
    each,
  );
  if (parts.length > 1) for (const part of parts) if (part.length > 2 && !/^\d+$/.test(part)) each(part.toLowerCase());
  const letters = /^([a-z]{3,})\d+$/.exec(whole)?.[1];
  if (letters !== undefined) each(letters);
}

/** C++, C#, .NET, Node.js: the sign is half of the name. */
function withSign(text: string, word: string, at: number, end: number): string | undefined {
  const [before, next] = [at > 0 ? text[at - 1] : "", text[end]];
  if (before === "." && word === "net" && (at < 2 || classOf(text.charCodeAt(at - 2)) === 0)) return "dotnet";
  if (next === "+" && word === "c" && text[end + 1] === "+") return "cpp";
  if (next === "#" && (word === "c" || word === "f")) return `${word}sharp`;
  if (next === "." && (text.startsWith(".js", end) || text.startsWith(".JS", end)) && !ascii[text.charCodeAt(end + 3)])
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
