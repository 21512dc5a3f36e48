// Whether a tool's structured result is what its output schema promises. Schema and value both come from a program we do not
// trust, and they are checked in the primary: so before ajv compiles a schema it is copied keyword by keyword from a list of those
// whose cost is bounded. Patterns and formats (made to backtrack), `uniqueItems` (quadratic) and recursion (exponential) are
// left out, references are put in place, and what is too large is not checked at all: a check that was not made is no mismatch.
import { isDeepStrictEqual } from "node:util";
import type { Ajv, ValidateFunction } from "ajv";
import type { JsonSchema } from "../../llm/provider.js";
import type { ToolResult } from "./mcp-types.js";

/** Of a schema, references put in place. */
const MOST_SCHEMA_NODES = 400;
const DEEPEST_SCHEMA = 24;
/** Of a value. */
const MOST_VALUE_NODES = 20_000;
const DEEPEST_VALUE = 64;
/** Compiled schemas kept. */
const MOST_COMPILED = 200;
/** Of both multiplied: as much is looked at in the worst case, a few milliseconds. */
const MOST_WORK = 500_000;
/** Characters of a text that count like one node. */
const CHARACTERS = 64;
const LONGEST_PROBLEM = 300;

const PLAIN = new Set([
  "type",
  "const",
  "enum",
  "required",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
]);
const ONE_SCHEMA = new Set(["items", "additionalProperties", "not", "if", "then", "else", "contains"]);
const MANY_SCHEMAS = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);

/** The result, with a word on how it breaks the schema, if it does. */
export async function checked(result: ToolResult, schema: JsonSchema): Promise<ToolResult> {
  if (result.isError) return result;
  const { structuredContent } = result;
  if (structuredContent === undefined) return { ...result, mismatch: "there is none, and the tool promises one" };
  const mismatch = await problemOf(schema, structuredContent);
  return mismatch === undefined ? result : { ...result, mismatch };
}

interface Compiled {
  readonly check: ValidateFunction;
  readonly nodes: number;
}

/** What was made of a tool's schema as it was listed; a server that comes back lists it anew. */
const known = new WeakMap<JsonSchema, Compiled | "unchecked">();
/** By the text of the copy, so that the schemas of a server that comes back are not compiled again; the oldest goes first. */
const compiled = new Map<string, Compiled>();
/** Making one takes as long as compiling some schemas. */
let ajv: Ajv | undefined;

/** What is wrong with the value in a few words; undefined if nothing is, or if it cannot be told within bounds. */
export async function problemOf(schema: JsonSchema, value: unknown): Promise<string | undefined> {
  let found = known.get(schema);
  if (found === undefined) {
    found = await compile(schema);
    known.set(schema, found);
  }
  if (found === "unchecked") return undefined;
  const { check, nodes } = found;
  const size = countNodes(value, DEEPEST_VALUE);
  if (size > MOST_VALUE_NODES || size * nodes > MOST_WORK || check(value)) return undefined;
  const [first] = check.errors ?? [];
  const where = first?.instancePath ? `${first.instancePath.slice(1).replaceAll("/", ".")} ` : "";
  return `${where}${first?.message ?? "it does not fit"}`.slice(0, LONGEST_PROBLEM);
}

async function compile(schema: JsonSchema): Promise<Compiled | "unchecked"> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  ajv ??= new Ajv2020({ strict: false, validateFormats: false, logger: false });
  try {
    const bounded = new BoundedCopy(schema);
    const copy = bounded.copy();
    const text = JSON.stringify(copy);
    const made = compiled.get(text) ?? { check: compileAlone(ajv, copy), nodes: bounded.nodes };
    compiled.delete(text);
    compiled.set(text, made);
    const oldest = compiled.keys().next().value;
    if (compiled.size > MOST_COMPILED && oldest !== undefined) compiled.delete(oldest);
    return made;
  } catch {
    return "unchecked"; // too large, recursive or no schema at all
  }
}

/** Ajv would keep every schema for ever, also one that it refuses. */
function compileAlone(ajv: Ajv, schema: object | boolean): ValidateFunction {
  try {
    return ajv.compile(schema);
  } finally {
    if (typeof schema === "object") ajv.removeSchema(schema);
  }
}

class OutOfBounds extends Error {}

/** Copies the keywords whose cost is bounded. */
class BoundedCopy {
  nodes = 0;

  constructor(private readonly root: JsonSchema) {}

  copy(): object | boolean {
    return this.schema(this.root, []);
  }

  /** `above`: the references that led here. */
  private schema(schema: unknown, above: readonly string[], depth = 0): object | boolean {
    if (++this.nodes > MOST_SCHEMA_NODES || depth > DEEPEST_SCHEMA) throw new OutOfBounds();
    if (typeof schema === "boolean") return schema;
    if (!isRecord(schema)) throw new OutOfBounds();
    const kept: Record<string, unknown> = {};
    const inner = (value: unknown): object | boolean => this.schema(value, above, depth + 1);
    for (const [keyword, value] of Object.entries(schema)) {
      if (PLAIN.has(keyword)) {
        this.nodes += countNodes(value, DEEPEST_SCHEMA);
        kept[keyword] = value;
      } else if (ONE_SCHEMA.has(keyword) && !Array.isArray(value)) kept[keyword] = inner(value);
      else if (MANY_SCHEMAS.has(keyword) && Array.isArray(value)) kept[keyword] = value.map(inner);
      else if (keyword === "properties" && isRecord(value)) {
        kept.properties = Object.fromEntries(Object.entries(value).map(([name, own]) => [name, inner(own)]));
      }
    }
    // Names that fit a pattern are not told apart here, so what is said of all other names cannot be either.
    if ("patternProperties" in schema) delete kept.additionalProperties;
    const reference = schema.$ref;
    if (typeof reference !== "string") return kept;
    if (above.includes(reference)) return kept; // recursive: anything fits from here on
    const target = this.schema(this.resolve(reference), [...above, reference], depth + 1);
    return isDeepStrictEqual(kept, {}) ? target : { allOf: [kept, target] };
  }

  /** A part of the same schema; one outside it is not looked for. */
  private resolve(reference: string): unknown {
    if (!/^#(\/|$)/.test(reference)) throw new OutOfBounds();
    const steps = reference.slice(1).split("/").slice(1);
    let found: unknown = this.root;
    for (const step of steps) {
      const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
      found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    }
    return found;
  }
}

/** Infinite beyond `depth`. */
function countNodes(value: unknown, depth: number): number {
  if (typeof value === "string") return 1 + value.length / CHARACTERS;
  if (typeof value !== "object" || value === null) return 1;
  if (depth === 0) return Number.POSITIVE_INFINITY;
  let count = 1;
  for (const part of Object.values(value)) {
    count += countNodes(part, depth - 1);
    if (count > MOST_VALUE_NODES) break;
  }
  return count;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
