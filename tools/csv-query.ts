// Questions about a table, said in arguments and not in a language: filter, group, sum up, sort, select, in this order.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { MAX_DATA_BYTES, MAX_TEXT, parseTable, type Table, writeData } from "./support/data-format.js";
import { textOrFile } from "./support/read-text.js";
import { count } from "./support/text.js";

const COMPARES = [
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "contains",
  "starts_with",
  "ends_with",
  "in",
  "empty",
  "not_empty",
] as const;
const AGGREGATES = ["count", "sum", "mean", "min", "max", "median", "distinct"] as const;
const column = z.string().max(500);

const condition = z.strictObject({
  column: column.describe("The column compared"),
  op: z.enum(COMPARES).default("=").describe("How; numbers are compared as numbers, texts without regard to case"),
  value: z
    .union([z.string().max(10_000), z.number(), z.array(z.union([z.string().max(1_000), z.number()])).max(1_000)])
    .optional()
    .describe("With what; a list for in, nothing for empty and not_empty"),
});
const aggregate = z.strictObject({
  op: z.enum(AGGREGATES).describe("What is worked out"),
  column: column.optional().describe("Of which column; not needed for count"),
  as: column.optional().describe("The name of the result (default: op_column)"),
});

export const csvQuery = defineTool({
  name: "csv_query",
  description:
    "Filter, group, sum up, sort and select rows of a CSV or TSV table, given as text or a file of the working folder. Without any of that it " +
    "shows the first rows, and always how many there are and the columns with their types. Example: where [{column: country, value: DE}], " +
    "group_by [city], aggregates [{op: sum, column: sales}], sort [{column: sum_sales, descending: true}].",
  input: z.strictObject({
    text: z.string().max(MAX_TEXT).optional().describe("The table itself; or give path"),
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe("A file with the table, relative to the working folder; or give text"),
    delimiter: z.string().length(1).optional().describe("What divides the cells (default: found out from , ; tab |)"),
    header: z.boolean().default(true).describe("The first line holds the names; else they are column_1, column_2, …"),
    where: z.array(condition).max(20).default([]).describe("Only rows for which all of these hold"),
    any: z.boolean().default(false).describe("One of the conditions is enough"),
    group_by: z.array(column).max(10).default([]).describe("One row for each combination of values of these columns"),
    aggregates: z.array(aggregate).max(20).default([]).describe("What to work out for each group, or for all rows"),
    select: z.array(column).max(200).optional().describe("Only these columns, in this order"),
    distinct: z.boolean().default(false).describe("Equal rows once only"),
    sort: z
      .array(
        z.strictObject({
          column: column.describe("By which column"),
          descending: z.boolean().default(false).describe("Largest first"),
        }),
      )
      .max(5)
      .default([])
      .describe("How to order the result"),
    offset: z.int().min(0).max(10_000_000).default(0).describe("Leave out this many rows of the result"),
    limit: z.int().min(1).max(1_000).default(50).describe("At most this many rows"),
    output: z.enum(["csv", "json"]).default("csv").describe("How the rows are written"),
  }),
  annotations: {
    title: "Query a table",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler(args, context) {
    const text = await textOrFile({ text: args.text, path: args.path }, MAX_DATA_BYTES, context);
    const table = await parseTable(text, { delimiter: args.delimiter, header: args.header });
    let rows: Row[] = table.rows.map(({ record }) => record).filter(filter(args.where, args.any, table));
    const matching = rows.length;
    let columns = table.columns;
    if (args.group_by.length > 0 || args.aggregates.length > 0)
      ({ rows, columns } = grouped(rows, args.group_by, args.aggregates, table));
    for (const { column, descending } of args.sort.toReversed()) {
      const name = known(column, columns);
      rows = rows.toSorted((a, b) => ordered(cellOf(a, name), cellOf(b, name), descending));
    }
    if (args.select !== undefined) {
      const chosen = args.select.map((name) => known(name, columns));
      columns = chosen;
      rows = rows.map((row) => Object.fromEntries(chosen.map((name) => [name, cellOf(row, name)])));
    }
    if (args.distinct) rows = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
    const shown = rows.slice(args.offset, args.offset + args.limit);
    const written = args.output === "json" ? JSON.stringify(shown, null, 1) : await asCsv(shown, columns);
    const remark = `(${shown.length} of ${count(rows.length, "row")}; ${matching} of ${table.rows.length} match. ${described(table)})`;
    return [written, remark];
  },
});

type Row = Readonly<Record<string, string | number>>;
type Condition = z.output<typeof condition>;
type Aggregate = z.output<typeof aggregate>;

function cellOf(row: Row, column: string): string | number {
  return Object.hasOwn(row, column) ? (row[column] ?? "") : "";
}

function known(name: string, columns: readonly string[]): string {
  const found =
    columns.find((column) => column === name) ?? columns.find((column) => column.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new ToolError(`No column is named "${name}"; the columns are ${columns.slice(0, 50).join(", ")}.`);
}

function filter(where: readonly Condition[], any: boolean, { columns }: Table): (row: Row) => boolean {
  const tests = where.map(({ column, op, value }) => {
    const name = known(column, columns);
    if (value === undefined && op !== "empty" && op !== "not_empty")
      throw new ToolError(`The condition on "${column}" needs a value.`);
    if (Array.isArray(value) !== (op === "in"))
      throw new ToolError(`A list of values goes with in, one value with ${op === "in" ? "=" : op}.`);
    const list = new Set((Array.isArray(value) ? value : [value ?? ""]).map(folded));
    const single = Array.isArray(value) ? "" : (value ?? "");
    return (row: Row): boolean => holds(cellOf(row, name), op, single, list);
  });
  if (tests.length === 0) return () => true;
  return (row) => (any ? tests.some((test) => test(row)) : tests.every((test) => test(row)));
}

function holds(cell: string | number, op: Condition["op"], value: string | number, list: ReadonlySet<string>): boolean {
  const text = folded(cell);
  switch (op) {
    case "empty":
      return text === "";
    case "not_empty":
      return text !== "";
    case "in":
      return list.has(text);
    case "contains":
      return text.includes(folded(value));
    case "starts_with":
      return text.startsWith(folded(value));
    case "ends_with":
      return text.endsWith(folded(value));
    case "=":
      return compare(cell, value) === 0;
    case "!=":
      return compare(cell, value) !== 0;
    default: {
      if (text === "") return false; // an empty cell is neither more nor less
      const order = compare(cell, value);
      if (op === "<") return order < 0;
      if (op === "<=") return order <= 0;
      return op === ">" ? order > 0 : order >= 0;
    }
  }
}

/** Empty cells come last, whichever way. */
function ordered(a: string | number, b: string | number, descending: boolean): number {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  return descending ? compare(b, a) : compare(a, b);
}

/** Numbers by their value, the rest as texts; numbers come first. */
function compare(a: string | number, b: string | number): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (x !== undefined || y !== undefined) return x !== undefined ? -1 : 1;
  const [s, t] = [folded(a), folded(b)];
  return s < t ? -1 : Number(s > t);
}

function folded(value: string | number): string {
  const number = numberOf(value);
  return number === undefined ? String(value).trim().toLowerCase() : String(number);
}

function numberOf(value: string | number): number | undefined {
  if (typeof value === "number") return value;
  const text = value.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function grouped(
  rows: readonly Row[],
  by: readonly string[],
  aggregates: readonly Aggregate[],
  { columns }: Table,
): { rows: Row[]; columns: string[] } {
  const keys = by.map((name) => known(name, columns));
  const parts = (aggregates.length === 0 ? [{ op: "count" } as Aggregate] : aggregates).map(({ op, column, as }) => {
    if (column === undefined && op !== "count") throw new ToolError(`The aggregate ${op} needs a column.`);
    const of = column === undefined ? undefined : known(column, columns);
    return { op, of, as: as ?? (of === undefined ? op : `${op}_${of}`) };
  });
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((name) => cellOf(row, name)));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  if (keys.length === 0 && groups.size === 0) groups.set("", []);
  const summed = [...groups.values()].map((group): Row => {
    const [first = {}] = group;
    const named = keys.map((name) => [name, cellOf(first, name)] as const);
    const values = parts.map(
      ({ op, of, as }) =>
        [as, worked(op, of === undefined ? undefined : group.map((row) => cellOf(row, of)), group.length)] as const,
    );
    return Object.fromEntries([...named, ...values]);
  });
  return { rows: summed, columns: [...keys, ...parts.map(({ as }) => as)] };
}

/** Cells that are no number do not count for what is worked out of numbers; with none the result is empty. */
function worked(op: Aggregate["op"], cells: readonly (string | number)[] | undefined, rows: number): string | number {
  if (cells === undefined) return rows;
  const filled = cells.filter((cell) => String(cell).trim() !== "");
  if (op === "count") return filled.length;
  if (op === "distinct") return new Set(filled.map(folded)).size;
  if (op === "min" || op === "max") {
    const sign = op === "min" ? 1 : -1;
    return filled.reduce((best, cell) => (best === "" || sign * compare(cell, best) < 0 ? cell : best), "");
  }
  const numbers = filled.flatMap((cell) => numberOf(cell) ?? []);
  if (numbers.length === 0) return "";
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (op === "sum") return tidy(sum);
  if (op === "mean") return tidy(sum / numbers.length);
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0);
  return tidy(middle / 2);
}

/** Hides 0.1 + 0.2 = 0.30000000000000004. */
function tidy(value: number): number {
  return Number(value.toPrecision(15));
}

async function asCsv(rows: readonly Row[], columns: readonly string[]): Promise<string> {
  if (rows.length === 0) return columns.join(",");
  const whole = rows.map((row) => Object.fromEntries(columns.map((name) => [name, cellOf(row, name)])));
  return (await writeData(whole, "csv")).text.trimEnd();
}

function described({ columns, rows }: Table): string {
  const types = columns.slice(0, 100).map((name) => {
    const filled = rows.map(({ record }) => cellOf(record, name)).filter((cell) => cell !== "");
    const type =
      filled.length === 0 ? "empty" : filled.every((cell) => numberOf(cell) !== undefined) ? "number" : "text";
    return `${name} ${type}`;
  });
  return `Columns: ${types.join(", ")}.`;
}
