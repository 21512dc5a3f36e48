// Changes the tools of a data folder as fast as it can until it is killed. On stdout it says before each change what the folder is to
// hold after it, and after each what it holds, one JSON line each. Started by chaos-toolhost.mjs.
import { readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ToolLibrary } from "../dist/mcp/host/library/tool-library.js";
import { randomFrom } from "./chaos-random.mjs";

const [folder, seed] = process.argv.slice(2);
const random = randomFrom(Number(seed));
const pick = (list) => list[Math.floor(random() * list.length)];
const [tools, objects] = [join(folder, "data", "tools"), join(folder, "data", "snapshots", "objects")];
const library = new ToolLibrary({ data: join(folder, "data"), staged: join(folder, "staged"), reserved: [] });
const by = { by: "chaos" };
const NAMES = ["ash", "beech", "cedar", "fig", "oak"];

/** A pipe to one who reads takes a line whole; the kill comes between two. */
function say(what) {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

function filesNow() {
  const names = readdirSync(tools).sort();
  return Object.fromEntries(names.map((file) => [file, readFileSync(join(tools, file), "utf8")]));
}

function filesOf(snapshot) {
  const files = [...snapshot.tools].sort((a, b) => (a.file < b.file ? -1 : 1));
  return Object.fromEntries(files.map(({ file, hash }) => [file, readFileSync(join(objects, hash), "utf8")]));
}

async function change(kind, files, work) {
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  say({ kind, intended: JSON.stringify(sorted) });
  await work();
  say({ done: JSON.stringify(filesNow()) });
}

const moves = {
  async write() {
    const name = pick(NAMES);
    const language = pick(["js", "ts"]);
    const code = `// ${name} ${random()}\n${`// ${"x".repeat(70)}\n`.repeat(random() * 1_500)}`;
    const others = Object.entries(filesNow()).filter(([file]) => !file.startsWith(`${name}.`));
    const kind = others.length === Object.keys(filesNow()).length ? "create" : "update";
    const files = Object.fromEntries([...others, [`${name}.${language}`, code]]);
    await change(kind, files, () => library.write(name, code, { ...by, language }));
  },
  async remove() {
    const file = pick(Object.keys(filesNow()));
    if (file === undefined) return;
    const { [file]: _, ...others } = filesNow();
    await change("delete", others, () => library.remove(file.split(".")[0], by));
  },
  async restore() {
    const { tree } = await library.current();
    const target = pick((await library.snapshots()).filter((snapshot) => snapshot.tree !== tree));
    if (target !== undefined) await change("restore", filesOf(target), () => library.restore(target.id, by));
  },
  async good() {
    await library.markGood((await library.current()).tree);
  },
  async rollBack() {
    const { tree, tools: files } = await library.current();
    if (files.length === 0) return;
    const target = await library.lastGood();
    await change("rollback", target === undefined ? {} : filesOf(target), () => library.rollBackFrom(tree));
  },
};

await library.open();
await library.noteEdits();
const all = Object.values(moves);
for (;;) await pick(all)();
