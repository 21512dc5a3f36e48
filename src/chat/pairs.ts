// `key=value` pairs as they are typed after a command; a value with spaces stands in quotes.
import { BanyanError } from "../supervision/index.js";

const PAIR = /([^\s=]+)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/gy;

/** Splits `NAME key=value key="a value"`. Throws a `usage` error for words that are neither. */
export function nameAndPairs(text: string): { readonly name: string; readonly pairs: Record<string, string> } {
  const [, name = "", rest = ""] = /^\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  const pairs: Record<string, string> = {};
  let at = 0;
  while (at < rest.length) {
    PAIR.lastIndex = at;
    const found = PAIR.exec(rest);
    if (found === null) {
      throw new BanyanError(
        "usage",
        `"${rest.slice(at, at + 60)}" is no key=value pair, such as path=README.md; put a value with spaces in quotes.`,
      );
    }
    const [whole, key = "", value = ""] = found;
    pairs[key] = unquoted(value);
    at += whole.length + (/^\s+/.exec(rest.slice(at + whole.length))?.[0].length ?? 0);
  }
  return { name, pairs };
}

/** Without the quotes around it. */
export function unquoted(value: string): string {
  if (value.startsWith('"') && value.length > 1) return value.slice(1, -1).replace(/\\(.)/g, "$1");
  return value.startsWith("'") && value.length > 1 ? value.slice(1, -1) : value;
}
