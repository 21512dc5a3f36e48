// The daemon under load while its app is killed again and again (`kill -9`): is it ready again in time, is anything lost that was
// acknowledged (decisions, patterns, and what patterns learned from decisions), and do clients go on?
//   npm run chaos:daemon [-- --kills 5]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import Sqlite from "better-sqlite3";

const { values } = parseArgs({ options: { kills: { type: "string", default: "5" } } });
const kills = Number(values.kills);
const READY_WITHIN_MS = 2_000;
const WRITERS = 4;

const cli = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "cli.js");
const home = mkdtempSync(join(tmpdir(), "banyan-chaos-daemon-"));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
writeFileSync(join(home, "config.toml"), `[bundled]\nhost = false\ndemo = true\n[server]\nport = ${port}\n`);

const decisions = new Set();
/** By id: the goal, and of how many successes it was acknowledged that the pattern has learned from them. */
const patterns = new Map();
const readyAfter = [];
let running = true;
let sessions = 0;
let calls = 0;

daemon("start");
try {
  const load = [...Array.from({ length: WRITERS }, (_, writer) => write(writer)), callTools()];
  for (let kill = 0; kill < kills; kill++) {
    await sleep(500 + Math.random() * 1_000);
    const pid = pidNow();
    const began = performance.now();
    process.kill(pid, "SIGKILL");
    while (pidNow() === pid || !(await isReady())) await sleep(10);
    readyAfter.push(Math.round(performance.now() - began));
  }
  running = false;
  await Promise.all(load);
} finally {
  running = false;
  daemon("stop");
}

const database = new Sqlite(join(home, "data", "banyan.db"), { readonly: true });
const rows = (sql) => database.prepare(sql).all();
const decided = new Set(rows("SELECT task_id FROM decision_history").map(({ task_id }) => task_id));
const stored = new Map(rows("SELECT id, goal, success_count FROM orchestration_patterns").map((row) => [row.id, row]));
const lost = {
  decisions: [...decisions].filter((task) => !decided.has(task)).length,
  patterns: [...patterns].filter(([id, { goal }]) => stored.get(id)?.goal !== goal).length,
  outcomes: [...patterns].filter(([id, { successes }]) => (stored.get(id)?.success_count ?? 0) < successes).length,
};
rmSync(home, { recursive: true, force: true });
// The first is started at once; before each one after it the keeper pauses, for none has lasted a minute.
const [first = Number.POSITIVE_INFINITY] = readyAfter;
const nothingLost = Object.values(lost).every((count) => count === 0);
const ok = nothingLost && decisions.size > 0 && patterns.size > 0 && first < READY_WITHIN_MS && sessions > kills;
console.log(
  JSON.stringify({
    ok,
    kills,
    readyAfterMs: readyAfter,
    acknowledged: { decisions: decisions.size, patterns: patterns.size },
    lost,
    sessions,
    calls,
  }),
);
process.exit(ok ? 0 : 1);

/** Stores a pattern, and decisions that followed it, one after another. */
async function write(writer) {
  let followed;
  for (let count = 0; running; count++) {
    const task = `${count} of ${writer}`;
    if (followed === undefined || count % 10 === 0) {
      const pattern = { goal: `goal ${task}`, agent_sequence: ["one", "two"], dependencies: { two: ["one"] } };
      const answer = await ask("storePattern", pattern);
      if (answer === undefined) continue;
      followed = answer.id;
      patterns.set(followed, { goal: pattern.goal, successes: 0 });
    }
    const decision = { task_id: `task ${task}`, task_description: `task ${task}`, agents_used: ["one", "two"] };
    const answer = await ask("cacheDecision", { ...decision, result: "success", pattern_id: followed });
    if (answer === undefined) continue;
    decisions.add(decision.task_id);
    patterns.get(followed).successes++;
  }
}

/** Undefined: it was not acknowledged, for the app was killed. */
async function ask(method, params) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  let answer;
  try {
    const response = await fetch(`${url}/`, { method: "POST", headers: { "content-type": "application/json" }, body });
    answer = await response.json();
  } catch {
    await sleep(20);
    return undefined;
  }
  if (answer.error?.code === -32_602) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.result;
}

/** A client that begins a new session whenever its own is gone. */
async function callTools() {
  while (running) {
    const client = new Client({ name: "chaos", version: "1" });
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
      sessions++;
      while (running) {
        await client.listTools();
        calls++;
      }
    } catch {
      await sleep(20);
    }
    await client.close().catch(() => {});
  }
}

function pidNow() {
  return Number(readFileSync(join(home, "state", "daemon.pid"), "utf8"));
}

async function isReady() {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}

function daemon(command) {
  const { status, stderr } = spawnSync(process.execPath, [cli, "daemon", command, "--home", home], {
    cwd: home,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`banyan daemon ${command}: ${stderr}`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
