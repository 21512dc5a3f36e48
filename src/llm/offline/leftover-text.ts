// What remains of a message for the argument that takes free text, when the words about the tool and the values of other
// arguments are set aside: "hello" of "echo hello", "buy milk" of "add buy milk to the todo list".
import type { Argument } from "./tool-profile.js";
import type { Stretch } from "./utterance.js";
import { isStopWord, wordsOf } from "./words.js";

export interface Leftover {
  readonly text: string;
  /** What it was made of. */
  readonly stretches: readonly Stretch[];
}

/**
 * @param from where the words about the tool end
 * @param named whether the tool was named outright: then nothing has to lead to what is searched
 * @param taken what other arguments took
 * @param isAbout whether a stem belongs to what the tool says of itself
 */
export function leftoverText(
  text: string,
  from: number,
  argument: Argument,
  named: boolean,
  taken: readonly Stretch[],
  isAbout: (stem: string) => boolean,
): Leftover {
  const isSearched = argument.kind === "query" || argument.kind === "glob";
  const start = isSearched && !named ? behindFor(text, from) : from;
  if (start === undefined) return { text: "", stretches: [] };
  const cuts = taken.filter((one) => one.end > start).sort((a, b) => a.start - b.start);
  const stretches: Stretch[] = [];
  let at = start;
  for (const cut of [...cuts, { start: text.length, end: text.length }]) {
    if (cut.start > at) stretches.push({ start: at, end: cut.start });
    at = Math.max(at, cut.end);
  }
  const last = stretches.pop();
  if (last !== undefined) {
    const kept = withoutDestination(text.slice(last.start, last.end), isAbout);
    stretches.push({ start: last.start, end: last.start + kept.length });
  }
  const pieces = stretches.map((stretch) => {
    const piece = text.slice(stretch.start, stretch.end);
    // Before a value that was taken, the preposition that led to it goes too.
    return cuts.some((cut) => cut.start === stretch.end) ? withoutEnd(piece.trimEnd(), LEADS_TO_VALUE) : piece;
  });
  let rest = trimmed(withoutEnd(pieces.join(" ").trimEnd(), PLEASE)).replace(LEAD_IN, "");
  if (argument.kind !== "prose") {
    // The name of a thing: without the preposition before it, its own title, and the mark after it.
    rest = trimmed(rest, "?.!").replace(PREPOSITION, "");
    const [title] = wordsOf(rest, []);
    const isTitled = title !== undefined && argument.nameStems.includes(title.stem) && title.end < rest.length;
    if (isTitled) rest = rest.slice(title.end);
  }
  rest = trimmed(rest);
  return { text: /[\p{L}\p{N}]/u.test(rest) ? rest : "", stretches };
}

/** "search the web for cats": what is searched stands behind "for"; "the web" is said about the tool. */
function behindFor(text: string, from: number): number | undefined {
  const marked = /\b(?:for|named|called|matching|containing|about)\s+/i.exec(text.slice(from));
  return marked === null ? undefined : from + marked.index + marked[0].length;
}

/** "buy milk to the todo list": an end that only repeats what the tool is about is no part of the text. */
function withoutDestination(text: string, isAbout: (stem: string) => boolean): string {
  const end = DESTINATION.exec(text.slice(-LONGEST_END))?.[0];
  if (end === undefined) return text;
  const words = wordsOf(end, []);
  const about = words.some((word) => isAbout(word.stem));
  const nothingElse = words.every((word) => isStopWord(word.text) || isAbout(word.stem));
  return about && nothingElse ? text.slice(0, -end.length) : text;
}

// Patterns for an end are tried on the end alone: on a long run of blanks they would otherwise take quadratic time.
const LONGEST_END = 200;

function withoutEnd(text: string, end: RegExp): string {
  const found = end.exec(text.slice(-LONGEST_END))?.[0];
  return found === undefined ? text : text.slice(0, text.length - found.length);
}

/** Without blanks and marks of punctuation around it. */
function trimmed(text: string, moreAtEnd = ""): string {
  let start = 0;
  let end = text.length;
  while (start < end && /[\s,:;]/.test(text.charAt(start))) start++;
  while (end > start && (/[\s,;]/.test(text.charAt(end - 1)) || moreAtEnd.includes(text.charAt(end - 1)))) end--;
  return text.slice(start, end);
}

const DESTINATION = /\s+(?:to|in|into|on|onto|from|at|with|using)\s+(?=(?:the|my|a|this)\b)[^"'`]*$/i;
const PLEASE = /\s+please$/i;
const PREPOSITION = /^(?:on|for|with|to|in|into|of|at|from|as)\s+/i;
const LEADS_TO_VALUE =
  /\s+(?:to|in|into|at|from|for|as|of|on|under|inside|called|named|with|and|the|file|folder|directory)(?:\s+(?:the|a|file|folder|directory))*$/i;
const LEAD_IN = new RegExp(
  "^(?:(?:(?:the|this|a|following|these|some)\\s+)*(?:text|message|string|words?|phrase|sentence|content)\\b[:,]?\\s+(?=\\S))?" +
    "(?:(?:that says|that reads|which says|to say|saying|after me|about|for|with|containing|named|called|matching)\\b[:,]?\\s+)?",
  "i",
);
