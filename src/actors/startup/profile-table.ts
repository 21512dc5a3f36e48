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

type Row = readonly [name: string, at: string, took: string, cpu: string];

/** The boxes that take the most come first: these are what one looks for. */
export function profileTable({ phases, boxes, servers }: Profile): string {
  const slowest = [...boxes].sort((one, other) => other.wall - one.wall);
  return [
    ...table([
      ["phase", "over at", "took", "processor"],
      ...phases.map(({ phase, at, cpu }, index): Row => {
        const before = phases[index - 1];
        return [phase, ms(at), ms(at - (before?.at ?? 0)), ms(cpu - (before?.cpu ?? 0))];
      }),
    ]),
    "",
    ...table([
      ["box", "", "init took", "processor"],
      ...slowest.map(({ name, wall, cpu }): Row => [name, "", ms(wall), ms(cpu)]),
    ]),
    ...(servers.length === 0 ? [] : ["", ...table([["server", "came up at", "", ""], ...servers.map(serverRow)])]),
    "",
  ].join("\n");
}

function serverRow({ name, at }: { readonly name: string; readonly at: number }): Row {
  return [plainText(name), ms(at), "", ""];
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function table(rows: readonly Row[]): string[] {
  const columns = ([0, 1, 2, 3] as const).filter((column) => rows.some((row) => row[column] !== ""));
  const widths = columns.map((column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    columns
      .map((column, at) => (column === 0 ? row[column].padEnd(widths[at] ?? 0) : row[column].padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
