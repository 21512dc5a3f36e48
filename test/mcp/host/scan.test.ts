import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tooDeep } from "../../../src/mcp/host/scan/nesting.js";
import { type RuleName, ruleNames, rules } from "../../../src/mcp/host/scan/rules.js";
import { scanModule } from "../../../src/mcp/host/scan/scan.js";

const samples = (folder: string) =>
  readdirSync(new URL(`${folder}/`, import.meta.url)).map((file) => ({
    file,
    source: readFileSync(new URL(`${folder}/${file}`, import.meta.url), "utf8"),
  }));

/** Attacks that the scan does not block by itself, and why that is right. */
const notBlocked: Readonly<Record<string, string>> = {
  "species-swap.js":
    "`Symbol.species` has honest uses, so the user is asked; it reaches nothing outside the tool itself",
  "uninitialised-memory.js":
    "`Buffer.allocUnsafe` is often used without thought, so the user is asked; the process holds no secrets",
};

/** The least code that breaks each rule, and code beside it that looks alike and is let through. */
const examples: Readonly<Record<RuleName, { readonly breaks: string[]; readonly keeps?: string[] }>> = {
  syntax: { breaks: ["const x = ;", "export default {"], keeps: [""] },
  "too-large": { breaks: [`"${"x".repeat(300_000)}"`], keeps: [`"${"x".repeat(200_000)}"`] },
  "too-deep": {
    breaks: ["[".repeat(300) + "]".repeat(300), `1${"+1".repeat(2_000)}`],
    keeps: ["[".repeat(50) + "]".repeat(50)],
  },
  "too-complex": {
    breaks: [
      [
        "const f0 = (x) => x + x;",
        ...Array.from({ length: 40 }, (_, i) => `const f${i + 1} = (x) => f${i}(x) + f${i}(x) + f${i}(x);`),
        ...Array.from({ length: 100 }, (_, i) => `f40("${i}");`),
      ].join("\n"),
    ],
  },
  "hidden-text": { breaks: ["const a = 'x\u202e';", "const \\u0061b = 1;"], keeps: ["const a = '\\u202e';"] },
  "assembled-name": {
    breaks: [
      "const a = 'con' + 'structor';",
      "const a = '\\x65val';",
      "const a = ['__', 'proto', '__'].join('');",
      "const a = atob('ZXZhbA==');",
    ],
    keeps: ["const a = 'constructor';", "const a = 'pro' + 'gress';", "const a = 'preprocess'.slice(3);"],
  },
  obfuscated: {
    breaks: [
      "const a = [!![] + ![], +[] + +[], !![], ![], +[], +{}];",
      "const _0x1a2b = 1, _0x1a2c = 2, _0x1a2d = 3, _0x1a2e = 4, _0x1a2f = 5;",
    ],
    keeps: ["const a = +[1] + Number(![]);"],
  },
  "module-not-allowed": {
    breaks: [
      "import fs from 'node:fs';",
      "import { run } from 'node:test';",
      "export * from 'child_process';",
      "await import('os');",
    ],
    keeps: [
      "import { createHash } from 'node:crypto';",
      "import path from 'path';",
      "import type { Stats } from 'node:fs';",
    ],
  },
  "package-import": {
    breaks: ["import _ from 'lodash';", "import x from 'zod/v4';"],
    keeps: ["import { z } from 'zod';", "import { defineTool } from 'banyan/tool';"],
  },
  "relative-import": { breaks: ["import './other.js';", "import x from '/etc/x.mjs';", "import '#internal';"] },
  "url-import": {
    breaks: ["import 'data:text/javascript,1';", "import 'file:///x.js';", "await import('https://x/y.js');"],
  },
  "import-form": { breaks: ["import x from 'zod' with { type: 'json' };", "await import('zod', {});"] },
  "computed-import": {
    breaks: ["await import(name());\nfunction name() { return 'zod'; }", "await import(`node:fs`);"],
    keeps: ["await import('node:url');"],
  },
  "import-meta": {
    breaks: ["import.meta.resolve('x');", "const m = import.meta;", "import.meta['dirname'];"],
    keeps: ["new URL('x', import.meta.url);"],
  },
  require: {
    breaks: ["require('zod');", "module.exports = {};", "__dirname;"],
    keeps: ["const require = (x) => x; require('zod');", "typeof require;"],
  },
  "code-from-strings": {
    breaks: [
      "eval('1');",
      "const e = [eval];",
      "new Function('1');",
      "setTimeout('x()', 1);",
      "const { eval: e } = globalThis;",
    ],
    keeps: [
      "const a = { eval: (x) => x }; a.eval('1');",
      "x instanceof Function;\nvar x;",
      "setTimeout(() => {}, 1);",
      "typeof eval;",
    ],
  },
  "constructor-access": {
    breaks: [
      "(() => {}).constructor('x');",
      "const { constructor: c } = () => {};",
      "const k = 'constructor'; isNaN[k];",
      "({}).constructor.keys;",
      "super_();\nfunction super_() { return new this.constructor(1); }",
    ],
    keeps: [
      "class A { constructor() { this.a = 1; } }",
      "const row = { constructor: 'Ferrari' }; row.constructor;",
      "const f = (constructor) => constructor + 1;",
      "const f = (v) => new v.constructor();",
      "const f = (v) => [Array, Object].includes(v.constructor);",
      "class V { constructor(x) { this.x = x; } add(o) { return new this.constructor(this.x + o.x); } }",
    ],
  },
  "constructor-name": {
    breaks: [
      "const f = (x) => x.constructor.name;",
      "const f = (x) => x?.constructor === Object;",
      "class A { f() { return this.constructor.limit; } }",
    ],
  },
  "global-object": {
    breaks: [
      "const g = globalThis;",
      "f(global);\nfunction f() {}",
      "const all = { ...self };",
      "const { ...rest } = globalThis;",
    ],
    keeps: [
      "globalThis.Math.max(1);",
      "const { Math: m } = globalThis;",
      "const self = this;\nself;",
      "const global = 1;\nglobal;",
    ],
  },
  "computed-member": {
    breaks: [
      "const f = (k) => process[k];",
      "const f = (k) => Math.max[k];",
      "const f = (k) => (() => {})[k];",
      "const f = (k) => [][k];",
      "import * as c from 'node:crypto';\nexport const f = (k) => c[k];",
      "const f = (k) => Reflect[k]();",
      "const f = (k) => console[k].write('x');",
    ],
    keeps: [
      "const f = (row, k) => row[k];",
      "const f = (op) => Math[op](1);",
      "const f = (k) => console[k]('x');",
      "const f = (i) => 'abc'[i];",
      "const f = (u) => new Date()['get' + u]();",
      "const f = (a, i, j) => a[i][j](1);",
      "const t = { a: { b: () => 1 } }; const f = (i, j) => t[i][j]();",
    ],
  },
  "unknown-call": {
    breaks: [
      "const f = (a, i, j) => a[i][j]('x')();",
      "const f = (a, i, j) => { const m = a[i]; const g = m[j]; const h = g('x'); return h(1); };",
    ],
    keeps: ["const f = (a, i, j) => a[i][j]('x').trim();"],
  },
  process: {
    breaks: [
      "process.kill(1);",
      "const p = process;",
      "process.binding('fs');",
      "const { dlopen: d } = process;",
      "process.on('exit', () => {});",
    ],
    keeps: [
      "process.memoryUsage().rss;",
      "const { platform } = process;",
      "const f = (process) => process.kill(1);",
      "typeof process;",
    ],
  },
  "process-exit": { breaks: ["process.exit(1);", "process.exitCode = 1;"] },
  environment: { breaks: ["process.argv[2];", "process.env.LANG;", "const { TZ } = process.env;"] },
  "environment-all": {
    breaks: [
      "JSON.stringify(process.env);",
      "process.env.API_KEY;",
      "process.env.X = '1';",
      "const { env } = process;",
      "const f = (k) => process.env[k];",
      "delete process.env.PATH;",
    ],
  },
  "protocol-output": {
    breaks: ["process.stdout.write('x');", "const { stdin } = process;", "process.stderr.end();"],
    keeps: ["process.stderr.write('x');", "console.log('x');"],
  },
  network: {
    breaks: ["fetch('x');", "new WebSocket('x');", "const go = globalThis.fetch;"],
    keeps: ["const fetch = () => 1; fetch();", "const o = { fetch() {} }; o.fetch();"],
  },
  threads: { breaks: ["new SharedArrayBuffer(1);", "Atomics.wait;", "new MessageChannel();"] },
  webassembly: { breaks: ["WebAssembly.compile;"] },
  proto: {
    breaks: [
      "const f = (x) => x.__proto__;",
      "const o = { __proto__: { a: 1 } };",
      "Object.getPrototypeOf([]).x;",
      "const p = Array.prototype;",
      "const f = (x) => x.__lookupGetter__('a');",
      "Object.setPrototypeOf(Array, null);",
      "JSON.parse('{\"__proto__\":{}}');",
    ],
    keeps: [
      "const o = { __proto__: null };",
      "Object.prototype.hasOwnProperty.call({}, 'a');",
      "const f = (x) => Object.getPrototypeOf(x) === Object.prototype;",
      "const f = (k) => k === '__proto__';",
      "Object.create(Error.prototype);",
      "const f = (v) => Object.create(Object.getPrototypeOf(v));",
      "const f = (v) => [null, Object.prototype].includes(Object.getPrototypeOf(v));",
    ],
  },
  "builtin-write": {
    breaks: [
      "Math.random = () => 4;",
      "Array.prototype.x = 1;",
      "globalThis.x = 1;",
      "const m = JSON; m.parse = null;",
      "Object.freeze(Object);",
      "({ a: Math.max } = { a: 1 });",
      "delete Date.now;",
      "Map = null;",
    ],
    keeps: ["const o = {}; o.Math = 1;", "Error.stackTraceLimit = 5;"],
  },
  "own-prototype": {
    breaks: ["function A() {}\nA.prototype.x = 1;", "class A {}\nObject.assign(A.prototype, { x: 1 });"],
  },
  reflection: {
    breaks: [
      "const r = Reflect;",
      "Object.getOwnPropertyNames(Math);",
      "[Math].map(Object.getOwnPropertyNames);",
      "Reflect.ownKeys(() => {});",
    ],
    keeps: [
      "class C { a() {} }\nObject.getOwnPropertyNames(C.prototype);",
      "Object.getOwnPropertyNames({ a: 1 });",
      "Reflect.ownKeys({});",
    ],
  },
  proxy: { breaks: ["new Proxy({}, {});"] },
  "stack-trace": { breaks: ["Error.prepareStackTrace = () => 1;", "const f = (E) => E.prepareStackTrace;"] },
  species: {
    breaks: ["class A extends Array { static get [Symbol.species]() { return Array; } }\nArray[Symbol.species];"],
    keeps: ["class A { *[Symbol.iterator]() {} }"],
  },
  internals: {
    breaks: [
      "console._stdout;",
      "const f = (s) => s._handle;",
      "import { setEngine } from 'node:crypto';\nsetEngine('x');",
      "import crypto from 'node:crypto';\ncrypto.setEngine('x');",
      "gc();",
    ],
  },
  "raw-memory": {
    breaks: [
      "Buffer.allocUnsafe(9);",
      "import { Buffer as B } from 'node:buffer';\nB.allocUnsafe(9);",
      "import b from 'buffer';\nb.Buffer.allocUnsafe(9);",
    ],
    keeps: ["Buffer.alloc(9);"],
  },
  callee: { breaks: ["function f() { return arguments.callee; }"], keeps: ["function f() { return arguments[0]; }"] },
  "exported-then": {
    breaks: [
      "export function then() {}",
      "const a = 1;\nexport { a as then };",
      "export const { x: then } = { x: 1 };",
    ],
    keeps: ["export const next = Promise.resolve().then(() => 1);"],
  },
  "unknown-name": {
    breaks: ["somethingNew();", "frobnicate = 1;"],
    keeps: ["const somethingNew = () => 1; somethingNew();", "typeof somethingNew;"],
  },
};

describe("the scan", () => {
  it("stops every attack, or hands it to the user for a reason that is written down", () => {
    const attacks = samples("attacks");
    const let_through: string[] = [];
    let blocked = 0;
    for (const { file, source } of attacks) {
      const { verdict } = scanModule(source, file);
      if (verdict === "block") blocked++;
      else if (verdict !== "ask" || notBlocked[file] === undefined) let_through.push(`${file}: ${verdict}`);
    }
    expect(let_through).toEqual([]);
    expect(attacks.length).toBeGreaterThanOrEqual(70);
    expect(Object.keys(notBlocked).filter((file) => !attacks.some((attack) => attack.file === file))).toEqual([]);
    console.log(`${attacks.length} attacks: the scan blocks ${blocked} and asks for ${attacks.length - blocked}`);
  });

  it("gives up on a variable that grows with each of thousands of lines, instead of following it for minutes", () => {
    const code = `let a = "x"; ${"a = a + a; ".repeat(3_000)} export default a;`;
    expect(scanModule(code, "grow.js").findings.map(({ rule }) => rule)).toEqual(["too-complex"]);
  });

  it("lets every harmless tool through, at most with a warning", () => {
    const tools = samples("harmless");
    const stopped: string[] = [];
    let warned = 0;
    for (const { file, source } of tools) {
      const { verdict, findings } = scanModule(source, file);
      if (verdict === "warn") warned++;
      else if (verdict !== "pass")
        stopped.push(`${file}: ${findings.map(({ rule, line }) => `${rule} in line ${line}`).join(", ")}`);
    }
    expect(stopped).toEqual([]);
    expect(tools.length).toBeGreaterThanOrEqual(45);
    console.log(`${tools.length} harmless tools: ${tools.length - warned} pass, ${warned} pass with a warning`);
  });

  it.each(ruleNames)("%s is found where it is broken, and not in what looks alike", (rule) => {
    const { breaks, keeps = [] } = examples[rule];
    for (const code of breaks) {
      const { findings, verdict } = scanModule(code, "sample.ts");
      expect(
        findings.map((finding) => finding.rule),
        code.slice(0, 200),
      ).toContain(rule);
      expect(verdict, code.slice(0, 200)).not.toBe("pass");
    }
    for (const code of keeps)
      expect(
        scanModule(code, "sample.ts").findings.filter(({ action }) => action !== "warn"),
        code.slice(0, 200),
      ).toEqual([]);
  });

  it("tells the place, the reason and the piece of code of a finding", () => {
    const report = scanModule('export default {\n  handler: () =>  eval("1 + 1"),\n};\n', "sum.js");
    expect(report).toEqual({
      verdict: "block",
      findings: [
        {
          rule: "code-from-strings",
          reason: rules["code-from-strings"].reason,
          line: 2,
          column: 19,
          excerpt: "eval",
          action: "block",
        },
      ],
    });
  });

  it("tells where code that cannot be parsed is wrong", () => {
    const { findings } = scanModule("const a = 1;\nconst b = ;\n", "broken.js");
    expect(findings).toMatchObject([{ rule: "syntax", line: 2, column: 11, action: "block" }]);
    expect(findings[0]?.reason).toContain("line 2, column 11");
  });

  it("follows the user's policy where it differs from the rules' defaults", () => {
    const code = "process.exit(1); fetch('x');";
    expect(scanModule(code, "a.js").verdict).toBe("block");
    expect(scanModule(code, "a.js", { policy: { network: "allow" } }).verdict).toBe("warn");
    expect(scanModule(code, "a.js", { policy: { network: "allow", "process-exit": "allow" } })).toEqual({
      findings: [],
      verdict: "pass",
    });
    expect(scanModule(code, "a.js", { policy: { network: "ask" } }).verdict).toBe("ask");
  });

  it("judges a plugin milder than a tool: it may import packages and files, and is warned about what its grants decide", () => {
    const code =
      'import _ from "lodash";\nimport "./other.js";\nimport { spawn } from "node:child_process";\nfetch(process.env.API_URL);\nspawn(_);';
    expect(scanModule(code, "a.ts").verdict).toBe("block");
    const asPlugin = scanModule(code, "a.ts", { kind: "plugin" });
    expect(asPlugin).toMatchObject({ verdict: "warn", findings: [{ rule: "module-not-allowed", line: 3 }] });
    expect(scanModule("eval('1')", "a.ts", { kind: "plugin" }).verdict).toBe("ask");
    expect(scanModule('require("child_process").exec("x");', "a.cjs", { kind: "plugin" }).verdict).toBe("warn");
    expect(
      scanModule('const path = require("node:path");\nmodule.exports = { path, here: __dirname };', "a.cjs", {
        kind: "plugin",
      }).verdict,
    ).toBe("pass");
  });

  it("has at most 50 findings, the gravest of them", () => {
    const code = `${"process.env.LANG;\n".repeat(200)}eval("1");`;
    const { findings, verdict } = scanModule(code, "a.js");
    expect(findings).toHaveLength(50);
    expect(findings.at(-1)?.rule).toBe("code-from-strings");
    expect(verdict).toBe("block");
  });
});

describe("code that is nested without end", () => {
  const shapes: Readonly<Record<string, (n: number) => string>> = {
    brackets: (n) => "[".repeat(n) + "]".repeat(n),
    parentheses: (n) => `${"(".repeat(n)}1${")".repeat(n)}`,
    objects: (n) => `x=${"{a:".repeat(n)}1${"}".repeat(n)}`,
    functions: (n) => "(function(){".repeat(n) + "})".repeat(n),
    templates: (n) => `${"`${".repeat(n)}1${"}`".repeat(n)}`,
    classes: (n) => `${"@(class{".repeat(n)}${"})class{}".repeat(n)}`,
    arrows: (n) => `x=${"a=>".repeat(n)}1`,
    conditions: (n) => `x=${"a?1:".repeat(n)}1`,
    assignments: (n) => `${"a=".repeat(n)}1`,
    powers: (n) => `x=1${"**1".repeat(n)}`,
    ifs: (n) => `${"if(a)".repeat(n)};`,
    "else ifs": (n) => `${"if(a);else ".repeat(n)};`,
    "else ifs with blocks": (n) => `${"if(a){}else ".repeat(n)};`,
    loops: (n) => `${"for(;;)".repeat(n)};`,
    labels: (n) => `${Array.from({ length: n }, (_, i) => `l${i}:`).join("")};`,
    news: (n) => `${"new ".repeat(n)}x`,
    awaits: (n) => `${"await ".repeat(n)}1`,
    generics: (n) => `let a:${"A<".repeat(n)}A${">".repeat(n)}`,
    "types of functions": (n) => `type a=${"()=>".repeat(n)}b`,
    keyofs: (n) => `type a=${"keyof ".repeat(n)}b`,
    casts: (n) => `x=${"<a>".repeat(n)}b`,
    namespaces: (n) => `namespace a${".a".repeat(n)}{}`,
    "brackets closed in comments": (n) => `${"[/*]*/".repeat(n)}1${"]".repeat(n)}`,
    "brackets closed in text": (n) => `${"['',']',".repeat(n)}1${"]".repeat(n)}`,
    "brackets closed in regular expressions": (n) => `${"[/]/,".repeat(n)}1${"]".repeat(n)}`,
    "brackets behind a divided template": (n) => `x=(1)/\`\n${"]".repeat(n)}\`/${"[".repeat(n)}1${"]".repeat(n)}`,
    "brackets behind a quote in a regular expression": (n) => `if(1)/'/;${"[/*'*/".repeat(n)}1${"]".repeat(n)}`,
    "brackets behind a comment in doubt": (n) => `x=(1)//*]]]]\n${"]".repeat(n)}*/1;${"[".repeat(n)}1${"]".repeat(n)}`,
    sums: (n) => `x=1${"+1".repeat(n)}`,
    calls: (n) => `x${"()".repeat(n)}`,
    members: (n) => `x${".a".repeat(n)}`,
    signs: (n) => `x=${"!".repeat(n)}1`,
  };

  it.each(Object.entries(shapes))("is refused without overflowing the parser: %s", (_, shape) => {
    expect(scanModule(shape(10_000), "deep.ts").verdict).toBe("block");
  });

  it.each(["sums", "calls", "members", "signs"])("is refused as large as it may be: %s", (name) => {
    expect(scanModule(shapes[name]?.(120_000) ?? "", "deep.ts").verdict).toBe("block");
  });

  it("is not seen in long plain code", () => {
    const statements = Array.from({ length: 3_000 }, (_, i) => `const a${i} = x${i} ? (b / 2) / c : [d, (e) => f];`);
    const branches = Array.from({ length: 800 }, (_, i) => `if (a === ${i}) { b = ${i}; } `);
    const loose = Array.from({ length: 700 }, (_, i) => `const v${i} = list.map(x => x / 2)\nlog(v${i} ? 1 : 2)`);
    const table = `const t = {\n${Array.from({ length: 3_000 }, (_, i) => `  k${i}: ${i},`).join("\n")}\n};`;
    for (const code of [statements.join("\n"), branches.join("\n"), loose.join("\n"), table])
      expect(tooDeep(code)).toBe(false);
  });
});

describe("docs/security.md", () => {
  const page = readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8");

  it("lists every rule as the code has it", () => {
    const cell = (text: string) => text.replaceAll("|", "\\|");
    const rows = ruleNames.map(
      (name) => `| \`${name}\` | ${cell(rules[name].finds)} | ${rules[name].tool} | ${rules[name].plugin} |`,
    );
    const table = ["| rule | finds | in a tool | in a plugin |", "| --- | --- | --- | --- |", ...rows].join("\n");
    expect(page.split("<!-- rules -->")[1]?.split("<!-- /rules -->")[0]?.trim()).toBe(table);
  });
});
