// What is certain of a painted line whatever the terminal: that it takes one row, and up to where it needs no rewriting. Terminals
// do not agree on how wide an emoji is, or a character that is wide in Chinese fonts alone; of ASCII they all think the same.

const SGR = /\u001B\[[\d;]*m/g;
const LINK = /\u001B\]8;[^\u0007\u001B]*(?:\u0007|\u001B\\)/g;
const ASCII = /^[ -~]*$/;

/**
 * True when no terminal of so many columns has to wrap the line, or cut it, for none takes a character for more than two cells. Of a rule it may
 * cut what it likes.
 */
export function surelyFits(line: string, columns: number): boolean {
  const text = line.includes("\u001B") ? line.replace(SGR, "").replace(LINK, "") : line;
  if (ASCII.test(text)) return text.length <= columns;
  let cells = 0;
  for (const character of text) cells += character < "\u007F" || character === "─" ? 1 : 2;
  return cells <= columns;
}

/** The codes that begin a style, by the code that ends it. */
const ENDS: { readonly [end: string]: RegExp } = {
  "39": /^(?:3[0-7]|9[0-7]|38;[\d;]+)$/,
  "49": /^(?:4[0-7]|10[0-7]|48;[\d;]+)$/,
  "22": /^[12]$/,
  "23": /^3$/,
  "24": /^4$/,
  "27": /^7$/,
  "29": /^9$/,
};

/**
 * How far two lines begin alike, up to a place where no style is open: `at` in the text, and how many cells that is. Nothing
 * but ASCII and styles is looked past.
 */
export function plainFrom(before: string, line: string): { readonly at: number; readonly cells: number } {
  const open: string[] = [];
  let plain = { at: 0, cells: 0 };
  let cells = 0;
  for (let at = 0; at < line.length; ) {
    const code = line[at] === "\u001B" ? /^\u001B\[([\d;]*)m/.exec(line.slice(at, at + 32)) : undefined;
    const part = code === undefined ? (line[at] ?? "") : code?.[0];
    if (part === undefined || !before.startsWith(part, at)) break;
    const style = code?.[1];
    if (style === undefined) {
      if (!ASCII.test(part)) break;
      cells++;
    } else {
      const begun = ENDS[style];
      const ended = begun === undefined ? -1 : open.findLastIndex((one) => begun.test(one));
      if (ended === -1) open.push(style);
      else open.splice(ended, 1);
    }
    at += part.length;
    if (open.length === 0) plain = { at, cells };
  }
  return plain;
}
