// Figures about numbers, given as a list or as the columns of a table.
import { z } from "zod";
import { formatNumber } from "./calculate.js";
import { defineTool, ToolError } from "./define.js";
import { aligned } from "./support/answers.js";
import { MAX_DATA_BYTES, MAX_TEXT, parseTable } from "./support/data-format.js";
import { textOrFile } from "./support/read-text.js";
import { count } from "./support/text.js";

const MOST_NUMBERS = 100_000;
const numbers = z.array(z.number()).min(1).max(MOST_NUMBERS);

export const statistics = defineTool({
  name: "statistics",
  description:
    "Work out figures about numbers, given as a list or as columns of a CSV file or text: count, sum, mean, median, mode, standard deviation, quantiles, outliers, " +
    "a histogram if asked, and with a second list or column correlation and linear regression. Use it instead of calculating yourself; for sums by " +
    "group use csv_query, for one expression calculate.",
  input: z.strictObject({
    values: numbers.optional().describe("The numbers; or give path or text with column"),
    others: numbers.optional().describe("As many other numbers, for how they go together with values"),
    path: z.string().min(1).max(4096).optional().describe("A CSV file, relative to the working folder"),
    text: z.string().max(MAX_TEXT).optional().describe("The table itself as CSV"),
    column: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("The column with the numbers; cells that are none are left out"),
    other_column: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("Another column, for how it goes together with column"),
    quantiles: z
      .array(z.number().min(0).max(1))
      .max(20)
      .default([0.05, 0.25, 0.75, 0.95])
      .describe("Which quantiles, between 0 and 1"),
    histogram: z.int().min(0).max(50).default(0).describe("Show a histogram of this many bars"),
  }),
  annotations: {
    title: "Statistics",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler(args, context) {
    const { values, others, left } = await read(args, context);
    const library = await import("simple-statistics");
    const said = [aligned(figures(library, values, args.quantiles))];
    if (others !== undefined) said.push(aligned(together(library, values, others)));
    if (args.histogram > 0) said.push(histogram(values, args.histogram));
    if (left > 0)
      said.push(`(${count(left, "row")} left out, without ${others === undefined ? "a number" : "both numbers"}.)`);
    return said;
  },
});

type Library = typeof import("simple-statistics");
interface Given {
  readonly values?: readonly number[] | undefined;
  readonly others?: readonly number[] | undefined;
  readonly path?: string | undefined;
  readonly text?: string | undefined;
  readonly column?: string | undefined;
  readonly other_column?: string | undefined;
}

async function read(
  { values, others, path, text, column, other_column }: Given,
  context: { readonly root: string; readonly signal: AbortSignal },
): Promise<{ values: number[]; others?: number[]; left: number }> {
  if (values !== undefined) {
    if (path !== undefined || text !== undefined)
      throw new ToolError("Give either values, or path or text with column.");
    if (others !== undefined && others.length !== values.length) {
      throw new ToolError(`values has ${values.length} numbers and others ${others.length}; give as many of both.`);
    }
    return { values: [...values], ...(others === undefined ? {} : { others: [...others] }), left: 0 };
  }
  if (column === undefined) throw new ToolError("Give values, or path or text with column.");
  const table = await parseTable(await textOrFile({ text, path }, MAX_DATA_BYTES, context), {});
  for (const name of [column, other_column]) {
    if (name !== undefined && !table.columns.includes(name)) {
      throw new ToolError(`No column is named "${name}"; the columns are ${table.columns.slice(0, 50).join(", ")}.`);
    }
  }
  const pairs = table.rows
    .map(({ record }) =>
      [column, other_column].flatMap((name) => (name === undefined ? [] : numberOf(record[name] ?? ""))),
    )
    .filter((pair) => pair.length === (other_column === undefined ? 1 : 2));
  if (pairs.length === 0)
    throw new ToolError(`The column "${column}" has no numbers; use csv_query to see what it has.`);
  if (pairs.length > MOST_NUMBERS)
    throw new ToolError(`The table has ${pairs.length} numbers, and ${MOST_NUMBERS} are taken; narrow it first.`);
  const [first, second] = [pairs.map(([one = 0]) => one), pairs.map(([, two = 0]) => two)];
  return {
    values: first,
    ...(other_column === undefined ? {} : { others: second }),
    left: table.rows.length - pairs.length,
  };
}

/** None or one. */
function numberOf(cell: string): number[] {
  const text = cell.trim();
  return text !== "" && Number.isFinite(Number(text)) ? [Number(text)] : [];
}

function figures(library: Library, values: number[], quantiles: readonly number[]): string[][] {
  const sorted = Float64Array.from(values).sort();
  const ordered = [...sorted];
  const [q1, q3] = [library.quantileSorted(ordered, 0.25), library.quantileSorted(ordered, 0.75)];
  const far = 1.5 * (q3 - q1);
  const outliers = ordered.filter((value) => value < q1 - far || value > q3 + far);
  const several = values.length > 1;
  return [
    ["count", String(values.length)],
    ["sum", shown(library.sum(values))],
    ["mean", shown(library.mean(values))],
    ["median", shown(library.medianSorted(ordered))],
    ["mode", modeOf(ordered)],
    ["minimum", shown(ordered[0] ?? 0)],
    ["maximum", shown(ordered.at(-1) ?? 0)],
    ["standard deviation (sample)", several ? shown(library.sampleStandardDeviation(values)) : "needs two numbers"],
    ["standard deviation (population)", shown(library.standardDeviation(values))],
    ["variance (sample)", several ? shown(library.sampleVariance(values)) : "needs two numbers"],
    [
      "skewness",
      values.length > 2 && (ordered.at(-1) ?? 0) > (ordered[0] ?? 0) ? shown(library.sampleSkewness(values)) : "none",
    ],
    ...quantiles.map((at) => [`quantile ${at}`, shown(library.quantileSorted(ordered, at))]),
    ["interquartile range", shown(q3 - q1)],
    [
      "outliers (1.5 × that range)",
      outliers.length === 0
        ? "none"
        : `${outliers.length}: ${outliers.slice(0, 10).map(shown).join(", ")}${outliers.length > 10 ? ", …" : ""}`,
    ],
  ];
}

/** Every value that comes as often as any, if any comes twice. */
function modeOf(sorted: readonly number[]): string {
  const times = new Map<number, number>();
  for (const value of sorted) times.set(value, (times.get(value) ?? 0) + 1);
  const most = [...times.values()].reduce((a, b) => Math.max(a, b), 0);
  if (most < 2) return "none: every value once";
  const modes = [...times].filter(([, number]) => number === most).map(([value]) => shown(value));
  return `${modes.slice(0, 5).join(", ")}${modes.length > 5 ? ", …" : ""} (${most} times)`;
}

function together(library: Library, values: number[], others: number[]): string[][] {
  const varies = (list: readonly number[]) => list.some((value) => value !== list[0]);
  if (!varies(values) || !varies(others)) return [["correlation", "none: one of them is always the same"]];
  const pairs = values.map((value, at) => [value, others[at] ?? 0]);
  const line = library.linearRegression(pairs);
  return [
    ["correlation (Pearson)", shown(library.sampleCorrelation(values, others))],
    ["correlation of ranks (Spearman)", shown(library.sampleRankCorrelation(values, others))],
    ["covariance (sample)", shown(library.sampleCovariance(values, others))],
    ["linear regression", `other = ${shown(line.m)} × value ${line.b < 0 ? "-" : "+"} ${shown(Math.abs(line.b))}`],
    ["R²", shown(library.rSquared(pairs, library.linearRegressionLine(line)))],
  ];
}

const BAR = 40;
function histogram(values: readonly number[], bars: number): string {
  const [low, high] = values.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const width = (high - low) / bars || 1;
  const heights = Array.from({ length: bars }, () => 0);
  for (const value of values) {
    const at = Math.min(bars - 1, Math.floor((value - low) / width));
    heights[at] = (heights[at] ?? 0) + 1;
  }
  const most = Math.max(...heights);
  const rows = heights.map((height, at) => [
    shown(low + at * width),
    `to ${at === bars - 1 ? shown(Math.max(high, low + width)) : `under ${shown(low + (at + 1) * width)}`}`,
    String(height),
    "█".repeat(Math.round((BAR * height) / most)),
  ]);
  return aligned(rows);
}

function shown(value: number): string {
  return formatNumber(Number(value.toPrecision(10)));
}
