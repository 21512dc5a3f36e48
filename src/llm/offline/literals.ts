// Values a message states outright: quoted text, JSON, `key=value`, URLs, paths, patterns, dates, arithmetic, numbers. They are
// read from left to right, each once, before any tool is considered; what they are used for is decided by the schemas.
import { expressionAt } from "./expression.js";

export type LiteralKind =
  | "quoted"
  | "json"
  | "pair"
  | "url"
  | "email"
  | "date"
  | "path"
  | "glob"
  | "expression"
  | "number";

export interface Literal {
  readonly kind: LiteralKind;
  /** The value in words: without quotes, and without the key of a pair. */
  readonly text: string;
  /** The parsed value of `json` and `number`; the text of all others. */
  readonly value: unknown;
  /** The key of a `pair`. */
  readonly key?: string;
  readonly start: number;
  readonly end: number;
}

const MOST = 64;
const MOST_TRIES = 2000;

/** The values of a message, in order: at most 64, and none beyond the first 2,000 places where one could begin. */
export function literalsOf(message: string): Literal[] {
  const found: Literal[] = [];
  let at = 0;
  for (let tries = 0; at < message.length && found.length < MOST && tries < MOST_TRIES; ) {
    const isPlace = opens(message, at);
    if (isPlace) tries++;
    const literal = isPlace ? literalAt(message, at) : undefined;
    if (literal !== undefined) found.push(literal);
    at = literal?.end ?? at + 1;
  }
  return found;
}

/** The kind of value a text would be if it stood in a message by itself. */
export function kindOfText(text: string): LiteralKind | undefined {
  const literal = literalAt(text, 0);
  // A file's name may have blanks when it is quoted.
  if (/^[\w@+~./-]+(?: [\w@+~./()-]+){1,3}\.[A-Za-z]\w{0,7}$/.test(text)) return "path";
  return literal?.end === text.length ? literal.kind : undefined;
}

/** A value begins at the start, after a blank, or after a mark that opens something. */
function opens(message: string, at: number): boolean {
  return at === 0 || /[\s([{<,;:=]/.test(message[at - 1] ?? "");
}

function literalAt(message: string, at: number): Literal | undefined {
  return (
    quotedAt(message, at) ??
    pairAt(message, at) ??
    jsonAt(message, at) ??
    patternAt("url", URL_PATTERN, message, at) ??
    patternAt("email", EMAIL, message, at) ??
    patternAt("date", DATE, message, at) ??
    arithmeticAt(message, at) ??
    numberAt(message, at) ??
    patternAt("glob", GLOB, message, at) ??
    patternAt("path", PATH, message, at)
  );
}

const LONGEST_JSON = 50_000;
const FENCE = /```[^\n`]*\n([\s\S]*?)\n?```/y;
// Apostrophes open only where a word ends or nothing precedes, so that "don't" and "the dogs' bone" stay words.
const QUOTED = /"((?:[^"\\]|\\.)*)"|“([^”]*)”|«([^»]*)»|`([^`]+)`|'((?:[^'\\\n]|\\.|'(?=\w)){0,2000})'(?!\w)/y;
const KEY = /(?:--)?([A-Za-z_][\w-]*)=(?=[^\s=])/y;
const BARE = /(?:[^\s,;]|,(?!\s|\w+=|$))+/y;
const URL_PATTERN = /(?:[a-z][a-z0-9+.-]+:\/\/|data:(?=[^\s]*,)|mailto:)[^\s"'<>`]+/iy;
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/y;
const DATE = /\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?(?![\w-])/y;
const NUMBER =
  /[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?(?![\d.]*\.\d)(?:%|[a-z]{1,2}\b|(?![\p{L}\p{N}_/-]))/iuy;
const GLOB = /[\w./@+~-]*\*[\w./*?@+~{},[\]-]*/y;
const SEGMENT = "[\\w.@+~%-]";
const PATH = new RegExp(
  [
    `[A-Za-z]:\\\\[^\\s"'<>|]+`,
    `(?:~|\\.{1,2})?/${SEGMENT}*(?:/${SEGMENT}*)*`,
    `${SEGMENT}+(?:/${SEGMENT}+)+/?`,
    `${SEGMENT}+/(?=\\s|$)`,
    // A name with an extension; both sides of one letter are an abbreviation ("e.g").
    `(?![a-z]\\.[a-z]\\b)[\\w@+~-][\\w.@+~-]*\\.[A-Za-z][A-Za-z0-9]{0,7}(?![\\w])`,
    `\\.[A-Za-z][\\w.-]+`,
    `\\.{1,2}(?=\\s|$)`,
  ].join("|"),
  "y",
);

function quotedAt(message: string, start: number): Literal | undefined {
  const fence = matchAt(FENCE, message, start);
  if (fence !== undefined) {
    const text = fence[1] ?? "";
    return { kind: "quoted", text, value: text, start, end: start + fence[0].length };
  }
  const quoted = matchAt(QUOTED, message, start);
  if (quoted === undefined) return undefined;
  const inner = quoted.slice(1).find((group) => group !== undefined) ?? "";
  const text = inner
    .replaceAll(/\\(["'\\])/g, "$1")
    .replaceAll("\\n", "\n")
    .replaceAll("\\t", "\t");
  return { kind: "quoted", text, value: text, start, end: start + quoted[0].length };
}

function pairAt(message: string, start: number): Literal | undefined {
  const key = matchAt(KEY, message, start);
  if (key === undefined) return undefined;
  const from = start + key[0].length;
  const value = quotedAt(message, from) ?? jsonAt(message, from);
  const bare = matchAt(BARE, message, from)?.[0] ?? "";
  const end = value?.end ?? from + bare.length;
  const text = value?.text ?? bare;
  return { kind: "pair", key: key[1] ?? "", text, value: value?.value ?? text, start, end };
}

/** An object or an array that parses as JSON. */
function jsonAt(message: string, start: number): Literal | undefined {
  const open = message[start];
  if (open !== "{" && open !== "[") return undefined;
  let depth = 0;
  let inString = false;
  for (let at = start; at < Math.min(message.length, start + LONGEST_JSON); at++) {
    const sign = message[at] ?? "";
    if (inString) {
      if (sign === "\\") at++;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === "{" || sign === "[") depth++;
    else if (sign === "}" || sign === "]") depth--;
    if (depth > 0) continue;
    const text = message.slice(start, at + 1);
    try {
      return { kind: "json", text, value: JSON.parse(text), start, end: at + 1 };
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function arithmeticAt(message: string, start: number): Literal | undefined {
  const expression = expressionAt(message, start);
  if (expression === undefined) return undefined;
  return { kind: "expression", text: expression.text, value: expression.text, start, end: expression.end };
}

function numberAt(message: string, start: number): Literal | undefined {
  const match = matchAt(NUMBER, message, start);
  if (match === undefined) return undefined;
  const digits = match[0]
    .replaceAll(",", "")
    .replace("−", "-")
    .replace(/(?:%|[a-z]+)$/i, "");
  const value = Number(digits);
  if (!Number.isFinite(value)) return undefined;
  return { kind: "number", text: digits, value, start, end: start + match[0].length };
}

function patternAt(kind: LiteralKind, pattern: RegExp, message: string, start: number): Literal | undefined {
  const match = matchAt(pattern, message, start);
  if (match === undefined) return undefined;
  // A full stop or a closing mark at the end belongs to the sentence.
  const text = /^\.{1,2}$/.test(match[0]) ? match[0] : match[0].replace(/[.,;:!?)\]]+$/, "");
  if (text === "") return undefined;
  return { kind, text, value: text, start, end: start + text.length };
}

function matchAt(sticky: RegExp, message: string, at: number): RegExpExecArray | undefined {
  sticky.lastIndex = at;
  return sticky.exec(message) ?? undefined;
}
