import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FoundFile, findFiles, MOST_BYTES } from "../../../src/mcp/catalog/reading/find-files.js";
import { readEntry } from "../../../src/mcp/catalog/reading/read-entry.js";
import { readUnder } from "../../../src/mcp/catalog/reading/read-under.js";
import { parseRegistry, readRegistries } from "../../../src/mcp/catalog/reading/registry.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "banyan-catalog-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(path: string, text = "---\nname: x\ndescription: y\n---\nz\n"): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const agentFile: FoundFile = {
  kind: "agent",
  plugin: "p",
  path: "plugins/p/agents/a.md",
  place: "a",
  size: 1,
  mtimeMs: 1,
};
const agent = (text: string) => readEntry(agentFile, text);
const command = (text: string) => readEntry({ ...agentFile, kind: "workflow", path: "plugins/p/commands/a.md" }, text);

test("agents, commands and skills of plugins and of .claude are found, and nothing beside them", async () => {
  for (const path of [
    "plugins/web/agents/designer.md",
    "plugins/web/agents/README.md",
    "plugins/web/agents/notes.txt",
    "plugins/web/agents/deep/painter.md",
    "plugins/web/commands/git/commit.md",
    "plugins/web/docs/guide.md",
    "plugins/.hidden/agents/no.md",
    ".claude/agents/own.md",
    ".claude/commands/go.md",
    "agents/not-in-a-plugin.md",
  ])
    file(path);
  const { files, diagnoses } = await findFiles(root);
  expect(files.map(({ kind, plugin, place }) => `${kind}:${plugin}/${place}`).sort()).toEqual([
    "agent:.claude/own",
    "agent:web/deep/painter",
    "agent:web/designer",
    "workflow:.claude/go",
    "workflow:web/git/commit",
  ]);
  expect(diagnoses).toEqual([]);
});

test("a folder with a SKILL.md is one skill, its references are not; without one each file is a skill", async () => {
  for (const path of [
    "a/SKILL.md",
    "a/references/long.md",
    "a/inner/SKILL.md",
    "flat.md",
    "group/one.md",
    "a/a/SKILL.md",
  ])
    file(`plugins/p/skills/${path}`);
  const { files } = await findFiles(root);
  expect(files.map(({ place }) => place)).toEqual(["a", "a/a", "a/inner", "flat", "group/one"]);
});

test("links are followed within the folder, loops end, and what leads out of it is left out and said", async () => {
  file("plugins/p/agents/a.md");
  symlinkSync("..", join(root, "plugins/p/agents/loop"));
  symlinkSync(join(root, "plugins/p/agents"), join(root, "plugins/p/agents/self"));
  symlinkSync("a.md", join(root, "plugins/p/agents/b.md"));
  symlinkSync("/etc", join(root, "plugins/p/agents/etc"));
  symlinkSync("/etc/hostname", join(root, "plugins/p/agents/out.md"));
  symlinkSync("nowhere", join(root, "plugins/p/agents/gone.md"));
  const { files, diagnoses } = await findFiles(root);
  expect(files.map(({ place }) => place).filter((place) => !place.includes("/"))).toEqual(["a", "b"]);
  expect(files.length).toBeLessThan(20);
  const problems = diagnoses.map(({ file: at, problem }) => `${at}: ${problem}`);
  expect(problems).toContain("plugins/p/agents/etc: etc is a link that leads out of the folder");
  expect(problems).toContain("plugins/p/agents/out.md: out.md is a link that leads out of the folder");
  expect(problems).toContain("plugins/p/agents/gone.md: gone.md is a link that leads nowhere");
});

test("files that are too large and folders that are too deep are left out alone, and said", async () => {
  file("plugins/p/agents/large.md", "x".repeat(MOST_BYTES + 1));
  file(`plugins/p/agents/${"d/".repeat(12)}deep.md`);
  file("plugins/p/agents/fine.md");
  const { files, diagnoses } = await findFiles(root);
  expect(files.map(({ place }) => place)).toEqual(["fine"]);
  expect(diagnoses.map(({ problem, left }) => [left, problem.replace(/^\S+ /, "")])).toEqual([
    ["out", "lies more than 8 folders deep"],
    ["out", "is larger than 1024 KB"],
  ]);
});

test("a folder that is not there has no files", async () => {
  expect(await findFiles(join(root, "nowhere"))).toEqual({ files: [], diagnoses: [] });
});

test("a text is read only from under its root", async () => {
  file("plugins/p/agents/a.md", "mine");
  symlinkSync("/etc/hostname", join(root, "plugins/p/agents/out.md"));
  expect(await readUnder(root, "plugins/p/agents/a.md")).toBe("mine");
  expect(await readUnder(root, "plugins/p/agents/out.md")).toBeUndefined();
  expect(await readUnder(join(root, "plugins/p/agents"), "../../../../etc/hostname")).toBeUndefined();
});

test("a well-formed file is its frontmatter", () => {
  const { entry, diagnoses } = agent(
    "---\nname: painter\ndescription: Paints walls\nmodel: opus\ncapabilities: [paint, color]\ntags: a, b\n---\n\n# Painter\n",
  );
  expect(entry).toMatchObject({
    name: "painter",
    description: "Paints walls",
    model: "opus",
    capabilities: ["paint", "color"],
    keywords: ["a", "b"],
  });
  expect(diagnoses).toEqual([]);
});

/** The shapes of real files: what is taken of each, and at which line something is said. */
const shapes: [string, string, object, number[]][] = [
  [
    "an unquoted colon in the description",
    "---\nname: a\ndescription: Use when: things break\nmodel: haiku\n---\nB\n",
    { name: "a", description: "Use when: things break", model: "haiku" },
    [3],
  ],
  [
    "example blocks at column 0",
    '---\nname: a\ndescription: Does it. Examples:\n<example>\nuser: "go: now"\nassistant: "yes"\n</example>\nmodel: opus\n---\nB\n',
    {
      name: "a",
      description: 'Does it. Examples:\n<example>\nuser: "go: now"\nassistant: "yes"\n</example>',
      model: "opus",
    },
    [3],
  ],
  [
    "a star that YAML takes for an alias",
    "---\nname: a\ndescription: d\ntools: *\n---\nB\n",
    { name: "a", description: "d" },
    [4],
  ],
  [
    "a title glued to the closing line",
    "---\nname: a\ndescription: d\n---# Title\nB\n",
    { name: "a", description: "d" },
    [],
  ],
  ["no closing line", "---\nname: a\ndescription: d\n\n# Title\nBody\n", { name: "a", description: "d" }, [4]],
  [
    "prose alone",
    "# Wall painter\n\nPaints **walls** well.\n\nMore.\n",
    { name: "a", description: "Paints **walls** well." },
    [1],
  ],
  ["no name", "---\ndescription: d\n---\nB\n", { name: "a", description: "d" }, [1]],
  ["a name with spaces", "---\nname: Wall Painter\ndescription: d\n---\nB\n", { name: "Wall Painter" }, []],
  ["no description", "---\nname: a\n---\n# T\n\nFirst words.\n", { name: "a", description: "First words." }, [1]],
  [
    "a heading and nothing else",
    "---\nname: a\n---\n# Only a title\n",
    { name: "a", description: "Only a title" },
    [1],
  ],
  [
    "lines that end as on Windows, and a byte order mark",
    "\uFEFF---\r\nname: a\r\ndescription: d\r\n---\r\nB\r\n",
    { name: "a", description: "d" },
    [],
  ],
  [
    "capabilities that are null",
    "---\nname: a\ndescription: d\ncapabilities: null\n---\nB\n",
    { capabilities: [] },
    [],
  ],
  ["a field twice", "---\nname: a\nname: b\ndescription: d\n---\nB\n", { name: "a", description: "d" }, [3]],
  ["Chinese", "---\nname: a\ndescription: 数据库 优化\n---\nB\n", { description: "数据库 优化" }, []],
  [
    "a long description",
    `---\nname: a\ndescription: ${"word ".repeat(1200)}end\n---\nB\n`,
    { description: `${"word ".repeat(1200)}end` },
    [],
  ],
  ["a folded description", "---\nname: a\ndescription: >-\n  one\n  two\n---\nB\n", { description: "one two" }, []],
  ["a quoted description", '---\nname: a\ndescription: "one: two"\n---\nB\n', { description: "one: two" }, []],
  [
    "a model in words",
    "---\nname: a\ndescription: d\nmodel: Claude Sonnet 4.5\n---\nB\n",
    { model: "Claude Sonnet 4.5" },
    [],
  ],
  ["tools as a list", "---\nname: a\ndescription: d\ntools: [Read, Edit]\n---\nB\n", { name: "a" }, []],
  ["a number for a name", "---\nname: 42\ndescription: d\n---\nB\n", { name: "42" }, []],
];

test.each(shapes)("is read all the same: %s", (_, text, expected, lines) => {
  const { entry, diagnoses } = agent(text);
  expect(entry).toMatchObject(expected);
  expect(diagnoses.map(({ line }) => line)).toEqual(lines);
  for (const diagnosis of diagnoses) expect(diagnosis).toMatchObject({ file: agentFile.path, left: "in" });
});

test.each([
  ["brackets without end", "[".repeat(20_000)],
  ["aliases of aliases", `[${"*d, ".repeat(9)}*d]\na: &a [x, x, x]\nd: &d [*a, *a]`],
  ["a name that is everybody's prototype", "a\n__proto__: { polluted: yes }"],
])("hostile frontmatter (%s) costs no more than itself", (_, name) => {
  const { entry } = agent(`---\nname: ${name}\ndescription: d\n---\nB\n`);
  expect(entry?.description).toBe("d");
  expect(entry?.name.length).toBeLessThanOrEqual(200);
  expect(Object.prototype).not.toHaveProperty("polluted");
});

test.each([
  ["an empty file", ""],
  ["frontmatter that says nothing", "---\nname: a\n---\n"],
  ["no text at all", "a\u0000b"],
])("is left out and said: %s", (_, text) => {
  const { entry, diagnoses } = agent(text);
  expect(entry).toBeUndefined();
  expect(diagnoses.at(-1)).toMatchObject({ file: agentFile.path, line: 1, left: "out" });
});

test("a command needs no frontmatter; its steps, agents and arguments are told", () => {
  const { entry, diagnoses } = command(
    '# Ship it\n\nShips what is there.\n\n## Phase 1: Build\n\n```\n## no heading\n```\n\nTask: subagent_type="web::builder"\n\n## Phase 2: Send\nsubagent_type: "web::builder"\n',
  );
  expect(diagnoses).toEqual([]);
  expect(entry).toMatchObject({
    name: "a",
    description: "Ships what is there.",
    steps: ["Phase 1: Build", "Phase 2: Send"],
    agents: ["web::builder"],
  });
  const hinted = command("---\ndescription: d\nargument-hint: [file] | all\n---\nB\n");
  expect(hinted.entry).toMatchObject({ arguments: "[file] | all", description: "d" });
});

test("a registry is understood in each of its shapes", () => {
  const named = (text: string) =>
    parseRegistry("agent-registry.yml", text).roles.map(({ role, agents, line }) => [role, agents, line]);
  expect(named("roles:\n  reviewer:\n    primary: a\n    fallbacks: [b, c, a]\n  tester: d\n")).toEqual([
    ["reviewer", ["a", "b", "c"], 2],
    ["tester", ["d"], 5],
  ]);
  expect(named("- role: reviewer\n  agent: a\n  fallback: b\n")).toEqual([["reviewer", ["a", "b"], 1]]);
  expect(named("reviewer: [a, b]\nnothing:\n")).toEqual([["reviewer", ["a", "b"], 1]]);
  expect(parseRegistry("agent-registry.yml", "roles:\n  a: *x\n").diagnoses).toMatchObject([
    { file: "agent-registry.yml" },
  ]);
});

test("a registry that is a pipe, a link out of the folder or a device is said and not read", async () => {
  const outside = mkdtempSync(join(tmpdir(), "banyan-outside-"));
  writeFileSync(join(outside, "secret.yml"), "secret: agent\n");
  symlinkSync(join(outside, "secret.yml"), join(root, "agent-registry.yml"));
  mkdirSync(join(root, ".claude"));
  if (process.platform === "win32") mkdirSync(join(root, ".claude", "agent-registry.yml"));
  else {
    execFileSync("mkfifo", [join(root, ".claude", "agent-registry.yml")]);
    symlinkSync("/dev/zero", join(root, ".claude", "agent-registry.yaml"));
  }
  const { roles, diagnoses } = await readRegistries(root);
  rmSync(outside, { recursive: true });
  expect(roles).toEqual([]);
  expect(new Set(diagnoses.map(({ left }) => left))).toEqual(new Set(["out"]));
  expect(diagnoses).toHaveLength(process.platform === "win32" ? 2 : 3);
});

test("what costs a parser most is read all the same: errors by the thousand, blanks by the thousand, lists that hold themselves", () => {
  const wrong = `a: [${'"'.repeat(60_000)}`;
  expect(parseRegistry("agent-registry.yml", wrong).diagnoses).toMatchObject([{ line: 1 }]);
  const many = Array.from({ length: 5_000 }, (_, number) => `role${number}: agent`).join("\n");
  expect(parseRegistry("agent-registry.yml", many).roles).toHaveLength(1_000);
  expect(command(`x subagent_type${" ".repeat(300_000)}`).entry?.agents).toEqual([]);
  expect(command("x subagent_type ' : 'painter'").entry?.agents).toEqual(["painter"]);
  const own = agent("---\nname: x\ndescription: y\nkeywords: &a [*a, b]\n---\nz\n");
  expect(own.entry).toMatchObject({ name: "x", keywords: ["b"] });
});

test("what would cost the parser minutes is not given to it: brackets within brackets, and registries of a megabyte", () => {
  const deep = "{".repeat(16_000);
  for (const text of [deep, "[".repeat(16_000), "- ".repeat(8_000), "? ".repeat(8_000)])
    expect(parseRegistry("agent-registry.yml", text)).toEqual({
      roles: [],
      diagnoses: [
        {
          file: "agent-registry.yml",
          line: 1,
          problem: "the registry is not read: lists and maps lie more than 16 deep within each other",
          left: "out",
        },
      ],
    });
  expect(parseRegistry("agent-registry.yml", "a: b\n".repeat(200_000)).diagnoses).toMatchObject([
    { problem: "the registry is not read: it is longer than 256 KB" },
  ]);
  const { entry, diagnoses } = agent(`---\nname: x\ndescription: y\nkeywords: ${deep}\n---\nz\n`);
  expect(entry).toMatchObject({ name: "x", description: "y" });
  expect(diagnoses).toMatchObject([
    { problem: expect.stringContaining("lists and maps lie more than 16 deep within each other"), left: "in" },
  ]);
});
