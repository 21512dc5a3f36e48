// Are the properties worth anything? This plants one bug at a time in a scratch copy of the framework and expects the
// properties to find each. Slow, so it is run by hand: node scripts/seed-bugs.mjs [part of a bug's name]
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const RUNS = "10000";

const bugs = [
  {
    name: "wrong stop order",
    file: "supervisor.ts",
    from: "for (const record of [...this.children.values()].reverse()) {\n      await this.shutDown(record, this.handsOver",
    to: "for (const record of [...this.children.values()]) {\n      await this.shutDown(record, this.handsOver",
  },
  {
    name: "intensity off by one",
    file: "intensity.ts",
    from: "return this.restarts.length <= this.max;",
    to: "return this.restarts.length <= this.max + 1;",
  },
  {
    name: "a lost DOWN",
    file: "process.ts",
    from: "monitor.notify(this, reason, monitor.id);",
    to: 'if (monitor.watcher === undefined || reason !== "killed") monitor.notify(this, reason, monitor.id);',
  },
  {
    name: "an effect after death",
    file: "ref.ts",
    from: "    if (this.caller?.alive === false) return;\n    const process = this.resolve();\n    if (process !== undefined) process.push(message);",
    to: "    const process = this.resolve();\n    if (process !== undefined) process.push(message);",
  },
  {
    name: "name not freed before DOWN",
    file: "process.ts",
    edits: [
      {
        from: "    if (this.name !== undefined) this.runtime.names.closed(this.name, this, comesBack, this.slot?.keeps === true);\n",
        to: "",
      },
      {
        from: "    this.observers = undefined;\n    settleStart?.",
        to: "    this.observers = undefined;\n    const { name } = this;\n    if (name !== undefined) {\n      this.runtime.later(() => this.runtime.names.closed(name, this, comesBack, this.slot?.keeps === true));\n    }\n    settleStart?.",
      },
    ],
  },
  {
    name: "link fired twice",
    file: "process.ts",
    from: "    if (links instanceof Set) for (const linked of links) linked.exitSignal(this, reason, true);\n    else links?.exitSignal(this, reason, true);",
    to: "    for (const linked of links instanceof Set ? links : links === undefined ? [] : [links]) {\n      linked.exitSignal(this, reason, true);\n      linked.exitSignal(this, reason, false);\n    }",
  },
  {
    name: "a call never rejected on death",
    file: "process.ts",
    from: "for (const call of this.deferred) call.reject(CallError.exited(call.asked, reason));",
    to: "for (const call of this.deferred) this.runtime.deadlines.remove(call);",
  },
  {
    name: "restart of a temporary child",
    file: "supervisor-core.ts",
    from: '(spec.restart === "transient" && !isClean(reason));',
    to: "!isClean(reason);",
  },
  {
    name: "kept mailbox delivers the crashed message again",
    file: "process.ts",
    from: "    this.stop(reason, message, undefined);\n  }\n\n  // --- observers",
    to: "    (this.mailbox ??= new Ring()).unshift(message);\n    this.stop(reason, message, undefined);\n  }\n\n  // --- observers",
  },
  {
    name: "one_for_all forgets a sibling",
    file: "supervisor.ts",
    from: 'const group = this.strategy === "one_for_all" ? all :',
    to: 'const group = this.strategy === "one_for_all" ? all.slice(0, Math.max(2, all.length - 1)) :',
  },
];

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = dirname(dirname(createRequire(import.meta.url).resolve("vitest/package.json")));
const scratch = mkdtempSync(join(tmpdir(), "banyan-bugs-"));
const source = join(scratch, "src", "supervision");

function copy() {
  rmSync(join(scratch, "src"), { recursive: true, force: true });
  cpSync(join(root, "src", "supervision"), source, { recursive: true });
}

/** The message of what was violated, or undefined where the properties hold. */
function violation() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(modules, "vitest", "vitest.mjs"), "run"], {
    cwd: scratch,
    encoding: "utf8",
    env: { ...process.env, BANYAN_RUNS: RUNS, NO_COLOR: "1" },
  });
  if (status === 0) return undefined;
  const output = `${stdout}${stderr}`;
  return /Caused by: (.*)/.exec(output)?.[1] ?? output;
}

function plant({ name, file, from, to, edits = [{ from, to }] }) {
  const path = join(source, file);
  let text = readFileSync(path, "utf8");
  for (const edit of edits) {
    if (text.split(edit.from).length !== 2) throw new Error(`${name}: ${file} has changed, look for the place again`);
    text = text.replace(edit.from, edit.to);
  }
  writeFileSync(path, text);
}

let missed = 0;
try {
  mkdirSync(join(scratch, "test"));
  cpSync(join(root, "test", "supervision"), join(scratch, "test", "supervision"), { recursive: true });
  symlinkSync(modules, join(scratch, "node_modules"));
  cpSync(join(root, "tsconfig.base.json"), join(scratch, "tsconfig.base.json"));
  writeFileSync(join(scratch, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(scratch, "vitest.config.mjs"),
    'export default { test: { include: ["test/supervision/properties.test.ts"] } };',
  );
  copy();
  const broken = violation();
  if (broken !== undefined) throw new Error(`the properties fail without any bug: ${broken}`);
  console.log("no bug: the properties hold");
  for (const bug of bugs.filter(({ name }) => name.includes(process.argv[2] ?? ""))) {
    copy();
    plant(bug);
    const found = violation();
    if (found === undefined) missed++;
    console.log(`${found === undefined ? "MISSED" : "found "}  ${bug.name}${found === undefined ? "" : `: ${found}`}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(missed === 0 ? 0 : 1);
