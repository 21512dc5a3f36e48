// Checks data against a JSON Schema with an interpreter: no code is made of the schema. What a schema refers to must be in it.
import type { Schema, SchemaDraft } from "@cfworker/json-schema";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { formatOf, MAX_DATA_BYTES, MAX_TEXT, parseData } from "./support/data-format.js";
import { compileRegex } from "./support/linear-regex.js";
import { mayHang } from "./support/may-hang.js";
import { textOrFile } from "./support/read-text.js";
import { count } from "./support/text.js";

const MOST_ERRORS = 50;
/** They only say that something below them is wrong, which is told as well. */
const OUTER = new Set([
  "properties",
  "items",
  "prefixItems",
  "additionalProperties",
  "patternProperties",
  "$ref",
  "allOf",
  "if",
  "dependentSchemas",
]);

export const validateJson = defineTool({
  name: "validate_json",
  description:
    "Check data against a JSON Schema and list what is wrong, each with its path. Data and schema are given as JSON text or as files of the " +
    "working folder (JSON or YAML). Drafts 4, 7, 2019-09 and 2020-12; references must be within the schema, formats such as email are " +
    "checked. For CSV or TOML use convert_data first.",
  input: z.strictObject({
    data: z.string().max(MAX_TEXT).optional().describe("The data as JSON text; or give data_path"),
    data_path: z.string().min(1).max(4096).optional().describe("A file with the data, relative to the working folder"),
    schema: z.string().max(MAX_TEXT).optional().describe("The JSON Schema as JSON text; or give schema_path"),
    schema_path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe("A file with the schema, relative to the working folder"),
  }),
  annotations: {
    title: "Validate JSON",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ data, data_path, schema, schema_path }, context) {
    const read = async (field: string, text: string | undefined, path: string | undefined) =>
      parseData(await textOrFile({ text, path, field }, MAX_DATA_BYTES, context), formatOf(path) ?? "json");
    const rules = await read("schema", schema, schema_path);
    const value = await read("data", data, data_path);
    if (typeof rules !== "boolean" && (typeof rules !== "object" || rules === null || Array.isArray(rules))) {
      throw new ToolError("A JSON Schema is an object, or true or false; check the schema.");
    }
    // An object; what its keywords hold is the validator's to check.
    const problems = await check(value, rules as Schema | boolean);
    if (problems.length === 0) return "Valid.";
    const lines = problems.slice(0, MOST_ERRORS);
    const more = problems.length - lines.length;
    return [
      `Not valid, ${count(problems.length, "problem")}:`,
      lines.join("\n"),
      ...(more > 0 ? [`(${more} more not shown.)`] : []),
    ];
  },
});

async function check(value: unknown, schema: Schema | boolean): Promise<string[]> {
  const { Validator, format } = await import("@cfworker/json-schema");
  const patterns = new Map<string, string>();
  // Only how patterns are said is another: the rest is the schema as it was.
  const linear = withoutPatterns(schema, patterns) as Schema | boolean;
  // The validator looks formats up in this object; ours are taken away again below.
  const formats: Record<string, (text: string) => boolean> = format;
  try {
    for (const [name, pattern] of patterns) {
      const compiled = await compileRegex(pattern, {}, `The pattern ${pattern}`);
      formats[name] = (text) => compiled.matcher(text).find();
    }
    const { valid, errors } = new Validator(linear, draftOf(schema), false).validate(value);
    if (valid) return [];
    const inner = errors.filter(({ keyword }) => !OUTER.has(keyword));
    const told = (inner.length > 0 ? inner : errors).map(({ instanceLocation, error }) => {
      const said = error.replace(/format "(pattern \d+)"/, (_, name) => `pattern ${patterns.get(name)}`);
      return `${instanceLocation.replace(/^#/, "$").replaceAll("/", ".")}: ${said.replace(/\s+/g, " ").slice(0, 300)}`;
    });
    return [...new Set(told)];
  } catch (error) {
    if (error instanceof ToolError) throw error;
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new ToolError(`The schema cannot be used: ${why.replace(/\.$/, "").slice(0, 200)}; correct it.`);
  } finally {
    for (const name of patterns.keys()) delete formats[name];
  }
}

let made = 0;
const NAMED = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"]);
const DATA = new Set(["const", "enum", "default", "examples"]);

/** The schema with a format for each pattern: the validator would match a pattern with an engine that some texts hold up for ever. */
function withoutPatterns(schema: unknown, patterns: Map<string, string>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withoutPatterns(item, patterns));
  if (typeof schema !== "object" || schema === null) return schema;
  const copy: Record<string, unknown> = {};
  let own: string | undefined;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "pattern" && typeof value === "string") {
      own = `pattern ${++made}`;
      patterns.set(own, value);
    } else if (DATA.has(key)) copy[key] = value;
    else if (NAMED.has(key) && typeof value === "object" && value !== null) {
      const risky = key === "patternProperties" ? Object.keys(value).find(mayHang) : undefined;
      if (risky !== undefined)
        throw new ToolError(`The pattern ${risky} could take for ever; do not repeat what repeats.`);
      copy[key] = Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, withoutPatterns(inner, patterns)]),
      );
    } else copy[key] = withoutPatterns(value, patterns);
  }
  if (own !== undefined) copy.allOf = [...(Array.isArray(copy.allOf) ? copy.allOf : []), { format: own }];
  return copy;
}

function draftOf(schema: Schema | boolean): SchemaDraft {
  const said = typeof schema === "object" && typeof schema.$schema === "string" ? schema.$schema : "";
  if (said.includes("draft-04")) return "4";
  if (/draft-0[67]/.test(said)) return "7";
  return said.includes("2019-09") ? "2019-09" : "2020-12";
}
