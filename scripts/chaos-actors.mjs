// Chaos for the app's own processes: its tree, as `banyan` starts it but without a screen, on a home of its own and with the offline
// model. One process after another is killed again and again at random moments while others write, read and listen. After each one's
// round every write that was acknowledged is there, each subscriber hears of a change, the audit's chain holds, and no
// name, listener, timer, socket or file was left behind by the dead.
//   npm run chaos:actors [-- --kills 1000 --seed 1 --only Config --json]     (from dist/: npm run build first)
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { loadConfig } from "../dist/actors/config/load.js";
import { replaceFile } from "../dist/actors/config/replace-file.js";
import { resolvePaths } from "../dist/actors/paths.js";
import { StartupClock } from "../dist/actors/startup/startup-clock.js";
import { StartupProfiler } from "../dist/actors/startup/startup-profiler.js";
import { happenings } from "../dist/actors/telemetry/happenings.js";
import { names, startBanyan } from "../dist/application.js";
import { createOffline } from "../dist/llm/offline.js";
import { configuredServers } from "../dist/mcp/client/configured-servers.js";
import { child, currentRuntime, exit, inspect, named, startChild, whereis } from "../dist/supervision/index.js";
import { Load } from "./chaos-actors-load.mjs";
import { Ear, Heard, probe, settingsText, startOrigin } from "./chaos-actors-watchers.mjs";
import { randomFrom } from "./chaos-random.mjs";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seed);
/** Most milliseconds between an answer and the next kill; some come while the process still starts. */
const MOMENT_MS = 8;
const START_SHARE = 0.15;
const ANSWER_MS = 10_000;
/** What counts may differ by without a leak: sockets and timers come and go. A leak is one for each kill. */
const SLACK = 6;
const HEAP_MB = 32;
const SETTLE_MS = 10_000;

const pool = named("Pool:local");
const asked = (ref, ask = (live) => live.call.getStatus()) => ({
  ref,
  ask: () => ask(ref.with({ timeout: ANSWER_MS })),
});
const victims = [
  asked(names.config, ({ call }) => call.get()),
  asked(names.store),
  asked(names.audit),
  asked(names.telemetry),
  asked(names.health, ({ call }) => call.health()),
  asked(names.alerts),
  asked(names.session),
  asked(names.aliases),
  asked(names.lineEditor),
  asked(names.breaker),
  asked(names.keeper),
  { ref: names.pools, ask: () => pool.with({ timeout: ANSWER_MS }).call.getStatus() },
  asked(pool),
  asked(names.notifications),
  { ref: names.profiler, ask: startProfiler, temporary: true },
  asked(names.control),
  asked(names.chat),
].filter(({ ref }) => values.only === undefined || ref.name === values.only);
if (victims.length === 0 || !(kills > 0)) {
  console.error("Say --only with the name of one of the processes, and --kills with a number above 0.");
  process.exit(2);
}

const home = mkdtempSync(join(tmpdir(), "banyan-chaos-"));
const paths = resolvePaths({ home, env: {}, platform: process.platform, cwd: home });
const file = join(home, "config.toml");
const heard = new Heard();
const origin = await startOrigin(heard);
const base = `[health]
poll_interval = "100ms"
alert_webhook = "${origin.url}/alert"
alert_interval = "10ms"
restarts_warn = 1_000
[breaker]
failures = 5
reset_after = "1h"
[pools.local]
url = "${origin.url}"
min = 1
max = 2
[ui]
history_size = 100_000
`;
const load = new Load({ file, base, control: paths.socket, database: paths.database });
replaceFile(file, settingsText(base, load.number));
const request = { files: [{ layer: "user", file }] };
const loaded = await loadConfig(request);
if ("error" in loaded) throw new Error(JSON.stringify(loaded.error));
const profiler = child(
  StartupProfiler,
  { name: names.profiler, clock: new StartupClock(), servers: names.servers, last: ["never"], print: () => {} },
  { name: names.profiler, restart: "temporary", shutdown: 1_000 },
);
const app = await startBanyan(
  {
    paths,
    request,
    loaded: loaded.ok,
    serversOf: (settings) => configuredServers(settings, {}),
    provider: createOffline(),
    models: { fallback: [], list: async () => [], choose: async () => createOffline() },
    project: home,
    resume: undefined,
    allow: [],
    interactive: false,
    longLived: true,
    profiler: [profiler],
    screen: [],
    version: "chaos",
  },
  { maxRestarts: 1_000_000, maxSeconds: 5 },
);
const ear = await Ear.start(heard);

/** It is temporary: it does not come back by itself. */
async function startProfiler() {
  if (whereis(names.profiler)?.alive === true) return;
  const started = await startChild(app.supervisor, profiler);
  if ("error" in started) throw new Error(`the profiler did not start: ${started.error}`);
}

async function killOnce({ ref, ask }) {
  let dead = whereis(ref);
  for (; dead?.alive !== true; dead = whereis(ref)) await turn(); // one that was killed while it started is started once more
  const started = performance.now();
  exit(dead, "kill");
  await dead.down;
  if (random() < START_SHARE) {
    const next = whereis(ref); // it may be starting
    if (next !== undefined && next.id !== dead.id) return undefined;
  }
  for (;;) {
    try {
      await ask();
      return performance.now() - started;
    } catch (error) {
      if (performance.now() - started > ANSWER_MS) throw error;
    }
  }
}

const restartsOf = (name, node = app.tree()) =>
  node.name === name ? node.restarts : (node.children ?? []).reduce((sum, below) => sum + restartsOf(name, below), 0);

/** What the dead may leave behind. */
function counts() {
  const { names: taken, reports } = currentRuntime();
  const listeners = (emitter) => emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
  return {
    names: [...taken.keys()].length,
    listeners: listeners(reports) + listeners(happenings) + listeners(process),
    "timers and handles": process.getActiveResourcesInfo().length,
    files: process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0,
    zombies: victims.reduce((sum, { ref }) => sum + (inspect(ref)?.zombies ?? 0), 0),
  };
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
function heapMb() {
  collect();
  return process.memoryUsage().heapUsed / 1024 ** 2;
}

/** What is more now than it was, once the dust has settled. */
async function leaks(before, heapBefore) {
  const until = performance.now() + SETTLE_MS;
  let now = counts();
  const more = () => Object.keys(now).filter((what) => now[what] > before[what] + SLACK);
  while (more().length > 0 && performance.now() < until) {
    await pause(20);
    now = counts();
  }
  const grown = more();
  const heap = heapMb();
  if (heap > heapBefore + HEAP_MB) grown.push("heap");
  return grown.map((what) =>
    what === "heap" ? `heap ${heapBefore} → ${heap} MB` : `${what} ${before[what]} → ${now[what]}`,
  );
}

let index = 0;
async function hears(watched) {
  await load.stop();
  return probe(heard, { index: ++index, number: ++load.number, file, base, watched });
}

async function round(victim) {
  const { ref, temporary } = victim;
  const [before, heapBefore] = [counts(), heapMb()];
  const { acknowledged, torn, stale } = load;
  const restarts = restartsOf(ref.name);
  const times = [];
  let killed = 0;
  load.start();
  for (let kill = 0; kill < kills; kill++) {
    if (random() < 0.7) await pause(random() * MOMENT_MS);
    else await turn();
    if (temporary) await startProfiler();
    const took = await killOnce(victim);
    killed++;
    if (took !== undefined) times.push(took);
  }
  await victim.ask();
  const subscriptionsLost = await hears(ref === names.config);
  const lost = await load.lost();
  times.sort((a, b) => a - b);
  const at = (share) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10;
  return {
    process: ref.name,
    kills: killed,
    restarts: temporary ? 0 : restartsOf(ref.name) - restarts,
    acknowledged: load.acknowledged - acknowledged,
    lost,
    subscriptionsLost,
    torn: load.torn - torn,
    stale: load.stale - stale,
    leaks: await leaks(before, heapBefore),
    p50: at(0.5),
    p99: at(0.99),
  };
}

const say = (...columns) =>
  values.json ||
  console.log(columns.map((text, i) => (i === 0 ? `${text}`.padEnd(20) : `${text}`.padStart(13))).join(""));
const results = [];
say(`seed ${seed}`);
say(
  "process",
  "kills",
  "restarts",
  "acknowledged",
  "lost",
  "subs lost",
  "torn reads",
  "stale reads",
  "leaks",
  "p50 ms",
  "p99 ms",
);
try {
  await hears(false); // all is loaded once before anything is counted
  await load.lost();
  for (const victim of victims) {
    const done = await round(victim);
    results.push(done);
    const { lost, subscriptionsLost, torn, stale, leaks, p50, p99 } = done;
    const counted = [lost.length, subscriptionsLost.length, torn, stale, leaks.length];
    say(done.process, done.kills, done.restarts, done.acknowledged, ...counted, p50.toFixed(1), p99.toFixed(1));
  }
} catch (error) {
  load.problems.push(`${victims[results.length].ref.name}: ${error?.stack ?? error}`);
  await load.stop();
}

const failures = [
  ...results.flatMap(({ process: name, kills, restarts, lost, subscriptionsLost, torn, stale, leaks }) => [
    ...lost.slice(0, 5).map((what) => `${name}: acknowledged and lost: ${what}`),
    ...subscriptionsLost.map((topic) => `${name}: nothing was heard of ${topic}`),
    ...leaks.map((what) => `${name}: left behind: ${what}`),
    ...(torn > 0 ? [`${name}: half a change of the settings was read ${torn} times`] : []),
    ...(stale > 0 ? [`${name}: settings older than those in force were read ${stale} times`] : []),
    ...(name !== names.profiler.name && restarts !== kills ? [`${name}: ${kills} kills, ${restarts} restarts`] : []),
  ]),
  ...new Set(load.problems.slice(0, 5)),
];
if (values.json) console.log(JSON.stringify({ seed, results, failures }, null, 2));
for (const failure of failures) console.error(failure);
exit(ear, "shutdown");
await app.stop();
origin.server.close();
rmSync(home, { recursive: true });
process.exitCode = failures.length === 0 ? 0 : 1;
