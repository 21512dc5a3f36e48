// Places in a text: where characters as people see them (graphemes), words and lines begin and end. No function looks at more
// of the text than the line it is asked about, or a few hundred characters, so that a text may be very long.

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** How far around a place characters are looked for. */
const REACH = 256;
/** A word goes no further than this many characters. */
const LONGEST_WORD = 2_000;
const WORD = /[\p{L}\p{N}\p{M}_]/u;
const SPACE = /^\s+$/;

export function lineStart(text: string, position: number): number {
  return position === 0 ? 0 : text.lastIndexOf("\n", position - 1) + 1;
}

export function lineEnd(text: string, position: number): number {
  const found = text.indexOf("\n", position);
  return found === -1 ? text.length : found;
}

/** Where the character before the position begins. */
export function previous(text: string, position: number): number {
  if (position === 0) return 0;
  let last = before(text, position);
  const from = last;
  for (const { index } of graphemes.segment(text.slice(from, position))) last = from + index;
  return last;
}

/** Where the character at the position ends. */
export function next(text: string, position: number): number {
  return position >= text.length ? text.length : position + firstLength(text.slice(position, position + REACH));
}

/** The position, or the end of the character that it stands inside. */
export function boundary(text: string, position: number): number {
  if (position <= 0 || position >= text.length) return Math.min(Math.max(0, position), text.length);
  const from = before(text, position);
  for (const { index, segment } of graphemes.segment(text.slice(from, position + REACH))) {
    if (from + index + segment.length >= position) return from + index + segment.length;
  }
  return position;
}

/** Where the word begins that the position is in or behind. */
export function wordStart(text: string, position: number): number {
  return backwards(text, position, (character) => WORD.test(character));
}

/** Where the word ends that the position is in or before. */
export function wordEnd(text: string, position: number): number {
  let to = position;
  let inWord = false;
  for (let steps = 0; to < text.length && steps < LONGEST_WORD; steps++) {
    const after = next(text, to);
    const isWord = WORD.test(text.slice(to, after));
    if (inWord && !isWord) break;
    inWord ||= isWord;
    to = after;
  }
  return to;
}

/** Like {@link wordStart}, where a word is all that stands between spaces. */
export function spacedWordStart(text: string, position: number): number {
  return backwards(text, position, (character) => !SPACE.test(character));
}

function backwards(text: string, position: number, belongs: (character: string) => boolean): number {
  let from = position;
  let inWord = false;
  for (let steps = 0; from > 0 && steps < LONGEST_WORD; steps++) {
    const start = previous(text, from);
    const isWord = belongs(text.slice(start, from));
    if (inWord && !isWord) break;
    inWord ||= isWord;
    from = start;
  }
  return from;
}

/** A place before the position from which characters can be counted. */
function before(text: string, position: number): number {
  const from = Math.max(lineStart(text, position - 1), position - REACH);
  const unit = text.charCodeAt(from);
  return unit >= 0xdc00 && unit <= 0xdfff ? from + 1 : from;
}

function firstLength(text: string): number {
  const first = graphemes.segment(text)[Symbol.iterator]().next();
  return first.done === true ? 0 : first.value.segment.length;
}
