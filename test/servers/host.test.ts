import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tools } from "../../tools/index.js";
import { built } from "../support/build.js";
import { type Connection, connect } from "../support/stdio-client.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
let host: Connection;

beforeAll(async () => {
  host = await connect("host", { cwd: work.root });
});
afterAll(async () => {
  await host.client.close();
  work.remove();
});

describe("the bundled tool server", () => {
  it("lists every bundled tool with a description, all hints and a valid JSON schema", async () => {
    const { tools: listed } = await host.client.listTools();
    expect(listed.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
    const ajv = new Ajv2020();
    for (const tool of listed) {
      expect(tool.description?.length).toBeGreaterThan(80);
      expect(Object.keys(tool.annotations ?? {}).sort()).toEqual(
        ["destructiveHint", "idempotentHint", "openWorldHint", "readOnlyHint", "title"].sort(),
      );
      expect(ajv.validateSchema(tool.inputSchema)).toBe(true);
      for (const field of Object.values(tool.inputSchema.properties ?? {})) expect(field).toHaveProperty("description");
    }
    const writing = listed.filter((tool) => !tool.annotations?.readOnlyHint).map(({ name }) => name);
    expect(writing).toEqual(expect.arrayContaining(["write_file", "edit_file", "move_file"]));
  });

  it("says in its schema which fields are required, so that a form can be made of it", async () => {
    const { tools: listed } = await host.client.listTools();
    const required = Object.fromEntries(listed.map((tool) => [tool.name, tool.inputSchema.required ?? []]));
    expect(required).toMatchObject({
      read_file: ["path"],
      write_file: ["path", "content"],
      list_directory: [],
      search_files: [],
      fetch_url: ["url"],
      calculate: ["expression"],
      current_time: [],
    });
  });

  it("tells the folder it works in when a client connects", () => {
    expect(host.client.getInstructions()).toBe(`File tools work inside ${work.root} alone.`);
  });

  it("answers tool failures as results with one sentence, and an unknown tool as a protocol error", async () => {
    expect(await host.call("read_file", {})).toMatchObject({
      isError: true,
      texts: ['read_file needs the field "path", and it is missing.'],
    });
    expect(await host.call("calculate", { expression: "1 /" })).toMatchObject({
      isError: true,
      texts: ["At position 4: a number is expected, but the expression ends."],
    });
    await expect(host.call("no_such_tool")).rejects.toThrow(
      'No tool is named "no_such_tool"; list the tools to see their names.',
    );
  });

  it("calculates and tells the time", async () => {
    expect((await host.call("calculate", { expression: "2 ^ 10 × (3 + 4) ÷ 7" })).texts).toEqual(["1024"]);
    const before = Math.floor(Date.now() / 1_000) * 1_000;
    const [iso = "", readable] = (await host.call("current_time", { timezone: "Tokyo" })).text.split("\n");
    expect(iso).toMatch(/\+09:00$/);
    expect(new Date(iso).getTime()).toBeGreaterThanOrEqual(before);
    expect(new Date(iso).getTime()).toBeLessThanOrEqual(Date.now());
    expect(readable).toContain("in Asia/Tokyo (Japan Standard Time)");
    expect((await host.call("current_time")).isError).toBe(false);
    expect((await host.call("current_time", { timezone: "Atlantis" })).isError).toBe(true);
  });

  it("answers many calls at once, and refuses more than it can hold with a word", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo; // it listens on TCP
    const open = await connect("host", { cwd: work.root, env: { BANYAN_FETCH_ALLOW_LOOPBACK: "1" } });
    try {
      const stops = Array.from({ length: 32 }, () => new AbortController());
      const args = { url: `http://127.0.0.1:${port}/` };
      const waiting = stops.map(({ signal }) => open.call("fetch_url", args, { signal }));
      const settled = Promise.allSettled(waiting);
      const full = "32 calls are already running here; wait until one has ended and call again.";
      expect(await open.call("calculate", { expression: "1" })).toMatchObject({ isError: true, text: full });
      for (const stop of stops) stop.abort();
      await settled;
      // The cancelled calls give their places back one by one, as they end.
      const twenty = () =>
        Promise.all(Array.from({ length: 20 }, (_, i) => open.call("calculate", { expression: `${i} * 2` })));
      let results = await twenty();
      while (results.some(({ text }) => text === full)) results = await twenty();
      expect(results.map(({ text }) => Number(text))).toEqual(Array.from({ length: 20 }, (_, i) => i * 2));
    } finally {
      await open.client.close();
      silent.close();
    }
  });
});

describe("under Node's permission model", () => {
  it("all file tools work without threads, and the outside stays closed", async () => {
    const project = dirname(dirname(dirname(dirname(built("servers/host/main.js")))));
    const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
    const inside = join(work.root, "*");
    const reads = [join(project, "*"), inside].map((path) => `--allow-fs-read=${path}`);
    const nodeArgs = [flag, ...reads, `--allow-fs-write=${inside}`];
    const confined = await connect("host", { cwd: work.root, nodeArgs });
    try {
      expect((await confined.call("write_file", { path: "p/a.txt", content: "héllo\n" })).text).toContain(
        "Created p/a.txt",
      );
      expect((await confined.call("read_file", { path: "p/a.txt" })).text).toBe("héllo\n");
      expect((await confined.call("list_directory", { path: "p" })).text).toBe("a.txt  7 bytes");
      expect((await confined.call("search_files", { query: "héllo", path: "p" })).texts[0]).toBe("p/a.txt:1: héllo");
      expect((await confined.call("read_file", { path: "/etc/passwd" })).isError).toBe(true);
    } finally {
      await confined.client.close();
    }
  });
});

describe("its stdout", () => {
  let server: ChildProcess;
  let lines: AsyncIterableIterator<string>;
  const send = (message: unknown) =>
    server.stdin?.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`);
  const next = async () => JSON.parse((await lines.next()).value ?? "");

  beforeAll(async () => {
    server = spawn(process.execPath, [built("servers/host/main.js")], { cwd: work.root, stdio: "pipe" });
    if (!server.stdout) throw new Error("no stdout");
    lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const clientInfo = { name: "raw", version: "1" };
    send({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo },
    });
  });
  afterAll(() => {
    server.kill("SIGKILL");
  });

  it("carries the protocol and nothing else, also after garbage and bugs in what was sent", async () => {
    expect(await next()).toMatchObject({
      id: 1,
      result: { protocolVersion: "2025-06-18", capabilities: { tools: {} } },
    });
    send({ jsonrpc: "2.0", method: "notifications/initialized" });
    let log = "";
    server.stderr?.on("data", (chunk) => {
      log += String(chunk);
    });
    send("this is my password: hunter2");
    send({ jsonrpc: "2.0", id: "two", method: "tools/call", params: { name: 3 } });
    expect(await next()).toMatchObject({ id: "two", error: { code: expect.any(Number) } });
    send({ jsonrpc: "2.0", id: 3, method: "nonsense/method" });
    expect(await next()).toMatchObject({ id: 3, error: { code: -32601 } });
    send({
      jsonrpc: "2.0",
      id: 4,
      method: "tools/call",
      params: { name: "calculate", arguments: { expression: "1" }, task: {} },
    });
    expect(await next()).toMatchObject({
      id: 4,
      error: { message: expect.stringContaining("Tasks are not supported") },
    });
    send({ jsonrpc: "2.0", id: 5, method: "ping" });
    expect(await next()).toEqual({ jsonrpc: "2.0", id: 5, result: {} });
    expect(log).toBe("banyan-tools: a message was skipped (SyntaxError).\n");
  });

  it("ends with the process when a message is too long to hold", async () => {
    const exit = once(server, "exit");
    server.stdin?.on("error", () => {}); // the pipe breaks while the rest is still on its way
    send("x".repeat(11_000_000));
    expect(await exit).toEqual([1, null]);
  });
});
