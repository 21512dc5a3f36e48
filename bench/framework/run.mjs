// The framework's benchmark: the same workloads on Banyan (from dist/, shipped defaults, public API alone, final state
// asserted), on the npm libraries that do something like it, and on the BEAM where `erl` is installed. Rounds alternate
// between the libraries in one process, each with fresh state; figures are medians.
//   node bench/framework/run.mjs [--json] [--rounds=5] [--only=a,b] [--libraries=banyan,nact]
import { beam } from "./beam/run.mjs";
import { lateness } from "./fairness.mjs";
import { comparable, loadLibraries, names, omissions } from "./libraries.mjs";
import { median, settle } from "./measure.mjs";
import { bytesEach } from "./memory.mjs";
import { probe } from "./probes.mjs";
import { calls, callsInFlight } from "./workloads/call.mjs";
import { casts, castsInBursts } from "./workloads/cast.mjs";
import crash from "./workloads/crash.mjs";
import manyChildren from "./workloads/many-children.mjs";
import ring from "./workloads/ring.mjs";
import spawn from "./workloads/spawn.mjs";

const options = new Map(process.argv.slice(2).map((given) => given.replace(/^--/, "").split("=")));
const list = (name, otherwise) => options.get(name)?.split(",") ?? otherwise;
const json = options.has("json");
const rounds = Number(options.get("rounds") ?? 5);
const every = [casts, castsInBursts, calls, callsInFlight, ring, spawn, crash, manyChildren];
const only = list("only", undefined);
const workloads = every.filter(({ key }) => only === undefined || only.includes(key));

const { loaded, missing } = await loadLibraries(list("libraries", names));
const say = (text) => {
  if (!json) console.log(text);
};
say(`Node ${process.version}, ${rounds} rounds, medians`);
for (const line of missing) say(`left out: ${line}`);

const results = [];
for (const workload of workloads) {
  const found = new Map();
  // Round 0 warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, library] of loaded) {
      if (workload[name] === undefined) continue;
      await settle();
      const figures = await workload[name](library);
      if (round === 0) continue;
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(figures);
    }
  }
  const medians = Object.fromEntries([...found].map(([name, all]) => [name, byColumn(all, median)]));
  const onBeam = options.has("libraries") ? undefined : beam(workload.key, rounds);
  if (onBeam !== undefined) medians.beam = onBeam;
  const row = { key: workload.key, title: workload.title, unit: workload.unit, figures: medians };
  if (medians.banyan !== undefined) Object.assign(row, compare(workload, medians));
  results.push(row);
  say(line(row));
}

const further = {};
if (only === undefined) {
  further.memory = await bytesEach(loaded.get("banyan"));
  say(`\nBanyan, bytes: ${further.memory.idle} an idle process, ${further.memory.withMailbox} one with a mailbox`);
  further.probes = {};
  further.latenessMs = {};
  for (const [name, library] of loaded) {
    further.latenessMs[name] = await lateness(name, library);
    further.probes[name] = await probe(name, library);
  }
  say("\nworst lateness of a 1 ms timer while two processes send each other 10⁶ messages, ms");
  say(
    Object.entries(further.latenessMs)
      .map(([name, ms]) => `  ${name} ${ms === undefined ? "–" : figure(ms)}`)
      .join("\n"),
  );
  say(
    "\nprobes: fresh state after a crash | queued messages kept, same ref | crashed call told at once | async handler holds the next",
  );
  for (const [name, answers] of Object.entries(further.probes)) say(`  ${name}: ${Object.values(answers).join(" | ")}`);
  say("\nwhat each leaves out");
  for (const name of loaded.keys()) if (omissions[name] !== "") say(`  ${name}: ${omissions[name]}`);
}
if (json)
  console.log(JSON.stringify({ node: process.version, rounds, missing, omissions, results, ...further }, null, 2));
process.exit(0);

function byColumn(all, reduce) {
  return all[0].map((_, column) => reduce(all.map((figures) => figures[column])));
}

/** How many times better Banyan is, column by column, than the best library with a mailbox and than the BEAM. */
function compare({ more }, medians) {
  const times = (mine, other) => (more ? mine / other : other / mine);
  const best = (column) => {
    const others = comparable
      .filter((name) => medians[name]?.[column] !== undefined)
      .map((name) => medians[name][column]);
    return others.length === 0 ? undefined : more ? Math.max(...others) : Math.min(...others);
  };
  const against = (other) =>
    medians.banyan.map((mine, column) => (other(column) === undefined ? undefined : times(mine, other(column))));
  return { ofBestPeer: against(best), ofBeam: against((column) => medians.beam?.[column]) };
}

function line({ key, title, unit, figures, ofBestPeer, ofBeam }) {
  const shown = Object.entries(figures).map(([name, all]) => `  ${name.padEnd(8)}${all.map(figure).join(" / ")}`);
  const ratio = (all) => all.map((value) => (value === undefined ? "–" : `${value.toFixed(2)}×`)).join(" / ");
  if (ofBestPeer !== undefined)
    shown.push(`  of the best peer with a mailbox ${ratio(ofBestPeer)}, of the BEAM ${ratio(ofBeam)}`);
  return `\n${key} ${title} (${unit})\n${shown.join("\n")}`;
}

function figure(value) {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
