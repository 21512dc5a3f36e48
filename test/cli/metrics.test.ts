import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { banyan, place, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { logLines } from "../support/log.js";
import { startModelServer } from "../support/model-server.js";

describe("banyan metrics", () => {
  it("prints the figures of the running app for Prometheus and as JSON, and says so when there is none", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const here = place(temporaryHome(), `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n`);
    here.env.OPENAI_API_KEY = "k";
    expect(await banyan(here, ["metrics"])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("No Banyan is running here"),
    });
    model.enqueue({ toolCalls: [{ name: "host__calculate", arguments: { expression: "6*7" } }] });
    model.enqueue({ text: "word ".repeat(100), deltas: 100, paceMs: 500 });
    const app = startBanyan(here, ["-p", "question"]);
    app.stdin.end();
    await once(app.stdout, "data");

    const { code, stdout } = await banyan(here, ["metrics"]);
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines).toContain("# TYPE banyan_tool_calls_total counter");
    expect(lines).toContain('banyan_tool_calls_total{server="host",tool="host.calculate",outcome="done"} 1');
    expect(lines).toContain('banyan_model_requests_total{model="openai:m",outcome="done"} 1');
    expect(lines).toContain('banyan_connections{state="ready"} 2'); // the tool host and its process
    expect(lines).toContain('banyan_approvals_total{decision="allowed"} 1');
    expect(stdout).toMatch(/^banyan_store_duration_seconds_count\{operation="write"\} \d+$/m);
    expect(stdout).toMatch(/^banyan_database_bytes \d{4,}$/m);

    const json = JSON.parse((await banyan(here, ["metrics", "--json"])).stdout) as { metrics: { name: string }[] };
    expect(json.metrics.find(({ name }) => name === "banyan_server_requests_total")).toMatchObject({
      type: "counter",
      values: expect.arrayContaining([{ labels: { server: "host", method: "tools/call", outcome: "done" }, value: 1 }]),
    });
    // What had happened is on disk, however the app ends.
    app.kill("SIGKILL");
    await once(app, "close");
    expect(logLines(here.home).find(({ event }) => event === "tool_call")).toMatchObject({ method: "host.calculate" });
  });
});
