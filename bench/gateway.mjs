// What a call costs on its way through a gateway: the `echo` tool of server-everything called directly, through a bare gateway of the
// official SDK, through a relay with no SDK (the floor), through `banyan serve`, and through gateways from npm; over stdio and HTTP, by
// the SDK's client and by a raw one, one at a time and 50 in flight.
//   node bench/gateway.mjs [--json] [--quick] [--rounds=5] [--no-gateways]     (from dist/: npm run build first)
//
// Each client is a process of its own, each gateway has a server of its own, and the ways alternate in every round. Times are the
// clients', in milliseconds; ratios are medians of each round's own, since a round's ways share its machine's mood. Where the system
// knows `setsid`, every server gets a session of its own as Banyan gives its servers: Linux shares a busy machine among sessions.
// Gateways are installed into a folder for the run; one that cannot be, or does not start, is left out, and said. mcp-proxy runs without
// its event store, which is dear, and no other has one. Memory is that of the gateway's own process, after all calls.
import { execFileSync, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const given = process.argv.slice(2);
const quick = given.includes("--quick");
const rounds = Number(
  given.find((option) => option.startsWith("--rounds="))?.slice("--rounds=".length) ?? (quick ? 1 : 5),
);
const AT_ONCE = 50;
/** Calls a round, one at a time and at once; as many warm it up. What is slower is asked less. */
const CALLS = quick
  ? { near: { one: 200, many: 3_000 }, far: { one: 100, many: 1_000 } }
  : { near: { one: 1_000, many: 10_000 }, far: { one: 300, many: 2_000 } };
const WARM_UPS = quick ? 1 : 2;
const START_MS = 30_000;

const ours = (path) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);
const everything = join(
  dirname(require.resolve("@modelcontextprotocol/server-everything/package.json")),
  "dist",
  "index.js",
);
const ofItsOwn = spawnSync("setsid", ["true"]).status === 0 ? ["setsid"] : [];
const server = [...ofItsOwn, process.execPath, everything, "stdio"];
const [serverCommand, ...serverArgs] = server;
const folder = mkdtempSync(join(tmpdir(), "banyan-bench-"));
/** What ends what was started, last first. */
const ends = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 })];

// --- what is measured ----------------------------------------------------------------------------------------------------

const home = join(folder, "home");
const banyan = [process.execPath, ours("../dist/cli.js"), "serve", "--home", home];
const banyanConfig = () => {
  const config = join(folder, "banyan.toml");
  // The tool host is no gateway's business; it would only stand by.
  const settings = [
    "[bundled]",
    "host = false",
    "[[servers]]",
    'name = "everything"',
    `command = ${JSON.stringify(process.execPath)}`,
  ];
  writeFileSync(config, [...settings, `args = ${JSON.stringify([everything, "stdio"])}`, ""].join("\n"));
  return ["--config", config];
};

/** Over stdio: the program that the client starts. */
const overStdio = {
  direct: { command: server, tool: "echo" },
  bare: { command: [process.execPath, ours("gateway/bare.mjs"), "stdio", ...server], tool: "echo" },
  banyan: { command: [...banyan, "--stdio", ...banyanConfig()], tool: "everything.echo" },
};

/** Over HTTP: `start` answers with the address, `clients` are the ways to speak to it. */
const streamable = { sdk: "http", raw: "raw" };
const overHttp = {
  direct: {
    ...{ tool: "echo", clients: streamable, ...CALLS.far },
    start: async () => {
      const port = await freePort();
      const [command, ...args] = [process.execPath, everything, "streamableHttp"];
      return { ...started(command, args, { PORT: `${port}` }), url: `http://127.0.0.1:${port}/mcp` };
    },
  },
  relay: {
    ...{ tool: "echo", clients: streamable, ...CALLS.near },
    start: () => tellingItsPort([ours("gateway/relay.mjs"), ...server]),
  },
  bare: {
    ...{ tool: "echo", clients: streamable, ...CALLS.near },
    start: () => tellingItsPort([ours("gateway/bare.mjs"), "http", ...server]),
  },
  banyan: {
    ...{ tool: "everything.echo", clients: streamable, ...CALLS.near },
    start: async () => {
      const port = await freePort();
      const [command, ...args] = [...banyan, "--http", `127.0.0.1:${port}`, ...banyanConfig()];
      return { ...started(command, args), url: `http://127.0.0.1:${port}/mcp` };
    },
  },
  "mcp-hub": {
    ...{ tool: "everything__echo", clients: { sdk: "sse" }, ...CALLS.far },
    start: async () => {
      const config = join(folder, "mcp-hub.json");
      writeFileSync(
        config,
        JSON.stringify({ mcpServers: { everything: { command: serverCommand, args: serverArgs } } }),
      );
      return await fromNpm("mcp-hub", "4", (port) => ["--port", port, "--config", config]);
    },
  },
  "mcp-proxy": {
    ...{ tool: "echo", clients: streamable, ...CALLS.far },
    start: () =>
      fromNpm("mcp-proxy", "6", (port) => [
        ...["--host", "127.0.0.1", "--port", port, "--server", "stream", "--no-eventStore", "--"],
        ...server,
      ]),
  },
  supergateway: {
    ...{ tool: "echo", clients: streamable, ...CALLS.far },
    start: () =>
      fromNpm("supergateway", "4", (port) => [
        ...["--stdio", server.join(" "), "--port", port, "--logLevel", "none"],
        ...["--outputTransport", "streamableHttp", "--stateful"],
      ]),
  },
};
const PEERS = ["mcp-hub", "mcp-proxy", "supergateway"];

// --- starting it ---------------------------------------------------------------------------------------------------------

function started(command, args, env = {}) {
  // Some end with their stdin. A session of its own, so that all are paced alike and end together.
  const options = {
    stdio: ["pipe", "pipe", "ignore"],
    detached: process.platform !== "win32",
    env: { ...process.env, ...env },
  };
  const program = spawn(command, args, options);
  let gone = false;
  program.once("exit", () => (gone = true));
  program.once("error", () => (gone = true));
  ends.push(async () => {
    if (gone) return;
    const left = once(program, "exit");
    program.kill("SIGTERM"); // so that it ends its server
    await Promise.race([left, sleep(3_000, undefined, { ref: false })]);
    if (!gone) process.kill(options.detached ? -program.pid : program.pid, "SIGKILL");
  });
  return { pid: program.pid, stdout: program.stdout, isGone: () => gone };
}

async function tellingItsPort(args) {
  const { stdout, ...program } = started(process.execPath, args);
  const [port] = await once(stdout.setEncoding("utf8"), "data");
  return { ...program, url: `http://127.0.0.1:${port.trim()}/mcp` };
}

async function fromNpm(name, major, argsFor) {
  const at = join(folder, name);
  const npm = ["install", "--prefix", at, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { status, stderr } = spawnSync("npm", [...npm, `${name}@${major}`], { encoding: "utf8", timeout: 180_000 });
  if (status !== 0)
    throw new Error(`npm could not install it: ${stderr?.trim().split("\n").at(-1) ?? "no reason given"}`);
  const port = await freePort();
  const { stdout, ...program } = started(join(at, "node_modules", ".bin", name), argsFor(`${port}`));
  stdout.resume();
  const { version } = JSON.parse(readFileSync(join(at, "node_modules", name, "package.json"), "utf8"));
  return { ...program, version, url: `http://127.0.0.1:${port}/mcp` };
}

function freePort() {
  return new Promise((resolve) => {
    const listener = createServer().listen(0, "127.0.0.1", () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

/** A client connected this way, whose first call was answered rightly. */
async function client(way, isGone = () => false) {
  for (const deadline = Date.now() + START_MS; ; await sleep(300)) {
    const program = fork(ours("gateway/client.mjs"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const tell = async (message) => {
      program.send(message);
      const [answer] = await once(program, "message");
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    };
    try {
      const { pid } = await tell({ way: { ...way, atOnce: AT_ONCE } });
      ends.push(() => program.disconnect());
      return { pid, measure: (one, many) => tell({ one, many, atOnce: AT_ONCE }) };
    } catch (error) {
      program.disconnect();
      if (isGone()) throw new Error("it ended at once");
      if (Date.now() > deadline) throw error;
    }
  }
}

// --- measuring -----------------------------------------------------------------------------------------------------------

/** The ways by name, `front client gateway`; each with its client, how much it is asked, and its process. */
async function open() {
  const ways = {};
  const left = {};
  const versions = {};
  for (const [name, way] of Object.entries(overStdio)) {
    const { pid, measure } = await client({ ...way, over: "stdio" });
    ways[`stdio sdk ${name}`] = { name, measure, pid, ...CALLS.near };
  }
  for (const [name, { start, tool, clients, one, many }] of Object.entries(overHttp)) {
    if (PEERS.includes(name) && given.includes("--no-gateways")) continue;
    try {
      const { url, pid, isGone, version } = await start();
      if (version !== undefined) versions[name] = version;
      for (const [kind, over] of Object.entries(clients)) {
        const { measure } = await client({ url, tool, over }, isGone);
        ways[`http ${kind} ${name}`] = { name, measure, pid, one, many };
      }
    } catch (error) {
      if (!PEERS.includes(name)) throw error;
      left[name] = error.message;
    }
  }
  return { ways, left, versions };
}

async function measure(ways) {
  const runs = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let i = 0; i < WARM_UPS; i++) for (const { measure, one, many } of Object.values(ways)) await measure(one, many);
  for (let i = 0; i < rounds; i++) {
    const order = Object.entries(ways);
    for (const [name, { measure, one, many }] of i % 2 === 0 ? order : order.reverse())
      runs[name].push(await measure(one, many));
  }
  return runs;
}

function rssMb(pid) {
  try {
    return Math.round(Number(execFileSync("ps", ["-o", "rss=", "-p", `${pid}`], { encoding: "utf8" })) / 1024);
  } catch {
    return undefined; // no ps here
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const round = (value, digits) => Number(value.toFixed(digits));

function table(ways, runs) {
  const rows = {};
  for (const [name, { pid }] of Object.entries(ways)) {
    const of = (how, field) => median(runs[name].map((run) => run[how][field]));
    const shown = (how) => ["p50", "p95", "p99"].map((field) => round(of(how, field), 2)).join("/");
    const memory = pid === undefined ? undefined : rssMb(pid);
    rows[name] = {
      "one at a time, ms p50/p95/p99": shown("one"),
      "one, calls/s": Math.round(of("one", "perSecond")),
      [`${AT_ONCE} in flight, ms`]: shown("many"),
      [`${AT_ONCE}, calls/s`]: Math.round(of("many", "perSecond")),
      "RSS, MB": memory,
    };
  }
  return rows;
}

/** What is to be reached, each with its figure. */
function bars(ways, runs) {
  const perRound = (figure) =>
    median(Array.from({ length: rounds }, (_, i) => figure((name, how, field) => runs[name][i][how][field])));
  const added = (who) => perRound((at) => at(`stdio sdk ${who}`, "one", "p50") - at("stdio sdk direct", "one", "p50"));
  const rawRate = (at, who) => at(`http raw ${who}`, "many", "perSecond");
  const toFloor = perRound((at) => rawRate(at, "banyan") / rawRate(at, "relay"));
  const [own, bare] = [added("banyan"), added("bare")];
  const found = [
    {
      bar: "stdio: added p50 within 1.3 times the bare SDK gateway's",
      figure: `${round(own, 3)} ms against ${round(bare, 3)} ms: ${round(own / bare, 2)} times`,
      ok: own <= 1.3 * bare,
    },
    {
      bar: `HTTP, raw client, ${AT_ONCE} in flight: at least half of the relay with no SDK`,
      figure: `${round(toFloor, 2)} of it`,
      ok: toFloor >= 0.5,
    },
  ];
  const peers = PEERS.filter((name) => `http raw ${name}` in ways);
  if (peers.length > 0) {
    const toBest = perRound((at) => rawRate(at, "banyan") / Math.max(...peers.map((name) => rawRate(at, name))));
    found.push({
      bar: `HTTP, raw client, ${AT_ONCE} in flight: at least twice the best gateway from npm (${peers.join(", ")})`,
      figure: `${round(toBest, 2)} times`,
      ok: toBest >= 2,
    });
  }
  const memory = rssMb(ways["http raw banyan"].pid);
  if (memory !== undefined)
    found.push({ bar: "memory after load below 150 MB", figure: `${memory} MB`, ok: memory < 150 });
  return found;
}

let failed = false;
try {
  const { ways, left, versions } = await open();
  const runs = await measure(ways);
  const rows = table(ways, runs);
  const reached = bars(ways, runs);
  failed = reached.some(({ ok }) => !ok);
  if (given.includes("--json")) {
    console.log(
      JSON.stringify(
        { rounds, atOnce: AT_ONCE, node: process.version, versions, left, ways: rows, bars: reached },
        null,
        2,
      ),
    );
  } else {
    console.log(`echo of server-everything; medians of ${rounds} rounds; Node ${process.version}`);
    console.table(rows);
    for (const [name, version] of Object.entries(versions)) console.log(`${name} ${version}`);
    for (const [name, why] of Object.entries(left)) console.log(`${name} is left out: ${why}`);
    for (const { bar, figure, ok } of reached) console.log(`${ok ? "ok " : "not"}  ${bar}: ${figure}`);
  }
} finally {
  for (const end of ends.reverse()) await (async () => end())().catch(() => {});
}
process.exit(failed ? 1 : 0);
