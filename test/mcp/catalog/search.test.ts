import fc from "fast-check";
import { expect, test } from "vitest";
import type { CatalogEntry } from "../../../src/mcp/catalog/entry.js";
import { Reader, Vocabulary } from "../../../src/mcp/catalog/search/document.js";
import { type Filter, Searcher } from "../../../src/mcp/catalog/search/searcher.js";
import { Segment } from "../../../src/mcp/catalog/search/segment.js";
import { clustersOf, likeness } from "../../../src/mcp/catalog/search/sketch.js";
import { distance } from "../../../src/mcp/catalog/search/spelling.js";
import { tableOf } from "../../../src/mcp/catalog/search/synonym-table.js";
import { synonymGroups } from "../../../src/mcp/catalog/search/synonyms.js";
import { tablesOf } from "../../../src/mcp/catalog/search/tables.js";
import { ToolSegment } from "../../../src/mcp/catalog/search/tool-segment.js";
import { wordsOf } from "../../../src/mcp/catalog/search/words.js";

type Thing = Partial<CatalogEntry> & { name: string; body?: string };

function entryOf({ body: _, ...thing }: Thing): CatalogEntry {
  const { kind = "agent", plugin = "p", name } = thing;
  return { id: `${kind}:${plugin}/${name}`, kind, plugin, description: "", capabilities: [], keywords: [], ...thing };
}

function searcherOf(things: readonly Thing[]): Searcher {
  const vocabulary = new Vocabulary();
  const reader = new Reader(vocabulary);
  const entries = things.map(entryOf);
  const documents = entries.map((entry, at) => reader.document(entry, things[at]?.body ?? ""));
  return new Searcher([new Segment(tablesOf(vocabulary, entries, documents))]);
}

function found(
  searcher: Searcher,
  text: string,
  { filter = {}, expand = [] }: { filter?: Filter; expand?: string[] } = {},
): string[] {
  return searcher.search(text, expand, filter, 5).ranked.map(({ segment, document }) => segment.entry(document).name);
}

const things: Thing[] = [
  {
    name: "postgres-tuner",
    description: "Makes slow queries fast with the right indexes",
    model: "opus",
    plugin: "data",
  },
  {
    name: "kubernetes-operator",
    description: "Runs clusters, deployments and rollouts",
    model: "claude-sonnet-4-5",
    plugin: "ops",
  },
  {
    name: "screen-reader-helper",
    description: "Checks pages for accessibility and WCAG",
    model: "haiku",
    plugin: "web",
  },
  { name: "authentication-expert", description: "Sessions, tokens and single sign-on", plugin: "web", kind: "skill" },
  { name: "prose-writer", description: "Writes articles", body: "Sometimes it mentions kubernetes once." },
  { name: "deploy", description: "Ships the service", kind: "workflow", plugin: "ops" },
  { name: "数据库专家", description: "优化数据库查询" },
];
const searcher = searcherOf(things);

test.each([
  ["a word of the description", "queries", "postgres-tuner"],
  ["another form of it", "indexing", "postgres-tuner"],
  ["the name before a mention in the text", "kubernetes", "kubernetes-operator"],
  ["a letter left out", "kuberntes", "kubernetes-operator"],
  ["letters that changed places", "autehntication", "authentication-expert"],
  ["the beginning of a word", "kubern", "kubernetes-operator"],
  ["what it is called for short", "k8s", "kubernetes-operator"],
  ["what people call it", "blind people", "screen-reader-helper"],
  ["two words for one", "post gres", "postgres-tuner"],
  ["one word for two", "readerscreen", "screen-reader-helper"],
  ["more letters wrong, where nothing comes nearer", "autentiction", "authentication-expert"],
  ["how something is done", "it goes slowly", "postgres-tuner"],
  ["capitals within", "KubernetesOperator", "kubernetes-operator"],
  ["Chinese", "数据库", "数据库专家"],
])("is found by %s", (_, text, name) => {
  expect(found(searcher, text)[0]).toBe(name);
});

test("what is asked for in grammar alone, or in words nobody uses, is not found", () => {
  for (const text of ["", "   ", "!!", "the of and", "qqqqzzzzxxxx"]) expect(found(searcher, text)).toEqual([]);
});

test("an everyday word tells little, however seldom it stands in a text", () => {
  const chatty = { name: "barber", description: "Comes every Tuesday for eleven people", body: "hours hours hours" };
  const of = searcherOf([...things, chatty]);
  for (const text of ["the queries take hours", "articles for people in two hours"])
    expect(found(of, text)[0], text).not.toBe("barber");
  // Asked for alone it is meant.
  expect(found(of, "hours")).toEqual(["barber"]);
});

test("a word that one text misspells leads to the others too", () => {
  const tests = Array.from({ length: 12 }, (_, at) => ({
    name: `tester-${at}`,
    description: `Will frobnicate widget${at}`,
  }));
  const of = searcherOf([...tests, { name: "notes", description: "Old notes", body: "how to frobncate" }]);
  expect(found(of, "frobncate").filter((name) => name.startsWith("tester"))).toHaveLength(4);
});

test("kind, plugin and model are filters; a model is found by its family", () => {
  expect(found(searcher, "sign-on deployments pages", { filter: { kinds: ["skill"] } })).toEqual([
    "authentication-expert",
  ]);
  expect(found(searcher, "pages and tokens", { filter: { plugin: "WEB" } }).sort()).toEqual([
    "authentication-expert",
    "screen-reader-helper",
  ]);
  expect(found(searcher, "clusters indexes", { filter: { model: "Sonnet" } })).toEqual(["kubernetes-operator"]);
  expect(found(searcher, "clusters indexes", { filter: { model: "son" } })).toEqual([]);
});

test("words that are added count, and less than those of the query", () => {
  expect(found(searcher, "slow", { expand: ["clusters"] }).slice(0, 2)).toEqual([
    "postgres-tuner",
    "kubernetes-operator",
  ]);
  expect(found(searcher, "clusters", { expand: ["slow"] })[0]).toBe("kubernetes-operator");
});

test("near-duplicates are one answer, whatever they are called", () => {
  const body = Array.from({ length: 80 }, (_, at) => `thing${at} reviews part${at}`).join(" ");
  const other = Array.from({ length: 80 }, (_, at) => `else${at} reviews part${at}`).join(" ");
  const copies = searcherOf([
    { name: "one", body },
    { name: "two", body: `${body} and a little more of it` },
    { name: "three", body: other },
    { name: "four", body, kind: "skill" },
  ]);
  const [first, ...others] = copies.search("reviews", [], { kinds: ["agent"] }, 5).ranked;
  expect(others).toHaveLength(1);
  expect(Array.from(first?.segment.alike(first.document) ?? [])).toEqual(
    first?.document === 0 ? [1] : first?.document === 1 ? [0] : [],
  );
  expect(likeness(new Uint32Array([1, 2, 3]), new Uint32Array([1, 2, 3]))).toBe(1);
  expect(
    clustersOf([
      { kind: "a", sketch: new Uint32Array() },
      { kind: "a", sketch: new Uint32Array() },
    ]),
  ).toEqual(new Uint32Array([0, 1]));
});

test("a tag is found however it is written", () => {
  const tagged = searcherOf([
    { name: "a", capabilities: ["Code Review"] },
    { name: "b", keywords: ["code-review"] },
    { name: "c" },
  ]);
  expect(Array.from(tagged.segments[0]?.tagged("codeReview") ?? [])).toEqual([0, 1]);
  expect(Array.from(tagged.segments[0]?.tagged("code") ?? [])).toEqual([]);
});

test("tools are found beside files, and those that stay are not read again", () => {
  const tools = new ToolSegment();
  const tool = (name: string, description: string) => entryOf({ name, kind: "tool", plugin: "s", description });
  const [read, write] = [tool("s.read_file", "Reads a file"), tool("s.write_file", "Writes a file")];
  tools.set([read, write]);
  expect(found(new Searcher([tools.segment]), "read file")[0]).toBe("s.read_file");
  tools.set([{ ...write }, tool("s.list_folder", "Lists what is in a folder")]);
  expect(found(new Searcher([tools.segment]), "folder")).toEqual(["s.list_folder"]);
  expect(found(new Searcher([tools.segment]), "reads")).toEqual([]);
  expect(tools.segment.size).toBe(2);
});

test("words are those of prose, of names and of languages with signs", () => {
  expect(wordsOf("Don't the team's C++ and C#, .NET, Node.js v18!")).toEqual([
    "don",
    "the",
    "team",
    "cpp",
    "c",
    "and",
    "csharp",
    "c",
    "dotnet",
    "net",
    "nodejs",
    "node",
    "js",
    "v18",
  ]);
  expect(wordsOf("parseHTTPResponse ci-cd snake_case oauth2 ERC721 2024")).toEqual([
    ...[
      "parsehttpresponse",
      "parse",
      "http",
      "response",
      "ci",
      "cd",
      "snake",
      "case",
      "oauth2",
      "oauth",
      "erc721",
      "erc",
    ],
  ]);
  expect(wordsOf("Café naïve")).toEqual(["cafe", "naive"]);
});

test("letters that differ are counted, up to a bound", () => {
  expect(distance("stripe", "stripe", 2)).toBe(0);
  expect(distance("stripe", "stirpe", 2)).toBeLessThan(1);
  expect(distance("stripe", "strip", 2)).toBe(1);
  expect(distance("stripe", "kafka", 2)).toBe(3);
});

test("the synonyms are data that reads as it should", () => {
  const table = tableOf("a1, b2\nblind people > accessibility // as they say\n");
  expect(table.meanings.get("a1")).toEqual([{ stems: ["b2"], weight: 1 }]);
  expect(table.meanings.get("access")).toBeUndefined();
  expect(table.openings.has("blind")).toBe(true);
  const all = tableOf(synonymGroups);
  expect(all.meanings.size).toBeGreaterThan(1_000);
  for (const line of synonymGroups.split("\n"))
    if (line && !line.startsWith("//")) expect(line, line).toMatch(/^[^,>]+(?:, [^,>]+)*(?: > [^,>]+(?:, [^,>]+)*)?$/);
});

test("whatever is asked, the answer comes, in order, within the limit and each once", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc
          .array(fc.constantFrom("kubernetes", "postgres", "slow", "写", "C++", "-", "pull request"))
          .map((words) => words.join(" ")),
      ),
      (text) => {
        const { ranked } = searcher.search(text, [text], {}, 3);
        expect(ranked.length).toBeLessThanOrEqual(3);
        expect(new Set(ranked.map(({ document }) => document)).size).toBe(ranked.length);
        for (const [at, { rank }] of ranked.entries())
          expect(rank).toBeLessThanOrEqual(ranked[at - 1]?.rank ?? Number.POSITIVE_INFINITY);
      },
    ),
    { numRuns: 200 },
  );
});
