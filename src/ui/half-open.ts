// Markdown that is still being written, as it will most likely go on: what is begun and not yet closed is closed, and a line of which
// nobody can tell yet what it will be is left out, so that words do not change their looks when the rest of a construct comes. Only
// the live tail is drawn from it; what is printed for good is drawn from what was really written.

/** A last line that is nothing yet, or would make a heading of the line above it. */
const NOTHING_YET = /^ {0,8}(?:[-=*+_#>|~`]{1,3}|\d{1,9}[.)]?) *$/;
const TABLE_ROW = /^ *\|/;
const TABLE_RULE = /^ *\|[ :|-]*$/;

/** The text as it is to be drawn for now. */
export function asIfClosed(text: string): string {
  const lines = text.split("\n");
  if (NOTHING_YET.test(lines.at(-1) ?? "")) lines.pop();
  withoutTableHead(lines);
  const start = lines.findLastIndex((line) => line.trim() === "") + 1;
  const whole = lines.slice(0, start);
  return [...whole, closedInline(lines.slice(start).join("\n"))].join("\n");
}

/** The first row of a table is one only when the rule under it is whole. */
function withoutTableHead(lines: string[]): void {
  let rows = 0;
  while (rows < lines.length && TABLE_ROW.test(lines[lines.length - 1 - rows] ?? "")) rows++;
  if (rows === 1 || (rows === 2 && TABLE_RULE.test(lines.at(-1) ?? ""))) lines.length -= rows;
}

const CODE = /(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g;
const TASK = /^ *(?:[-*+]|\d{1,9}[.)]) \[[ x]?\]?$/i;
const OPEN_LINK = /!?\[([^\]\n]*)(?:\](?:\([^)\s]*)?)?$/;

function closedInline(paragraph: string): string {
  const open = /`+/.exec(paragraph.replace(CODE, ""))?.[0];
  if (open !== undefined) return paragraph.endsWith(open) ? paragraph.slice(0, -open.length) : paragraph + open;
  const task = TASK.test(paragraph.slice(paragraph.lastIndexOf("\n") + 1));
  return ["**", "~~", "*"].reduce(closedEmphasis, task ? paragraph : paragraph.replace(OPEN_LINK, "$1"));
}

/** Code in it is no emphasis, and neither is a star between spaces, nor the one of a list. */
function closedEmphasis(text: string, mark: string): string {
  const bare = text
    .replace(/`[^`]*`/g, (code) => "x".repeat(code.length))
    .replace(/^( *)[*+-] /gm, "$1x ")
    .replace(/(^|\s)\*(?=\s)/g, "$1x");
  const found = mark === "*" ? bare.replaceAll("**", "xx").split("*") : bare.split(mark);
  if (found.length % 2 === 1) return text;
  const rest = found.at(-1) ?? "";
  if (rest.trim() === "") return text.slice(0, text.length - rest.length - mark.length);
  if (/^\s/.test(rest)) return text;
  const words = text.trimEnd();
  return words + mark + text.slice(words.length);
}
