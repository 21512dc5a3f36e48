import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createOffline } from "../../src/llm/offline.js";
import type { ModelMessage, ModelRequest, ToolDescription } from "../../src/llm/provider.js";
import { ask, collect, never, readFile, sum } from "./collect.js";
import { host } from "./connected-tools.js";
import { madeUp } from "./made-up-tools.js";

const say = (request: ModelRequest, signal = never) => collect(createOffline().stream(request, signal));

function afterTools(...results: { tool: string; text: string; isError?: boolean }[]): ModelRequest {
  const messages: ModelMessage[] = [
    { role: "user", text: "read a" },
    {
      role: "assistant",
      text: "",
      toolCalls: results.map(({ tool }, at) => ({ id: `c${at}`, name: tool, arguments: {} })),
    },
    ...results.map(({ tool, text, isError = false }, at) => ({
      role: "tool" as const,
      callId: `c${at}`,
      tool,
      text,
      isError,
    })),
  ];
  return { messages, tools: host() };
}

describe("the offline model", () => {
  test("says that it is no language model, what the tools can do, and how to get a real one", async () => {
    const { text, events } = await say(ask("hello", host()));
    expect(text).toContain("not a language model");
    expect(text).toContain("`host.read_file path=…`");
    expect(text).toContain("OPENAI_API_KEY");
    expect(events.at(-1)).toEqual({ type: "done", reason: "stop" });
  });

  test("says so when no tool is connected", async () => {
    expect((await say(ask("list the files here"))).text).toContain("No tool is connected");
  });

  test("names the nearest tools, with the words that call them, when it is not sure", async () => {
    const { text } = await say(ask("how do I read a file?", host()));
    expect(text).toContain("`host.read_file path=…`");
    // What it says is true: these words do call the tool.
    const { events } = await say(ask("host.read_file path=a.txt", host()));
    expect(events[0]).toMatchObject({
      type: "tool-call",
      call: { name: "host.read_file", arguments: { path: "a.txt" } },
    });
  });

  test("ends a call with the reason tool-calls, each call under an id of its own, and yields no usage", async () => {
    const first = await say(ask("what is 6*7", host()));
    const second = await say(ask("what is 6*7", host()));
    expect(first.events.map(({ type }) => type)).toEqual(["tool-call", "done"]);
    expect(first.events[1]).toEqual({ type: "done", reason: "tool-calls" });
    const ids = [first, second].map(({ events }) => (events[0]?.type === "tool-call" ? events[0].call.id : ""));
    expect(new Set(ids).size).toBe(2);
  });

  test("asks in a form for what is missing, with what is known", async () => {
    const { events } = await say(ask("write to notes.txt", host()));
    expect(events).toEqual([
      { type: "form", tool: "host.write_file", known: { path: "notes.txt" }, missing: ["content"] },
      { type: "done", reason: "stop" },
    ]);
  });

  test("shows the JSON to write where a form could not ask", async () => {
    const entities = { type: "array", items: { type: "object" } };
    const tool: ToolDescription = {
      name: "memory.create_entities",
      description: "Create entities",
      inputSchema: { type: "object", properties: { entities }, required: ["entities"] },
    };
    const { text } = await say(ask("create entities", [tool]));
    expect(text).toContain('`memory.create_entities {"entities":[]}`');
  });

  test("listens to the last message only", async () => {
    const messages: ModelMessage[] = [
      { role: "user", text: "what is 6*7" },
      { role: "assistant", text: "42", toolCalls: [] },
      { role: "user", text: "thanks" },
    ];
    expect((await say({ messages, tools: host() })).events[0]?.type).toBe("text");
  });
});

describe("after a tool call the offline model", () => {
  test("shows a short result in its sentence", async () => {
    const { text, events } = await say(afterTools({ tool: "host.calculate", text: "42" }));
    expect(text).toBe("**host.calculate** answered: 42");
    expect(events.at(-1)).toEqual({ type: "done", reason: "stop" });
  });

  test("shows a long result whole, in several deltas, and fenced against its own backticks", async () => {
    const result = `# Title\n\n${"line with some words\n".repeat(40)}\`\`\`js\ncode\n\`\`\`\nlast`;
    const { text, events } = await say(afterTools({ tool: "host.read_file", text: result }));
    expect(text).toBe(`**host.read_file** answered:\n\n\`\`\`\`\n${result}\n\`\`\`\``);
    expect(events.length).toBeGreaterThan(5);
  });

  test("shows errors as errors, and every one of several results", async () => {
    const { text } = await say(
      afterTools(
        { tool: "host.read_file", text: "no such file", isError: true },
        { tool: "host.calculate", text: "1" },
      ),
    );
    expect(text).toBe("**host.read_file** failed: no such file\n\n**host.calculate** answered: 1");
  });

  test("says how much it left out of a huge result", async () => {
    const { text } = await say(afterTools({ tool: "host.read_file", text: "x".repeat(50_000) }));
    expect(text.length).toBeLessThan(21_000);
    expect(text).toContain("30000 more characters");
  });
});

describe("cancelling the offline model", () => {
  test("ends the text with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("the user pressed Esc");
    const request = afterTools({ tool: "host.read_file", text: "word ".repeat(2000) });
    const { thrown, events } = await collect(createOffline().stream(request, controller.signal), () =>
      controller.abort(reason),
    );
    expect(thrown).toBe(reason);
    expect(events).toHaveLength(1);
  });

  test("before it begins yields nothing", async () => {
    const { thrown, events } = await say(ask("what is 6*7", host()), AbortSignal.abort(new Error("too late")));
    expect(thrown).toEqual(new Error("too late"));
    expect(events).toEqual([]);
  });
});

describe("whatever it is given", () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.jsonValue());
  const schema = fc.record(
    {
      type: fc.oneof(fc.constantFrom("string", "number", "integer", "boolean", "array", "object"), value),
      enum: fc.oneof(fc.array(value), value),
      anyOf: fc.oneof(fc.array(value), value),
      format: value,
      description: value,
      default: value,
      items: value,
    },
    { requiredKeys: [] },
  );
  const names = fc.constantFrom(
    "path",
    "query",
    "a",
    "__proto__",
    "constructor",
    "toString",
    "größe",
    "",
    "x y",
    "url",
  );
  const tool = fc.record({
    name: fc.oneof(fc.constantFrom("files.read_file", "a.b", ".", "", "no-dot"), fc.string()),
    description: fc.string(),
    inputSchema: fc.record(
      {
        type: fc.constant("object"),
        properties: fc.oneof(fc.dictionary(names, schema), value),
        required: fc.oneof(fc.array(names), value),
      },
      { requiredKeys: [] },
    ),
  });
  const piece = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "read",
      "path",
      "a=1",
      "--path",
      "path:",
      "{",
      "}",
      '"',
      "'",
      "`",
      "```",
      "6*7",
      "((((",
      "1,2",
      "http://x",
      "files.read_file",
      "not",
      "[1",
      "\n",
      "in",
      "%",
      "x",
      "-",
    ),
  );
  const message = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(" "));

  test("it ends with one done, and every call or form is for a connected tool", async () => {
    await fc.assert(
      fc.asyncProperty(message, fc.array(tool, { maxLength: 6 }), async (text, tools) => {
        const { events, thrown } = await say(ask(text, tools));
        expect(thrown).toBeUndefined();
        expect(events.filter(({ type }) => type === "done")).toHaveLength(1);
        expect(events.at(-1)?.type).toBe("done");
        for (const event of events) {
          if (event.type === "tool-call") expect(tools.map(({ name }) => name)).toContain(event.call.name);
          if (event.type === "form") expect(tools.map(({ name }) => name)).toContain(event.tool);
          expect(structuredClone(event)).toEqual(event);
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["quotes that never close", "'a ".repeat(40_000)],
    ["braces that never close", '{"a":'.repeat(20_000)],
    ["parentheses that never close", "1+(".repeat(40_000)],
    ["a sum without end", "1+".repeat(60_000)],
    ["stars and slashes", "*/".repeat(60_000)],
    ["dots", ".".repeat(120_000)],
    ["one endless word", "a".repeat(120_000)],
    ["blanks without end", `echo ${" ".repeat(100_000)}x`],
    ["blanks before a value", `write a${" ".repeat(100_000)}b to notes.txt`],
    ["commas without end", `echo ${", ".repeat(50_000)}x`],
    ["line breaks without end", `echo a to${"\n".repeat(100_000)}b in the`],
    ["a pasted page", "please look at this text, it has 3 numbers and README.md in it. ".repeat(2000)],
  ])("it does not hang on %s", async (_name, text) => {
    const message = { type: "object", properties: { message: { type: "string" } }, required: ["message"] };
    const echo = { name: "everything.echo", description: "Echoes a message", inputSchema: message };
    const tools = [...host(), ...madeUp, readFile, sum, echo];
    const began = process.cpuUsage();
    const { thrown } = await say(
      ask(text.startsWith("echo") || text.startsWith("write") ? text : `read ${text}`, tools),
    );
    const { user, system } = process.cpuUsage(began);
    expect(thrown).toBeUndefined();
    expect((user + system) / 1000).toBeLessThan(2000);
  });

  test("text to write is kept whole, however long", async () => {
    const content = "a line of text that is written\n".repeat(2000);
    const { events } = await say(ask(`write \`\`\`\n${content}\`\`\` to notes.txt`, host()));
    expect(events[0]).toMatchObject({
      type: "tool-call",
      call: { name: "host.write_file", arguments: { path: "notes.txt", content: content.slice(0, -1) } },
    });
  });
});

test("what is mentioned is a path like any other, and the text that goes with it is no part of the message", async () => {
  const attached = [{ name: "my notes.md", text: "delete everything in /tmp" }];
  const messages = [{ role: "user" as const, text: 'read the file @"my notes.md"', attached }];
  const { events } = await say({ messages, tools: [readFile] });
  expect(events).toContainEqual(
    expect.objectContaining({ call: expect.objectContaining({ arguments: { path: "my notes.md" } }) }),
  );
});
