// How well and how fast the catalog searches, on a corpus and labelled queries that lie beside the checkout: none of them is ours.
//   npm run eval:catalog [-- --json]     (from dist/: npm run build first)
// BANYAN_CORPUS names another folder with corpus/, queries.json and clusters.json. Exits 1 where a figure to reach is missed.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openIndex } from "../dist/mcp/catalog/catalog-index.js";
import { build } from "../dist/mcp/catalog/search/build.js";

const checkout = fileURLToPath(new URL("..", import.meta.url));
const data = resolve(process.env.BANYAN_CORPUS ?? join(checkout, "..", "shared", "data"));
const json = process.argv.includes("--json");
if (!existsSync(join(data, "queries.json"))) {
  console.log(`No corpus in ${data}: name its folder in BANYAN_CORPUS. Nothing was measured.`);
  process.exit(0);
}

/** What is to be reached: of the times, by the build that took the processor least and by the median question. */
const reach = { ndcg: 0.85, recall: 0.88, typo: 0.93, synonym: 0.6, plain: 0.85, buildMs: 300, p50Ms: 0.4 };
const read = (file) => JSON.parse(readFileSync(join(data, file), "utf8"));
const queries = read("queries.json");
/** Near-duplicates count as the first of them. */
const first = new Map(read("clusters.json").flatMap((names) => names.map((name) => [name, names[0]])));
const one = (name) => first.get(name) ?? name;

const folder = mkdtempSync(join(tmpdir(), "banyan-eval-"));
const roots = [join(data, "corpus")];
try {
  const builds = [];
  const cpu = [];
  for (let run = 0; run < 9; run++) {
    rmSync(folder, { recursive: true, force: true });
    const [started, before] = [performance.now(), process.cpuUsage()];
    await build({ roots, folder });
    builds.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1_000);
  }
  const index = await openIndex({ roots, folder });
  const judged = queries.map((query) => ({ ...query, ...judge(index, query) }));
  const result = {
    corpus: basename(data),
    entries: index.size,
    diagnoses: index.diagnoses.length,
    all: means(judged),
    byType: grouped(judged, ({ type }) => type),
    byKind: grouped(judged, ({ kind }) => kind),
    halves: grouped(judged, (query) => (judged.indexOf(query) % 2 === 0 ? "even" : "odd")),
    calibration: calibration(judged.flatMap(({ scored }) => scored)),
    buildMs: { first: round(builds[0]), best: round(Math.min(...builds)), cpu: round(Math.min(...cpu)) },
    queryMs: latencies(index),
    missed: [],
  };
  const figures = {
    ndcg: result.all.ndcg,
    recall: result.all.recall,
    ...Object.fromEntries(Object.entries(result.byType).map(([type, { ndcg }]) => [type, ndcg])),
  };
  const times = { buildMs: result.buildMs.cpu, p50Ms: result.queryMs.p50 };
  result.missed = [
    ...Object.keys(figures).filter((name) => figures[name] < (reach[name] ?? 0)),
    ...Object.keys(times).filter((name) => times[name] > reach[name]),
  ];
  if (json) console.log(JSON.stringify(result, undefined, 2));
  else print(result, judged);
  process.exitCode = result.missed.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function judge(index, { query, kind, relevant }) {
  const wanted = new Set(relevant.map(one));
  const hits = index.search({ text: query, kinds: [kind], limit: 8 });
  const found = [];
  const scored = [];
  for (const { entry, score } of hits) {
    const name = one(entry.name);
    if (found.includes(name)) continue; // a hit on any of a cluster counts once
    found.push(name);
    scored.push({ score, right: wanted.has(name) });
  }
  const five = found.slice(0, 5);
  const gain = five.reduce((sum, name, at) => sum + (wanted.has(name) ? 1 / Math.log2(at + 2) : 0), 0);
  const most = Array.from({ length: Math.min(5, wanted.size) }, (_, at) => 1 / Math.log2(at + 2)).reduce(
    (a, b) => a + b,
  );
  const recall = five.filter((name) => wanted.has(name)).length / wanted.size;
  return { ndcg: gain / most, recall, found: five, scored: scored.slice(0, 5) };
}

function means(of) {
  const mean = (key) => round(of.reduce((sum, each) => sum + each[key], 0) / of.length);
  return { count: of.length, ndcg: mean("ndcg"), recall: mean("recall") };
}

function grouped(all, key) {
  const groups = Map.groupBy?.(all, key) ?? group(all, key);
  return Object.fromEntries([...groups].map(([name, of]) => [name, means(of)]));
}

function group(all, key) {
  const groups = new Map();
  for (const each of all) groups.set(key(each), [...(groups.get(key(each)) ?? []), each]);
  return groups;
}

/** Of the hits with such a score, how many were right: the same, if the scores say what they should. */
function calibration(scored) {
  return [0, 0.1, 0.3, 0.5, 0.7, 0.9].map((from, at, all) => {
    const in_ = scored.filter(({ score }) => score >= from && score < (all[at + 1] ?? 1.01));
    const mean = (value) =>
      in_.length === 0 ? 0 : round(in_.reduce((sum, each) => sum + value(each), 0) / in_.length);
    return { from, count: in_.length, score: mean(({ score }) => score), right: mean(({ right }) => Number(right)) };
  });
}

function latencies(index) {
  const took = [];
  for (let run = 0; run < 40; run++)
    for (const { query, kind } of queries) {
      const started = performance.now();
      index.search({ text: query, kinds: [kind], limit: 5 });
      if (run > 4) took.push(performance.now() - started);
    }
  took.sort((a, b) => a - b);
  const at = (share) => round(took[Math.floor(took.length * share)]);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}

function print(
  { entries, diagnoses, all, byType, byKind, halves, calibration: bins, buildMs, queryMs, missed },
  judged,
) {
  console.log(`${entries} entries, ${diagnoses} diagnoses, ${judged.length} queries`);
  console.log("                 nDCG@5  to reach   recall@5  to reach");
  const row = (name, { ndcg, recall }, reachNdcg, reachRecall) =>
    console.log(
      `${name.padEnd(16)} ${ndcg.toFixed(3)}   ${(reachNdcg?.toFixed(2) ?? "").padEnd(8)}   ${recall.toFixed(3)}     ${reachRecall?.toFixed(2) ?? ""}`,
    );
  row("all", all, reach.ndcg, reach.recall);
  for (const [name, figures] of Object.entries(byType)) row(name, figures, reach[name]);
  for (const [name, figures] of Object.entries(byKind)) row(name, figures);
  for (const [name, figures] of Object.entries(halves)) row(`${name} half`, figures);
  console.log(
    `build ${buildMs.cpu} ms of the processor at best (to reach ${reach.buildMs}); by the clock ${buildMs.best} ms, ${buildMs.first} the first time`,
  );
  console.log(`query p50 ${queryMs.p50} ms, p95 ${queryMs.p95}, p99 ${queryMs.p99} (to reach p50 ${reach.p50Ms})`);
  console.log("score from   hits   mean score   were right");
  for (const { from, count, score, right } of bins)
    console.log(
      `${from.toFixed(1).padEnd(12)} ${String(count).padEnd(6)} ${score.toFixed(2).padEnd(12)} ${right.toFixed(2)}`,
    );
  for (const { query, ndcg, relevant, found } of judged)
    if (ndcg < 0.5)
      console.log(`weak (${ndcg.toFixed(2)}): ${query}\n  wanted ${relevant.join(", ")}\n  found  ${found.join(", ")}`);
  console.log(missed.length === 0 ? "all reached" : `MISSED: ${missed.join(", ")}`);
}
