// Arguments by JSON Schema, as dynamic tools may declare them. The validator interprets the schema: one that compiles it would
// need code from strings, which the sandbox forbids. It takes a misspelt schema for one that allows everything, so what such a
// schema means is checked when the tool is loaded.
import { Validator } from "@cfworker/json-schema";
import { type InputSchema, invalidField, missingField, unknownField } from "./host-tool.js";

const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"];
const DEEPEST = 32;
/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const ONE = [
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "unevaluatedProperties",
];
const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/** What is wrong with a schema for the arguments of a tool, in one clause; undefined: nothing. */
export function schemaProblem(schema: unknown): string | undefined {
  if (!isObject(schema)) return "it must be a JSON Schema object";
  if (schema.type !== "object") return 'its type must be "object", since arguments have names';
  const problem = problemAt(schema, "input", 0);
  if (problem !== undefined) return problem;
  try {
    new Validator(schema, "2020-12").validate({});
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0] : "it cannot be used";
  }
}

function problemAt(schema: unknown, at: string, depth: number): string | undefined {
  if (typeof schema === "boolean") return undefined;
  if (!isObject(schema)) return `${at} must be a schema`;
  if (depth > DEEPEST) return `${at} is nested more than ${DEEPEST} deep`;
  const { type, required, enum: values, pattern, $ref } = schema;
  for (const one of Array.isArray(type) ? type : type === undefined ? [] : [type]) {
    if (!TYPES.includes(String(one)))
      return `${at} has the type ${JSON.stringify(one)}, and types are ${TYPES.join(", ")}`;
  }
  if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === "string"))) {
    return `${at}.required must be a list of field names`;
  }
  if (values !== undefined && !(Array.isArray(values) && values.length > 0))
    return `${at}.enum must be a list of values`;
  if (pattern !== undefined && !isPattern(pattern)) return `${at}.pattern is no regular expression`;
  if ($ref !== undefined && !String($ref).startsWith("#"))
    return `${at}.$ref must point into the schema itself, as "#/$defs/…"`;
  for (const key of ONE) {
    const problem = schema[key] === undefined ? undefined : problemAt(schema[key], `${at}.${key}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  for (const key of [...LISTS, ...NAMED]) {
    const inner = schema[key];
    if (inner === undefined || inner === null) continue;
    const isList = LISTS.includes(key);
    if (isList ? !Array.isArray(inner) : !isObject(inner))
      return `${at}.${key} must be ${isList ? "a list" : "an object"} of schemas`;
    for (const [name, value] of Object.entries(inner)) {
      const problem = problemAt(value, `${at}.${key}.${name}`, depth + 1);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

/** Reads arguments by a schema that has no problem. */
export function jsonSchemaReader(
  tool: string,
  schema: InputSchema,
): (args: unknown) => Promise<{ args: unknown } | { problem: string }> {
  const validator = new Validator({ ...schema }, "2020-12", false);
  const fields = isObject(schema.properties) ? Object.keys(schema.properties) : [];
  return async (given) => {
    const args = given ?? {};
    const { valid, errors } = validator.validate(args);
    if (valid) return { args };
    // From the outside in: the last tells the most.
    const closed = errors.find(({ keyword }) => keyword === "additionalProperties");
    const error = errors.find(({ keyword }) => keyword === "required") ?? closed ?? errors.at(-1);
    const path = (error?.instanceLocation ?? "#").split("/").slice(1);
    const quoted = /"([^"]*)"/.exec(error?.error ?? "")?.[1] ?? "";
    if (error?.keyword === "required") return { problem: missingField(tool, [...path, quoted].join(".")) };
    if (error?.keyword === "additionalProperties") return { problem: unknownField(tool, quoted, fields) };
    if (path.length === 0) return { problem: `The arguments of ${tool} must be an object with named fields.` };
    const what = (error?.error ?? "it does not fit its schema").replace(/\.$/, "");
    return { problem: invalidField(tool, path.join("."), what) };
  };
}

function isPattern(pattern: unknown): boolean {
  try {
    new RegExp(String(pattern), "u");
    return typeof pattern === "string";
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
