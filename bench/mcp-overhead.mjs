// What Banyan's router costs: the `echo` tool of server-everything called directly with the official SDK's client, through the
// router in this process, and through gateways from npm, one after another in every round. Each has a server process of its own.
//   node bench/mcp-overhead.mjs [--json] [--rounds=5] [--no-gateways]     (from dist/: npm run build first)
//
// Times are the caller's, in milliseconds; CPU is that of this process, in microseconds a call. Ratios are medians of each round's
// own, since a round's ways share its machine's mood. Where the system knows `setsid`, the direct client's server gets a session of
// its own as Banyan's servers do: Linux shares a busy machine among sessions, so one in ours would be paced differently.
// The gateways are installed into a folder for the run; one that cannot be is left out, and said.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Minder } from "../dist/mcp/client/minder.js";
import { Router } from "../dist/mcp/client/router/router.js";
import { ServerManager } from "../dist/mcp/client/server-manager.js";
import { Application, child, DynamicSupervisor, named } from "../dist/supervision/index.js";

const given = process.argv.slice(2);
const rounds = Number(given.find((option) => option.startsWith("--rounds="))?.slice("--rounds=".length) ?? 5);
const AT_ONCE = 50;
const WARM = 2_000;
/** Calls a round, one at a time and at once. A gateway is slower, so it is asked less. */
const CALLS = { near: { one: 1_500, many: 15_000 }, far: { one: 300, many: 1_500 } };
const START_MS = 30_000;

const require = createRequire(import.meta.url);
const everything = join(
  dirname(require.resolve("@modelcontextprotocol/server-everything/package.json")),
  "dist",
  "index.js",
);
const args = { message: "hello" };
/** What ends what was started, last first. */
const ends = [];
const folder = mkdtempSync(join(tmpdir(), "banyan-bench-"));
ends.push(() => rmSync(folder, { recursive: true, force: true }));

/** The SDK's clients give every request the same signal, whose listeners pile up on Node 20; here only streams are ever broken off. */
const http = { fetch: (url, init) => fetch(url, init?.method === "POST" ? { ...init, signal: null } : init) };

async function connected(transport) {
  const client = new Client({ name: "bench", version: "1.0.0" }, { capabilities: {} });
  await client.connect(transport);
  ends.push(() => client.close());
  return client;
}

// --- the ways ------------------------------------------------------------------------------------------------------------

async function direct() {
  const ofItsOwn = spawnSync("setsid", ["true"]).status === 0;
  const program = [process.execPath, everything, "stdio"];
  const [command, ...rest] = ofItsOwn ? ["setsid", ...program] : program;
  const client = await connected(new StdioClientTransport({ command, args: rest, stderr: "ignore" }));
  return () => client.callTool({ name: "echo", arguments: args });
}

async function banyan() {
  const [minder, ports, wrappers, servers] = ["Minder", "Ports", "Wrappers", "Servers"].map((name) => named(name));
  const server = { name: "everything", command: process.execPath, args: [everything, "stdio"] };
  const clientInfo = { name: "bench", version: "1.0.0" };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Minder, undefined, { name: minder }),
      child(DynamicSupervisor, undefined, { name: ports }),
      child(DynamicSupervisor, undefined, { name: wrappers }),
      child(
        ServerManager,
        { name: servers, wrappers, ports, minder, clientInfo, servers: [server] },
        { name: servers },
      ),
    ],
  });
  ends.push(() => app.stop());
  await servers.with({ timeout: START_MS }).call.settled();
  const router = new Router(servers);
  return () => router.call("everything.echo", args);
}

/** Each: its package, what is written for it, how it is started on a port, and how it is spoken to. */
const gateways = {
  "mcp-hub": {
    package: "mcp-hub@4",
    run: (port) => {
      const config = join(folder, "mcp-hub.json");
      const servers = { everything: { command: process.execPath, args: [everything, "stdio"] } };
      writeFileSync(config, JSON.stringify({ mcpServers: servers }));
      return ["mcp-hub", "--port", `${port}`, "--config", config];
    },
    transport: (port) => new SSEClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), http),
    tool: "everything__echo",
  },
  "mcp-proxy": {
    package: "mcp-proxy@6",
    run: (port) => [
      "mcp-proxy",
      "--port",
      `${port}`,
      "--server",
      "stream",
      "--",
      process.execPath,
      everything,
      "stdio",
    ],
    transport: (port) => new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), http),
    tool: "echo",
  },
  supergateway: {
    package: "supergateway@4",
    run: (port) => {
      const program = [process.execPath, everything, "stdio"].join(" ");
      return [
        "supergateway",
        "--stdio",
        program,
        "--port",
        `${port}`,
        "--outputTransport",
        "sse",
        "--logLevel",
        "none",
      ];
    },
    transport: (port) => new SSEClientTransport(new URL(`http://127.0.0.1:${port}/sse`), http),
    tool: "echo",
  },
};

async function through(name) {
  const gateway = gateways[name];
  const at = join(folder, name);
  const npm = [
    "install",
    "--prefix",
    at,
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--loglevel=error",
    gateway.package,
  ];
  const { status, stderr } = spawnSync("npm", npm, { encoding: "utf8", timeout: 120_000 });
  if (status !== 0)
    throw new Error(`npm could not install it: ${stderr?.trim().split("\n").at(-1) ?? "no reason given"}`);
  const port = await freePort();
  const [command, ...rest] = gateway.run(port);
  // Some end with their stdin.
  const options = { stdio: ["pipe", "ignore", "ignore"], detached: process.platform !== "win32" };
  const program = spawn(join(at, "node_modules", ".bin", command), rest, options);
  let gone = false;
  program.once("exit", () => (gone = true));
  program.once("error", () => (gone = true));
  ends.push(() => {
    if (!gone && program.pid !== undefined) process.kill(options.detached ? -program.pid : program.pid, "SIGKILL");
  });
  for (const deadline = Date.now() + START_MS; ; ) {
    try {
      const client = await connected(gateway.transport(port));
      const call = () => client.callTool({ name: gateway.tool, arguments: args });
      if ((await call()).isError) throw new Error("its tool does not work");
      return call;
    } catch (error) {
      if (gone) throw new Error("it ended at once");
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// --- measuring -----------------------------------------------------------------------------------------------------------

async function oneAtATime(call, count) {
  const took = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await call();
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

async function atOnce(call, count) {
  let left = count;
  const before = process.cpuUsage();
  const start = performance.now();
  const caller = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (count / ms) * 1_000, cpuMicros: (user + system) / count };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const round = (value, digits = 4) => Number(value.toFixed(digits));

async function measure() {
  const ways = { direct: { call: await direct(), ...CALLS.near }, router: { call: await banyan(), ...CALLS.near } };
  const left = {};
  for (const name of given.includes("--no-gateways") ? [] : Object.keys(gateways)) {
    try {
      ways[name] = { call: await through(name), ...CALLS.far };
    } catch (error) {
      left[name] = error.message;
    }
  }
  const runs = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const { call, many } of Object.values(ways)) {
    await oneAtATime(call, Math.min(WARM, many));
    await atOnce(call, many);
  }
  for (let i = 0; i < rounds; i++) {
    const order = Object.entries(ways);
    for (const [name, { call, one, many }] of i % 2 === 0 ? order : order.reverse()) {
      runs[name].push({ ...(await oneAtATime(call, one)), ...(await atOnce(call, many)) });
    }
  }
  const found = {};
  for (const [name, all] of Object.entries(runs)) {
    const of = (field) => all.map((run) => run[field]);
    const against = (field) => median(all.map((run, i) => run[field] / runs.direct[i][field]));
    found[name] = {
      p50: round(median(of("p50"))),
      p95: round(median(of("p95"))),
      p99: round(median(of("p99"))),
      perSecond: Math.round(median(of("perSecond"))),
      cpuMicros: round(median(of("cpuMicros")), 1),
      addedP50: round(median(all.map((run, i) => run.p50 - runs.direct[i].p50))),
      cpuRatio: round(against("cpuMicros"), 2),
      throughputRatio: round(against("perSecond"), 2),
    };
  }
  return { rounds, atOnce: AT_ONCE, ways: found, left };
}

let failed = false;
try {
  const { ways, left } = await measure();
  const { addedP50, cpuRatio, throughputRatio } = ways.router;
  const bars = {
    "added p50 below 0.05 ms": addedP50 < 0.05,
    "CPU a call at most 1.3 times the direct client's": cpuRatio <= 1.3,
    "throughput at least 75% of the direct client's": throughputRatio >= 0.75,
  };
  failed = Object.values(bars).includes(false);
  if (given.includes("--json")) console.log(JSON.stringify({ rounds, atOnce: AT_ONCE, ways, left, bars }, null, 2));
  else {
    console.log(`echo of server-everything, medians of ${rounds} rounds; ratios to the direct client`);
    console.table(ways);
    for (const [name, why] of Object.entries(left)) console.log(`${name} is left out: ${why}`);
    for (const [bar, holds] of Object.entries(bars)) console.log(`${holds ? "holds" : "FAILS"}: ${bar}`);
  }
} finally {
  for (const end of ends.reverse()) await Promise.resolve(end()).catch(() => {});
}
process.exit(failed ? 1 : 0);
