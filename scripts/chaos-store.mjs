// Chaos for the Store: a process that writes conversations, settings, approvals, aliases and rows of the log, and backs the
// database up at the same time, is killed with -9 at a random moment, again and again, on one database. After each kill SQLite
// finds the database and every backup whole, and all that was acknowledged is there; at the end the Store itself says so too.
//   npm run chaos:store [-- --kills 200 --seed 1]     (from dist/: npm run build first)
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { hold } from "../dist/actors/store/held.js";
import { Store } from "../dist/actors/store/store.js";
import { stopProcess } from "../dist/supervision/index.js";
import { randomFrom } from "./chaos-random.mjs";

const { values } = parseArgs({
  options: { kills: { type: "string", default: "200" }, seed: { type: "string" } },
});
const kills = Number(values.kills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seed);
const writer = join(dirname(fileURLToPath(import.meta.url)), "chaos-store-writer.mjs");
const folder = mkdtempSync(join(tmpdir(), "banyan-chaos-"));
const file = join(folder, "banyan.db");
const PROJECT = "/chaos";
/** Some are killed while they start; the others after so many acknowledged writes and a moment. */
const START_SHARE = 0.15;
const START_MS = 400;
const MOST_WRITES = 100;
const MOMENT_MS = 4;

/** By kind and key, the newest version that was acknowledged. */
const ledger = new Map();
const counts = {};
const problems = [];

console.log(`seed ${seed}, ${kills} kills, ${folder}`);

/** Starts the writer and kills it; resolves when it is gone and all it said was read. */
async function killOnce(round) {
  const resume = round > 0 && random() < 0.5 ? "resume" : "new";
  const child = spawn(process.execPath, [writer, file, PROJECT, String(Math.floor(random() * 2 ** 31)), resume], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const starting = random() < START_SHARE;
  const after = starting ? random() * START_MS : 1 + Math.floor(random() * MOST_WRITES);
  const moment = random() * MOMENT_MS;
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaint += text;
  });
  let said = 0;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    note(line);
    if (++said === after) setTimeout(() => child.kill("SIGKILL"), moment);
  });
  if (starting) setTimeout(() => child.kill("SIGKILL"), after);
  const read = new Promise((resolve) => lines.once("close", resolve));
  const signal = await new Promise((resolve) => child.once("close", (_, name) => resolve(name)));
  await read;
  if (signal !== "SIGKILL") throw new Error(`the writer ended by itself: ${complaint}`);
}

/** A line that the kill cut short acknowledged nothing. */
function note(line) {
  let kind, key, version;
  try {
    [kind, key, version] = JSON.parse(line);
  } catch {
    return;
  }
  counts[kind] = (counts[kind] ?? 0) + (kind === "rows" ? version : 1);
  if (kind !== "rows") ledger.set(`${kind} ${key}`, version);
}

/** What the database has, by the ledger's keys. */
function kept(db) {
  const found = new Map();
  const read = (sql, entry) => {
    for (const row of hold(db.prepare(sql)).all()) found.set(...entry(row));
  };
  read("SELECT id, body FROM messages", ({ id, body }) => [
    `message ${id}`,
    Number.parseInt(JSON.parse(body).text, 10),
  ]);
  read("SELECT process, state FROM process_state WHERE run = 'chaos'", ({ process: key, state }) => [
    `setting ${key}`,
    JSON.parse(state).version,
  ]);
  read("SELECT tool FROM approvals", ({ tool }) => [`approval ${tool}`, 1]);
  read("SELECT name, expansion FROM aliases", ({ name, expansion }) => [`alias ${name}`, Number(expansion)]);
  read("SELECT run, MAX(CAST(body AS INTEGER)) AS newest FROM notifications GROUP BY run", ({ run, newest }) => [
    `row ${run}`,
    newest,
  ]);
  return found;
}

function check(round) {
  const db = hold(new Database(file));
  const complain = (problem) => problems.push(`after kill ${round + 1}: ${problem}`);
  const integrity = hold(db.prepare("PRAGMA integrity_check").pluck()).get();
  if (integrity !== "ok") complain(`the database is damaged: ${integrity}`);
  if (hold(db.prepare("PRAGMA foreign_key_check")).all().length > 0) complain("rows point nowhere");
  const version = hold(db.prepare("PRAGMA user_version").pluck()).get();
  if (version > 0) {
    const found = kept(db);
    for (const [key, acknowledged] of ledger) {
      if (!(found.get(key) >= acknowledged))
        complain(`${key} is ${found.get(key)}, but ${acknowledged} was acknowledged`);
    }
  } else if (ledger.size > 0) complain("the database is empty");
  db.close();
  for (const backup of backups()) {
    const copy = hold(new Database(backup, { readonly: true }));
    if (hold(copy.prepare("PRAGMA integrity_check").pluck()).get() !== "ok") complain(`${backup} is damaged`);
    copy.close();
  }
}

function backups() {
  const at = join(folder, "backups");
  try {
    return readdirSync(at)
      .filter((name) => name.endsWith(".db"))
      .map((name) => join(at, name));
  } catch {
    return [];
  }
}

const started = performance.now();
for (let round = 0; round < kills && problems.length === 0; round++) {
  await killOnce(round);
  check(round);
  if ((round + 1) % 20 === 0) console.log(`${round + 1} kills, ${ledger.size} acknowledged facts, all kept`);
}

const store = await Store.start({ file });
const { durable, notices, size } = await store.call.status();
if (!durable || notices.length > 0) problems.push(`the Store does not trust the database: ${notices.join(" ")}`);
await stopProcess(store);
if (kills >= 100 && backups().length === 0) problems.push("no backup was ever finished"); // one takes a while to survive

const seconds = Math.round((performance.now() - started) / 1000);
console.log(`${kills} kills in ${seconds} s; acknowledged: ${JSON.stringify(counts)}; ${Math.round(size / 1024)} KB`);
if (problems.length > 0) {
  for (const problem of problems.slice(0, 20)) console.error(problem);
  console.error(`FAILED with seed ${seed}; the database is left at ${file}`);
  process.exitCode = 1;
} else {
  rmSync(folder, { recursive: true });
  console.log("all that was acknowledged is kept, and the database and its backups are whole");
}
