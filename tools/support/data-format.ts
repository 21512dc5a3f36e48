// Data as text, in the formats people keep it in: read into plain values and written again. The libraries are loaded when a format is
// first used. What is read is bounded: its size by the caller, its depth and the aliases of YAML here.
import { ToolError } from "../define.js";

export const FORMATS = ["json", "yaml", "toml", "csv", "tsv"] as const;
export type DataFormat = (typeof FORMATS)[number];

/** Of text or a file that is read as data. */
export const MAX_DATA_BYTES = 5_000_000;
export const MAX_TEXT = 1_000_000;
const MAX_DEPTH = 100;
/** Its library takes a second for half a megabyte, in which nothing else is heard. */
const MAX_YAML = 500_000;

/** By the end of its name; undefined if that says nothing. */
export function formatOf(path: string | undefined): DataFormat | undefined {
  const end = /\.(\w+)$/.exec(path ?? "")?.[1]?.toLowerCase() ?? "";
  const known: Readonly<Record<string, DataFormat>> = { yml: "yaml", jsonc: "yaml", tab: "tsv", lock: "toml" };
  return FORMATS.find((format) => format === end) ?? (Object.hasOwn(known, end) ? known[end] : undefined);
}

/** The value of a text. CSV and TSV become a list of objects, by the names in their first line. */
export async function parseData(text: string, format: DataFormat): Promise<unknown> {
  const value = await parsers[format](text);
  checkDepth(value, MAX_DEPTH);
  return value;
}

const parsers: Readonly<Record<DataFormat, (text: string) => Promise<unknown>>> = {
  async json(text) {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new ToolError(`The text is no JSON: ${reason(error)}; correct it, or name its real format.`);
    }
  },
  async yaml(text) {
    if (text.length > MAX_YAML) throw tooMuchYaml();
    const { parseDocument } = await import("yaml");
    const document = parseDocument(text, { merge: true });
    const [problem] = document.errors;
    if (problem?.code === "MULTIPLE_DOCS") {
      throw new ToolError("The text holds several YAML documents; give one at a time, without ---.");
    }
    if (problem !== undefined)
      throw new ToolError(`The text is no YAML: ${reason(problem)}; correct it, or name its real format.`);
    try {
      return document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      throw new ToolError(`The YAML cannot be read: ${reason(error)}; write out what its aliases stand for.`);
    }
  },
  async toml(text) {
    const { parse } = await import("smol-toml");
    try {
      return parse(text, { maxDepth: MAX_DEPTH });
    } catch (error) {
      throw new ToolError(`The text is no TOML: ${reason(error)}; correct it, or name its real format.`);
    }
  },
  csv: async (text) => (await parseTable(text, {})).rows.map(({ record }) => record),
  tsv: async (text) => (await parseTable(text, { delimiter: "\t" })).rows.map(({ record }) => record),
};

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly record: Readonly<Record<string, string>> }[];
}

const MAX_COLUMNS = 1_000;

/** A table from CSV. Without a header the columns are named column_1, column_2, … */
export async function parseTable(
  text: string,
  options: { readonly delimiter?: string | undefined; readonly header?: boolean },
): Promise<Table> {
  const { parse } = await import("csv-parse/sync");
  const { delimiter = likelyDelimiter(text), header = true } = options;
  let lines: string[][];
  try {
    lines = parse(text, {
      delimiter,
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_TEXT,
    });
  } catch (error) {
    throw new ToolError(`The text is no CSV: ${reason(error)}; correct it, or give its delimiter.`);
  }
  const width = lines.reduce((widest, line) => Math.max(widest, line.length), 0);
  if (width > MAX_COLUMNS)
    throw new ToolError(`The table has ${width} columns, and ${MAX_COLUMNS} are taken; check its delimiter.`);
  const names = header ? (lines.shift() ?? []) : [];
  const columns: string[] = [];
  for (let at = 0; at < Math.max(width, names.length); at++)
    columns.push(freeName(names[at]?.trim() || `column_${at + 1}`, columns));
  const rows = lines.map((line) => {
    const cells = columns.map((_, at) => line[at] ?? "");
    return { cells, record: Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ""])) };
  });
  return { columns, rows };
}

function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  for (let n = 2; taken.includes(free); n++) free = `${name}_${n}`;
  return free;
}

/** The sign that most often divides the first line. */
function likelyDelimiter(text: string): string {
  const [first = ""] = text.slice(0, 10_000).split(/\r?\n/);
  const times = (sign: string) => first.split(sign).length;
  return [",", ";", "\t", "|"].reduce((best, sign) => (times(sign) > times(best) ? sign : best));
}

/** Text of a value, and what of it the format cannot say. */
export async function writeData(value: unknown, format: DataFormat): Promise<{ text: string; lost: string[] }> {
  const lost = new Set<string>();
  const text = await writers[format](value, lost);
  return { text, lost: [...lost] };
}

type Writer = (value: unknown, lost: Set<string>) => Promise<string>;
const writers: Readonly<Record<DataFormat, Writer>> = {
  async json(value, lost) {
    const plain = mapped(value, (leaf) => {
      if (leaf instanceof Date) lost.add("dates and times are texts in JSON");
      if (typeof leaf === "number" && !Number.isFinite(leaf))
        lost.add("JSON has no infinite numbers and no NaN, so they are null");
      return leaf;
    });
    return JSON.stringify(plain, (_, leaf) => (typeof leaf === "bigint" ? String(leaf) : leaf), 2);
  },
  async yaml(value) {
    if (JSON.stringify(value, (_, leaf) => (typeof leaf === "bigint" ? String(leaf) : leaf)).length > MAX_YAML)
      throw tooMuchYaml();
    const { stringify } = await import("yaml");
    return stringify(
      mapped(value, (leaf) => (leaf instanceof Date ? String(leaf.toJSON()) : leaf)),
      { aliasDuplicateObjects: false },
    );
  },
  async toml(value, lost) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ToolError("TOML can only hold an object of named values at its top; wrap the value in one.");
    }
    const { stringify } = await import("smol-toml");
    const whole = mapped(value, (leaf) => {
      if (leaf === null) lost.add("TOML has no null, so such values are left out");
      return leaf === null ? undefined : leaf;
    });
    try {
      return stringify(whole);
    } catch (error) {
      throw new ToolError(`TOML cannot hold the value: ${reason(error)}; change it or choose json.`);
    }
  },
  csv: (value, lost) => writeTable(value, ",", lost),
  tsv: (value, lost) => writeTable(value, "\t", lost),
};

async function writeTable(value: unknown, delimiter: string, lost: Set<string>): Promise<string> {
  const list = Array.isArray(value) ? value : [value];
  const rows = list.map((row): Record<string, unknown> => {
    if (Array.isArray(row)) return Object.fromEntries(row.map((cell, at) => [`column_${at + 1}`, cell]));
    return typeof row === "object" && row !== null && !(row instanceof Date) ? { ...row } : { value: row };
  });
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length > MAX_COLUMNS)
    throw new ToolError(`The rows have ${columns.length} different fields; a table takes ${MAX_COLUMNS}.`);
  const cell = (inner: unknown): string => {
    if (inner === null || inner === undefined) return "";
    if (inner instanceof Date) return String(inner.toJSON());
    if (typeof inner !== "object") return String(inner);
    lost.add("a table has no nesting, so inner lists and objects are JSON in their cells");
    return JSON.stringify(inner);
  };
  if (rows.some((row) => Object.values(row).some((inner) => inner !== null && typeof inner !== "string"))) {
    lost.add("a table has no types, so numbers and true or false are texts");
  }
  if (rows.some((row) => Object.values(row).includes(null))) lost.add("null and an empty text look alike in a table");
  const { stringify } = await import("csv-stringify/sync");
  return stringify(
    [columns, ...rows.map((row) => columns.map((column) => cell(Object.hasOwn(row, column) ? row[column] : null)))],
    { delimiter },
  );
}

/** A copy with every leaf replaced; what becomes undefined goes. */
function mapped(value: unknown, leaf: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapped(item, leaf)).filter((item) => item !== undefined);
  if (typeof value !== "object" || value === null || value instanceof Date) return leaf(value);
  const entries = Object.entries(value).map(([key, item]) => [key, mapped(item, leaf)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function checkDepth(value: unknown, left: number): void {
  if (typeof value !== "object" || value === null) return;
  if (left === 0) throw new ToolError(`The data is nested deeper than ${MAX_DEPTH} levels; give a part of it.`);
  for (const item of Object.values(value)) checkDepth(item, left - 1);
}

function tooMuchYaml(): ToolError {
  return new ToolError("YAML of at most 500 kB is read and written here; take json, or a part of the data.");
}

/** The first line of what a parser says, without a full stop. */
function reason(error: unknown): string {
  const [said = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return said
    .replace(/\.\s*$/, "")
    .replace(/:$/, "")
    .slice(0, 300);
}
