// Characters as people see them, in time with the length of the text: Intl takes time with its square, so it is given pieces.

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** In UTF-16 units; a character that is longer than that is cut. */
const PIECE = 1_000;

export interface Grapheme {
  readonly segment: string;
  readonly index: number;
}

export function* graphemesOf(text: string): Generator<Grapheme> {
  for (let from = 0; from < text.length; ) {
    const to = pieceEnd(text, from);
    let last: Grapheme | undefined;
    for (const { segment, index } of graphemes.segment(text.slice(from, to))) {
      if (last !== undefined) yield last;
      last = { segment, index: from + index };
    }
    if (last === undefined) return;
    // What a piece ends with may go on in the next one, which begins with it; unless it is all there is of the piece.
    const whole = to >= text.length || last.index === from;
    if (whole) yield last;
    from = whole ? to : last.index;
  }
}

/** Half of a surrogate pair is a character of its own, so a pair is not cut. */
function pieceEnd(text: string, from: number): number {
  const last = text.charCodeAt(from + PIECE - 1);
  return from + PIECE - (last >= 0xd800 && last <= 0xdbff ? 1 : 0);
}
