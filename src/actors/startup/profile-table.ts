// A profile as aligned text.
import { plainText } from "../../supervision/index.js";
import type { Mark } from "./startup-clock.js";

export interface Profile {
  /** In the order they ended. */
  readonly phases: readonly Mark[];
  /** In the order they started; times in milliseconds. */
  readonly boxes: { readonly name: string; readonly wall: number; readonly cpu: number }[];
  /** Those that were waited for, and when each was up or had failed, in milliseconds since the program began. */
  readonly servers: { readonly name: string; readonly at: number }[];
}

type Row = readonly [name: string, at: string, took: string, cpu: string, bar: string];

/** Cells of the longest bar. */
const WIDEST = 24;

/** A phase's bar is where it lay in the start; a box's is its share of the slowest, and the slowest come first. */
export function profileTable({ phases, boxes, servers }: Profile): string {
  const slowest = [...boxes].sort((one, other) => other.wall - one.wall);
  const whole = Math.max(phases.at(-1)?.at ?? 0, ...servers.map(({ at }) => at));
  const longest = slowest[0]?.wall ?? 0;
  return [
    ...table([
      ["phase", "over at", "took", "processor", ""],
      ...phases.map(({ phase, at, cpu }, index): Row => {
        const before = phases[index - 1];
        const from = before?.at ?? 0;
        return [phase, ms(at), ms(at - from), ms(cpu - (before?.cpu ?? 0)), bar(from, at, whole)];
      }),
    ]),
    ...(boxes.length === 0
      ? []
      : [
          "",
          ...table([
            ["box", "", "init took", "processor", ""],
            ...slowest.map(({ name, wall, cpu }): Row => [name, "", ms(wall), ms(cpu), bar(0, wall, longest)]),
          ]),
        ]),
    ...(servers.length === 0
      ? []
      : [
          "",
          ...table([
            ["server", "came up at", "", "", ""],
            ...servers.map(({ name, at }): Row => [plainText(name), ms(at), "", "", bar(0, at, whole)]),
          ]),
        ]),
    "",
  ].join("\n");
}

function bar(from: number, to: number, whole: number): string {
  const cells = (value: number): number => (whole === 0 ? 0 : Math.round((value / whole) * WIDEST));
  return " ".repeat(cells(from)) + "█".repeat(Math.max(1, cells(to) - cells(from)));
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function table(rows: readonly Row[]): string[] {
  const columns = ([0, 1, 2, 3, 4] as const).filter((column) => rows.some((row) => row[column] !== ""));
  const widths = columns.map((column) => Math.max(...rows.map((row) => row[column].length)));
  const isLeft = (column: number): boolean => column === 0 || column === 4;
  return rows.map((row) =>
    columns
      .map((column, at) =>
        isLeft(column) ? row[column].padEnd(widths[at] ?? 0) : row[column].padStart(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
