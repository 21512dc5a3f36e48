import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { banyan, type Place, place, root } from "../support/banyan.js";
import { type ReceivedSpan, startCollector } from "../support/collector.js";
import { temporaryHome } from "../support/home.js";
import { logLines } from "../support/log.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";

const server = join(root, "test", "support", "indiscreet-server.mjs");

async function start(telemetry: string): Promise<{ here: Place; model: ModelServer }> {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const config = `model = "openai:m"
[providers.openai]
base_url = "${model.baseUrl}"
[bundled]
host = false
[telemetry]
${telemetry}
[[servers]]
name = "echo"
command = ${JSON.stringify(process.execPath)}
args = ${JSON.stringify([server])}
`;
  const here = place(temporaryHome(), config);
  here.env.OPENAI_API_KEY = "k";
  model.enqueue({ toolCalls: [{ name: "echo__repeat", arguments: { text: "hello" } }] });
  model.enqueue({ text: "Done.", usage: { input: 11, output: 3 } });
  return { here, model };
}

/** What the server was told beside the arguments. */
function metaOf(model: ModelServer): Record<string, unknown> | undefined {
  const result = model.requests.at(-1)?.body?.messages.find(({ role }) => role === "tool")?.content;
  return (JSON.parse(String(result)) as { _meta?: Record<string, unknown> })._meta;
}

describe("traces", () => {
  it("reach the collector as turn, model request, tool call and server request, each under its parent, and so does the server", async () => {
    const collector = await startCollector();
    onTestFinished(() => collector.close());
    const { here, model } = await start(`otlp_endpoint = "${collector.endpoint}"`);
    expect(await banyan(here, ["-p", "question", "--yes"])).toMatchObject({ code: 0, stdout: "Done.\n" });

    const { spans, services } = collector;
    expect([...services]).toEqual(["banyan"]);
    const named = (name: string): ReceivedSpan | undefined => spans.find((span) => span.name === name);
    const [turn, tool, request] = ["turn", "tool echo.repeat", "tools/call repeat"].map(named);
    expect(spans.map(({ name }) => name).sort()).toEqual([
      "chat openai:m",
      "chat openai:m",
      "tool echo.repeat",
      "tools/call repeat",
      "turn",
    ]);
    expect(turn?.parentSpanId).toBeUndefined();
    expect(named("chat openai:m")?.parentSpanId).toBe(turn?.spanId);
    expect(tool?.parentSpanId).toBe(turn?.spanId);
    expect(request?.parentSpanId).toBe(tool?.spanId);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([turn?.traceId]));
    expect(spans.every(({ status }) => status.code !== 2)).toBe(true);
    expect(spans.filter(({ name }) => name === "chat openai:m").flatMap(({ attributes }) => attributes)).toContainEqual(
      {
        key: "gen_ai.usage.output_tokens",
        value: { intValue: 3 },
      },
    );
    expect(metaOf(model)?.traceparent).toBe(`00-${request?.traceId}-${request?.spanId}-01`);
    const line = logLines(here.home).find(({ event }) => event === "tool_call");
    expect(line?.traceId).toBe(turn?.traceId);
  });

  it("are not sent, and no server hears of them, unless a collector is named; the log's lines of one turn agree all the same", async () => {
    const { here, model } = await start("");
    expect((await banyan(here, ["-p", "question", "--yes"])).code).toBe(0);
    expect(metaOf(model)).not.toHaveProperty("traceparent");
    const ids = logLines(here.home).flatMap(({ traceId }) => (traceId === undefined ? [] : [traceId]));
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids).size).toBe(1);
  });

  it("of a part are kept where so many are not wanted, and a collector that is away holds up nobody", async () => {
    const collector = await startCollector();
    const sampled = await start(`otlp_endpoint = "${collector.endpoint}"\nsample_ratio = 0`);
    expect((await banyan(sampled.here, ["-p", "question", "--yes"])).code).toBe(0);
    expect(collector.spans).toEqual([]);
    expect(metaOf(sampled.model)?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    collector.close();
    const away = await start(`otlp_endpoint = "${collector.endpoint}"`);
    expect(await banyan(away.here, ["-p", "question", "--yes"])).toMatchObject({ code: 0, stderr: "" });
  });
});
