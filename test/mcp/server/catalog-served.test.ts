// What a client of `banyan serve` has of the catalog: POST /, the server `catalog` with its tools, resources and prompts, and the
// front's own tools by which all others are found and called. One app for all of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { names } from "../../../src/application.js";
import type { Application } from "../../../src/supervision/index.js";
import { hearProgress, withProgress } from "../../support/progress.js";
import { connect, demoSaid, startServed } from "./served.js";

const agent = (name: string, description: string) =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n`;
const files = {
  "plugins/web/agents/react specialist.md": agent("react-specialist", "Builds user interfaces with React and hooks."),
  "plugins/web/skills/hooks/SKILL.md": "---\nname: react-hooks\ndescription: How hooks are used.\n---\n\nUse them.\n",
  "plugins/web/commands/release.md":
    "---\ndescription: Release a version.\nargument-hint: <version> [--dry]\n---\n\nTag $1, then say: $ARGUMENTS\n",
  "plugins/api/commands/release.md": "---\ndescription: Release the API.\n---\n\nPublish it.\n",
  "plugins/web/commands/broken.md": "---\nname: [\n",
};

const home = mkdtempSync(join(tmpdir(), "banyan-test-"));
let app: Application | undefined;
const start = async (exposure: string) => {
  app = await startServed(home, `[bundled]\nhost = false\ndemo = true\n[server]\nexposure = "${exposure}"\n`);
};

beforeAll(async () => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  await start("all");
});
afterAll(async () => {
  await app?.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const call = async (client: Client, name: string, args: Record<string, unknown> = {}) => {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
  const [first] = content as { text: string }[]; // of the SDK, for a tool that answers with a text
  return { text: first?.text ?? "", told: structuredContent as Record<string, unknown> | undefined, isError };
};
const rpc = async (path: string, body: unknown) => {
  const url = `${await names.httpServer.call.url()}${path}`;
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, answer: await response.json() };
};

describe("all that is served of the catalog", () => {
  it("POST / answers, and /reindex and /health say what there is and what is wrong with it", async () => {
    const asked = { jsonrpc: "2.0", id: 1, method: "queryAgents", params: { context: "react interface" } };
    const { status, answer } = await rpc("/", asked);
    expect([status, answer.result.agents[0].name, answer.result.cache_hit]).toEqual([200, "react-specialist", false]);
    expect((await rpc("/", asked)).answer.result.cache_hit).toBe(true);
    const figures = await (await fetch(`${await names.httpServer.call.url()}/metrics`)).json();
    for (const outcome of ["hit", "miss"])
      expect(figures.catalog).toContainEqual(expect.objectContaining({ method: "queryAgents", outcome, count: 1 }));
    const { answer: nobody } = await rpc("/", { ...asked, params: { role: "astronaut" } });
    expect(nobody.result).toMatchObject({ agents: [], nearest: expect.any(Array) });
    const circle = { goal: "x", agent_sequence: ["a", "b"], dependencies: { a: ["b"], b: ["a"] } };
    const { answer: refused } = await rpc("/", { ...asked, method: "storePattern", params: circle });
    expect(refused.error).toMatchObject({
      code: -32_602,
      data: { validation_errors: [expect.stringContaining("circle")] },
    });
    const { answer: read } = await rpc("/reindex", {});
    expect(read.indexes).toMatchObject({ agents: 1, skills: 1, workflows: 2 });
    expect(read.diagnoses).toContainEqual(
      expect.objectContaining({ file: "plugins/web/commands/broken.md", line: expect.any(Number) }),
    );
    const health = await (await fetch(`${await names.httpServer.call.url()}/health`)).json();
    expect(health).toMatchObject({
      uptime_ms: expect.any(Number),
      memory_mb: expect.any(Number),
      cache: { hits: 1, misses: 2 },
      database: { connected: true },
      indexes: { agents: 1, skills: 1, workflows: 2, patterns: 0 },
    });
    expect((await rpc("/", { ...asked, method: "getHealth", params: {} })).answer.result.indexes).toEqual(
      health.indexes,
    );
  });

  it("the tools of the catalog answer in lines for models and in their schemas for programs, and say what to mend", async () => {
    const client = await connect();
    const listed = (await client.listTools()).tools.filter(({ name }) => name.startsWith("catalog."));
    expect(listed.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
      ["catalog.find_patterns", true],
      ["catalog.get_pattern", true],
      ["catalog.query_agents", true],
      ["catalog.query_skills", true],
      ["catalog.query_workflows", true],
      ["catalog.record_decision", false],
      ["catalog.store_pattern", false],
    ]);
    // The SDK's client checks each answer against the schema of the tool.
    const agents = await call(client, "catalog.query_agents", { context: "react" });
    expect(agents.text).toContain("- react-specialist (web): Builds user interfaces");
    expect(agents.told).toMatchObject({ agents: [{ name: "react-specialist" }] });
    await call(client, "catalog.query_skills", { context: "hooks", mode: "full" });
    await call(client, "catalog.query_workflows", { goal: "release", mode: "index" });
    expect((await call(client, "catalog.get_pattern", { goal: "a goal" })).told).toMatchObject({ pattern: null });
    const stored = await call(client, "catalog.store_pattern", { goal: "ship it", agent_sequence: ["a", "b"] });
    const found = await call(client, "catalog.find_patterns", { goal: "ship it" });
    expect(found.told).toMatchObject({ matches: [{ pattern: { id: stored.told?.id } }] });
    const decision = { task_id: "t", task_description: "d", agents_used: ["a"], result: "success" };
    expect((await call(client, "catalog.record_decision", decision)).told).toEqual({ stored: true, known: false });
    const wrong = await call(client, "catalog.query_agents", { limit: 99 });
    expect([wrong.isError, wrong.text]).toEqual([true, "limit must be at most 20"]);
  });

  it("agents, skills and workflows are resources whose addresses can be completed", async () => {
    const client = await connect();
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual(
      expect.arrayContaining(["agent://web/react%20specialist", "skill://web/hooks", "workflow://api/release"]),
    );
    const { contents } = await client.readResource({ uri: "agent://web/react%20specialist" });
    expect(contents[0]).toMatchObject({
      mimeType: "text/markdown",
      text: expect.stringContaining("# react-specialist"),
    });
    for (const uri of ["agent://web/nobody", "agent://web/..%2f..%2fconfig", "agent://%ff/x"])
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32_002, data: { uri } });
    const complete = async (kind: string, name: string, value: string, known: Record<string, string> = {}) => {
      const ref = { type: "ref/resource" as const, uri: `${kind}://{plugin}/{+name}` };
      const context = { arguments: known };
      return (await client.complete({ ref, argument: { name, value }, context })).completion.values;
    };
    expect(await complete("workflow", "plugin", "")).toEqual(["api", "web"]);
    expect(await complete("workflow", "name", "re", { plugin: "api" })).toEqual(["release"]);
    expect(await complete("agent", "name", "x", { plugin: "web" })).toEqual([]);
  });

  it("each workflow is a prompt under a name of its own, with what is given filled in", async () => {
    const client = await connect();
    const prompts = (await client.listPrompts()).prompts.filter(({ name }) => name.startsWith("catalog."));
    expect(prompts.map(({ name }) => name)).toEqual(["catalog.api-release", "catalog.web-release"]);
    expect(prompts[1]?.arguments).toEqual([{ name: "arguments", description: "<version> [--dry]", required: true }]);
    const text = async (name: string, said: string) => {
      const { messages } = await client.getPrompt({ name, arguments: { arguments: said } });
      const content = messages[0]?.content;
      return content?.type === "text" ? content.text : undefined;
    };
    expect(await text("catalog.web-release", "1.2 --dry")).toBe("Tag 1.2, then say: 1.2 --dry");
    expect(await text("catalog.api-release", "now")).toBe("Publish it.\n\nARGUMENTS: now");
  });

  it("a tool is found, described and called through the front's own, with its progress and its cancellation", async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    expect(tools.slice(0, 4).map(({ name }) => name)).toEqual([
      "banyan.search_tools",
      "banyan.describe_tool",
      "banyan.call_tool",
      "banyan.health",
    ]);
    expect(client.getInstructions()).toContain("banyan.search_tools");
    const found = await call(client, "banyan.search_tools", { query: "work slowly for some seconds", limit: 3 });
    expect(found.text).toMatch(/^demo\.slow: /m);
    const full = await call(client, "banyan.search_tools", { query: "demo slow", limit: 1, mode: "full" });
    const described = await call(client, "banyan.describe_tool", { name: "demo.slow" });
    expect(full.told).toEqual({ tools: [described.told] });
    expect(described.told).toMatchObject({ inputSchema: tools.find(({ name }) => name === "demo.slow")?.inputSchema });
    await expect(call(client, "banyan.describe_tool", { name: "demo.slwo" })).rejects.toThrow("demo.slow");
    await expect(call(client, "banyan.call_tool", { name: "demo.slwo" })).rejects.toThrow("demo.slow");
    expect((await call(client, "banyan.search_tools", { query: "" })).text).toBe("query must not be empty");
    expect((await call(client, "banyan.health")).told).toMatchObject({ indexes: { agents: 1 } });

    const slowly = { name: "banyan.call_tool", arguments: { name: "demo.slow", arguments: { seconds: 0.3 } } };
    const heard = hearProgress(client);
    const done = await client.callTool(slowly, undefined, withProgress);
    expect(done.content).toEqual([{ type: "text", text: "Worked for 0.3 s." }]);
    expect(heard.length).toBeGreaterThan(0);
    const stop = new AbortController();
    const hangs = { name: "banyan.call_tool", arguments: { name: "demo.hang", arguments: {} } };
    const hanging = client.callTool(hangs, undefined, { signal: stop.signal });
    await demoSaid("hang: called", 1);
    stop.abort("enough");
    await expect(hanging).rejects.toThrow("enough");
    await demoSaid("hang: the call was cancelled", 1);
  });

  it("what a tool asks its user reaches the client that called it through the front's own", async () => {
    const client = await connect("asked", { elicitation: { form: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({
      action: "accept" as const,
      content: { name: "Ada", colour: "red" },
    }));
    const { text } = await call(client, "banyan.call_tool", { name: "demo.ask_name" });
    expect(text).toContain("Ada");
  });

  it("clients whose names allow no dot know the same tools with two underscores", async () => {
    const client = await connect("claude-code");
    const { text } = await call(client, "banyan__search_tools", { query: "work slowly for some seconds", limit: 3 });
    expect(text).toMatch(/^demo__slow: /m);
    const called = await call(client, "banyan__call_tool", { name: "demo__slow", arguments: { seconds: 0.1 } });
    expect(called.text).toBe("Worked for 0.1 s.");
  });

  it("with exposure search these alone are listed, and every other tool is called all the same", async () => {
    await app?.stop();
    await start("search");
    const client = await connect();
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      "banyan.search_tools",
      "banyan.describe_tool",
      "banyan.call_tool",
      "banyan.health",
    ]);
    expect((await call(client, "demo.slow", { seconds: 0.1 })).text).toBe("Worked for 0.1 s.");
    expect((await call(client, "banyan.search_tools", { query: "react agents" })).text).toContain(
      "catalog.query_agents",
    );
  });
});
