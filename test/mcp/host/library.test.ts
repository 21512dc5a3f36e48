// The library of the tools that users make, on a real disk: what is taken for a tool, the snapshots and the way back, what is damaged,
// edits by hand, two programs at once, and the tools that manage it all.
import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { managementNames, managementTools } from "../../../src/mcp/host/library/manage.js";
import type { ChangeHooks } from "../../../src/mcp/host/library/manage-changes.js";
import type { ManagementResult } from "../../../src/mcp/host/library/management-tool.js";
import { ToolLibrary } from "../../../src/mcp/host/library/tool-library.js";
import { isRefusal } from "../../../src/mcp/host/library/versions.js";
import { BanyanError } from "../../../src/supervision/errors.js";
import { root } from "../../support/banyan.js";

/** Memory where there is some: each change waits for the disk several times, and a busy one lets a hundred of them wait for a minute. */
const scratch = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const by = { by: "a test" };
const js = { ...by, language: "js" as const };
const annotations = { readOnly: false, destructive: true, idempotent: false, openWorld: true };

let folder: string;
let library: ToolLibrary;
const tools = (...name: string[]) => join(folder, "data", "tools", ...name);
const snapshotsFolder = (...name: string[]) => join(folder, "data", "snapshots", ...name);

beforeEach(() => {
  folder = mkdtempSync(join(scratch, "banyan library * ")); // a name that a pattern would trip over
  library = another();
});

afterEach(async () => {
  await library.close();
  rmSync(folder, { recursive: true });
});

/** As another program on the same data folder has it. */
function another(): ToolLibrary {
  const options = { data: join(folder, "data"), staged: join(folder, "staged") };
  return new ToolLibrary({ ...options, reserved: ["calculate", ...managementNames] });
}

function onDisk(): Record<string, string> {
  return Object.fromEntries(readdirSync(tools()).map((file) => [file, readFileSync(tools(file), "utf8")]));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(BanyanError);
  return error instanceof BanyanError ? error.code : "";
}

test("a data folder without tools is looked at and nothing is made in it", async () => {
  mkdirSync(join(folder, "data"));
  expect(await library.open()).toEqual([]);
  expect((await library.current()).tools).toEqual([]);
  expect(await library.snapshots()).toEqual([]);
  expect(await library.history()).toEqual([]);
  expect(await library.lastGood()).toBeUndefined();
  expect(readdirSync(join(folder, "data"))).toEqual([]);
});

test("only the owner may read what is written", async () => {
  await library.write("one", "// one", js);
  await library.stage({ name: "one", file: "one.js", source: "export default 1" });
  const staged = readdirSync(library.stagedFolder).map((file) => join(library.stagedFolder, file));
  for (const file of [tools("one.js"), snapshotsFolder("1.json"), snapshotsFolder("history.jsonl"), ...staged]) {
    expect(statSync(file).mode & 0o077).toBe(0);
  }
  for (const at of [tools(), snapshotsFolder(), library.stagedFolder]) expect(statSync(at).mode & 0o077).toBe(0);
});

test.each([
  ["a way out of the folder", "../evil"],
  ["an absolute path", "/tmp/evil"],
  ["code", 'x"; process.exit(); "'],
  ["a template", "${process.exit()}"],
  ["an ending", "evil.js"],
  ["a space", "two words"],
  ["a capital", "Evil"],
  ["a NUL", "evil\0"],
  ["a line end", "evil\n"],
  ["nothing", ""],
  ["another alphabet's a", "аdd"],
  ["65 characters", "a".repeat(65)],
  ["the name of a bundled tool", "calculate"],
  ["the name of a management tool", "create_tool"],
])("%s is no name for a tool, and nothing is written", async (_, name) => {
  expect(await codeOf(library.write(name, "// x", js))).toBe("tool_name");
  expect(existsSync(join(folder, "data"))).toBe(false);
});

test("a code that is empty, too long or no text is refused", async () => {
  expect(await codeOf(library.write("one", " \n", js))).toBe("tool_size");
  expect(await codeOf(library.write("one", `//${"x".repeat(256 * 1024)}`, js))).toBe("tool_size");
  expect(await codeOf(library.write("one", "// \0", js))).toBe("tool_size");
  expect(await codeOf(library.write("one", "// \ud800", js))).toBe("tool_size");
});

test("files that are no tools are left alone and said: links, folders, pipes, long ones, other names and no text", async () => {
  const secret = join(folder, "secret.js");
  writeFileSync(secret, "// a secret");
  mkdirSync(tools("folder.js"), { recursive: true });
  symlinkSync(secret, tools("link.js"));
  symlinkSync(join(folder, "nowhere"), tools("dangling.js"));
  writeFileSync(tools("long.js"), "x".repeat(300_000));
  writeFileSync(tools("Bad Name.js"), "// x");
  writeFileSync(tools("bytes.js"), Buffer.from([0xff, 0xfe, 0x00]));
  writeFileSync(tools("calculate.js"), "// x");
  writeFileSync(tools("twice.js"), "// first");
  writeFileSync(tools("twice.ts"), "// second");
  writeFileSync(tools(".hidden.js.swp"), "x");
  writeFileSync(tools("README.md"), "x");
  writeFileSync(tools("good.mjs"), "// good");
  const { tools: found, ignored } = await library.current();
  expect(found.map(({ name, file }) => [name, file])).toEqual([
    ["good", "good.mjs"],
    ["twice", "twice.js"],
  ]);
  for (const file of ["folder", "link", "dangling", "long", "Bad Name", "bytes", "calculate", "twice.ts"]) {
    expect(ignored.filter((sentence) => sentence.startsWith(file))).toHaveLength(1);
  }
  expect(ignored).toHaveLength(8);
  expect(JSON.stringify([found, ignored])).not.toContain("a secret");
});

test("what the disk says against it is a sentence, not a crash", async () => {
  await library.write("one", "// one", js);
  rmSync(tools(), { recursive: true });
  writeFileSync(tools(), "a file where the folder was");
  expect(await codeOf(library.write("two", "// two", js))).toBe("tools_disk");
  expect(await codeOf(library.current())).toBe("tools_disk");
  expect(await manage().call("list_snapshots", {})).not.toHaveProperty("isError");
  expect(await manage().call("delete_tool", { name: "one" })).toMatchObject({ isError: true });
});

test("a link in the tools folder is never written through", async () => {
  const outside = join(folder, "outside.js");
  writeFileSync(outside, "// mine");
  await library.write("one", "// one", js);
  symlinkSync(outside, tools("two.js"));
  symlinkSync(outside, tools("three.js.new"));
  expect(await codeOf(library.write("two", "// evil", js))).toBe("tool_exists");
  await library.write("three", "// three", js);
  expect(readFileSync(outside, "utf8")).toBe("// mine");
  expect(readFileSync(tools("three.js"), "utf8")).toBe("// three");
});

test("each change leaves a snapshot of what it led to, and each can be returned to, to the byte", async () => {
  await library.write("one", "// one\r\n\tё \u{1f333}", js);
  await library.write("two", "\ufeff// with a mark", js);
  const both = onDisk();
  await library.write("two", "// two", { ...by, language: "ts" });
  await library.remove("one", by);
  expect((await library.snapshots()).map(({ id, why }) => `${id} ${why}`)).toEqual([
    "1 no tools yet",
    "2 one created by a test",
    "3 two created by a test",
    "4 two updated by a test",
    "5 one deleted by a test",
  ]);
  const restored = await library.restore("3", by);
  expect(onDisk()).toEqual(both);
  expect(restored).toMatchObject({
    from: "3",
    before: { id: "5" },
    snapshot: { id: "6", why: "3 restored by a test" },
    tools: [
      { tool: "one", change: "added" },
      { tool: "two", change: "changed" },
    ],
  });
  expect(await codeOf(library.restore("3", by))).toBe("nothing_to_restore");
  expect(await codeOf(library.restore("7", by))).toBe("no_snapshot");
  expect(await codeOf(library.restore("../../secret", by))).toBe("no_snapshot");
});

test("what is the same already makes no snapshot", async () => {
  expect(await library.write("one", "// one", js)).toMatchObject({ change: "created" });
  expect(await library.write("one", "// one", js)).toBeUndefined();
  expect(await library.snapshots()).toHaveLength(2);
});

test("ten snapshots of a large tool cost as much as what is different in them", async () => {
  const large = `// ${"x".repeat(200_000)}`;
  await library.write("large", large, js);
  for (let i = 0; i < 15; i++) await library.write("small", `// ${i}`, js);
  expect(await library.snapshots()).toHaveLength(10);
  const objects = readdirSync(snapshotsFolder("objects"));
  expect(objects).toHaveLength(11);
});

test("a rollback goes to the last that ran well: not to one taken after the fault, not to the broken one, however many came since", async () => {
  await library.write("one", "// well", js);
  const well = (await library.current()).tree;
  await library.markGood(well);
  for (let i = 0; i < 14; i++) await library.write("one", `// broken ${i}`, js);
  const bad = (await library.current()).tree;
  const restored = await library.rollBackFrom(bad);
  expect(restored).toMatchObject({ from: "2", snapshot: { good: true, bad: false } });
  expect(onDisk()).toEqual({ "one.js": "// well" });
  // The bad set is kept aside, marked, and can be looked at.
  const aside = (await library.snapshots()).find(({ tree }) => tree === bad);
  expect(aside).toMatchObject({ bad: true, good: false });
  expect(await library.diff(aside?.id ?? "")).toMatchObject([
    { name: "one", lines: expect.arrayContaining(["-// broken 13", "+// well"]) },
  ]);
  expect(await library.history("one", 1)).toMatchObject([{ change: "restored", by: "a rollback" }]);
  // The next fault finds no way back to it either.
  await library.write("one", "// broken once more", js);
  expect(await library.rollBackFrom((await library.current()).tree)).toMatchObject({ snapshot: { tree: well } });
});

test("a set that once ran well and is rolled back from is no way back any more, until it runs well again", async () => {
  await library.write("one", "// first", js);
  await library.markGood((await library.current()).tree);
  await library.write("one", "// second", js);
  const second = (await library.current()).tree;
  await library.markGood(second);
  await library.rollBackFrom(second);
  expect(onDisk()).toEqual({ "one.js": "// first" });
  expect(await library.lastGood()).toBeUndefined();
  await library.restore("3", by);
  await library.markGood(second);
  await library.write("one", "// third", js);
  expect(await library.lastGood()).toMatchObject({ tree: second, good: true, bad: false });
});

test("where nothing ever ran well, a rollback leaves no tools, and keeps them in a snapshot", async () => {
  await library.write("one", "// broken", js);
  const bad = (await library.current()).tree;
  expect(await library.rollBackFrom(bad)).toMatchObject({
    tools: [{ tool: "one", change: "removed" }],
    before: { tree: bad },
  });
  expect(onDisk()).toEqual({});
  await library.restore("2", by);
  expect(onDisk()).toEqual({ "one.js": "// broken" });
});

test("where nothing has run well yet, a rollback takes back the culprits alone, and the other tools stay", async () => {
  await library.write("steady", "// steady", js);
  await library.write("changed", "// before", js);
  await library.write("changed", "// culprit", js);
  await library.write("added", "// culprit too", js);
  const { tree, tools: now } = await library.current();
  const culprits = now.filter(({ name }) => name !== "steady").map(({ hash }) => hash);
  expect(await library.rollBackFrom(tree, culprits)).toMatchObject({
    tools: [
      { tool: "added", change: "removed" },
      { tool: "changed", change: "changed" },
    ],
    before: { tree },
  });
  expect(onDisk()).toEqual({ "steady.js": "// steady", "changed.js": "// before" });
});

test("a set that was mended by hand in the meantime is not rolled back", async () => {
  await library.write("one", "// broken", js);
  const bad = (await library.current()).tree;
  writeFileSync(tools("one.js"), "// mended");
  expect(await library.rollBackFrom(bad)).toBeUndefined();
  expect(onDisk()).toEqual({ "one.js": "// mended" });
});

test("a snapshot with a flipped bit or a lost file is said to be damaged, and nothing of it is restored", async () => {
  await library.write("one", "// one", js);
  await library.write("two", "// two", js);
  await library.remove("one", by);
  await library.remove("two", by);
  const [one, two] = (await library.snapshots())[2]?.tools ?? [];
  writeFileSync(snapshotsFolder("objects", one?.hash ?? ""), "// onf");
  expect(await codeOf(library.restore("3", by))).toBe("snapshot_damaged");
  expect(onDisk()).toEqual({});
  rmSync(snapshotsFolder("objects", two?.hash ?? ""));
  expect(await codeOf(library.restore("3", by))).toBe("snapshot_damaged");
  expect(await codeOf(library.diff("3"))).toBe("snapshot_damaged");
  expect(onDisk()).toEqual({});
  // The same source again mends it.
  await library.write("one", "// one", js);
  await library.remove("one", by);
  await library.restore("2", by);
  expect(onDisk()).toEqual({ "one.js": "// one" });
});

test("a rollback passes over a known good one that is damaged, to the one before", async () => {
  await library.write("one", "// oldest", js);
  await library.markGood((await library.current()).tree);
  await library.write("one", "// old", js);
  await library.markGood((await library.current()).tree);
  const damaged = (await library.current()).tools[0]?.hash ?? "";
  await library.write("one", "// broken", js);
  writeFileSync(snapshotsFolder("objects", damaged), "");
  await library.rollBackFrom((await library.current()).tree);
  expect(onDisk()).toEqual({ "one.js": "// oldest" });
  expect(library.takeProblems().join()).toContain("damaged");
});

test.each([
  ["torn", (text: string) => text.slice(0, text.length / 2)],
  ["empty", () => ""],
  ["of a flipped bit", (text: string) => text.replace("created", "creaued")],
  ["of other hands", (text: string) => text.replace('"sha256":"', '"sha256":"0')],
])("a snapshot whose file is %s is moved aside and said once; the others can be returned to", async (_, damage) => {
  await library.write("one", "// one", js);
  await library.write("two", "// two", js);
  writeFileSync(snapshotsFolder("2.json"), damage(readFileSync(snapshotsFolder("2.json"), "utf8")));
  const next = another();
  expect(await next.open()).toEqual([expect.stringContaining("snapshot 2 of the tools is damaged")]);
  expect(await another().open()).toEqual([]);
  expect((await next.snapshots()).map(({ id }) => id)).toEqual(["1", "3"]);
  await next.restore("1", by);
  expect(onDisk()).toEqual({});
});

test("damage to what is known of the snapshots is said, and the tools stay as they are", async () => {
  await library.write("one", "// one", js);
  await library.markGood((await library.current()).tree);
  appendFileSync(snapshotsFolder("marks.json"), "x");
  writeFileSync(snapshotsFolder("journal.json"), "{");
  const next = another();
  expect(await next.open()).toHaveLength(2);
  expect(onDisk()).toEqual({ "one.js": "// one" });
  expect(await next.lastGood()).toBeUndefined();
});

test("a line of the history that was cut short is passed over, and the next is whole", async () => {
  await library.write("one", "// one", js);
  appendFileSync(snapshotsFolder("history.jsonl"), '{"at":17,"tool":"ha');
  await library.write("two", "// two", js);
  expect((await library.history()).map(({ tool }) => tool)).toEqual(["two", "one"]);
});

test("an edit by hand is taken in as a snapshot of its own, before whatever comes next", async () => {
  await library.write("one", "// one", js);
  writeFileSync(tools("one.js"), "// one, by hand");
  writeFileSync(tools("two.js"), "// two, by hand");
  await library.write("three", "// three", js);
  expect((await library.snapshots()).map(({ why }) => why)).toEqual([
    "no tools yet",
    "one created by a test",
    "one and 1 more updated by a file change",
    "three created by a test",
  ]);
  await library.restore("3", by);
  expect(onDisk()).toEqual({ "one.js": "// one, by hand", "two.js": "// two, by hand" });
  writeFileSync(tools("one.js"), "// again");
  const tree = await library.noteEdits();
  expect((await library.snapshots()).at(-1)?.tree).toBe(tree);
  expect(await library.noteEdits()).toBe(tree);
  expect(await library.snapshots()).toHaveLength(6);
});

test("the history says who changed what: fields of the definition and lines of code", async () => {
  const definition = { description: "Rolls dice.", inputSchema: { type: "object" as const }, annotations: {} };
  // Annotations of MCP's own shape are the client's matter; here it is enough that the description differs.
  const first = { ...js, definition: definition as never };
  const second = {
    ...js,
    by: "another client",
    definition: { ...definition, description: "Rolls many dice." } as never,
  };
  await library.write("dice", "const sides = 6;\nexport default {};\n", first);
  await library.write("dice", "const sides = 20;\nexport default {};\n", second);
  const [record] = await library.history("dice");
  expect(record).toMatchObject({ tool: "dice", change: "updated", by: "another client", snapshot: "3" });
  expect(record?.what).toEqual([
    "- description: Rolls dice.",
    "+ description: Rolls many dice.",
    "code: +1 -1 lines",
    "-const sides = 6;",
    "+const sides = 20;",
  ]);
});

test("the history does not grow without end", async () => {
  await library.write("one", "// one", js);
  const line = readFileSync(snapshotsFolder("history.jsonl"), "utf8").trim();
  appendFileSync(snapshotsFolder("history.jsonl"), `\n${line}`.repeat(4_000));
  await library.write("two", "// two", js);
  expect((await library.history())[0]?.tool).toBe("two");
  expect(statSync(snapshotsFolder("history.jsonl")).size).toBeLessThan(1_000);
  expect(statSync(snapshotsFolder("history.old.jsonl")).size).toBeGreaterThan(500_000);
});

test("two programs on one data folder change it one after the other, and none of their changes is lost", async () => {
  const other = another();
  const writes = Array.from({ length: 8 }, (_, i) => (i % 2 ? library : other).write(`tool_${i}`, `// ${i}`, js));
  await Promise.all(writes);
  expect((await library.current()).tools).toHaveLength(8);
  const snapshots = await other.snapshots();
  expect(snapshots.map(({ tools: kept }) => kept.length)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("what nothing uses any more is cleared away: half-written files, and what programs that are gone have staged", async () => {
  await library.write("one", "// one", js);
  writeFileSync(tools("one.js.new"), "// ha");
  writeFileSync(snapshotsFolder("journal.json.new"), "{");
  writeFileSync(snapshotsFolder("objects", `${"0".repeat(64)}.new`), "x");
  writeFileSync(snapshotsFolder("objects", "0".repeat(64)), "x");
  const gone = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => gone.once("close", resolve));
  mkdirSync(join(folder, "staged", `${gone.pid}-12345678`), { recursive: true });
  mkdirSync(join(folder, "staged", `${process.pid}-12345678`));
  expect(await library.open()).toEqual([]);
  expect(readdirSync(tools())).toEqual(["one.js"]);
  expect(readdirSync(snapshotsFolder()).filter((file) => file.endsWith(".new"))).toEqual([]);
  expect(readdirSync(snapshotsFolder("objects"))).toHaveLength(1);
  expect(readdirSync(join(folder, "staged"))).toEqual([`${process.pid}-12345678`]);
});

test("a change of a tool's file is heard, also when the folder comes later, goes and comes again", async () => {
  let heard = 0;
  const stop = library.watch(() => heard++);
  const once = async (change: () => unknown) => {
    const before = heard;
    await change();
    await expect.poll(() => heard).toBeGreaterThan(before);
  };
  try {
    await once(() => library.write("one", "// one", js));
    await once(() => writeFileSync(tools("one.js"), "// in place"));
    await once(() => {
      writeFileSync(tools("one.js~"), "// replaced");
      renameSync(tools("one.js~"), tools("one.js"));
    });
    await once(() => rmSync(tools(), { recursive: true }));
    await once(() => mkdirSync(tools()));
    await once(() => writeFileSync(tools("two.js"), "// two"));
    renameSync(tools(), join(folder, "data", "away"));
    await once(() => mkdirSync(tools()));
    await once(() => writeFileSync(tools("three.js"), "// three"));
  } finally {
    stop();
  }
});

test("TypeScript and JavaScript become modules that run where no package is found; the source's lines stay known", async () => {
  const source = [
    'import type { Buffer } from "node:buffer";',
    'import { z } from "zod";',
    'import { createHash } from "crypto";',
    "export default {",
    '  name: "hash", description: "Hashes", input: z.object({ text: z.string() }),',
    '  handler({ text }: { text: string }): string { return createHash("sha256").update(text).digest("hex"); },',
    "};",
  ].join("\n");
  const staged = await library.stage({ name: "hash", file: "hash.ts", source });
  if (isRefusal(staged)) throw new Error(staged.reason);
  const code = readFileSync(staged.file, "utf8");
  expect(code).toContain("//# sourceMappingURL=data:");
  expect(code).not.toMatch(/from "(zod|banyan\/tool)"/);
  const { default: tool } = await import(staged.file);
  expect(tool.handler({ text: "a" })).toBe("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
  expect(tool.input.safeParse({ text: 1 }).success).toBe(false);
  // Another code is another module; the same code is the same one.
  const same = await library.stage({ name: "hash", file: "hash.ts", source });
  const other = await library.stage({
    name: "hash",
    file: "hash.ts",
    source: source.replace("Hashes", "Hashes a text"),
  });
  expect(same).toEqual(staged);
  expect(isRefusal(other) ? "" : other.file).not.toBe(staged.file);
});

test("the example of the documentation is a tool that is taken, with the types of banyan/tool", async () => {
  const [example, page] = ["examples/roll_dice.ts", "docs/snapshots.md"].map((file) =>
    readFileSync(join(root, file), "utf8"),
  );
  expect(page).toContain(example);
  const staged = await library.stage({ name: "roll_dice", file: "roll_dice.ts", source: example ?? "" });
  const { default: tool } = await import(isRefusal(staged) ? "" : staged.file);
  expect(tool.handler({ count: 2 })).toMatch(/^\d \d = \d+$/);
});

test.each([
  ["a module of Node's that reaches outside", 'import "node:fs"; export default {}'],
  ["one without the prefix", 'import { exec } from "child_process"; export default {}'],
  ["a package", 'import x from "left-pad"; export default {}'],
  ["a file", 'import x from "../../secret.js"; export default {}'],
  ["a data address", 'import x from "data:text/javascript,1"; export default {}'],
  ["what is passed on", 'export * from "node:net"; export default {}'],
  ["a name made at run time", 'const n = "f" + "s"; export default { handler: () => import(n) }'],
  ["a literal one at run time", 'export default { handler: () => import("node:fs/promises") }'],
  ["what every object has", 'import x from "constructor"; export default {}'],
])("a tool does not get %s", async (_, source) => {
  const staged = await library.stage({ name: "evil", file: "evil.js", source });
  expect(isRefusal(staged)).toBe(true);
  expect(existsSync(library.stagedFolder)).toBe(false);
});

test("a source that cannot be read is refused with the place", async () => {
  const staged = await library.stage({ name: "one", file: "one.ts", source: "export default {\n  name: ;\n}" });
  expect(isRefusal(staged) ? staged.reason : "").toMatch(/^one\.ts:2:9: /);
});

/** The ToolHost's part, as far as it goes without processes. */
function manage(over: Partial<ChangeHooks> = {}) {
  const audited: unknown[] = [];
  const hooks: ChangeHooks = {
    trial: async (staged) => {
      const { default: tool } = await import(staged.file);
      return { name: tool.name, description: tool.description, inputSchema: tool.input, annotations };
    },
    apply: async () => [],
    record: async (action, subject) => void audited.push(`${action} ${subject}`),
    ...over,
  };
  const all = managementTools(library, hooks);
  const call = (name: string, args: unknown): Promise<ManagementResult> => {
    const tool = all.find((each) => each.name === name);
    if (tool === undefined) throw new Error(`there is no ${name}`);
    return tool.call(args, { by: "a model", signal: new AbortController().signal });
  };
  return { all, call, audited };
}

const dice = (sides: number, name = "dice") =>
  `export default { name: "${name}", description: "Rolls one of ${sides}", input: { type: "object" }, handler: () => "1" };\n`;

test("snapshots that somebody has removed while it runs begin anew with what the folder holds, and nothing else is lost", async () => {
  await library.write("one", "// one", js);
  rmSync(snapshotsFolder(), { recursive: true });
  await library.write("two", "// two", js);
  expect(Object.keys(onDisk())).toEqual(["one.js", "two.js"]);
  expect((await library.snapshots()).at(-1)?.tools.map(({ name }) => name)).toEqual(["one", "two"]);
  const program = another();
  await Promise.all([program.write("three", "// three", js), library.write("four", "// four", js)]);
  await program.close();
  expect(Object.keys(onDisk())).toEqual(["four.js", "one.js", "three.js", "two.js"]);
});

test("a model creates a tool, changes it, looks at it, deletes it and brings it back", async () => {
  const { all, call, audited } = manage();
  expect(all.map(({ name }) => name).sort()).toEqual([...managementNames].sort());
  expect(await call("create_tool", { name: "dice", code: dice(6) })).toMatchObject({
    content: [{ text: "dice is created." }],
  });
  expect(await call("update_tool", { name: "dice", code: dice(20) })).toMatchObject({
    structuredContent: { tool: "dice", change: { change: "updated", by: "a model" } },
  });
  expect((await call("show_tool", { name: "dice" })).content[0]?.text).toBe(dice(20));
  await call("delete_tool", { name: "dice" });
  expect((await call("list_snapshots", {})).structuredContent?.snapshots).toHaveLength(4);
  expect((await call("diff_snapshots", { from: "2", to: "3" })).content[0]?.text).toContain(
    'description: "Rolls one of 20"',
  );
  expect((await call("rollback", {})).structuredContent).toMatchObject({ code: "no_snapshot" });
  expect(await call("rollback", { snapshot: "3" })).toMatchObject({
    structuredContent: { tools: [{ tool: "dice", change: "added" }] },
  });
  expect(onDisk()).toEqual({ "dice.js": dice(20) });
  expect((await call("tool_history", { name: "dice" })).structuredContent?.changes).toMatchObject([
    { change: "restored" },
    { change: "deleted" },
    {
      change: "updated",
      what: [
        "- description: Rolls one of 6",
        "+ description: Rolls one of 20",
        expect.anything(),
        expect.anything(),
        expect.anything(),
      ],
    },
    { change: "created" },
  ]);
  expect(audited).toEqual(["tool.create dice", "tool.update dice", "tool.delete dice", "tool.rollback 3"]);
});

test("the example in create_tool's description is a tool that is taken and does what it says", async () => {
  const { all, call } = manage();
  const example = all.find(({ name }) => name === "create_tool")?.description.split("Example of code:\n")[1] ?? "";
  expect((await call("create_tool", { name: "roll_dice", code: example })).isError).toBeUndefined();
  const staged = await library.stage({ name: "roll_dice", file: "roll_dice.js", source: example });
  const { default: tool } = await import(isRefusal(staged) ? "" : staged.file);
  expect(tool.handler({ count: 3 }, {})).toMatch(/^\d \d \d = \d+$/);
});

test.each([
  ["no name", "create_tool", { code: dice(6) }, "tool_arguments"],
  ["an argument that does not exist", "create_tool", { name: "dice", code: dice(6), folder: "/" }, "tool_arguments"],
  ["a name that is none", "create_tool", { name: "../dice", code: dice(6) }, "tool_name"],
  ["a bundled tool's name", "create_tool", { name: "calculate", code: dice(6) }, "tool_name"],
  ["a module of another name", "create_tool", { name: "cubes", code: dice(6) }, "tool_name"],
  ["what is there already", "create_tool", { name: "there", code: dice(6, "there") }, "tool_exists"],
  ["a module that cannot be read", "update_tool", { name: "there", code: "export default {" }, "tool_refused"],
  ["a tool that is not there", "update_tool", { name: "dice", code: dice(6) }, "no_tool"],
  ["a bundled tool", "delete_tool", { name: "calculate" }, "no_tool"],
  ["a snapshot that is none", "rollback", { snapshot: "99" }, "no_snapshot"],
])("%s is refused with a sentence, and nothing has changed", async (_, tool, args, code) => {
  await library.write("there", dice(6, "there"), js);
  const before = [onDisk(), await library.snapshots()];
  const result = await manage().call(tool, args);
  expect(result).toMatchObject({ isError: true, structuredContent: { code } });
  expect(result.content[0]?.text).toMatch(/^.{20,400}[.)]$/s);
  expect([onDisk(), await library.snapshots()]).toEqual(before);
});

test("what the scan blocks is refused with its place; what it asks about is taken once that is accepted, for this very code alone", async () => {
  const { call } = manage();
  const blocked = dice(6).replace('"1"', 'eval("1")');
  const accepted = { accept_findings: ["code-from-strings", "eval", "unknown-name", "unknown-call"] };
  const refused = await call("create_tool", { name: "dice", code: blocked, ...accepted });
  expect(refused).toMatchObject({ isError: true, structuredContent: { code: "tool_refused" } });
  expect(refused.content[0]?.text).toMatch(/^dice\.js:1:\d+: /);

  const asked = dice(6).replace('"1"', "someGlobalOfMine");
  expect((await call("create_tool", { name: "dice", code: asked })).content[0]?.text).toContain("it can be accepted");
  expect(await call("create_tool", { name: "dice", code: asked, accept_findings: ["unknown-name"] })).toMatchObject({
    content: [{ text: expect.stringContaining("dice is created.\nLine 1, column ") }],
    structuredContent: { findings: [{ rule: "unknown-name" }] },
  });
  // After the next start too, and after a rollback.
  const file = { name: "dice", file: "dice.js" };
  const next = another();
  await next.open();
  expect(isRefusal(await next.stage({ ...file, source: asked }))).toBe(false);
  expect(isRefusal(await next.stage({ ...file, source: `${asked} ` }))).toBe(true);
  await next.close();
});

test("what the scan only warns of is taken, and said", async () => {
  const result = await manage().call("create_tool", { name: "dice", code: dice(6).replace('"1"', "process.exit(1)") });
  expect(result).toMatchObject({ structuredContent: { findings: [{ rule: "process-exit", action: "warn" }] } });
  expect(result.content[0]?.text).toMatch(/Line 1, column \d+: /);
});

test("a tool that fails its trial, or whose change cannot be recorded, is not written", async () => {
  const failing = manage({ trial: () => Promise.reject(new BanyanError("tool_trial", "Its test 1 failed.")) });
  expect(await failing.call("create_tool", { name: "dice", code: dice(6) })).toMatchObject({
    isError: true,
    content: [{ text: "Its test 1 failed." }],
  });
  const mute = manage({ record: () => Promise.reject(new BanyanError("store", "The disk is full.")) });
  expect(await mute.call("create_tool", { name: "dice", code: dice(6) })).toMatchObject({ isError: true });
  expect(existsSync(tools())).toBe(false);
});
