// A line as words: quotes of either kind hold a word together, also within one, as in `--env "NAME=two words"` or NAME="two words".
import { BanyanError } from "../supervision/index.js";

const PART = /"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']+)|(\s+)/y;

/** Throws a `usage` error for a quote that is not closed. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const found = PART.exec(line);
    if (found === null) throw new BanyanError("usage", "A quote is not closed; close it, or leave it out.");
    const [, double, single, plain, blank] = found;
    if (blank === undefined) word = (word ?? "") + (double?.replace(/\\(["\\])/g, "$1") ?? single ?? plain ?? "");
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
