// What holds for every bundled tool, so that a new one is held to it from its first day.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { bundledTool } from "../../servers/host/host-tool.js";
import { runTool } from "../../servers/host/run-tool.js";
import { type Need, type Tool, ToolError } from "../../tools/define.js";
import { tools } from "../../tools/index.js";
import { type Connection, connect } from "../support/stdio-client.js";
import { toolContext } from "../support/tool-context.js";
import { makeWorkspace } from "../support/workspace.js";

const MAX_DESCRIPTION = 500;
const MAX_LIST_BYTES = 47_000;
const NEEDS: readonly Need[] = ["files:read", "files:write", "network", "git", "processes", "disk", "sqlite"];

const work = makeWorkspace();
beforeAll(() => {
  work.write("a.txt", "one\ntwo\n");
  mkdirSync(join(work.root, "folder"));
});
afterAll(() => work.remove());

interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
}
const schemaOf = (tool: Tool) => z.toJSONSchema(tool.input, { io: "input" }) as Schema;

describe.each(tools.map((tool) => [tool.name, tool] as const))("%s", (name, tool) => {
  it("has a name, a description and hints a model can choose by", () => {
    expect(name).toMatch(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/);
    expect(tool.description.length).toBeGreaterThan(80);
    expect(tool.description.length).toBeLessThanOrEqual(MAX_DESCRIPTION);
    expect(tool.description).toMatch(/^[A-Z].*\S$/s);
    expect(tool.annotations).toEqual({
      title: expect.stringMatching(/^\S.{2,40}$/),
      readOnlyHint: expect.any(Boolean),
      idempotentHint: expect.any(Boolean),
      destructiveHint: expect.any(Boolean),
      openWorldHint: expect.any(Boolean),
    });
    expect(tool.annotations.readOnlyHint && tool.annotations.destructiveHint).toBe(false);
  });

  it("describes every field, knows no others, and names them in snake_case", () => {
    const schema = schemaOf(tool);
    expect(schema).toMatchObject({ type: "object", additionalProperties: false });
    for (const [field, { description }] of Object.entries(schema.properties ?? {})) {
      expect(field).toMatch(/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/);
      expect(description?.length, field).toBeGreaterThan(5);
    }
  });

  it("declares what it needs as its hints and fields say", () => {
    const { needs = [] } = tool;
    expect(NEEDS).toEqual(expect.arrayContaining([...needs]));
    const fields = Object.keys(schemaOf(tool).properties ?? {});
    if (fields.some((field) => /^(?:paths|(?:.+_)?path)$/.test(field))) {
      expect(needs.length, "a tool with a path needs something to read it").toBeGreaterThan(0);
    }
    if (needs.includes("files:write")) expect(tool.annotations.readOnlyHint).toBe(false);
    if (needs.includes("network")) expect(tool.annotations.openWorldHint).toBe(true);
  });

  // Names given to the network would leave this machine; such calls are made over the wire below, with what they refuse.
  it.skipIf(tool.needs?.includes("network") === true)(
    "answers hostile arguments with a sentence, never with a bug",
    async () => {
      const bugs: unknown[] = [];
      for (const args of hostile(tool)) {
        const signal = AbortSignal.timeout(20_000);
        const ask = async (what: string) => {
          throw new ToolError(`${what} is not answered here.`);
        };
        const limits = { timeMs: 5_000, outputBytes: 1_000_000 };
        const context = toolContext({ root: work.root, signal, limits, ask });
        const { isError, content } = await runTool(bundledTool(tool), args, {
          context,
          onBug: (bug) => bugs.push([shown(args), bug]),
        });
        if (!isError) continue;
        const [block] = content;
        const text = block?.type === "text" ? block.text : "";
        expect(text, shown(args)).toMatch(/^\S.*[.!]$/s);
        expect(text.length, shown(args)).toBeLessThan(2_000);
      }
      expect(bugs).toEqual([]);
    },
  );
});

const HOSTILE_TEXTS = [
  "",
  "\0",
  "a\0b",
  "\u001b[2J\u0007\r\n",
  "../../../../etc/passwd",
  "/dev/zero",
  "/proc/self/environ",
  "__proto__",
  "constructor",
  "-rf",
  "--help",
  "$(touch owned)`touch owned`;touch owned|touch owned",
  "\ud800",
  "\u202e\u2066",
  "%s%n%x",
  "NaN",
  "-1",
  "1e999",
  "9".repeat(400),
  "((((((((((((((((((((((",
  "{{#a}}{{/b}}",
  "x".repeat(300_000),
  "(".repeat(50_000),
  "[".repeat(50_000),
];

/** Every field in turn with every hostile value, the others as a valid call has them. */
function* hostile(tool: Tool): Generator<unknown> {
  yield* [undefined, null, 7, "text", [], [{}], JSON.parse('{"__proto__":{"polluted":1}}'), { constructor: 1 }, DEEP];
  const schema = schemaOf(tool);
  const usual = Object.fromEntries((schema.required ?? []).map((field) => [field, plain(schema.properties?.[field])]));
  for (const [field, { type }] of Object.entries(schema.properties ?? {})) {
    const values = [
      ...(type === "array" ? HOSTILE_TEXTS.map((text) => [text]) : HOSTILE_TEXTS),
      ...[null, true, -1, 0, 1.5, Number.MAX_SAFE_INTEGER, 1e308, [], [[]], {}, DEEP],
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{}},"toString":1}'),
    ];
    for (const value of values) yield { ...usual, [field]: value };
  }
}

function plain(schema: Schema | undefined): unknown {
  const values: Record<string, unknown> = { string: "a.txt", number: 1, integer: 1, boolean: true, array: ["a.txt"] };
  return schema?.type === undefined ? "a.txt" : (values[schema.type] ?? {});
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

const DEEP = deep(2_000);

function shown(args: unknown): string {
  try {
    return JSON.stringify(args)?.slice(0, 200) ?? String(args);
  } catch {
    return "too deep to show";
  }
}

describe("all of them together", () => {
  let host: Connection;
  beforeAll(async () => {
    host = await connect("host", { cwd: work.root });
  });
  afterAll(() => host.client.close());

  it("have names of their own and fit into a model's context", async () => {
    expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
    const { tools: listed } = await host.client.listTools();
    expect(listed.length).toBe(tools.length);
    expect(Buffer.byteLength(JSON.stringify(listed))).toBeLessThan(MAX_LIST_BYTES);
  });

  it("leave their process as it was after hostile calls over the wire", async () => {
    for (const { name } of tools) {
      for (const args of [
        JSON.parse('{"__proto__":{"polluted":1}}'),
        { path: "\0", text: "x".repeat(500_000) },
        { deep: deep(500) },
      ]) {
        const { text } = await host.call(name, args);
        expect(text.length, name).toBeGreaterThan(0);
      }
    }
    expect((await host.call("calculate", { expression: "6*7" })).text).toBe("42");
    expect(host.stderr()).toBe("");
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
