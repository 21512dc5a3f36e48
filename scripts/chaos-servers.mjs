// Chaos for MCP servers: the app's own tree with twenty servers as real processes, eleven of which behave while nine hang, flood,
// print garbage, leak, die in the middle of an answer, close stdout, answer with wrong ids, late or never. All are called all
// the time. First nobody is killed and those that misbehave are left alone: that is the quiet run. Then one of the twenty,
// chosen at random, is ended by kill -9 every 200 ms.
//   npm run chaos:servers [-- --seconds 60 --servers 20 --seed 1 --json]     (from dist/: npm run build first)
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { loadConfig } from "../dist/actors/config/load.js";
import { resolvePaths } from "../dist/actors/paths.js";
import { names, startBanyan } from "../dist/application.js";
import { createOffline } from "../dist/llm/offline.js";
import { configuredServers } from "../dist/mcp/client/configured-servers.js";
import { GenServer, stopProcess } from "../dist/supervision/index.js";
import { randomFrom } from "./chaos-random.mjs";
import { fleet, settingsText } from "./chaos-servers-fleet.mjs";
import { Load, Watched } from "./chaos-servers-load.mjs";
import { at, counts, heapMb, programs, rounded, scheduled, sharesSince, summary } from "./chaos-servers-measures.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    servers: { type: "string", default: "20" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const count = Number(values.servers);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(seconds > 0) || !(count >= 2 && count <= 20)) {
  console.error("Give --seconds above 0 and --servers from 2 to 20.");
  process.exit(2);
}
const random = randomFrom(seed);
const KILL_EVERY_MS = 200;
/** The quiet run takes this part of the time of the kills. */
const QUIET_SHARE = 1 / 3;
/** Servers that misbehave are provoked no more this long before the last kill, so that what follows is the kill's doing. */
const PROVOKED_UNTIL_MS = Math.min(8_000, seconds * 300);
const BACK_MS = 3_000;
const GIVE_UP_MS = 120_000;
const HEAP_MB = 16;
/** What counts may differ by without a leak: timers come and go. A leak is one for each kill or call. */
const SLACK = 30;

const home = mkdtempSync(join(tmpdir(), "banyan-chaos-servers-"));
process.env.HOME = home; // servers inherit it, so that each can be told from every other program by it
const servers = fleet(count, home);
const file = join(home, "config.toml");
writeFileSync(file, settingsText(servers));
const request = { files: [{ layer: "user", file }] };
const loaded = await loadConfig(request);
if ("error" in loaded) throw new Error(JSON.stringify(loaded.error));
const app = await startBanyan({
  paths: resolvePaths({ home, env: {}, platform: process.platform, cwd: home }),
  request,
  loaded: loaded.ok,
  serversOf: (settings) => configuredServers(settings, {}),
  provider: createOffline(),
  project: home,
  resume: undefined,
  allow: [],
  interactive: false,
  longLived: true,
  screen: [],
  version: "chaos",
});

const watched = servers.map((server) => new Watched(server));
const answering = watched.filter(({ server }) => !server.mute);

/** Hears from the manager which servers are back. */
class Ear extends GenServer {
  async serverEvent({ type, server }) {
    if (type !== "up" && type !== "back") return;
    const status = (await statuses()).find(({ name }) => name === server);
    const found = watched.find((each) => each.server.name === server);
    // It may have been killed again since.
    if (status?.pid !== undefined && status.pid !== found?.killedPid) found.down = false;
  }
}
const ear = await Ear.start();
await names.servers.call.subscribe(ear);
const load = new Load(names.servers, random);

const statuses = () => names.servers.call.status();

async function until(what, probe) {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!(await probe())) {
    if (performance.now() > deadline) {
      // Thrown it would be the application's, which takes what nobody catches.
      console.error(`not within ${GIVE_UP_MS / 1_000} s: ${what}`);
      process.exit(1);
    }
    await pause(20);
  }
}

const allAreUp = async () => {
  const up = (await statuses()).filter(({ state }) => state === "ready");
  return up.length === answering.length;
};

async function killOneEvery200ms(until) {
  let kills = 0;
  for (let next = performance.now(); next < until; next += KILL_EVERY_MS) {
    const running = (await statuses()).filter(({ pid }) => pid !== undefined);
    const victim = running[Math.floor(random() * running.length)];
    if (victim !== undefined) {
      try {
        process.kill(victim.pid, "SIGKILL");
        kills++;
        watched.find(({ server }) => server.name === victim.name).killed(victim.pid);
      } catch {
        // it has ended by itself
      }
    }
    await pause(Math.max(0, next + KILL_EVERY_MS - performance.now()));
  }
  return kills;
}

/** Asks each server that was killed until it answers; the load asks those that behave by itself. */
const serveAgain = (each) =>
  until(`${each.server.name} serves again`, async () => {
    if (each.servedAt >= each.killedAt) return true;
    return load.call(each, each.server.calls[0](load.begun));
  });

/** Programs beside those the manager knows, looked at until there is none: one may be on its way out or in. */
async function strayPrograms() {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const known = (await statuses()).map(({ pid }) => `${pid}`);
    const strays = programs(home).filter((pid) => !known.includes(pid));
    if (strays.length === 0 || performance.now() > deadline) return strays;
    await pause(50);
  }
}

/** Kinds of things of which there are more now than before, once the dust has settled. */
async function leaks(before) {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const now = await counts();
    const grown = Object.keys(now).filter((what) => now[what] > before[what] + SLACK);
    if (grown.length === 0 || performance.now() > deadline)
      return grown.map((what) => `${what} ${before[what]} → ${now[what]}`);
    await pause(50);
  }
}

// --- the run --------------------------------------------------------------------------------------------------------------

await until("every server is up", allAreUp);
const loadBefore = loadavg()[0];
for (const each of answering) await load.call(each, each.server.calls[0](load.begun)); // all is loaded once

load.ended = [];
let since = { at: performance.now(), ...scheduled() };
load.start(watched, { provoke: false });
await pause(seconds * QUIET_SHARE * 1_000);
await load.stop();
const quiet = { ...summary(load.ended), mainThread: sharesSince(since) };
const [before, heapBefore] = [await counts(), heapMb()];

load.ended = [];
since = { at: performance.now(), ...scheduled() };
load.start(watched, { provoke: true });
const end = performance.now() + seconds * 1_000;
const provoked = pause(seconds * 1_000 - PROVOKED_UNTIL_MS).then(() => {
  load.provoke = false;
});
const kills = await killOneEvery200ms(end);
const mainThread = sharesSince(since);
await provoked;
await Promise.all(answering.map(serveAgain));
await load.stop();
await until("every server is up again", allAreUp);
const leaked = await leaks(before);
const heapAfter = heapMb();
const strays = await strayPrograms();
await stopProcess(ear);
await app.stop();
const orphans = programs(home);
for (const pid of orphans) process.kill(Number(pid), "SIGKILL");
rmSync(home, { recursive: true, force: true });

// --- what came of it ------------------------------------------------------------------------------------------------------

const of = (kind) => load.ended.filter((call) => call.kind === kind);
const [well, struck, misbehaving] = ["well", "struck", "misbehaving"].map((kind) => summary(of(kind)));
const lastRecoveries = answering
  .filter(({ killedAt }) => killedAt > 0)
  .map((each) => each.recoveries.at(-1) ?? Infinity);
const recoveries = answering.flatMap((each) => each.recoveries).sort((a, b) => a - b);
const share = well.answered / Math.max(1, well.calls);
const bars = [
  ["calls that never ended", load.begun - answering.length - quiet.calls - load.ended.length, 0],
  ["calls with another's answer or an error of no type", load.wrong.length, 0],
  ["calls that ended past their deadline", load.late.length, 0, "timing"],
  ["% of the calls to healthy servers that failed", rounded(100 * (1 - share)), 1, "timing"],
  ["slowest to serve after its last kill, ms", Math.round(Math.max(0, ...lastRecoveries)), BACK_MS, "timing"],
  ["p99 of healthy servers, times the quiet run's", rounded(well.p99 / quiet.p99), 3, "timing"],
  ["programs beside those that are known", strays.length, 0],
  ["orphans after the end", orphans.length, 0],
  ["kinds of things left behind", leaked.length, 0],
  ["growth of the heap, MB", Math.max(0, rounded(heapAfter - heapBefore)), HEAP_MB],
].map(([what, value, most, timing]) => ({ what, value, most, met: value <= most, timing: timing !== undefined }));

const missed = bars.filter(({ met }) => !met);
const detail = [
  ...load.wrong.slice(0, 10),
  ...load.late.slice(0, 10),
  ...leaked,
  ...[...load.wellFailures].map(([code, n]) => `${n} healthy calls: ${code}`),
];
const recovery = { p50: Math.round(at(recoveries, 0.5)), p99: Math.round(at(recoveries, 0.99)), of: recoveries.length };
if (values.json) {
  const run = { seed, seconds, servers: count, load: loadBefore, kills };
  const all = { ...run, quiet, well, struck, misbehaving, mainThread, recovery, bars, detail };
  console.log(JSON.stringify(all, null, 2));
} else {
  const row = (...columns) =>
    console.log(columns.map((text, i) => `${text}`[i === 0 ? "padEnd" : "padStart"](i === 0 ? 46 : 10)).join(""));
  console.log(
    `seed ${seed}, ${count} servers, ${seconds} s, ${kills} kills; load of the machine before: ${loadBefore.toFixed(1)}`,
  );
  row("calls to servers that", "calls", "answered", "p50 ms", "p99 ms");
  for (const [what, { calls, answered, p50, p99 }] of [
    ["behave, quiet run", quiet],
    ["behave and were up", well],
    ["behave and were killed meanwhile, or away", struck],
    ["misbehave", misbehaving],
  ])
    row(what, calls, answered, p50.toFixed(2), p99.toFixed(2));
  const told = ({ ran, waited }) => `ran ${ran} %, waited for a core ${waited} % of the time`;
  console.log(`the app's main thread: in the quiet run ${told(quiet.mainThread)}; under kills ${told(mainThread)}`);
  console.log(`all endings: ${JSON.stringify(summary(load.ended).outcomes)}`);
  console.log(`from a kill to the next answer: p50 ${recovery.p50} ms, p99 ${recovery.p99} ms, of ${recovery.of}`);
  for (const { what, value, most, met } of bars)
    console.log(`${met ? "met   " : "MISSED"}  ${what}: ${value} (at most ${most})`);
  for (const line of detail) console.error(line);
}
process.exitCode = missed.length === 0 ? 0 : 1;
