import { once } from "node:events";
import { createServer } from "node:net";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { banyan, cli, isAlive, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { serving } from "../support/serving.js";

const demo = "[bundled]\nhost = false\ncatalog = false\ndemo = true\n";

describe("banyan serve --http", () => {
  it("lets what it is asked finish on SIGTERM, and leaves no program", async () => {
    const here = place(temporaryHome(), demo);
    const { program, url } = await serving(here, ["--http", "127.0.0.1:0"]);
    const client = new Client({ name: "test", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
    let begun: () => void = () => {};
    const working = new Promise<void>((resolve) => (begun = resolve));
    const call = { name: "demo.slow", arguments: { seconds: 1 } };
    const result = client.callTool(call, undefined, { onprogress: () => begun() });
    await working;
    const { servers } = await json(`${url}/health`);
    const closed = once(program, "close");
    program.kill("SIGTERM");
    expect((await result).content).toEqual([{ type: "text", text: "Worked for 1 s." }]);
    expect((await closed)[0]).toBe(0);
    await client.close();
    expect(servers).toHaveLength(1);
    expect(isAlive(servers[0]?.pid ?? 0)).toBe(false);
  });

  it("serves the tool host alone with --toolhost, with the hash of each tool and the processes behind them", async () => {
    const { url } = await serving(place(temporaryHome(), "[bundled]\ndemo = true\n"), ["--toolhost", "--http", ":0"]);
    const { hash, tools } = await json(`${url}/tools`);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(tools.length).toBeGreaterThan(0);
    for (const tool of tools) {
      expect(tool).toMatchObject({
        name: expect.stringMatching(/^host\./),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(tool.version).toMatch(/^\d/);
    }
    const health = await json(`${url}/health`);
    expect(health).toMatchObject({
      ready: true,
      servers: [{ name: "host", state: "ready" }],
      toolHost: { sets: [{ set: "bundled", state: "serving", failures: 0 }, { set: "dynamic" }], refused: [] },
    });
    expect(health.processes).toContainEqual(
      expect.objectContaining({ set: "bundled", role: "active", state: "ready", pid: expect.any(Number) }),
    );
    const running = JSON.stringify(await json(`${url}/health/ready`));
    expect(running).toBe('{"ready":true}');
  });

  it("says how clients may come, where it may not listen, and what to do when the port is taken", async () => {
    const here = place(temporaryHome(), demo);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : 0;
    const [busy, open, none, both] = await Promise.all([
      banyan(here, ["serve", "--http", `127.0.0.1:${port}`]),
      banyan(here, ["serve", "--http", "0.0.0.0:0"]),
      banyan(here, ["serve"]),
      banyan(here, ["serve", "--http", "--stdio"]),
    ]);
    expect(busy).toEqual({
      code: 1,
      stdout: "",
      stderr: `banyan: 127.0.0.1:${port} is in use by another program; stop that, or choose another port with --http HOST:PORT or server.port.\n`,
    });
    expect(open).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no key yet.*banyan keys create NAME.*--no-auth\.\n$/),
    });
    for (const refused of [none, both]) expect(refused).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("banyan serve --stdio", () => {
  it("serves the official client, tells progress, cancels, and ends with it", async () => {
    const { cwd, env } = place(temporaryHome(), demo);
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [cli, "serve", "--stdio"],
      cwd,
      env: Object.fromEntries(
        Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      ),
      stderr: "pipe",
    });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(transport);
    onTestFinished(() => client.close());
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("demo.slow");
    const heard: number[] = [];
    const stop = new AbortController();
    const call = { name: "demo.slow", arguments: { seconds: 600 } };
    const cancelled = client.callTool(call, undefined, {
      signal: stop.signal,
      onprogress: ({ progress }) => {
        heard.push(progress);
        stop.abort("enough");
      },
    });
    await expect(cancelled).rejects.toThrow("enough");
    expect(heard[0]).toBe(0.2);
    const { pid } = transport;
    await client.close();
    await expect.poll(() => pid !== null && isAlive(pid)).toBe(false);
  });

  it("answers what is piped in before it ends, and says nothing else on stdout, whatever comes", async () => {
    const here = place(temporaryHome(), `${demo}[log]\nlevel = "debug"\nsinks = ["stderr"]\n`);
    const lines = [
      { jsonrpc: "2.0", id: 1, method: "initialize", params: hello },
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: 2, method: "ping" },
      { jsonrpc: "2.0", id: 3, method: "nonsense" },
    ];
    const input = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{ no json\n`;
    const { code, stdout } = await banyan(here, ["serve", "--stdio"], input);
    expect(code).toBe(0);
    const said = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .sort((one, other) => one.id - other.id);
    expect(said).toMatchObject([
      { id: null, error: { code: -32_700 } },
      { id: 1, result: { serverInfo: { name: "banyan" }, capabilities: { tools: { listChanged: true } } } },
      { id: 2, result: {} },
      { id: 3, error: { code: -32_601 } },
    ]);
  });
});

const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "script", version: "1" } };

async function json(url: string) {
  return (await fetch(url)).json();
}
