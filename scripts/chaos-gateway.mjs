// Chaos for the gateway: banyan serve --http as users start it, good clients that call a tool all the time, and hostile clients of every
// kind, each in a process of its own. First it is quiet; then come those that send what must be refused, those that are slow on purpose
// or flood, and ten thousand connections that do nothing. Everything must be refused rightly, no good call may fail, the good clients' p99
// may be three times that of the quiet run, and the server must not have grown. Hostile processes run at the lowest priority: their
// own work is theirs to do on machines of their own.
//   npm run chaos:gateway [-- --seconds 20 --json]     (from dist/: npm run build first)
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setPriority, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { shapes } from "./chaos-gateway-shapes.mjs";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "20" }, json: { type: "boolean", default: false } },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) {
  console.error("Give --seconds above 0.");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const everything = join(
  dirname(require.resolve("@modelcontextprotocol/server-everything/package.json")),
  "dist",
  "index.js",
);
const MOST_TIMES = 3;
/** What quiet calls take is less than a timer can tell apart. */
const LEAST_P99_MS = 5;
const GROWN_MB = 48;
const LOWEST = 19;

const home = mkdtempSync(join(tmpdir(), "banyan-chaos-gateway-"));
mkdirSync(join(home, "project"));
writeFileSync(
  join(home, "config.toml"),
  `[bundled]\nhost = false\n[[servers]]\nname = "every"\nstart = "eager"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([everything])}\n`,
);
const server = spawn(
  process.execPath,
  [join(here, "..", "dist", "cli.js"), "serve", "--http", "127.0.0.1:0", "--home", home],
  {
    cwd: join(home, "project"),
    env: { ...process.env, BANYAN_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
  },
);
let ended = false;
server.once("exit", () => (ended = true));
const url = await new Promise((resolve, reject) => {
  createInterface(server.stderr).on("line", (line) => {
    const found = /listening on (http:\S+)\/mcp/.exec(line)?.[1];
    if (found !== undefined) resolve(found);
  });
  server.once("exit", () => reject(new Error("banyan serve has ended")));
});
const { port } = new URL(url);

/** Megabytes that the server has of the machine's memory. */
const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

async function settledMemory() {
  await pause(3_000);
  return Math.round(memory());
}

const good = fork(join(here, "chaos-gateway-good.mjs"), [url, "every.echo"]);
await once(good, "message");

async function measured(work) {
  good.send("begin");
  const result = await work();
  good.send("report");
  const [report] = await once(good, "message");
  return { result, report };
}

async function hostile(kind, forSeconds = seconds) {
  const child = fork(join(here, "chaos-gateway-hostile.mjs"), [kind, port, String(forSeconds)]);
  setPriority(child.pid, LOWEST);
  const [told] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => [{ tried: 0, refused: 0, wrong: [`it ended with ${code}`], note: "" }]),
  ]);
  return { kind, ...told };
}

const slow = ["slow headers", "slow bodies", "session flood", "keys tried", "answers never read"];
const storm = () => Promise.all(Object.keys(shapes).map((kind) => hostile(kind)));

await pause(2_000);
const quiet = await measured(() => pause(seconds * 1_000));
const before = await settledMemory();
const refusing = await measured(storm);
const afterRefusing = await settledMemory();
const crawling = await measured(() => Promise.all(slow.map((kind) => hostile(kind))));
const afterCrawling = await settledMemory();
const idling = await measured(() => hostile("10,000 idle connections"));
const afterIdling = await settledMemory();
const again = await measured(storm);
const after = await settledMemory();

const hostiles = [
  ...refusing.result,
  ...crawling.result,
  idling.result,
  ...again.result.map((one) => ({ ...one, kind: `${one.kind}, again` })),
];
const phases = {
  quiet,
  "what must be refused": refusing,
  "slow and floods": crawling,
  "10,000 idle": idling,
  "refused, again": again,
};
const allowed = MOST_TIMES * Math.max(LEAST_P99_MS, quiet.report.p99);
const faults = [
  ...(ended ? ["the server has ended"] : []),
  ...hostiles.flatMap(({ kind, tried, wrong }) =>
    tried === 0 ? [`${kind}: nothing was tried`] : wrong.map((each) => `${kind}: ${each}`),
  ),
  ...Object.entries(phases).flatMap(([name, { report }]) => [
    ...(report.failures > 0 ? [`${name}: ${report.failures} good calls failed, such as ${report.failed[0]}`] : []),
    ...(report.p99 > allowed
      ? [`${name}: p99 of good calls ${report.p99.toFixed(1)} ms, more than ${allowed.toFixed(1)} ms`]
      : []),
  ]),
  // The first storm warms caches and code; what the second adds is what stays.
  ...(after - afterRefusing > GROWN_MB ? [`the server has grown from ${afterRefusing} to ${after} MB`] : []),
];

good.kill();
server.kill("SIGTERM");
if (!ended) await once(server, "exit");
rmSync(home, { recursive: true, force: true });

const rounded = (ms) => ms.toFixed(2).padStart(9);
if (values.json)
  console.log(
    JSON.stringify({
      hostiles,
      phases: Object.fromEntries(Object.entries(phases).map(([name, { report }]) => [name, report])),
      memory: { before, afterRefusing, afterCrawling, afterIdling, after },
      faults,
    }),
  );
else {
  console.log(`${"hostile client".padEnd(34)}   tried  refused`);
  for (const { kind, tried, refused, note } of hostiles)
    console.log(`${kind.padEnd(34)} ${String(tried).padStart(7)}  ${String(refused).padStart(7)}  ${note}`.trimEnd());
  console.log(`\n${"good clients".padEnd(34)}   calls   failed   p50 ms    p99 ms`);
  for (const [name, { report }] of Object.entries(phases))
    console.log(
      `${name.padEnd(34)} ${String(report.calls).padStart(7)}  ${String(report.failures).padStart(7)} ${rounded(report.p50)} ${rounded(report.p99)}`,
    );
  console.log(
    `\nmemory of the server, MB: ${before} before, ${afterRefusing} after what was refused, ${afterCrawling} after the slow and the floods, ${afterIdling} after the idle, ${after} at the end`,
  );
  for (const fault of faults) console.error(fault);
}
process.exitCode = faults.length === 0 ? 0 : 1;
