import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { names } from "../../../src/application.js";
import { type Application, exit, treeOf } from "../../../src/supervision/index.js";
import { root } from "../../support/banyan.js";
import { logLines } from "../../support/log.js";
import { hearProgress, withProgress } from "../../support/progress.js";
import { connect, demoSaid, startServed } from "./served.js";

const changing = join(root, "test", "support", "changing-server.mjs");
const server = (name: string, ...args: string[]): string =>
  `[[servers]]\nname = "${name}"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([changing, ...args])}\n`;
const settings = `[bundled]\nhost = false\ndemo = true\n[server]\nmax_clients = 4\nidle = "2s"\nmax_message = "8KB"\n${server("one")}${server("two")}`;

let app: Application;
let url: string;
const home = mkdtempSync(join(tmpdir(), "banyan-test-"));

beforeAll(async () => {
  app = await startServed(home, settings);
  url = await names.httpServer.call.url();
});

afterAll(async () => {
  await app?.stop();
  rmSync(home, { recursive: true, force: true });
});

const sessions = (): number => treeOf(names.clientSessions)?.children?.length ?? 0;

describe("a client over HTTP", () => {
  it("finds the tools, resources and prompts of all servers, and what it asks for gets there", async () => {
    const client = await connect();
    expect(client.getServerVersion()).toMatchObject({ name: "banyan", version: "1.2.3" });
    const { tools } = await client.listTools();
    const slow = tools.find(({ name }) => name === "demo.slow");
    expect(slow).toMatchObject({ title: "Slow work", annotations: { readOnlyHint: true, openWorldHint: false } });
    expect(slow?.inputSchema.properties).toHaveProperty("seconds");
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["one.asked", "two.asked"]));
    const ran = await client.callTool({ name: "one.set", arguments: { offer: {} } });
    expect(ran.content).toEqual([{ type: "text", text: "done" }]);
    const { prompts } = await client.listPrompts();
    expect(prompts).toMatchObject([{ name: "demo.haiku", arguments: [{ name: "topic", required: true }] }]);
    const haiku = await client.getPrompt({ name: "demo.haiku", arguments: { topic: "snow" } });
    expect(JSON.stringify(haiku)).toContain("haiku about snow");
    const ref = { type: "ref/prompt", name: "demo.haiku" } as const;
    const { completion } = await client.complete({ ref, argument: { name: "topic", value: "s" } });
    expect(completion.values).toEqual(["snow"]);
    const read = await client.readResource({ uri: "demo://counter" });
    expect(read.contents).toMatchObject([{ uri: "demo://counter", text: "0" }]);
  });

  it("hears of a call's progress before its answer", async () => {
    const client = await connect();
    const heard = hearProgress(client);
    const call = { name: "demo.slow", arguments: { seconds: 0.5 } };
    const result = await client.callTool(call, undefined, withProgress);
    expect(result.content).toEqual([{ type: "text", text: "Worked for 0.5 s." }]);
    expect(heard.map(({ progress }) => progress)).toEqual([0.2, 0.4]);
  });

  it("cancels a call down to the server, as does its going in the middle of one", async () => {
    const hang = { name: "demo.hang", arguments: {} };
    const client = await connect();
    const stop = new AbortController();
    const call = client.callTool(hang, undefined, { signal: stop.signal });
    await demoSaid("hang: called", 1);
    stop.abort("no longer wanted");
    await expect(call).rejects.toThrow("no longer wanted");
    await demoSaid("hang: the call was cancelled", 1);
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);

    const leaver = await connect("leaver");
    const left = leaver.callTool(hang).catch(() => "left");
    await demoSaid("hang: called", 2);
    await (leaver.transport as unknown as { terminateSession(): Promise<void> }).terminateSession(); // what connect made
    await leaver.close();
    expect(await left).toBe("left");
    await demoSaid("hang: the call was cancelled", 2);
  });

  it("is told once of each change, and finds what has changed", async () => {
    const client = await connect();
    const told: string[] = [];
    let prompts: () => void = () => {};
    const promptsTold = new Promise<void>((resolve) => (prompts = resolve));
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void told.push("tools"));
    client.setNotificationHandler(ResourceListChangedNotificationSchema, () => void told.push("resources"));
    client.setNotificationHandler(PromptListChangedNotificationSchema, () => {
      told.push("prompts");
      prompts();
    });
    const tool = { name: "fresh", description: "New.", inputSchema: { type: "object" } };
    await client.callTool({ name: "one.set", arguments: { offer: { tools: [tool] }, times: 5 } });
    await expect.poll(() => told).toEqual(["tools"]);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("one.fresh");
    await client.callTool({ name: "one.set", arguments: { offer: { prompts: [{ name: "p" }] }, times: 3 } });
    await promptsTold; // had the tools been told twice, it would have been before this
    expect(told).toEqual(["tools", "prompts"]);
  });

  it("reaches the same address of two servers, the second by the server's name", async () => {
    const client = await connect();
    const offer = {
      resources: [{ uri: "same://x", name: "x" }],
      resourceTemplates: [{ uriTemplate: "made://{a}/{b}", name: "m" }],
    };
    for (const name of ["one.set", "two.set"]) await client.callTool({ name, arguments: { offer } });
    await client.callTool({ name: "two.write", arguments: { uri: "same://x", text: "of two" } });
    const addresses = async () => (await client.listResources()).resources.map(({ uri }) => uri);
    await expect.poll(addresses).toEqual(expect.arrayContaining(["same://x", "two.same://x"]));
    const read = async (uri: string) => (await client.readResource({ uri })).contents;
    expect(await read("same://x")).toEqual([{ uri: "same://x", text: "what same://x says" }]);
    expect(await read("two.same://x")).toEqual([{ uri: "two.same://x", text: "of two" }]);
    expect(await read("made://1/2")).toEqual([{ uri: "made://1/2", text: "what made://1/2 says" }]);
    await expect(client.readResource({ uri: "nobody://x" })).rejects.toMatchObject({
      ...{ code: -32_002, data: { uri: "nobody://x" } },
    });
  });

  it("is told the nearest names of a tool that is not there, and nothing of what went wrong inside", async () => {
    const client = await connect();
    const wrong = await client.callTool({ name: "demo.slo" }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({
      code: -32_602,
      data: { code: "unknown_name", nearest: expect.arrayContaining(["demo.slow"]) },
    });
    const lost = await client.callTool({ name: "demo.crash" }).catch((error: unknown) => error);
    expect(lost).toMatchObject({ code: -32_000, data: { code: "server_lost", safeToRetry: false } });
    expect(String(lost)).toMatch(/the server "demo" was lost during the call; the call may have taken effect/);
    expect(String(lost)).not.toMatch(/\/|stderr|exit/);
    await expect
      .poll(async () => (await client.callTool({ name: "demo.slow", arguments: { seconds: 0.1 } })).isError)
      .toBeFalsy();
  });

  it("whose names allow no dot is given none, and both forms are understood", async () => {
    const client = await connect("Cursor-vscode");
    const { tools } = await client.listTools();
    expect(tools.filter(({ name }) => name.includes("."))).toEqual([]);
    expect(tools.map(({ name }) => name)).toContain("demo__slow");
    for (const name of ["one__asked", "one.asked"]) expect((await client.callTool({ name })).isError).toBeFalsy();
    expect(JSON.stringify(await client.getPrompt({ name: "demo__haiku", arguments: { topic: "lake" } }))).toContain(
      "lake",
    );
  });

  it("shares the servers with others, each a process of its own that goes when its client says so", async () => {
    await expect.poll(sessions).toBe(0);
    const [a, b] = await Promise.all([connect("a"), connect("b")]);
    const old = b.transport?.sessionId;
    expect(sessions()).toBe(2);
    const long = a.callTool({ name: "demo.slow", arguments: { seconds: 0.6 } });
    expect((await b.callTool({ name: "one.asked" })).isError).toBeFalsy();
    expect((await long).isError).toBeFalsy();
    await (b.transport as unknown as { terminateSession(): Promise<void> }).terminateSession(); // what connect made
    await expect.poll(sessions).toBe(1);
    const late = { "mcp-session-id": String(old) };
    expect(await status("/mcp", late, JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }))).toBe(404);
  });
});

describe("a client that is gone", () => {
  const hello = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
  };
  const headers = { accept: "application/json, text/event-stream", "content-type": "application/json" };

  it("in the middle of a call has it cancelled, and is forgotten when it does not come back", async () => {
    await expect.poll(sessions).toBe(0);
    const begun = await fetch(`${url}/mcp`, { method: "POST", headers, body: JSON.stringify(hello) });
    await begun.text();
    const session = { ...headers, "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
    const call = { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "demo.hang" } };
    const sent = request(`${url}/mcp`, { method: "POST", headers: session }).on("error", () => {});
    sent.end(JSON.stringify(call));
    await demoSaid("hang: called", 3);
    sent.destroy();
    await demoSaid("hang: the call was cancelled", 3);
    await expect.poll(sessions).toBe(0);
    expect(await status("/mcp", session, JSON.stringify(call))).toBe(404);
  });
});

describe("a client that stays", () => {
  it("is told of what may have changed when the part that tells it had crashed, and of what changes after", async () => {
    const client = await connect();
    let told = 0;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void told++);
    exit(names.aggregator, "kill");
    await expect.poll(() => told).toBe(1);
    const tools = [{ name: "after", inputSchema: { type: "object" } }];
    await client.callTool({ name: "two.set", arguments: { offer: { tools } } });
    await expect.poll(() => told).toBe(2);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("two.after");
  });
});

describe("a stranger over HTTP", () => {
  it("is turned away by Host and Origin, on every route", async () => {
    for (const path of ["/mcp", "/health", "/tools", "/metrics", "/tree", "/"]) {
      expect(await status(path, { host: "evil.example" })).toBe(403);
      expect(await status(path, { host: "127.0.0.1.evil.example:3700" })).toBe(403);
      expect(await status(path, { origin: "https://evil.example" })).toBe(403);
      expect(await status(path, { origin: "null" })).toBe(403);
      expect(await status(path, { origin: "http://localhost.evil.example" })).toBe(403);
    }
    expect(await status("/health", { host: "localhost:1", origin: "http://localhost:5173" })).toBe(200);
    expect(await status("/health", { host: "[::1]:3700" })).toBe(200);
  });

  it("finds that sessions are neither guessed nor begun without a word, and messages bounded", async () => {
    const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    expect(await status("/mcp", {}, ping)).toBe(400);
    expect(await status("/mcp", { "mcp-session-id": "made-up" }, ping)).toBe(404);
    expect(await status("/mcp", {}, "{ no json")).toBe(400);
    expect(await status("/mcp", {}, `"${"x".repeat(9_000)}"`)).toBe(413);
    expect(await status("/mcp", {}, "[".repeat(4_000))).toBe(400);
    expect(await status("/nowhere")).toBe(404);
  });

  it("cannot open more sessions than are allowed: the idlest makes room, and those in use stay", async () => {
    await expect.poll(sessions).toBe(0);
    const clients = await Promise.all(Array.from({ length: 4 }, (_, n) => connect(`n${n}`)));
    expect(sessions()).toBe(4);
    // One that has asked for nothing, and is not heard to listen yet, would make room.
    await Promise.all(clients.map((client) => client.callTool({ name: "one.asked" })));
    await expect(connect("one too many")).rejects.toThrow("4 clients are connected");
    for (const client of clients) expect((await client.callTool({ name: "one.asked" })).isError).toBeFalsy();
  });
});

describe("what probes are told", () => {
  it("figures with percentiles, as JSON and as Prometheus has them, and the tree", async () => {
    const client = await connect();
    await client.callTool({ name: "one.asked" });
    const figures = await json("/metrics");
    const timed = { count: expect.any(Number), p50_ms: expect.any(Number), p99_ms: expect.any(Number) };
    expect(figures.tool_calls).toContainEqual(expect.objectContaining({ tool: "one.asked", ...timed }));
    expect(figures.requests).toContainEqual(expect.objectContaining({ method: "tools/call", ...timed }));
    expect(figures.http).toContainEqual(expect.objectContaining({ route: "/mcp", ...timed }));
    expect(figures).toMatchObject({ sessions: expect.any(Number), database: { bytes: expect.any(Number) } });
    expect(figures.queues).toEqual(
      // The gate counts the very request that asks.
      expect.arrayContaining([
        { queue: "gate", in_flight: expect.any(Number), waiting: 0 },
        { queue: "server one", in_flight: 0, waiting: 0 },
      ]),
    );
    expect(figures.queues.find(({ queue }: { queue: string }) => queue === "gate").in_flight).toBeGreaterThan(0);
    expect(figures.breakers).toContainEqual({ service: "the server one", value: 0 });
    const headers = { accept: "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5" };
    const answer = await fetch(`${url}/metrics`, { headers });
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    expect(text).toMatch(
      /^banyan_tool_call_duration_seconds_bucket\{le="\+Inf",server="one",tool="one\.asked"\} [1-9]/m,
    );
    expect(text).toMatch(/^banyan_client_sessions [1-9]/m);
    expect(await json("/tree")).toMatchObject({
      name: "Application",
      children: expect.arrayContaining([expect.objectContaining({ name: "MCP", strategy: "one_for_one" })]),
    });
  });

  it("by the id they gave a request, or were given for it: what the log says of it", async () => {
    const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: 7 } };
    const refused = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: hello });
    const ask = async (more: Record<string, string>) => {
      const headers = { accept: "application/json, text/event-stream", "content-type": "application/json", ...more };
      return (await fetch(`${url}/mcp`, { method: "POST", headers, body: refused })).headers.get("x-request-id");
    };
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    expect(await ask({ "x-request-id": "order-4711" })).toBe("order-4711");
    expect(await ask({ traceparent })).toBe(traceId);
    expect(await ask({ "x-request-id": "order-4712", traceparent })).toBe("order-4712");
    const given = await ask({ "x-request-id": `{"forged": "line"}` });
    expect(given).toMatch(/^[0-9a-f]{32}$/);
    const lines = logLines(home)
      .filter(({ event }) => event === "client_request")
      .slice(-4);
    expect(lines.map(({ requestId }) => requestId)).toEqual(["order-4711", traceId, "order-4712", given]);
    expect(lines.slice(1, 3).map(({ traceId }) => traceId)).toEqual([traceId, traceId]);
  });

  it("health, readiness and tools are those of now", async () => {
    const health = await json("/health");
    expect(health).toMatchObject({
      status: expect.stringMatching(/ok|warn/),
      ready: true,
      live: true,
      version: "1.2.3",
    });
    expect(health.servers).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: "one", state: "ready", pid: expect.any(Number) })]),
    );
    const before = await json("/tools");
    expect(before.tools).toContainEqual(
      expect.objectContaining({ name: "one.asked", hash: expect.stringMatching(/^[0-9a-f]{64}$/), version: "1" }),
    );
    const client = await connect();
    await client.callTool({
      name: "two.set",
      arguments: { offer: { tools: [{ name: "n", inputSchema: { type: "object" } }] } },
    });
    await expect.poll(async () => (await json("/tools")).hash).not.toBe(before.hash);
    await names.servers.call.disconnect("one");
    const { servers } = await json("/health");
    expect(servers).toContainEqual(expect.objectContaining({ name: "one", state: "disconnected" }));
    await names.servers.call.retry("one");
    expect(await json("/health/live")).toEqual({ live: true });
    expect(await json("/health/ready")).toEqual({ ready: true });
  });
});

/** With headers as a browser or a hostile program would send them, which fetch does not let through. */
function status(path: string, headers: Record<string, string> = {}, body?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const accept = "application/json, text/event-stream";
    const all = { accept, "content-type": "application/json", ...headers };
    const sent = request(`${url}${path}`, { method: body === undefined ? "GET" : "POST", headers: all }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end(body);
  });
}

async function json(path: string) {
  return (await fetch(`${url}${path}`)).json();
}
