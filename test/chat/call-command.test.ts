import { expect, it } from "vitest";
import { names } from "../../src/application.js";
import { readArguments } from "../../src/chat/commands/call-arguments.js";
import { wordsOf } from "../../src/chat/words.js";
import { conversation } from "../support/conversation.js";

const yes = { kind: "approval", decision: "once" } as const;

it("reads a tool's arguments as its schema asks for them", () => {
  const tool = {
    name: "x.y",
    inputSchema: {
      type: "object",
      properties: {
        text: { type: "string" },
        count: { type: "integer" },
        tags: { type: "array", items: { type: "string" } },
      },
    },
  };
  expect(readArguments(tool, 'text=12 count=12 tags=a,b other="two words"')).toEqual({
    text: "12",
    count: 12,
    tags: ["a", "b"],
    other: "two words",
  });
  expect(readArguments(tool, '{"count": 1, "text": "a;;b"}')).toEqual({ count: 1, text: "a;;b" });
  expect(() => readArguments(tool, "{oops")).toThrow("is no JSON object");
});

it("reads words with quotes", () => {
  expect(wordsOf(`a "b c" d'e f'g "x\\"y" ""`)).toEqual(["a", "b c", "de fg", 'x"y', ""]);
  expect(() => wordsOf('a "b')).toThrow("A quote is not closed");
});

it("runs tools by hand under the same approvals, several at once, and the model knows of them", async () => {
  const { type, run, questions } = await conversation();

  expect(await run("/tool host.calculate")).toMatch(/\| `expression` \| string, required \|[\s\S]*runs without asking/);
  expect(await run("/tool host.write_file")).toContain("asks before it runs");

  const one = await type("/call host.calculate expression=6*7");
  expect(one).toMatchObject([
    { kind: "user", text: "/call host.calculate expression=6*7" },
    { kind: "tool", call: { name: "host.calculate", status: "done", result: "42" } },
  ]);
  expect(questions).toEqual([]);

  const two = await type("/call host.calculate expression=1+1 ;; host.list_directory", yes);
  expect(questions).toMatchObject([{ kind: "approval", tool: "host.list_directory" }]);
  expect(two.slice(1)).toMatchObject([
    { call: { name: "host.calculate", result: "2" } },
    { call: { name: "host.list_directory", status: "done" } },
  ]);

  const filled = await type("/call host.calculate", { kind: "form", values: { expression: "2^10" } });
  expect(filled.at(-1)).toMatchObject({ call: { arguments: { expression: "2^10" }, result: "1024" } });
  expect(await type("/call host.calculate", { kind: "dismissed" })).toEqual([]);

  // As a model is given it: the user's word, the calls, their results.
  const { messages } = await names.session.call.view();
  expect(messages.slice(0, 3)).toMatchObject([
    { role: "user" },
    { role: "assistant", toolCalls: [{ name: "host.calculate", arguments: { expression: "6*7" } }] },
    { role: "tool", text: "42", status: "done" },
  ]);

  expect(await run("/call host.nope")).toContain('has no tool "host.nope"; it has');
  expect(await run("/call host.calculat")).toContain('has no tool "host.calculat" (did you mean host.calculate?)');
  expect(await run("/call host.calculate nope=1 expression=1")).toContain("has no argument nope");
  expect(await run("/call")).toContain("Name the tool");
});
