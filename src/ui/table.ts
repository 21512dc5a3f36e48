// A table as aligned columns: no boxes, one thin rule under the header. Where the width does not suffice, the widest
// columns give way first and their cells wrap; where even that would leave slivers, every row becomes a short record.
import { hang, pad, width, wrap } from "./text.js";
import type { Theme } from "./theme.js";

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly align: readonly ("left" | "right" | "center")[];
}

const GAP = "  ";
/** A column is never squeezed below this. */
const NARROWEST = 6;

/** The lines of a table whose cells are already painted, at most `columns` cells wide. */
export function tableLines(table: Table, columns: number, theme: Theme): string[] {
  if (theme.spoken) return records(table, columns, theme);
  const natural = table.header.map((cell, index) =>
    Math.max(1, widest(cell), ...table.rows.map((row) => widest(row[index] ?? ""))),
  );
  const room = columns - GAP.length * (natural.length - 1);
  const widths = squeeze(natural, room);
  if (widths === undefined) return records(table, columns, theme);
  const line = (cells: readonly string[], paint: (text: string) => string): string[] => {
    const wrapped = widths.map((cellWidth, index) => wrap(cells[index] ?? "", cellWidth));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, row) =>
      wrapped
        .map((lines, index) => {
          const cell = pad(lines[row] ?? "", widths[index] ?? 0, table.align[index]);
          // Blanks within a style would wrap where the terminal becomes narrower.
          return paint(index === widths.length - 1 ? cell.trimEnd() : cell);
        })
        .join(GAP)
        .trimEnd(),
    );
  };
  return [
    ...line(table.header, theme.bold),
    theme.muted(widths.map((cellWidth) => theme.glyphs.rule.repeat(cellWidth)).join(GAP)),
    ...table.rows.flatMap((row) => line(row, (text) => text)),
  ];
}

function widest(cell: string): number {
  return Math.max(...cell.split("\n").map(width));
}

/** Column widths that fit `room`, taken from the widest first; undefined when there is no such. */
function squeeze(natural: readonly number[], room: number): number[] | undefined {
  const least = natural.reduce((sum, own) => sum + Math.min(own, NARROWEST), 0);
  if (least > room) return undefined;
  // The highest cap under which all columns fit: columns narrower than it keep their width.
  let cap = Math.max(...natural);
  const total = (limit: number) => natural.reduce((sum, own) => sum + Math.min(own, limit), 0);
  while (total(cap) > room) cap--;
  const widths = natural.map((own) => Math.min(own, cap));
  let left = room - total(cap);
  for (const [index, own] of natural.entries()) {
    if (left > 0 && own > cap) {
      widths[index] = cap + 1;
      left--;
    }
  }
  return widths;
}

function records(table: Table, columns: number, theme: Theme): string[] {
  return table.rows.flatMap((row, index) => [
    ...(index === 0 ? [] : [""]),
    ...row.flatMap((cell, column) =>
      hang(wrap(`${theme.bold(table.header[column] ?? "")}: ${cell}`, columns - 2), "", "  "),
    ),
  ]);
}
