// Rows as lines of a list in columns, and the part of many lines that is in view: what every view that fills the terminal is drawn
// with. Where the width does not suffice, the columns that tell the least go first.
import { clip, pad } from "./text.js";
import type { Theme } from "./theme.js";

export interface Column<Row> {
  readonly title: string;
  /** Cells. */
  readonly width: number;
  /** The highest number goes first. */
  readonly rank: number;
  readonly align?: "left" | "right";
  readonly cell: (row: Row, theme: Theme) => string;
  readonly paint?: (row: Row, theme: Theme) => (text: string) => string;
}

export const GAP = 2;

/** Those of the columns that fit into `room` cells, each with its gap. */
export function columnsThatFit<Row>(columns: readonly Column<Row>[], room: number): readonly Column<Row>[] {
  let shown = columns;
  const needed = () => shown.reduce((sum, column) => sum + GAP + column.width, 0);
  while (shown.length > 0 && needed() > room) {
    const worst = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank !== worst);
  }
  return shown;
}

/** The titles of the columns, each behind its gap. */
export function titlesOf<Row>(columns: readonly Column<Row>[]): string {
  return columns.map(({ title, width, align }) => " ".repeat(GAP) + pad(title, width, align)).join("");
}

/** The cells of a row, each behind its gap; without colours of their own where the row is marked. */
export function cellsOf<Row>(columns: readonly Column<Row>[], row: Row, marked: boolean, theme: Theme): string {
  return columns
    .map(({ cell, width, align, paint }) => {
      const text = pad(clip(cell(row, theme), width), width, align);
      return " ".repeat(GAP) + (marked || paint === undefined ? text : paint(row, theme)(text));
    })
    .join("");
}

/** As many as fit, with the one that is chosen among them. */
export function windowAround<T>(items: readonly T[], at: number, height: number): readonly T[] {
  const from = Math.max(0, Math.min(at - Math.floor(height / 2), items.length - height));
  return items.slice(from, from + height);
}

/** As many lines as fit, from `scroll` on; `told` hears how far they could be scrolled at most. */
export function scrolled(
  lines: readonly string[],
  scroll: number,
  height: number,
  told: (scroll: number) => void,
): readonly string[] {
  const from = Math.min(scroll, Math.max(0, lines.length - height));
  told(from);
  return lines.slice(from, from + height);
}
