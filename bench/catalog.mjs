// What the catalog's search costs beside MiniSearch, Orama and SQLite's FTS5: on the corpus that lies beside the checkout, and on it
// grown to 100,000 entries (each made of sentences of several real ones). Each engine runs in a process of its own, in the same run,
// on the same fields: name, description and text. Then what a question to the catalog's process costs (catalog/process.mjs).
//   node bench/catalog.mjs [--entries 100000] [--text 600] [--seconds 60] [--engines banyan,fts5] [--json]     (npm run build first)
// `--text`: characters of text of a grown entry. `--seconds`: of the processor that an engine is given to index; the slow ones stop
// there, with fewer entries, and that is said. BANYAN_CORPUS names another folder with corpus/ and queries.json.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { printProcessFigures, processFigures } from "./catalog/process.mjs";

const checkout = fileURLToPath(new URL("..", import.meta.url));
const data = resolve(process.env.BANYAN_CORPUS ?? join(checkout, "..", "shared", "data"));
const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "100000" },
    text: { type: "string", default: "600" },
    seconds: { type: "string", default: "60" },
    engines: { type: "string", default: "banyan,minisearch,orama,fts5" },
    json: { type: "boolean", default: false },
  },
});
if (!existsSync(join(data, "queries.json"))) {
  console.log(`No corpus in ${data}: name its folder in BANYAN_CORPUS. Nothing was measured.`);
  process.exit(0);
}

const program = fileURLToPath(new URL("./catalog/engine.mjs", import.meta.url));
const measure = (...args) =>
  JSON.parse(
    execFileSync(process.execPath, ["--expose-gc", "--max-old-space-size=6000", program, data, ...args], {
      encoding: "utf8",
      maxBuffer: 1e8,
    }),
  );
const bare = measure("bare", "0", "0", "0");
const results = [];
for (const entries of ["real", values.entries])
  for (const engine of values.engines.split(",")) {
    const figures = measure(engine, entries, values.text, values.seconds);
    const isWhole = entries === "real" || figures.entries >= Number(entries);
    results.push({ engine, ...figures, isWhole, of: entries, addedMb: round(figures.rssMb - bare.rssMb) });
    console.error(`${engine}: ${JSON.stringify(figures)}`);
  }

const asked = await processFigures();
if (values.json) console.log(JSON.stringify({ bareNodeMb: bare.rssMb, results, asked }, undefined, 2));
else {
  console.log(
    `bare Node: ${bare.rssMb} MB. Times in ms, memory in MB above bare Node after the queries and a collection.`,
  );
  console.log(
    "engine       entries   index     CPU       memory   cold p50  p95     p99      warm p50  p95     p99      CPU a query",
  );
  for (const { engine, entries, isWhole, indexMs, indexCpuMs, addedMb, cold, warm } of results)
    console.log(
      [
        engine.padEnd(12),
        cell(`${entries}${isWhole ? "" : "*"}`, 9),
        cell(indexMs, 9),
        cell(indexCpuMs, 9),
        cell(addedMb, 8),
        ...times(cold),
        " ",
        ...times(warm),
        " ",
        warm.cpuMs,
      ].join(" "),
    );
  if (results.some(({ isWhole }) => !isWhole))
    console.log(
      `* no more could be indexed in ${values.seconds} s of the processor: the other figures are of these few.`,
    );
  for (const of of ["real", values.entries]) {
    const ours = results.find((each) => each.engine === "banyan" && each.of === of);
    const others = results.filter((each) => each.engine !== "banyan" && each.of === of);
    if (ours !== undefined && others.length > 0)
      console.log(
        `CPU a query as a multiple of Banyan's, ${of} entries: ${others.map(({ engine, isWhole, warm }) => `${engine} ${round(warm.cpuMs / ours.warm.cpuMs)}${isWhole ? "" : "*"}`).join(", ")}`,
      );
  }
  console.log("\nAsked of the process, its cache and its patterns with it:");
  printProcessFigures(asked);
}

function times({ p50, p95, p99 }) {
  return [cell(p50, 8), cell(p95, 8), cell(p99, 8)];
}

function cell(value, width) {
  return String(value).padEnd(width);
}

function round(value) {
  return Math.round(value * 10) / 10;
}
