import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { announce } from "../../../src/actors/telemetry/happenings.js";
import type { MetricFigures } from "../../../src/actors/telemetry/metric-figures.js";
import { Telemetry } from "../../../src/actors/telemetry/telemetry.js";
import {
  Application,
  child,
  exit,
  GenServer,
  named,
  type Supervisor,
  whereis,
} from "../../../src/supervision/index.js";
import { startConfig } from "../../support/config.js";
import { temporaryHome } from "../../support/home.js";

const root = named<Supervisor>("Application");
const telemetry = named<Telemetry>("Telemetry");
const fragile = named<Fragile>("Fragile");
const trail = { traceId: "a".repeat(32), sessionId: "s", requestId: "r" };

class Fragile extends GenServer {
  fall(): never {
    throw new Error("fell");
  }
}

async function start(): Promise<void> {
  const folder = temporaryHome();
  const log = { folder, level: "error", sinks: [], rate: 1 } as const;
  const config = await startConfig({
    files: [],
    flags: [{ flag: "--log-level", setting: "log.level", value: log.level }],
  });
  const app = await Application.start({
    name: root,
    strategy: "one_for_one",
    maxRestarts: 100,
    children: [
      child(Telemetry, { root, database: join(folder, "none.db"), version: "0", config, log }, { name: telemetry }),
      child(Fragile, undefined, { name: fragile }),
    ],
  });
  onTestFinished(() => app.stop());
}

async function figures(): Promise<(name: string) => MetricFigures["values"]> {
  const { metrics } = JSON.parse(await telemetry.call.metrics("json")) as { metrics: MetricFigures[] };
  return (name) => metrics.find((metric) => metric.name === `banyan_${name}`)?.values ?? [];
}

describe("metrics", () => {
  it("count what happened, also before anybody asked", async () => {
    await start();
    announce({ type: "turn", process: "<9>", outcome: "done", ms: 1_200, ...trail });
    announce({ type: "tool_call", tool: "files.read", outcome: "done", ms: 20, ...trail });
    announce({ type: "tool_call", tool: "files.read", outcome: "server_lost", ms: 30, ...trail });
    announce({ type: "approval", tool: "files.write", decision: "asked" });
    announce({ type: "catalog_query", method: "queryAgents", outcome: "hit", ms: 0.02 });
    announce({ type: "catalog_query", method: "queryAgents", outcome: "miss", ms: 2 });
    announce({ type: "catalog_index", entries: { agent: 3, skill: 2, workflow: 1, tool: 0 }, ms: 1_200 });
    announce({ type: "catalog_index", entries: { agent: 3, skill: 2, workflow: 1, tool: 9 } });
    announce({ type: "refused", why: "rate_limited" });
    announce({ type: "approval", tool: "files.write", decision: "denied" });
    const request = { type: "model_request", model: "openai:m", ms: 900, ...trail } as const;
    announce({ ...request, outcome: "provider_unavailable", retry: true });
    announce({ ...request, outcome: "done", retry: false, inputTokens: 100, outputTokens: 7 });
    announce({ type: "server_request", server: "files", method: "tools/call", outcome: "done", ms: 19 });
    announce({ type: "connection", server: "files", state: "initializing" });
    announce({ type: "connection", server: "files", state: "ready" });
    announce({ type: "connection", server: "web", state: "backoff" });
    announce({ type: "connection", server: "old", state: "ready" });
    announce({ type: "connection", server: "old", state: "gone" });
    announce({ type: "breaker", service: "the model", state: "open" });
    announce({ type: "cache", cache: "resources", outcome: "hit" });
    announce({ type: "store", operation: "write", outcome: "done", ms: 0.3 });
    announce({ type: "store", operation: "write", outcome: "failed", ms: 2_000 });
    const text = await telemetry.call.metrics("prometheus");
    for (const line of [
      'banyan_turns_total{outcome="done"} 1',
      "banyan_turn_duration_seconds_sum 1.2",
      'banyan_tool_calls_total{server="files",tool="files.read",outcome="done"} 1',
      'banyan_tool_calls_total{server="files",tool="files.read",outcome="server_lost"} 1',
      'banyan_tool_call_duration_seconds_bucket{le="0.025",server="files",tool="files.read"} 1',
      'banyan_tool_call_duration_seconds_count{server="files",tool="files.read"} 2',
      'banyan_approvals_total{decision="asked"} 1',
      'banyan_approvals_total{decision="denied"} 1',
      'banyan_model_requests_total{model="openai:m",outcome="provider_unavailable"} 1',
      'banyan_model_retries_total{model="openai:m"} 1',
      'banyan_model_tokens_total{model="openai:m",direction="in"} 100',
      'banyan_model_tokens_total{model="openai:m",direction="out"} 7',
      'banyan_server_requests_total{server="files",method="tools/call",outcome="done"} 1',
      'banyan_connections{state="ready"} 1',
      'banyan_connections{state="backoff"} 1',
      'banyan_breaker_state{service="the model"} 2',
      'banyan_cache_lookups_total{cache="resources",outcome="hit"} 1',
      'banyan_cache_lookups_total{cache="catalog",outcome="hit"} 1',
      'banyan_catalog_query_duration_seconds_bucket{le="0.000025",method="queryAgents",outcome="hit"} 1',
      'banyan_catalog_query_duration_seconds_count{method="queryAgents",outcome="miss"} 1',
      "banyan_catalog_rebuild_duration_seconds_sum 1.2",
      "banyan_catalog_rebuild_duration_seconds_count 1",
      'banyan_catalog_entries{kind="agent"} 3',
      'banyan_catalog_entries{kind="tool"} 9',
      'banyan_refused_total{why="rate_limited"} 1',
      'banyan_store_duration_seconds_count{operation="write"} 2',
      'banyan_store_errors_total{operation="write"} 1',
      'banyan_mailbox_messages{process="Fragile"} 0',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toMatch(/^banyan_memory_bytes\{kind="rss"\} \d{7,}$/m);
    expect(text).toMatch(/^banyan_event_loop_delay_seconds\{quantile="0.99"\} \d/m);
    expect(text).toMatch(/^banyan_cpu_seconds_total \d/m);
  });

  it("count crashes, restarts and, where nobody is to blame, stray errors", async () => {
    await start();
    for (let i = 0; i < 3; i++) {
      const down = whereis(fragile)?.down;
      fragile.cast.fall();
      await down;
      await expect.poll(() => whereis(fragile)?.alive).toBe(true);
    }
    const values = await figures();
    expect(values("crashes_total")).toEqual([{ labels: { process: "Fragile" }, value: 3 }]);
    expect(values("restarts_total")).toEqual([{ labels: { supervisor: "Application", child: "Fragile" }, value: 3 }]);
    expect(values("processes")).toEqual([{ labels: {}, value: 3 }]);
  });

  it("show the quantiles of a duration, estimated within its bucket", async () => {
    await start();
    for (let i = 0; i < 98; i++) announce({ type: "turn", process: "", outcome: "done", ms: 40, ...trail });
    for (let i = 0; i < 2; i++) announce({ type: "turn", process: "", outcome: "done", ms: 4_000, ...trail });
    const [turns] = (await figures())("turn_duration_seconds");
    expect(turns).toMatchObject({ labels: {}, count: 100, sum: expect.closeTo(11.92), mean: expect.closeTo(0.1192) });
    expect(turns).toMatchObject({ p50: expect.closeTo(0.0378, 3), p95: expect.closeTo(0.0492, 3), p99: 3.75 });
  });

  it("stay few however many names a server makes up", async () => {
    await start();
    for (let i = 0; i < 5_000; i++) {
      announce({ type: "tool_call", tool: `s.${"long".repeat(100)}${i}`, outcome: "done", ms: 1, ...trail });
      announce({ type: "tool_call", tool: `s.${i}`, outcome: `code_${i}`, ms: 1, ...trail });
    }
    const values = await figures();
    expect(values("tool_call_duration_seconds").length).toBeLessThanOrEqual(301);
    const others = values("tool_calls_total").filter(({ labels }) => labels.tool === "other");
    expect(others.some(({ labels }) => labels.outcome === "other")).toBe(true);
    expect(values("tool_calls_total").length).toBeLessThan(1_000);
  });

  it("count from zero after a crash of their process, and go on", async () => {
    await start();
    announce({ type: "cache", cache: "resources", outcome: "hit" });
    expect((await figures())("cache_lookups_total")).toMatchObject([{ value: 1 }]);
    const before = whereis(telemetry);
    exit(telemetry, "kill");
    await before?.down;
    await telemetry.call.getStatus();
    announce({ type: "cache", cache: "resources", outcome: "miss" });
    expect((await figures())("cache_lookups_total")).toEqual([
      { labels: { cache: "resources", outcome: "miss" }, value: 1 },
    ]);
  });
});
