// What `banyan serve --http` takes: the processor time until it is ready, and its memory after 1,000 queries of the catalog and a garbage
// collection, beside that of a bare Node and of a process that only imports the same libraries; and that nothing of the screen is
// loaded. Exits with 1 if a limit is not kept. Linux and macOS.
// What is bundled names the module each part comes from: those, and what is loaded as it was installed, are the same libraries.
//   npm run memory [-- --json]     (from dist/: npm run build first; BANYAN_CORPUS: a folder with plugins/ or corpus/plugins/, to be
//                                  its catalog)
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const QUERIES = 1_000;
const given = process.env.BANYAN_CORPUS;
const corpus = [given, given && join(given, "corpus")].find((folder) => folder && existsSync(join(folder, "plugins")));
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "banyan-memory-"));
/** What stands in the way of measuring: it tells its own figures when it is told to. */
const probe = join(folder, "probe.cjs");
writeFileSync(
  probe,
  `process.on("SIGUSR2", () => {
  for (let i = 0; i < 4; i++) globalThis.gc();
  setTimeout(() => {
    globalThis.gc();
    const { user, system } = process.cpuUsage();
    const loaded = Object.values(require("module")._pathCache ?? {}).map((path) => require("url").pathToFileURL(path).href).concat(globalThis.probeLoaded ?? []);
    require("fs").writeFileSync(process.env.PROBE, JSON.stringify({ cpuMs: (user + system) / 1e3, rss: process.memoryUsage().rss, loaded }));
    console.error("probed");
  }, 200);
});
`,
);
/** Tells which modules are loaded as ESM. */
const hook = join(folder, "hook.mjs");
writeFileSync(
  hook,
  `import { register } from "node:module";
import { MessageChannel } from "node:worker_threads";
const { port1, port2 } = new MessageChannel();
globalThis.probeLoaded = [];
port1.on("message", (url) => globalThis.probeLoaded.push(url)).unref();
register("data:text/javascript," + encodeURIComponent(\`let port;
export function initialize(given) { port = given; }
export async function load(url, context, next) { port.postMessage(url); return next(url, context); }\`), { data: port2, transferList: [port2] });
`,
);
const running = [];

function start(args, more = [], cwd = folder) {
  const file = join(folder, `${running.length}.json`);
  const program = spawn(process.execPath, ["--expose-gc", "--require", probe, ...more, ...args], {
    cwd,
    env: { ...process.env, PROBE: file },
    stdio: ["ignore", "ignore", "pipe"],
  });
  running.push(program);
  const lines = createInterface({ input: program.stderr });
  return {
    pid: program.pid,
    said: async (pattern) => {
      for await (const [line] of on(lines, program)) if (pattern.test(line)) return pattern.exec(line);
      throw new Error(`it ended before it said ${pattern}`);
    },
    figures: async () => {
      const told = new Promise((resolve) => lines.on("line", (line) => line === "probed" && resolve()));
      program.kill("SIGUSR2");
      await told;
      return JSON.parse(readFileSync(file, "utf8"));
    },
  };
}

/** Its lines, until it ends. */
async function* on(lines, program) {
  const waiting = [];
  let wake = () => {};
  lines.on("line", (line) => {
    waiting.push([line]);
    wake();
  });
  program.once("exit", () => {
    waiting.push(undefined);
    wake();
  });
  for (;;) {
    const next = waiting.shift();
    if (next !== undefined) yield next;
    else if (program.exitCode !== null) return;
    else await new Promise((resolve) => (wake = resolve));
  }
}

/** In seconds of the processor, as the system counts them. */
function cpuMs(pid) {
  const [, time] = /(\S+)\s*$/.exec(execFileSync("ps", ["-o", "cputime=", "-p", `${pid}`], { encoding: "utf8" })) ?? [];
  const fields = readFields(pid);
  return fields ?? time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000;
}

/** To the hundredth of a second, where there is /proc. */
function readFields(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

async function ready(more) {
  const server = serve(corpus ?? folder, more);
  const [, url] = await server.said(/listening on (http\S+)\/mcp/);
  while (!(await fetch(`${url}/health/ready`)).ok) await new Promise((resolve) => setTimeout(resolve, 20));
  return { ...server, url };
}

function serve(cwd, more = []) {
  const settings = ["[bundled]", "host = false", ""].join("\n");
  writeFileSync(join(folder, "config.toml"), settings);
  return start([join(root, "dist", "cli.js"), "serve", "--http", "127.0.0.1:0", "--home", folder], more, cwd);
}

async function queries(url) {
  const words = [
    "react",
    "postgres migrations",
    "kubernetes",
    "security audit",
    "write tests",
    "typescript",
    "api design",
  ];
  for (let i = 0; i < QUERIES; i++) {
    const params = { capability: `${words[i % words.length]} ${i % 50}`, limit: 5 };
    const body = JSON.stringify({ jsonrpc: "2.0", id: i, method: "queryAgents", params });
    const answer = await fetch(`${url}/`, { method: "POST", headers: { "content-type": "application/json" }, body });
    if (answer.status === 404) return false;
    await answer.arrayBuffer();
  }
  return true;
}

/** Where the modules of packages lie that went into a file of the bundle, which has their names before them. */
function bundledIn(url) {
  const named = readFileSync(fileURLToPath(url), "utf8").matchAll(/^\/\/ \S*?(node_modules\/\S+\.[cm]?js)$/gm);
  return Array.from(named, ([, path]) => pathToFileURL(join(root, path)).href);
}

function packageOf(url) {
  return /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
}

const MB = (bytes) => Math.round(bytes / 1024 / 1024);
let failed = false;
try {
  // The folder is kept warm, as it is for everybody but on the first day.
  const first = await ready();
  await queries(first.url);
  running.at(-1).kill("SIGTERM");
  await once(running.at(-1), "exit");

  const server = await ready();
  const toReady = cpuMs(server.pid);
  const asked = await queries(server.url);
  const after = await server.figures();

  const seen = await ready(["--import", hook]);
  await queries(seen.url);
  const { loaded } = await seen.figures();
  const own = loaded.filter((url) => url.startsWith("file:") && !url.includes("node_modules"));
  const modules = [
    ...new Set([...loaded.filter((url) => /node_modules.*\.[cm]?js$/.test(url)), ...own.flatMap(bundledIn)]),
  ];
  const packages = [...new Set(modules.map(packageOf))].sort();
  const importing = join(root, "memory-imports.tmp.mjs");
  writeFileSync(
    importing,
    `let failed = 0;
for (const url of ${JSON.stringify(modules)}) await import(url).catch(() => failed++);
console.error("loaded, but " + failed); setInterval(() => {}, 1e6);`,
  );
  const libraries = start([importing]);
  const [, unloaded] = await libraries.said(/loaded, but (\d+)/);
  rmSync(importing);
  const bare = start(["-e", 'console.error("loaded"); setInterval(() => {}, 1e6)']);
  await bare.said(/loaded/);
  const [{ rss: ofLibraries }, { rss: ofBare }] = [await libraries.figures(), await bare.figures()];
  // What is bundled has no package's name any more, and is known by what React calls its elements.
  const screen = own.filter((url) => /react\.(transitional\.)?element/.test(readFileSync(fileURLToPath(url), "utf8")));
  const rows = {
    "CPU to ready, ms": Math.round(toReady),
    [`RSS after ${asked ? QUERIES : 0} queries, MB`]: MB(after.rss),
    "RSS of a bare Node, MB": MB(ofBare),
    "RSS of a process with the same libraries, MB": MB(ofLibraries),
    "files loaded": loaded.length,
    "modules of libraries": `${modules.length - Number(unloaded)} of ${modules.length}, of the packages ${packages.join(", ")}`,
  };
  const bars = {
    "ready in under 1 s of CPU": toReady < 1_000,
    "within 50 MB of a bare Node, or 10 MB of the same libraries":
      after.rss - ofBare < 50 * 1024 ** 2 || after.rss - ofLibraries < 10 * 1024 ** 2,
    "nothing of the screen is loaded": screen.length === 0,
  };
  failed = Object.values(bars).includes(false);
  if (process.argv.includes("--json")) console.log(JSON.stringify({ corpus: corpus ?? null, ...rows, bars }, null, 2));
  else {
    if (corpus === undefined)
      console.log("no corpus: BANYAN_CORPUS names no folder with plugins/, so the catalog is empty");
    for (const [what, value] of Object.entries(rows)) console.log(`${what}: ${value}`);
    for (const [bar, holds] of Object.entries(bars)) console.log(`${holds ? "ok " : "not"}  ${bar}`);
  }
} finally {
  for (const program of running) if (program.exitCode === null) program.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
