// One engine, measured in a process of its own: `engine.mjs DATA ENGINE real|COUNT CHARACTERS SECONDS` prints its figures as JSON. An engine
// that has taken so many seconds of the processor to index is given no more entries, and its figures are of those it has.
import { join } from "node:path";
import { grown, queriesOf, realEntries } from "./entries.mjs";

const [data, engine, size, characters, seconds] = process.argv.slice(2);
const LIMIT = 5;
/** Slow engines are asked fewer of the queries. */
const MOST_MS = 10_000;

const engines = {
  bare: () => ({ add() {}, done() {}, search() {} }),

  async banyan() {
    const [{ Reader, Vocabulary, MANY_WORDS }, { tablesOf }, { Segment }, { Searcher }] = await Promise.all(
      ["document", "tables", "segment", "searcher"].map((file) => import(`../../dist/mcp/catalog/search/${file}.js`)),
    );
    let [vocabulary, entries, documents, searcher] = [new Vocabulary(MANY_WORDS), [], []];
    let reader = new Reader(vocabulary);
    return {
      add({ entry, body }) {
        entries.push(entry);
        documents.push(reader.document(entry, body));
      },
      done() {
        searcher = new Searcher([new Segment(tablesOf(vocabulary, entries, documents))]);
        [vocabulary, reader, entries, documents] = [];
      },
      search: (text) =>
        searcher.search(text, [], {}, LIMIT).ranked.map(({ segment, document }) => segment.entry(document)),
    };
  },

  async minisearch() {
    const [{ default: MiniSearch }, { stemmer }] = await Promise.all([import("minisearch"), import("stemmer")]);
    const index = new MiniSearch({
      fields: ["name", "description", "body"],
      storeFields: ["name", "description"],
      processTerm: (term) => stemmer(term.toLowerCase()),
      searchOptions: { prefix: true, fuzzy: 0.2, boost: { name: 3, description: 2 } },
    });
    let number = 0;
    return {
      add: ({ entry, body }) => index.add({ id: number++, name: entry.name, description: entry.description, body }),
      done() {},
      search: (text) => index.search(text).slice(0, LIMIT),
    };
  },

  async orama() {
    const { create, insert, search } = await import("@orama/orama");
    const schema = { name: "string", description: "string", body: "string" };
    const index = create({ schema, components: { tokenizer: { language: "english", stemming: true } } });
    return {
      add: ({ entry, body }) => insert(index, { name: entry.name, description: entry.description, body }),
      done() {},
      search: (text) => search(index, { term: text, tolerance: 1, limit: LIMIT, boost: { name: 3, description: 2 } }),
    };
  },

  async fts5() {
    const { default: Database } = await import("better-sqlite3");
    const database = new Database(":memory:");
    database.exec("CREATE VIRTUAL TABLE entries USING fts5(name, description, body, tokenize = 'porter')");
    const insert = database.prepare("INSERT INTO entries VALUES (?, ?, ?)");
    const select = database.prepare(
      "SELECT name, description FROM entries WHERE entries MATCH ? ORDER BY bm25(entries, 3, 2, 1) LIMIT 5",
    );
    database.exec("BEGIN");
    return {
      add: ({ entry, body }) => insert.run(entry.name, entry.description, body),
      done: () => database.exec("COMMIT"),
      search: (text) => select.all((text.match(/\w+/g) ?? []).map((word) => `"${word}"`).join(" OR ")),
      held: [database, insert, select],
    };
  },
};

let real = engine === "bare" ? [] : await realEntries(join(data, "corpus"));
const queries = engine === "bare" ? [] : queriesOf(data, real);
const under = await engines[engine]();
const entries = size === "real" ? real : grown(real, Number(size), Number(characters));
let count = 0;
let [indexMs, indexCpuMs] = [0, 0];
const timed = async (work) => {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  indexMs += performance.now() - started;
  indexCpuMs += (user + system) / 1000;
};
// Made in parts, so that the time it takes to make them is not counted.
let part = [];
const addAll = async (all) => {
  for (const each of all) await under.add(each);
};
for (const each of entries) {
  part.push(each);
  count++;
  if (part.length < 2_000) continue;
  const full = part;
  part = [];
  await timed(() => addAll(full));
  if (indexCpuMs > Number(seconds) * 1_000) break;
}
await timed(async () => {
  await addAll(part);
  await under.done();
});
part = [];
real = [];
const cold = await ask();
await ask();
const warm = await ask();
globalThis.gc();
globalThis.gc();
const rssMb = Math.round(process.memoryUsage.rss() / 1e5) / 10;
console.log(
  JSON.stringify({
    entries: count,
    indexMs: Math.round(indexMs),
    indexCpuMs: Math.round(indexCpuMs),
    rssMb,
    cold,
    warm,
  }),
);

async function ask() {
  const took = [];
  const begun = performance.now();
  const cpu = process.cpuUsage();
  for (const query of queries) {
    const started = performance.now();
    if (took.length >= 5 && started - begun > MOST_MS) break;
    await under.search(query);
    took.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(cpu);
  took.sort((a, b) => a - b);
  const cpuMs = Math.round((user + system) / Math.max(1, took.length)) / 1000;
  const at = (share) => Math.round((took[Math.floor(took.length * share)] ?? 0) * 1000) / 1000;
  return { asked: took.length, cpuMs, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
