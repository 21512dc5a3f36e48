// Where in a live line the terminal's own cursor is to stand: where one types, so that an input method opens its window there and a
// screen reader follows. The line carries a mark at that place, which the painter takes out again.

/** A code that shows nothing: "the default font". It has the form of a colour, so that every count of cells passes over it. */
export const CURSOR = "\u001B[10m";

export interface Placed {
  readonly lines: readonly string[];
  /** The row of the mark, and what its line has before it. */
  readonly cursor: { readonly row: number; readonly before: string } | undefined;
}

/** The lines without the mark. */
export function placed(marked: readonly string[]): Placed {
  const row = marked.findIndex((line) => line.includes(CURSOR));
  if (row === -1) return { lines: marked, cursor: undefined };
  const [before = "", ...after] = marked[row]?.split(CURSOR) ?? [];
  return { lines: marked.with(row, before + after.join("")), cursor: { row, before } };
}
