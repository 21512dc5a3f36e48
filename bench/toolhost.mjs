// What the tool host costs and how fast it is changed: a small tool called as a plain function in this process, over stdio from a
// plain server built with the official SDK, and through the tool host (its front, the ToolHost and a sandboxed process);
// how long until the changed file of a tool is live; how long this process's event loop is held up while a tool hangs.
//   node bench/toolhost.mjs [--json] [--rounds=5]     (from dist/: npm run build first)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { Store } from "../dist/actors/store/store.js";
import { openToolHost } from "../dist/mcp/host/host-front.js";
import { serverNames, serverTree } from "../dist/mcp/server-tree.js";
import { Application, child, named } from "../dist/supervision/index.js";

const given = process.argv.slice(2);
const rounds = Number(given.find((option) => option.startsWith("--rounds="))?.slice("--rounds=".length) ?? 5);
const AT_ONCE = 50;
const CALLS = { one: 1_000, many: 5_000 };
const RELOADS = 10;

const home = mkdtempSync(join(tmpdir(), "banyan-bench-"));
const tools = join(home, "data", "tools");
const project = join(home, "project");
for (const folder of [tools, project]) mkdirSync(folder, { recursive: true });

function moduleOf(name, handler) {
  return `export default {
  name: "${name}",
  description: "A small tool for the benchmark of the tool host.",
  input: { type: "object", properties: { text: { type: "string" } } },
  annotations: { readOnlyHint: true },
  handler: ({ text = "" }) => { ${handler} },
};\n`;
}

const write = (name, handler) => writeFileSync(join(tools, `${name}.js`), moduleOf(name, handler));
write("small", "return text.toUpperCase();");
write("hang", "for (;;) {}");

async function throughHost() {
  const store = named("Store");
  const toolHost = {
    ...{ callTimeoutMs: 3_000, maxMemoryBytes: 512 * 1_048_576, healthyMs: 1_000, restarts: 5, spare: true },
    maxLineBytes: 1_048_576,
  };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(home, "data", "banyan.db") }, { name: store }),
      ...serverTree({
        ...{ servers: [], version: "0", project, store, toolHost },
        paths: { data: join(home, "data"), state: join(home, "state") },
        authorizerOf: async () => undefined,
      }),
    ],
  });
  const client = new Client({ name: "bench", version: "1" });
  await client.connect(await openToolHost(serverNames.toolHost, serverNames.hostProcesses, "0")());
  await client.listTools();
  return { app, client };
}

/** The same tool as its author would serve it without Banyan. */
const PLAIN = `
import { McpServer } from ${JSON.stringify(import.meta.resolve("@modelcontextprotocol/sdk/server/mcp.js"))};
import { StdioServerTransport } from ${JSON.stringify(import.meta.resolve("@modelcontextprotocol/sdk/server/stdio.js"))};
import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
const server = new McpServer({ name: "plain", version: "1" });
server.registerTool("small", { description: "A small tool", inputSchema: { text: z.string().default("") } }, ({ text }) => ({
  content: [{ type: "text", text: text.toUpperCase() }],
}));
await server.connect(new StdioServerTransport());
`;

async function plainServer() {
  const file = join(home, "plain.mjs");
  writeFileSync(file, PLAIN);
  const client = new Client({ name: "bench", version: "1" });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [file], stderr: "ignore" }));
  return client;
}

async function oneAtATime(call) {
  const took = [];
  for (let i = 0; i < CALLS.one; i++) {
    const start = performance.now();
    await call();
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
  return { p50: at(0.5), p99: at(0.99), perSecond: 1_000 / (took.reduce((a, b) => a + b) / took.length) };
}

async function atOnce(call) {
  let left = CALLS.many;
  const start = performance.now();
  const caller = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  return (CALLS.many / (performance.now() - start)) * 1_000;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (value, digits = 3) => Number(value.toFixed(digits));

async function measureCalls(ways) {
  const runs = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const call of Object.values(ways)) await atOnce(call);
  for (let i = 0; i < rounds; i++) {
    const order = Object.entries(ways);
    for (const [name, call] of i % 2 === 0 ? order : order.reverse()) {
      runs[name].push({ ...(await oneAtATime(call)), many: await atOnce(call) });
    }
  }
  return Object.fromEntries(
    Object.entries(runs).map(([name, all]) => {
      const of = (field) => median(all.map((run) => run[field]));
      return [
        name,
        {
          "p50 ms": round(of("p50"), 4),
          "p99 ms": round(of("p99"), 4),
          "calls/s, 1 at a time": Math.round(of("perSecond")),
          [`calls/s, ${AT_ONCE} at once`]: Math.round(of("many")),
        },
      ];
    }),
  );
}

/** From the write of the file until the client has been told and a call is answered by the new code. */
async function measureReload(client) {
  const took = [];
  for (let i = 0; i < RELOADS; i++) {
    const told = new Promise((resolve) => client.setNotificationHandler(ToolListChangedNotificationSchema, resolve));
    const start = performance.now();
    write("changing", `return "${i} ${start}";`);
    await told;
    const { content } = await client.callTool({ name: "changing", arguments: {} });
    if (content[0].text !== `${i} ${start}`) throw new Error(`an old code answered: ${content[0].text}`);
    took.push(performance.now() - start);
  }
  return { median: round(median(took), 1), worst: round(Math.max(...took), 1) };
}

/** A tool hangs; how long another call waits, and how long this process is held up. */
async function measureHang(client) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  const hung = client.callTool({ name: "hang", arguments: {} });
  await client.callTool({ name: "small", arguments: { text: "x" } });
  const waited = performance.now() - start;
  await hung;
  const ended = performance.now() - start;
  delay.disable();
  const [p99, max] = [delay.percentile(99), delay.max].map((nanoseconds) => round(nanoseconds / 1e6, 1));
  return { otherCallMs: round(waited, 0), hungCallMs: round(ended, 0), eventLoopDelayMs: { p99, max } };
}

const { app, client } = await throughHost();
const plain = await plainServer();
try {
  const params = { name: "small", arguments: { text: "hello" } };
  const direct = async ({ text }) => text.toUpperCase();
  const calls = await measureCalls({
    "a function": () => direct(params.arguments),
    "a plain SDK server": () => plain.callTool(params),
    "the tool host": () => client.callTool(params),
  });
  const reloadMs = await measureReload(client);
  const hang = await measureHang(client);
  const bars = {
    "a changed tool is live in 300 ms (median)": reloadMs.median <= 300,
    "another call waits at most 1.5 s for a tool that hangs": hang.otherCallMs <= 1_500,
  };
  if (given.includes("--json")) console.log(JSON.stringify({ rounds, calls, reloadMs, hang, bars }, null, 2));
  else {
    console.table(calls);
    console.log(
      `a changed tool is live after ${reloadMs.median} ms (median of ${RELOADS}; worst ${reloadMs.worst} ms)`,
    );
    console.log(
      `while one hangs, another's call took ${hang.otherCallMs} ms; the hung one ended after ${hang.hungCallMs} ms;`,
    );
    console.log(
      `this process's event loop was late by ${hang.eventLoopDelayMs.p99} ms at the 99th percentile, ${hang.eventLoopDelayMs.max} ms at most`,
    );
    for (const [bar, holds] of Object.entries(bars)) console.log(`${holds ? "holds" : "FAILS"}: ${bar}`);
  }
  process.exitCode = Object.values(bars).includes(false) ? 1 : 0;
} finally {
  await plain.close();
  await app.stop();
  rmSync(home, { recursive: true, force: true });
}
process.exit();
