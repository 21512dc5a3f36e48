// What a question to the Catalog costs its caller: patterns searched among 15, 1,000 and 10,000, and a session of real questions
// replayed, the frequent ones again and again, with how many of them the cache answers. Milliseconds, the process's mailbox included.
//   node bench/catalog/process.mjs [--json]     (from dist/: npm run build first)
// Questions and files are those of BANYAN_CORPUS, or of ../shared/data beside the checkout; without them patterns alone are measured.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Store } from "../../dist/actors/store/store.js";
import { Catalog } from "../../dist/mcp/catalog/catalog.js";
import { plainGoal } from "../../dist/mcp/catalog/patterns/goal-words.js";
import { Application, child, named } from "../../dist/supervision/index.js";

const data = resolve(process.env.BANYAN_CORPUS ?? fileURLToPath(new URL("../../../shared/data", import.meta.url)));
const [store, catalog] = [named("Store"), named("Catalog")];
/** To be reached, by the median. */
const REACH = { patternsP50: 100, hitP50: 0.05, missP50: 0.4, hitRate: 0.8 };
const QUESTIONS = 2_000;

/** The same numbers every time. */
function seeded(seed) {
  return () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}

function figures(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(4));
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

async function withCatalog(roots, work) {
  const home = mkdtempSync(join(tmpdir(), "banyan-bench-"));
  const settings = { enabled: true, roots, folder: join(home, "catalog"), cacheTtlMs: 300_000, reindexMs: 3_600_000 };
  const options = { ...settings, maxLogRows: 100_000, project: home, longLived: false };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(home, "banyan.db") }, { name: store }),
      child(Catalog, { ...options, name: catalog, store, aggregator: named("Aggregator") }, { name: catalog }),
    ],
  });
  try {
    return await work(home);
  } finally {
    await app.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

const verbs = "add fix remove migrate test deploy document speed-up review secure monitor refactor".split(" ");
const things =
  "billing login search checkout profile catalog invoice report upload email queue cache schema gateway dashboard".split(
    " ",
  );
const ways =
  "OAuth2 GraphQL PostgreSQL Kubernetes Terraform React Django Redis Kafka Swift Rust Stripe gRPC S3 Vue".split(" ");
const places = "shop warehouse clinic school bank library farm hotel airline museum studio garage".split(" ");

function goalOf(random) {
  const one = (list) => list[Math.floor(random() * list.length)];
  return `${one(verbs)} ${one(things)} with ${one(ways)} for the ${one(places)} ${one(things)} ${one(ways)}`;
}

async function patternSearch(count) {
  return withCatalog([], async (home) => {
    const random = seeded(7);
    const goals = new Set();
    while (goals.size < count) goals.add(goalOf(random));
    const sql = `INSERT INTO orchestration_patterns
      (id, project, goal, goal_key, agent_sequence, dependencies, parallel_groups, success_count, failure_count, created_at, updated_at)
      VALUES (?, ?, ?, ?, '["architect","developer","tester"]', '{"tester":["developer"]}', '[]', ?, ?, ?, ?)`;
    const rows = [...goals].map((goal, n) => ({
      sql,
      params: [
        `p${n}`,
        home,
        goal,
        plainGoal(goal),
        n % 9,
        n % 4,
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T00:00:00.000Z",
      ],
    }));
    for (let from = 0; from < rows.length; from += 500) await store.call.write(...rows.slice(from, from + 500));
    const started = performance.now();
    await catalog.with({ timeout: 60_000 }).call.findPatterns({ goal: "the first question" });
    const loadMs = Number((performance.now() - started).toFixed(1));
    const times = [];
    let found = 0;
    for (let n = 0; n < 300; n++) {
      const goal = `${goalOf(random)} ${n}`;
      const start = performance.now();
      const { matches } = await catalog.call.findPatterns({ goal });
      times.push(performance.now() - start);
      if (matches.length > 0) found++;
    }
    return { patterns: count, loadMs, found, ...figures(times) };
  });
}

/** Those asked first are asked most: the n-th so often as 1/n says. */
function zipf(count, random) {
  const weights = Array.from({ length: count }, (_, n) => 1 / (n + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return () => {
    let left = random() * total;
    return weights.findIndex((weight) => (left -= weight) <= 0);
  };
}

async function replay() {
  if (!existsSync(join(data, "queries.json"))) return undefined;
  const queries = JSON.parse(readFileSync(join(data, "queries.json"), "utf8"));
  const ask = {
    agent: (context, limit) => catalog.call.queryAgents({ context, limit }),
    skill: (context, limit) => catalog.call.querySkills({ context, limit }),
    workflow: (context, limit) => catalog.call.queryWorkflows({ context, limit }),
  };
  return withCatalog([join(data, "corpus")], async () => {
    await catalog.with({ timeout: 60_000 }).call.queryAgents({ context: "the first question" });
    // The code has run before, as it has in a process that has been asked.
    for (const { query, kind } of queries) for (const limit of [1, 2, 4]) await ask[kind](query, limit);
    const [hits, misses] = [[], []];
    const next = zipf(queries.length, seeded(3));
    for (let n = 0; n < QUESTIONS; n++) {
      const { query, kind } = queries[Math.max(0, next())];
      const limit = [5, 3, 5, 10][n % 4];
      const start = performance.now();
      const { cache_hit } = await ask[kind](query, limit);
      (cache_hit ? hits : misses).push(performance.now() - start);
    }
    const hitRate = Number((hits.length / QUESTIONS).toFixed(3));
    return { questions: QUESTIONS, distinct: misses.length, hitRate, hit: figures(hits), miss: figures(misses) };
  });
}

/** Answers with the figures, and with what was not reached. */
export async function processFigures() {
  const patterns = [];
  for (const count of [15, 1_000, 10_000]) patterns.push(await patternSearch(count));
  const session = await replay();
  const missed = [];
  if (patterns.some(({ p50 }) => p50 >= REACH.patternsP50)) missed.push(`patterns p50 < ${REACH.patternsP50} ms`);
  if (session !== undefined) {
    if (session.hitRate <= REACH.hitRate) missed.push(`hit rate > ${REACH.hitRate}`);
    if (session.hit.p50 >= REACH.hitP50) missed.push(`hit p50 < ${REACH.hitP50} ms`);
    if (session.miss.p50 >= REACH.missP50) missed.push(`miss p50 < ${REACH.missP50} ms`);
  }
  return { patterns, session, missed };
}

export function printProcessFigures({ patterns, session, missed }) {
  console.log("patterns searched      p50 ms   p95 ms   p99 ms   read once, ms");
  for (const { patterns: count, p50, p95, p99, loadMs } of patterns)
    console.log(
      [String(count).padStart(17), ...[p50, p95, p99, loadMs].map((value) => String(value).padStart(9))].join(""),
    );
  if (session === undefined)
    console.log(`\nNo corpus in ${data}: name its folder in BANYAN_CORPUS. No session was replayed.`);
  else {
    const { questions, distinct, hitRate, hit, miss } = session;
    console.log(`\n${questions} questions, ${distinct} of them new: ${(hitRate * 100).toFixed(1)} % out of the cache`);
    console.log(`hit    p50 ${hit.p50}  p95 ${hit.p95}  p99 ${hit.p99} ms`);
    console.log(`miss   p50 ${miss.p50}  p95 ${miss.p95}  p99 ${miss.p99} ms`);
  }
  console.log(missed.length === 0 ? "all reached" : `not reached: ${missed.join(", ")}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await processFigures();
  if (process.argv.includes("--json")) console.log(JSON.stringify(result, undefined, 2));
  else printProcessFigures(result);
  process.exitCode = result.missed.length === 0 ? 0 : 1;
}
