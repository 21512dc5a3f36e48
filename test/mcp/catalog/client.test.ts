// The client that other programs use, against the real server: while it runs, while it is away, and when it is back.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { names } from "../../../src/application.js";
import {
  BanyanClient,
  NotBanyanError,
  RefusedError,
  type Registry,
  UnreachableError,
} from "../../../src/mcp/catalog/client/index.js";
import type { Application } from "../../../src/supervision/index.js";
import { startServed } from "../server/served.js";

const agent = (name: string, description: string) =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n`;
const files = {
  "plugins/web/agents/react-specialist.md": agent("react-specialist", "Builds user interfaces with React and hooks."),
  "plugins/web/agents/api-designer.md": agent("api-designer", "Designs REST APIs with authentication."),
  "plugins/web/skills/hooks/SKILL.md":
    "---\nname: react-hooks\ndescription: How hooks are used in React.\n---\n\nBody.\n",
  "plugins/web/commands/release.md": "---\ndescription: Release a version.\n---\n\n1. Tag $ARGUMENTS\n",
  "agent-registry.yml": "roles:\n  frontend_developer:\n    primary: react-specialist\n    fallbacks: [api-designer]\n",
};
/** A machine may be busy with other things. */
const PATIENCE_MS = 60_000;
const QUIET = "[bundled]\nhost = false\n";

/** Answers with its address until the test is over. */
async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

describe("the client of a server that runs", () => {
  const home = mkdtempSync(join(tmpdir(), "banyan-test-"));
  let app: Application | undefined;
  let url = "";
  const start = async (port: number) => {
    app = await startServed(home, QUIET, { address: { host: "127.0.0.1", port } });
    url = await names.httpServer.call.url();
  };

  beforeAll(async () => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text);
    }
    await start(0);
    await names.catalog.with({ timeout: PATIENCE_MS }).call.reindex(); // with which the index is open
  });
  afterAll(async () => {
    await app?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it("asks for agents, skills and workflows, and is answered from its own memory the second time", async () => {
    const client = new BanyanClient({ url, timeoutMs: PATIENCE_MS });
    const asked = { context: "user interface in react" };
    const first = await client.queryAgents(asked);
    expect(first).toMatchObject({ source: "server", cache_hit: false });
    expect(first.agents[0]).toMatchObject({ name: "react-specialist", plugin: "web" });
    const { total } = (await names.catalog.call.stats()).queries;
    expect(await client.queryAgents({ ...asked })).toMatchObject({
      source: "cache",
      cache_hit: true,
      agents: first.agents,
    });
    expect((await names.catalog.call.stats()).queries.total).toBe(total);
    expect((await client.querySkills({ context: "react hooks" })).skills[0]?.name).toBe("react-hooks");
    expect((await client.queryWorkflows({ goal: "release a version" })).workflows[0]?.name).toBe("release");
    expect((await client.queryAgents({ role: "frontend_developer" })).agents.map(({ name }) => name)).toEqual([
      "react-specialist",
      "api-designer",
    ]);
  });

  it("stores a pattern, finds it, and tells how the server is", async () => {
    const client = new BanyanClient({ url, timeoutMs: PATIENCE_MS });
    const goal = "add authentication to an existing api";
    expect(await client.getOrchestrationPattern(goal)).toMatchObject({ pattern: null });
    const pattern = await client.storePattern({ goal, agent_sequence: ["api-designer", "react-specialist"] });
    expect(await client.getOrchestrationPattern(goal)).toMatchObject({ pattern: { id: pattern.id }, source: "server" });
    const { matches } = await client.queryPattern({ goal: "add authentication to an api", min_similarity: 0.3 });
    expect(matches[0]?.pattern.agent_sequence).toEqual(["api-designer", "react-specialist"]);
    const { indexes, database, uptime_ms, memory_mb } = await client.getHealth();
    expect(indexes).toMatchObject({ agents: 2, skills: 1, workflows: 1, patterns: 1 });
    expect([database.connected, uptime_ms > 0, memory_mb > 0]).toEqual([true, true, true]);
  });

  it("says which parameters are wrong, and never queues what will never be taken", async () => {
    const client = new BanyanClient({ url, timeoutMs: PATIENCE_MS });
    const error = await client.queryAgents({ limit: 21 }).catch((caught) => caught);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ rpcCode: -32_602, validationErrors: ["limit must be at most 20"] });
    const circle = { a: ["b"], b: ["a"] };
    await expect(
      client.storePattern({ goal: "x", agent_sequence: ["a", "b"], dependencies: circle }),
    ).rejects.toMatchObject({ rpcCode: -32_602, validationErrors: [expect.stringContaining("circle")] });
    const decision = { task_id: "", task_description: "x", agents_used: [], result: "success" as const };
    expect(await client.cacheDecision(decision)).toBe("refused");
    expect(await client.flush()).toBe(0);
  });

  it("goes on while the server is away, and sends what waited once it is back, each once", async () => {
    const registry: Registry = { frontend_developer: { primary: "spare", fallbacks: ["other"] } };
    const client = new BanyanClient({ url, timeoutMs: PATIENCE_MS, fallback: registry, cacheTtlMs: 1 });
    const decided = (task_id: string) => ({
      ...{ task_id, task_description: "made a form", agents_used: ["react-specialist"] },
      result: "success" as const,
    });
    const known = await client.queryAgents({ context: "rest api" });
    expect(await client.cacheDecision(decided("before"))).toBe("stored");
    const { port } = new URL(url);
    await app?.stop();

    const { agents, source, confidence } = await client.queryAgents({ role: "Frontend-Developer" });
    expect([agents.map(({ name }) => name), source]).toEqual([["spare", "other"], "fallback"]);
    expect(confidence).toBeLessThanOrEqual(0.5);
    expect(await client.queryAgents({ context: "rest api" })).toMatchObject({ source: "cache", agents: known.agents });
    expect(await client.querySkills({ context: "react" })).toMatchObject({ skills: [], source: "fallback" });
    expect(await client.getOrchestrationPattern("anything")).toMatchObject({ pattern: null, source: "fallback" });
    await expect(client.getHealth()).rejects.toBeInstanceOf(UnreachableError);
    await expect(client.storePattern({ goal: "x", agent_sequence: ["a"] })).rejects.toMatchObject({
      code: "unreachable",
    });
    for (const id of ["before", "while", "while", "away"])
      expect(await client.cacheDecision(decided(id))).toBe("queued");
    expect(await client.flush()).toBe(3);

    await start(Number(port));
    expect(await client.queryAgents({ role: "frontend_developer" })).toMatchObject({ source: "server" });
    expect(await client.flush()).toBe(0);
    for (const id of ["before", "while", "away"])
      expect(await names.catalog.call.recordDecision(decided(id))).toEqual({ stored: false, known: true });
  });
});

it("takes the text of an agent-registry.yml for the time the server is away", async () => {
  const client = new BanyanClient({ url: "http://127.0.0.1:1", fallback: files["agent-registry.yml"] });
  const { agents } = await client.queryAgents({ role: "frontend_developer" });
  expect(agents.map(({ name }) => name)).toEqual(["react-specialist", "api-designer"]);
  const built = new BanyanClient({ url: "http://127.0.0.1:1" });
  expect((await built.queryAgents({ capability: "security audit" })).agents[0]?.name).toBe("security-auditor");
  expect((await built.queryAgents({ role: "astronaut" })).nearest).toContain("debugger");
});

it("does not wait for a server that does not answer, nor believes one that is not Banyan", async () => {
  const silent = new BanyanClient({ url: await listening(() => {}), timeoutMs: 50 });
  expect(await silent.queryAgents({ role: "debugger" })).toMatchObject({ source: "fallback" });
  await expect(silent.getHealth()).rejects.toThrow("no answer in 50 ms");
  const other = new BanyanClient({ url: await listening((_, response) => response.end("<html>")) });
  await expect(other.queryAgents({ role: "debugger" })).rejects.toBeInstanceOf(NotBanyanError);
  const closed = new BanyanClient({ url: await listening((_, response) => response.writeHead(401).end()), key: "k" });
  await expect(closed.getHealth()).rejects.toMatchObject({ code: "refused", status: 401, kind: "auth" });
  const busy = new BanyanClient({
    url: await listening((_, response) => response.writeHead(429, { "retry-after": "3" }).end()),
  });
  await expect(busy.getHealth()).rejects.toMatchObject({ status: 429, retryAfterMs: 3_000 });
  expect(() => new BanyanClient({ url: "file:///etc/passwd" })).toThrow(TypeError);
});

it("neither follows a server elsewhere, nor reads without end, nor hands on what is no answer", async () => {
  let elsewhere = 0;
  const other = await listening((_, response) => {
    elsewhere++;
    response.end();
  });
  const moved = await listening((_, response) => response.writeHead(307, { location: other }).end());
  const led = new BanyanClient({ url: moved, key: "secret" });
  expect(await led.queryAgents({ role: "debugger" })).toMatchObject({ source: "fallback" });
  expect(elsewhere).toBe(0);
  const endless = await listening((_, response) => {
    const more = () => {
      while (response.write("x".repeat(1024 * 1024)));
    };
    response.on("drain", more);
    more();
  });
  await expect(new BanyanClient({ url: endless }).getHealth()).rejects.toThrow("longer than");
  const dripping = await listening((_, response) => {
    const drip = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(drip));
  });
  await expect(new BanyanClient({ url: dripping, timeoutMs: 100 }).getHealth()).rejects.toThrow("no answer in 100 ms");
  for (const result of [{}, { agents: "many" }, { agents: [null] }, { agents: { length: 1 } }]) {
    const odd = await listening((request, response) => {
      request.on("data", (said) =>
        response.end(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(`${said}`).id, result })),
      );
    });
    await expect(new BanyanClient({ url: odd }).queryAgents({ role: "debugger" })).rejects.toThrow("something else");
  }
});
