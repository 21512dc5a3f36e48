import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test, vi } from "vitest";
import type { JsonSchema } from "../../../src/llm/provider.js";
import { checked, problemOf } from "../../../src/mcp/client/structured-output.js";

const weather: JsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    temperature: { type: "number" },
    wind: { $ref: "#/$defs/wind" },
    days: { type: "array", items: { enum: ["mon", "tue"] }, maxItems: 2 },
  },
  required: ["temperature"],
  additionalProperties: false,
  $defs: { wind: { type: "object", properties: { from: { type: "string", maxLength: 2 } }, required: ["from"] } },
};

test("the schema of a server that comes back is not compiled again, and ajv keeps none", async () => {
  const compile = vi.spyOn(Ajv2020.prototype, "compile");
  const remove = vi.spyOn(Ajv2020.prototype, "removeSchema");
  const schema = (): JsonSchema => ({ type: "object", properties: { again: { type: "number" } }, required: ["again"] });
  expect(await problemOf(schema(), {})).toBe("must have required property 'again'");
  expect(await problemOf(schema(), { again: 1 })).toBeUndefined();
  expect(compile).toHaveBeenCalledTimes(1);
  expect(remove).toHaveBeenCalledTimes(1);
  vi.restoreAllMocks();
});

test("a result that keeps the promise is handed on as it is", async () => {
  const result = {
    content: [],
    structuredContent: { temperature: 3, wind: { from: "NE" }, days: ["tue"] },
    isError: false,
  };
  expect(await checked(result, weather)).toBe(result);
});

test.each([
  [{}, "must have required property 'temperature'"],
  [{ temperature: "cold" }, "temperature must be number"],
  [{ temperature: 1, wind: {} }, "wind must have required property 'from'"],
  [{ temperature: 1, wind: { from: "north" } }, "wind.from must NOT have more than 2 characters"],
  [{ temperature: 1, days: ["sun"] }, "days.0 must be equal to one of the allowed values"],
  [{ temperature: 1, more: 1 }, "must NOT have additional properties"],
])("a result that breaks it says where: %j", async (structuredContent, mismatch) => {
  const text = { type: "text", text: "still here" } as const;
  expect(await checked({ content: [text], structuredContent, isError: false }, weather)).toMatchObject({
    content: [text],
    mismatch,
  });
});

test("a promised result that is missing is a broken promise, unless the tool failed", async () => {
  expect(await checked({ content: [], isError: false }, weather)).toMatchObject({ mismatch: expect.any(String) });
  expect(await checked({ content: [], isError: true }, weather)).not.toHaveProperty("mismatch");
});

/** What a hostile server would send to hold up the host; each would take for ever, or take the memory, if it were compiled as it is. */
const hostile: readonly (readonly [string, JsonSchema, unknown])[] = [
  ["a pattern made to backtrack", { type: "string", pattern: "^(a+)+$" }, `${"a".repeat(50)}!`],
  ["a format", { type: "string", format: "email" }, `${"a@".repeat(10_000)}`],
  [
    "names that fit a pattern",
    { patternProperties: { "^(a+)+$": { type: "number" } }, additionalProperties: false },
    { [`${"a".repeat(50)}!`]: "x" },
  ],
  [
    "a recursion that branches",
    {
      $defs: {
        a: { anyOf: [{ properties: { x: { $ref: "#/$defs/a" } } }, { properties: { x: { $ref: "#/$defs/a" } } }] },
      },
      $ref: "#/$defs/a",
    },
    nested(60),
  ],
  ["references that double", doubling(30), {}],
  [
    "a schema as large as a book",
    { properties: Object.fromEntries(numbers(5_000).map((n) => [`p${n}`, { type: "string" }])) },
    {},
  ],
  ["a schema as deep as a well", nestedSchema(5_000), {}],
  ["a value as deep as a well", { type: "object" }, nested(5_000)],
  ["uniqueItems over many objects", { uniqueItems: true }, numbers(15_000).map((n) => ({ n }))],
  ["a reference to elsewhere", { $ref: "https://example.org/schema.json" }, {}],
  ["what is no schema", { type: "nonsense", properties: 7 }, {}],
];

test.each(hostile)("%s is not run, and no mismatch", async (_what, schema, value) => {
  expect(await problemOf(schema, value)).toBeUndefined();
});

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let i = 0; i < depth; i++) value = { x: value };
  return value;
}

function nestedSchema(depth: number): JsonSchema {
  let schema: JsonSchema = {};
  for (let i = 0; i < depth; i++) schema = { properties: { x: schema } };
  return schema;
}

/** 2^levels schemas once the references are put in place. */
function doubling(levels: number): JsonSchema {
  const defs = numbers(levels).map((n) => {
    const next = { $ref: `#/$defs/d${n + 1}` };
    return [`d${n}`, n === levels - 1 ? {} : { properties: { a: next, b: next } }] as const;
  });
  return { $defs: Object.fromEntries(defs), $ref: "#/$defs/d0" };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
