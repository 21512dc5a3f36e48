// Picks values out of a document by JSONPath (RFC 9535), or by a plain path such as users[0].name, which becomes one.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { FORMATS, formatOf, MAX_DATA_BYTES, MAX_TEXT, parseData } from "./support/data-format.js";
import { mayHang } from "./support/may-hang.js";
import { textOrFile } from "./support/read-text.js";
import { count } from "./support/text.js";

/** A query with more of these would visit the document again for every part of it. */
const MOST_DESCENTS = 2;
const MOST_VISITED = 200_000;

export const jsonQuery = defineTool({
  name: "json_query",
  description:
    "Pick values out of JSON (YAML, TOML, CSV too), given as text or a file of the working folder, without reading all of it. query is " +
    "JSONPath (RFC 9535): $.users[?@.age > 30].name, $..id, $.items[-1], or a plain path: users[0].name. One JSON value a line. To see " +
    "what there is, query $ of a small file or $.* with paths. For tables csv_query can also group and sort.",
  input: z.strictObject({
    text: z.string().max(MAX_TEXT).optional().describe("The document itself; or give path"),
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe("A file with the document, relative to the working folder; or give text"),
    format: z.enum(FORMATS).optional().describe("Its format (default: by the file's name, else json)"),
    query: z
      .string()
      .min(1)
      .max(1_000)
      .describe("JSONPath such as $.store.book[?@.price < 10].title, or a plain path such as a.b[0]"),
    paths: z.boolean().default(false).describe("Also tell where each value is"),
    max_results: z.int().min(1).max(1_000).default(100).describe("Stop after this many values"),
  }),
  annotations: {
    title: "Query JSON",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ text, path, format = formatOf(path) ?? "json", query, paths, max_results: most }, context) {
    const document = await parseData(await textOrFile({ text, path }, MAX_DATA_BYTES, context), format);
    const found = await select(document, query.trim(), most);
    const lines = found.values.map(({ value, at }) =>
      paths ? `${at}: ${JSON.stringify(value)}` : JSON.stringify(value),
    );
    if (lines.length === 0) return `(Nothing matches ${query}; look at $.* with paths to see what there is.)`;
    const remark = found.more
      ? `(${count(found.total, "value")} in all; ${most} shown.)`
      : `(${count(lines.length, "value")}.)`;
    return [lines.join("\n"), remark];
  },
});

interface Found {
  readonly values: readonly { readonly value: unknown; readonly at: string }[];
  readonly total: number;
  readonly more: boolean;
}

class TooMany extends Error {}

async function select(document: unknown, query: string, most: number): Promise<Found> {
  const expression = query.startsWith("$") ? query : fromPlainPath(query);
  if ((expression.match(/\.\./g)?.length ?? 0) > MOST_DESCENTS) {
    throw new ToolError(`The query descends with .. more than ${MOST_DESCENTS} times; name some of the way.`);
  }
  checkFilters(expression);
  const { exec } = await import("jsonpath-rfc9535");
  const values: { value: unknown; at: string }[] = [];
  let total = 0;
  try {
    // Parsed data is JSON, which the compiler cannot know; a date of TOML passes as an object without fields.
    exec(document as Parameters<typeof exec>[0], expression, (value, at) => {
      if (++total > MOST_VISITED) throw new TooMany();
      if (values.length < most) values.push({ value, at: normalized(at) });
    });
  } catch (error) {
    if (error instanceof TooMany) throw new ToolError(`The query matches over ${MOST_VISITED} values; narrow it.`);
    throw new ToolError(
      `${JSON.stringify(query)} is no JSONPath: ${reason(error)}; an example is $.users[?@.age > 30].name.`,
    );
  }
  return { values, total, more: total > most };
}

/** A filter is worked out for every value, so nothing in it may go through the whole document or take for ever. */
function checkFilters(expression: string): void {
  const patterns = [
    ...expression.matchAll(/\b(?:match|search)\s*\([^'",]*,\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\)/g),
  ];
  if (patterns.length < (expression.match(/\b(?:match|search)\s*\(/g)?.length ?? 0)) {
    throw new ToolError("match and search take a value and a pattern as a text, such as match(@.name, 'A.*').");
  }
  for (const [, single, double] of patterns) {
    const pattern = (single ?? double ?? "").replaceAll("\\\\", "\\");
    if (mayHang(pattern))
      throw new ToolError(`The pattern ${pattern} could take for ever; do not repeat what repeats.`);
  }
  const plain = expression.slice(1).replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''");
  if (/\$[^\s)&|<>=!,]*(?:\.\.|\*|\?|:)/.test(plain)) {
    throw new ToolError(
      "In a filter $ may name one value of the document, not many; begin with @ for what is at hand.",
    );
  }
}

/** `a.b-c[0]["d e"]` → `$['a']['b-c'][0]['d e']`. */
function fromPlainPath(path: string): string {
  let expression = "$";
  const part = /\.?(?:\[(-?\d+)\]|\[(?:"([^"]*)"|'([^']*)')\]|\[\*\]|([^.[\]]+))/y;
  while (part.lastIndex < path.length) {
    const at = part.lastIndex;
    const [whole, index, double, single, name] = part.exec(path) ?? [];
    if (whole === undefined)
      throw new ToolError(`At position ${at + 1} the path is not clear; write a.b[0] or JSONPath that begins with $.`);
    const key = double ?? single ?? name;
    if (index !== undefined) expression += `[${index}]`;
    else expression += key === undefined || key === "*" ? "[*]" : `[${quoted(key)}]`;
  }
  return expression;
}

function quoted(name: string): string {
  return `'${name.replace(/[\\']/g, "\\$&")}'`;
}

function normalized(path: readonly (string | number)[]): string {
  return `$${path.map((step) => (typeof step === "number" ? `[${step}]` : /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${quoted(step)}]`)).join("")}`;
}

function reason(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const found = /but (.{1,20}) found\.?$/.exec(said)?.[1];
  return (found === undefined ? said.replace(/\.$/, "") : `${found} was not expected`).slice(0, 200);
}
