import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CatalogIndex, openIndex, type Rebuilt } from "../../../src/mcp/catalog/catalog-index.js";
import { readFound } from "../../../src/mcp/catalog/reading/read-under.js";
import { build } from "../../../src/mcp/catalog/search/build.js";
import { readIndexFile, writeIndexFile } from "../../../src/mcp/catalog/search/index-file.js";
import { type Packable, pack } from "../../../src/mcp/catalog/search/packed.js";

let [home, root, folder] = ["", "", ""];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "banyan-index-"));
  [root, folder] = [join(home, "root"), join(home, "data", "catalog")];
  agent("painter", "Paints walls in any color");
  agent("plumber", "Mends pipes that leak water");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function file(path: string, text: string, under = root): string {
  const place = join(under, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  return place;
}
function agent(name: string, description: string, plugin = "house", under = root): string {
  return file(
    `plugins/${plugin}/agents/${name}.md`,
    `---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n`,
    under,
  );
}
const open = (roots = [root]) => openIndex({ roots, folder });
const kept = () => join(folder, readdirSync(folder).find((name) => name.endsWith(".bin")) ?? "");
const names = (index: CatalogIndex, text: string) => index.search({ text, limit: 5 }).map(({ entry }) => entry.name);

test("is built once, found again by the next, and then only what changed is read", async () => {
  const first = await open();
  expect(first.last).toMatchObject({ entries: 2, read: 2, gone: 0 });
  expect(names(first, "walls")).toEqual(["painter"]);

  const second = await open();
  expect(second.last).toBeUndefined();
  expect(await second.rebuild()).toMatchObject({ read: 0, gone: 0, entries: 2 });
  expect(names(second, "walls")).toEqual(["painter"]);

  agent("painter", "Paints fences and nothing else");
  agent("glazier", "Sets windows");
  rmSync(join(root, "plugins/house/agents/plumber.md"));
  expect(await second.rebuild()).toMatchObject({ read: 2, gone: 1, entries: 2 });
  expect([names(second, "walls"), names(second, "fences"), names(second, "windows"), names(second, "pipes")]).toEqual([
    [],
    ["painter"],
    ["glazier"],
    [],
  ]);
  const third = await open();
  expect([third.last, names(third, "fences")]).toEqual([undefined, ["painter"]]);
});

test("what was read before and what is read now make the same index as reading all at once", async () => {
  agent("roofer", "Mends roofs; `---` and all");
  await build({ roots: [root], folder });
  agent("mason", "Lays bricks: red ones");
  const piecemeal = await build({ roots: [root], folder });
  const answers = (index: CatalogIndex) =>
    ["mends", "bricks", "walls", "pipse"].map((text) => index.search({ text, limit: 5 }));
  const before = answers(await open());
  rmSync(folder, { recursive: true });
  expect(piecemeal).toMatchObject({ read: 1 });
  expect(answers(await open())).toEqual(before);
});

test.each([
  ["cut short", (place: string) => truncateSync(place, 200), "is not as long as it should be"],
  ["with bits flipped in the search's part", (place: string) => flip(place, 500), "has a wrong checksum"],
  ["empty", (place: string) => truncateSync(place, 0), "is no index"],
  ["another file", (place: string) => writeFileSync(place, "something else ".repeat(100)), "is no index"],
  ["longer than it was", (place: string) => appendFileSync(place, "x"), "is not as long as it should be"],
])("a kept index that is damaged (%s) is built again and said so", async (_, damage, said) => {
  await open();
  damage(kept());
  const index = await open();
  expect(index.last).toMatchObject({ damaged: said, read: 2, entries: 2 });
  expect(names(index, "pipes")).toEqual(["plumber"]);
  expect((await open()).last).toBeUndefined();
});

test("bits flipped in the part of the next build are found by it, and all is read again", async () => {
  await open();
  flip(kept(), -20);
  const index = await open();
  agent("glazier", "Sets windows");
  expect(await index.rebuild()).toMatchObject({ damaged: "has a wrong checksum", read: 3, entries: 3 });
});

test.each<[string, (arrays: Record<string, Packable>) => unknown, string]>([
  ["counts that overflow", (arrays) => arrays.postingStarts?.fill(2 ** 32 - 1, 1), "postingStarts"],
  ["beginnings that go back", (arrays) => arrays["words.starts"]?.fill(7, 2, 3).fill(3, 3, 4), "words.starts"],
  ["documents that are not there", (arrays) => arrays.postingDocuments?.fill(9), "postingDocuments"],
  ["words that are not there", (arrays) => arrays.bigramWords?.fill(1_000_000), "bigramWords"],
  ["a table less", (arrays) => delete arrays.clusters, "clusters"],
  ["a table of another kind", (arrays) => Object.assign(arrays, { byId: new Uint8Array(2) }), "byId"],
  ["entries that are no entries", (arrays) => arrays["entries.bytes"]?.fill(0x20), ""],
])("a kept index with %s is built again and said so, though its checksum is right", async (_, poison, table) => {
  await open();
  const [search, rebuild] = [await readIndexFile(kept(), "search"), await readIndexFile(kept(), "rebuild")];
  if (search === undefined || "damaged" in search || rebuild === undefined || "damaged" in rebuild)
    throw new Error("the index is not there");
  const arrays = { ...search.arrays };
  poison(arrays);
  writeIndexFile(folder, kept(), pack({ meta: search.meta, arrays }), rebuild);
  const index = await open();
  expect(index.last).toMatchObject({ damaged: expect.stringMatching(/^says what cannot be/), read: 2, entries: 2 });
  expect(index.last?.damaged).toContain(table);
  expect(names(index, "pipes")).toEqual(["plumber"]);
});

test("what the next build begins with is looked at too, by itself and against what is searched", async () => {
  await open();
  const [search, rebuild] = [await readIndexFile(kept(), "search"), await readIndexFile(kept(), "rebuild")];
  if (search === undefined || "damaged" in search || rebuild === undefined || "damaged" in rebuild)
    throw new Error("the index is not there");
  for (const [poison, said] of [
    [{ sketchStarts: Uint32Array.of(0, 4_000_000_000, 8) }, "says what cannot be in its sketchStarts"],
    [{ terms: rebuild.arrays.terms?.map(() => 123_456) ?? new Uint32Array() }, "has parts that do not belong together"],
  ] as const) {
    writeIndexFile(folder, kept(), pack(search), { meta: rebuild.meta, arrays: { ...rebuild.arrays, ...poison } });
    expect(await build({ roots: [root], folder })).toMatchObject({ damaged: said, read: 2 });
  }
});

test.skipIf(process.platform === "win32")("a pipe or a device in the place of a file is not waited for", async () => {
  execFileSync("mkfifo", [join(root, "pipe.md")]);
  symlinkSync("/dev/zero", join(root, "zero.md"));
  expect(() => readFound(join(root, "pipe.md"))).toThrow("no file");
  expect(() => readFound(join(root, "zero.md"))).toThrow("no file");
});

function flip(place: string, at: number): void {
  const bytes = readFileSync(place);
  const where = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(where) ^ 0x40, where);
  writeFileSync(place, bytes);
}

test("where the index cannot be kept, it is searched all the same, and said so", async () => {
  file("not-a-folder", "x", home);
  const index = await openIndex({ roots: [root], folder: join(home, "not-a-folder", "catalog") });
  expect(index.last?.unsaved).toMatch(/ENOTDIR|EEXIST/);
  expect(names(index, "pipes")).toEqual(["plumber"]);
});

test("no unfinished file stays behind, and nobody else may read the index", async () => {
  await open();
  expect(readdirSync(folder)).toHaveLength(1);
  expect(existsSync(`${kept()}.new`)).toBe(false);
});

test("a folder without plugins has an empty index, for which nothing is kept", async () => {
  const index = await open([join(home, "nowhere")]);
  expect([index.size, names(index, "walls"), existsSync(folder)]).toEqual([0, [], false]);
  const there = await open();
  rmSync(join(root, "plugins"), { recursive: true });
  expect(await there.rebuild()).toMatchObject({ gone: 2, entries: 0 });
});

test("each root has its own files, and the same place in two of them is two entries", async () => {
  const other = join(home, "other");
  agent("painter", "Paints portraits", "house", other);
  const index = await open([root, other]);
  expect(index.size).toBe(3);
  expect(index.entry("agent:house/painter")?.description).toBe("Paints walls in any color");
  const second = index.search({ text: "portraits", limit: 1 })[0]?.entry.id ?? "";
  expect(second).not.toBe("agent:house/painter");
  expect(await index.text(second)).toContain("Paints portraits");
  expect(await index.text("agent:house/painter")).toContain("walls");
});

test("a file and a skill's folder of one name are two entries", async () => {
  file("plugins/house/skills/paint.md", "---\nname: a\ndescription: d\n---\nB\n");
  file("plugins/house/skills/paint/SKILL.md", "---\nname: b\ndescription: d\n---\nB\n");
  const index = await open();
  expect(index.counts).toEqual({ agent: 2, skill: 2, workflow: 0, tool: 0 });
  const ids = index.search({ text: "paint", kinds: ["skill"], limit: 5 }).map(({ entry }) => entry.id);
  expect(ids.sort()).toEqual(["skill:house/paint", "skill:plugins/house/skills/paint/SKILL"].sort());
});

test("roles are the registry's: the primary, then its fallbacks; one that is not there is said", async () => {
  file("agent-registry.yml", "roles:\n  home_painter:\n    primary: painter\n    fallbacks: [plumber, nobody]\n");
  const index = await open();
  expect(index.byRole("Home Painter").map(({ name }) => name)).toEqual(["painter", "plumber"]);
  expect(index.byRole("home_painter", { plugin: "elsewhere" })).toEqual([]);
  expect(index.byRole("cook")).toEqual([]);
  expect(index.entry("agent:house/painter")).toMatchObject({ role: "home_painter", fallbacks: ["plumber"] });
  expect(index.diagnoses).toEqual([
    {
      file: "agent-registry.yml",
      line: 2,
      problem: "the role home_painter names nobody, which is no agent here",
      left: "in",
    },
  ]);
  file("agent-registry.yml", "roles:\n  home_painter: plumber\n");
  await index.rebuild();
  expect(index.entry("agent:house/painter")?.role).toBeUndefined();
  expect(index.byRole("home-painter").map(({ name }) => name)).toEqual(["plumber"]);
});

test("a bad file is told with its line and leaves the others alone", async () => {
  file("plugins/house/agents/bad.md", "\u0000\u0001");
  file("plugins/house/agents/odd.md", "---\nname: odd\ndescription: When: always\n---\nB\n");
  const index = await open();
  expect(index.size).toBe(3);
  expect(index.diagnoses.map(({ file: at, line, left }) => [at, line, left])).toEqual([
    ["plugins/house/agents/bad.md", 1, "out"],
    ["plugins/house/agents/odd.md", 3, "in"],
  ]);
  expect((await open()).diagnoses).toHaveLength(2);
});

test("capabilities: the exact tag first, then what comes near", async () => {
  file("plugins/house/agents/tiler.md", "---\nname: tiler\ndescription: d\ncapabilities: [Wall Work]\n---\nB\n");
  const index = await open();
  const hits = index.byCapability("wall-work", { limit: 5 });
  expect(hits.map(({ entry }) => entry.name)).toEqual(["tiler", "painter"]);
  expect(hits[0]?.score).toBe(1);
  expect(hits[1]?.score).toBeLessThan(1);
});

test("tools are entries beside the files; where nothing is found the nearest names are told", async () => {
  const index = await open();
  const tool = {
    id: "tool:s.weigh",
    kind: "tool",
    name: "s.weigh",
    description: "Weighs things",
    plugin: "s",
    capabilities: [],
    keywords: [],
  } as const;
  index.setTools([tool]);
  expect(names(index, "weighs")).toEqual(["s.weigh"]);
  expect(index.entry("tool:s.weigh")).toEqual(tool);
  expect(await index.text("tool:s.weigh")).toBe("Weighs things");
  expect(index.counts.tool).toBe(1);
  agent("glazier", "Sets windows");
  await index.rebuild();
  expect(names(index, "weighs")).toEqual(["s.weigh"]);
  expect(names(index, "paonxr")).toEqual([]);
  expect(index.nearest("paonxr", { limit: 3 })).toContain("painter");
  await expect(index.text("agent:house/nobody")).rejects.toMatchObject({ code: "unknown_entry" });
});

test("rebuilds are one at a time, and who asks meanwhile gets one that begins later", async () => {
  const index = await open();
  agent("glazier", "Sets windows");
  const first = index.rebuild();
  agent("mason", "Lays bricks");
  const [a, b, c] = await Promise.all([first, index.rebuild(), index.rebuild()]);
  expect(b).toBe(c);
  expect(a).not.toBe(b);
  expect([names(index, "windows"), names(index, "bricks")]).toEqual([["glazier"], ["mason"]]);
});

test("a change of a file, a new plugin and a registry are noticed; other files are not", async () => {
  const index = await open();
  const seen: Rebuilt[] = [];
  const end = await index.watch(
    (rebuilt) => seen.push(rebuilt),
    () => {},
  );
  try {
    agent("mason", "Lays bricks", "garden");
    await expect.poll(() => names(index, "bricks")).toEqual(["mason"]);
    file("agent-registry.yml", "roles:\n  builder: mason\n");
    await expect.poll(() => index.roles).toEqual(["builder"]);
    agent("mason", "Lays stones and slabs", "garden");
    await expect.poll(() => names(index, "slabs")).toEqual(["mason"]);
    expect(Math.max(...seen.map(({ read }) => read))).toBe(1); // what has not changed is not read again
  } finally {
    await end();
  }
});

test("folders that go and come again, are moved in, or were not there at first are watched like all others", async () => {
  const later = join(home, "not", "yet");
  const index = await open([root, later]);
  const end = await index.watch(
    () => {},
    () => {},
  );
  try {
    rmSync(join(root, "plugins"), { recursive: true });
    agent("mason", "Lays bricks");
    await expect.poll(() => [names(index, "bricks"), names(index, "walls")]).toEqual([["mason"], []]);
    agent("mason", "Lays slabs");
    await expect.poll(() => names(index, "slabs")).toEqual(["mason"]);
    file("kept/skills/deep/roofing/SKILL.md", "---\nname: roofing\ndescription: Lays tiles\n---\n\nTiles.\n", home);
    renameSync(join(home, "kept"), join(root, "plugins", "roof"));
    await expect.poll(() => names(index, "tiles")).toEqual(["roofing"]);
    const skill = "plugins/roof/skills/deep/roofing/SKILL.md";
    file(skill, "---\nname: roofing\ndescription: Lays thatch\n---\n\nReed.\n");
    await expect.poll(() => names(index, "thatch")).toEqual(["roofing"]);
    agent("glazier", "Sets windows", "house", later);
    await expect.poll(() => names(index, "windows")).toEqual(["glazier"]);
    rmSync(join(later, "plugins/house/agents/glazier.md"));
    await expect.poll(() => names(index, "windows")).toEqual([]);
  } finally {
    await end();
  }
});
