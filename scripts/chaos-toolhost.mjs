// Chaos for the tools that users make: a process that creates, changes, deletes, restores and rolls back tools is killed with -9 in the
// middle of it, again and again, on one data folder. With --app it is the whole app, `banyan serve --toolhost`, else a program that does
// nothing else and so meets more moments. At the next start the tools folder is one whole version, byte for byte: the one
// from before the change or the one it was to lead to; and every snapshot can be read.
//   npm run chaos:toolhost [-- --kills 50 --seed 1 --app]     (from dist/: npm run build first)
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ToolLibrary } from "../dist/mcp/host/library/tool-library.js";
import { randomFrom } from "./chaos-random.mjs";
import { killApp } from "./chaos-toolhost-app.mjs";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string" },
    app: { type: "boolean", default: false },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const random = randomFrom(seed);
const writer = join(dirname(fileURLToPath(import.meta.url)), "chaos-toolhost-writer.mjs");
const folder = mkdtempSync(join(tmpdir(), "banyan-chaos-toolhost-"));
/** Changes that are let through before the one that is cut short, and how long that one has, at most. */
const MOST_CHANGES = 6;
const MOMENT_MS = 25;

const problems = [];
/** By kind of change: how often it was cut short, and how it stood afterwards. */
const counts = {};
/** What the folder holds, as JSON of its files. */
let known = "{}";

console.log(`seed ${seed}, ${kills} kills, ${folder}`);

/** Answers with the change that was under way, if there was one. */
async function killOnce() {
  const child = spawn(process.execPath, [writer, folder, String(Math.floor(random() * 2 ** 31))], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const after = Math.floor(random() * MOST_CHANGES);
  const moment = random() * MOMENT_MS;
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complaint += text;
  });
  let begun = 0;
  let underWay;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const said = parsed(line);
    if (said === undefined) return;
    if ("done" in said) {
      known = said.done;
      underWay = undefined;
    } else {
      underWay = said;
      if (begun++ === after) setTimeout(() => child.kill("SIGKILL"), moment);
    }
  });
  const read = new Promise((resolve) => lines.once("close", resolve));
  const signal = await new Promise((resolve) => child.once("close", (_, name) => resolve(name)));
  await read;
  if (signal !== "SIGKILL") throw new Error(`the writer ended by itself: ${complaint}`);
  return underWay;
}

/** A line that the kill cut short says nothing. */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function onDisk() {
  const tools = join(folder, "data", "tools");
  return JSON.stringify(
    Object.fromEntries(readNames(tools).map((file) => [file, readFileSync(join(tools, file), "utf8")])),
  );
}

function readNames(at) {
  try {
    return readdirSync(at).sort();
  } catch {
    return [];
  }
}

async function check(round, underWay) {
  const torn = onDisk();
  const library = new ToolLibrary({ data: join(folder, "data"), staged: join(folder, "staged"), reserved: [] });
  const found = await library.open();
  await judge(round, underWay, torn, library);
  for (const problem of found) problems.push(`after kill ${round + 1}: ${problem}`);
}

/** What the next start has made of it. */
async function judge(round, underWay, torn, library) {
  const complain = (problem) =>
    problems.push(`after kill ${round + 1} (${underWay?.kind ?? "between two"}): ${problem}`);
  const now = onDisk();
  const kind = (counts[underWay?.kind ?? "between two"] ??= { killed: 0, before: 0, after: 0, mended: 0 });
  kind.killed++;
  if (now !== torn) kind.mended++;
  if (now === underWay?.intended) kind.after++;
  else if (now === known) kind.before++;
  else complain("the tools folder is no version that ever was");
  const { tree } = await library.current();
  const snapshots = await library.snapshots();
  if (snapshots.at(-1)?.tree !== tree) complain("the newest snapshot is not what the folder holds");
  for (const { id } of snapshots) {
    await library.diff(id).catch((error) => complain(`snapshot ${id} cannot be read: ${error.message}`));
  }
  const left = readNames(join(folder, "data", "snapshots")).filter((name) => /journal|\.new$|damaged/.test(name));
  if (left.length > 0) complain(`${left.join(", ")} is left`);
  known = now;
}

/** Each start is judged once the app answers, and then that app is the next to be killed. */
async function killApps() {
  let torn = "{}";
  let underWay;
  for (let round = 0; round <= kills && problems.length === 0; round++) {
    const library = new ToolLibrary({ data: join(folder, "data"), staged: join(folder, "staged"), reserved: [] });
    const settled = () => (round === 0 ? undefined : judge(round - 1, underWay, torn, library));
    const done = (files) => {
      known = files;
    };
    if (round === kills) return check(round - 1, underWay);
    underWay = await killApp(folder, random, settled, done);
    torn = onDisk();
  }
}

const started = performance.now();
if (values.app) await killApps();
else for (let round = 0; round < kills && problems.length === 0; round++) await check(round, await killOnce());

const seconds = Math.round((performance.now() - started) / 1000);
for (const [kind, { killed, before, after, mended }] of Object.entries(counts)) {
  const ends = `as before ${before}, as intended ${after}, brought to its end at the next start ${mended}`;
  console.log(`${kind}: killed ${killed} times; ${ends}`);
}
if (problems.length > 0) {
  for (const problem of problems.slice(0, 20)) console.error(problem);
  console.error(`FAILED with seed ${seed}; the folder is left at ${folder}`);
  process.exitCode = 1;
} else {
  rmSync(folder, { recursive: true });
  console.log(`${kills} kills in ${seconds} s: each time the tools were one whole version, and every snapshot too`);
}
