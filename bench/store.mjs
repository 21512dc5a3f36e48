// What the Store costs: a durable write, rows that nobody waits for, and how long it keeps others waiting while a database of
// 100 MB is checked and backed up, and while its log is cut down. Latencies are those of the caller, in milliseconds.
//   node bench/store.mjs [--json]     (from dist/: npm run build first)
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { Store } from "../dist/actors/store/store.js";
import { stopProcess } from "../dist/supervision/index.js";

const MB = 1024 * 1024;
const WRITES = 3_000;
const ROWS = 100_000;
const BURST = 200;
const home = mkdtempSync(join(tmpdir(), "banyan-bench-"));
const upkeep = { warnSize: 10_000 * MB, maxSize: 10_000 * MB, backupsKept: 7, backupInterval: 86_400_000 };
const body = "x".repeat(900);
const row = {
  sql: "INSERT INTO notifications (at, project, run, source, category, body) VALUES (1, '/p', 'r', 's', 'log', ?)",
  params: [body],
};
/** Each one different: SQLite writes nothing where nothing changes. */
let written = 0;
const setting = () => ({
  sql: "INSERT OR REPLACE INTO process_state (run, process, state, updated_at) VALUES ('bench', ?, ?, 1)",
  params: [String(++written % 100), `${written} ${body}`],
});

function figures(latencies) {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: round(sorted.at(-1)) };
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function durableWrites(store) {
  const latencies = [];
  for (let i = 0; i < WRITES; i++) latencies.push(await timed(() => store.call.write(setting())));
  return figures(latencies);
}

/** Rows in bursts as fast as the event loop comes around, and durable writes among them. */
async function appends(store) {
  const [casts, writes] = [[], []];
  const total = await timed(async () => {
    for (let sent = 0; sent < ROWS; sent += BURST) {
      for (let i = 0; i < BURST; i++) {
        const start = performance.now();
        store.cast.append(row);
        casts.push(performance.now() - start);
      }
      if (sent % (BURST * 10) === 0) writes.push(await timed(() => store.call.write(setting())));
      else await nextTurn();
    }
    await store.call.all({ sql: "SELECT 1" });
  });
  const { dropped } = await store.call.status();
  return {
    cast: figures(casts),
    durableWriteMeanwhile: figures(writes),
    rowsPerSecond: Math.round((ROWS / total) * 1000),
    dropped,
  };
}

/** Durable writes and questions, one after another, until the work is done. */
async function meanwhile(store, work) {
  const [writes, questions] = [[], []];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let over = false;
  delay.enable();
  const whole = timed(work).finally(() => {
    over = true;
  });
  while (!over) {
    writes.push(await timed(() => store.call.write(setting())));
    questions.push(await timed(() => store.call.status()));
    await sleep(1);
  }
  delay.disable();
  return {
    seconds: round((await whole) / 1000),
    write: figures(writes),
    status: figures(questions),
    eventLoopDelayMax: round(delay.max / 1e6),
  };
}

/** Fills the log until the database holds so much. */
async function fillTo(store, bytes) {
  while ((await pages(store, "page_count")) * 4096 < bytes) {
    for (let i = 0; i < 500; i++) store.cast.append(row);
    await store.call.all({ sql: "SELECT 1" });
  }
}

async function pruned(store) {
  while ((await pages(store, "page_count")) * 4096 > 46 * MB || (await pages(store, "freelist_count")) > 0)
    await sleep(5);
}

async function pages(store, pragma) {
  const [found] = await store.call.all({ sql: `PRAGMA ${pragma}` });
  return found[pragma];
}

const results = {};
const file = join(home, "banyan.db");
const store = (await Store.start({ file, upkeep })).with({ timeout: 60_000 });
results["durable write"] = await durableWrites(store);
results["rows that nobody waits for"] = await appends(store);
await fillTo(store, 100 * MB);
results["check and backup of 100 MB"] = await meanwhile(store, () => store.call.check());
await stopProcess(store);

const cut = (await Store.start({ file, upkeep: { ...upkeep, maxSize: 50 * MB, backupsKept: 0 } })).with({
  timeout: 60_000,
});
results["cutting 100 MB down to 45 MB"] = await meanwhile(cut, () => pruned(cut));
await stopProcess(cut);
rmSync(home, { recursive: true });

if (process.argv.includes("--json")) console.log(JSON.stringify(results, null, 2));
else for (const [name, result] of Object.entries(results)) console.log(name, result);
