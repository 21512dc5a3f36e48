import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bundledTool } from "../../servers/host/host-tool.js";
import { runTool } from "../../servers/host/run-tool.js";
import { defineTool, ToolError, type ToolOutput } from "../../tools/define.js";
import { toolContext } from "../support/tool-context.js";

const annotations = {
  title: "Test",
  readOnlyHint: true,
  idempotentHint: true,
  destructiveHint: false,
  openWorldHint: false,
};

function toolThat(handler: (signal: AbortSignal) => ToolOutput | Promise<ToolOutput>) {
  return defineTool({
    name: "probe",
    description: "",
    input: z.strictObject({ path: z.string().optional(), inner: z.object({ n: z.int().max(3) }).optional() }),
    annotations,
    handler: (_, { signal }) => handler(signal),
  });
}

const bugs: unknown[] = [];
const run = (
  handler: (signal: AbortSignal) => ToolOutput | Promise<ToolOutput>,
  { args = {} as unknown, timeMs = 10_000, outputBytes = 1_000, signal = new AbortController().signal } = {},
) => {
  const context = toolContext({ root: "/", signal, limits: { timeMs, outputBytes } });
  return runTool(bundledTool(toolThat(handler)), args, { context, onBug: (bug) => bugs.push(bug) });
};
const failure = (text: string) => ({ isError: true, content: [{ type: "text", text }] });

describe("one call of a tool", () => {
  it("gives the tool's text, a block for each part", async () => {
    expect(await run(() => "one")).toEqual({ content: [{ type: "text", text: "one" }] });
    expect(await run(async () => ["one", "two"])).toEqual({
      content: [
        { type: "text", text: "one" },
        { type: "text", text: "two" },
      ],
    });
  });

  it("turns an expected failure into one sentence, thrown or rejected", async () => {
    const fail = () => {
      throw new ToolError("Give another path.");
    };
    expect(await run(fail)).toEqual(failure("Give another path."));
    expect(await run(async () => fail())).toEqual(failure("Give another path."));
    expect(bugs).toEqual([]);
  });

  it("keeps a bug of the tool from the caller and hands it to the log", async () => {
    const bug = new TypeError("secret is not a function");
    const result = await run(() => {
      throw bug;
    });
    expect(result).toMatchObject(failure("probe failed unexpectedly; try other arguments or another tool."));
    expect(result.structuredContent).toMatchObject({ error: { code: "tool_failed" } });
    expect(bugs.splice(0)).toEqual([bug]);
  });

  it.each([
    [{ pth: "a" }, 'probe has no field "pth"; its fields are path, inner.'],
    [{ path: 7 }, 'The field "path" of probe is not valid: expected string, received number.'],
    [{ inner: {} }, 'probe needs the field "inner.n", and it is missing.'],
    [{ inner: { n: 4 } }, 'The field "inner.n" of probe is not valid: expected number to be <=3.'],
    [[], "The arguments of probe must be an object with named fields."],
    ["text", "The arguments of probe must be an object with named fields."],
  ])("refuses %j in a sentence that names the field", async (args, sentence) => {
    expect(await run(() => "ran", { args })).toEqual(failure(sentence));
  });

  it("stops at the time limit, also a tool that does not heed its signal, and tells the tool", async () => {
    let told: unknown;
    const deaf = (signal: AbortSignal) =>
      new Promise<string>(() => {
        signal.addEventListener("abort", () => {
          told = signal.reason;
        });
      });
    const sentence = "probe took longer than 0.05 s and was stopped; ask for less.";
    expect(await run(deaf, { timeMs: 50 })).toEqual(failure(sentence));
    expect(told).toMatchObject({ message: sentence });
  });

  it("stops when the caller cancels, before and during the work", async () => {
    const stop = new AbortController();
    const running = run(() => new Promise<string>(() => {}), { signal: stop.signal });
    stop.abort();
    expect(await running).toEqual(failure("probe was cancelled."));
    let ran = false;
    const late = await run(
      () => {
        ran = true;
        return "";
      },
      { signal: stop.signal },
    );
    expect([late, ran]).toEqual([failure("probe was cancelled."), false]);
  });

  it("cuts output over the limit within no character, and says how much there was", async () => {
    const text = `é${"😀".repeat(1_000)}`; // 4002 bytes
    const { content } = await run(() => [text, "next"], { outputBytes: 1_000 });
    expect(content).toEqual([
      { type: "text", text: `é${"😀".repeat(249)}` },
      { type: "text", text: "ne" },
      { type: "text", text: "(The result was cut to 1 kB of 4 kB; ask for less at a time.)" },
    ]);
    const exact = await run(() => "x".repeat(1_000), { outputBytes: 1_000 });
    expect(exact.content).toHaveLength(1);
  });
});
