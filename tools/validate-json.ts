// Checks data against a JSON Schema with an interpreter: no code is made of the schema. What a schema refers to must be in it.
import type { Schema, SchemaDraft } from "@cfworker/json-schema";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { formatOf, MAX_DATA_BYTES, MAX_TEXT, parseData } from "./support/data-format.js";
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
  const { Validator } = await import("@cfworker/json-schema");
  try {
    const { valid, errors } = new Validator(schema, draftOf(schema), false).validate(value);
    if (valid) return [];
    const inner = errors.filter(({ keyword }) => !OUTER.has(keyword));
    const told = (inner.length > 0 ? inner : errors).map(
      ({ instanceLocation, error }) =>
        `${instanceLocation.replace(/^#/, "$").replaceAll("/", ".")}: ${error.replace(/\s+/g, " ").slice(0, 300)}`,
    );
    return [...new Set(told)];
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new ToolError(`The schema cannot be used: ${why.replace(/\.$/, "").slice(0, 200)}; correct it.`);
  }
}

function draftOf(schema: Schema | boolean): SchemaDraft {
  const said = typeof schema === "object" && typeof schema.$schema === "string" ? schema.$schema : "";
  if (said.includes("draft-04")) return "4";
  if (/draft-0[67]/.test(said)) return "7";
  return said.includes("2019-09") ? "2019-09" : "2020-12";
}
