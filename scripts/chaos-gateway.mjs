// Chaos for the gateway: banyan serve --http as users start it, good clients that call a tool all the time, and hostile clients of every
// kind, each in a process of its own: those that send what must be refused, those that are slow on purpose or flood, and ten thousand
// connections that do nothing. It is quiet before and after each kind. Everything must be refused rightly, no good call may fail, the good
// clients' p99 may be three times that of the quiet around it, and the server must not have grown. Hostile processes run at the lowest
// priority: their own work is theirs to do on machines of their own. Where the server waits for a core even while it is quiet, the machine is
// too busy to tell what times are worth, which is said, and they are not judged.
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
import { memoryOf } from "./chaos-gateway-memory.mjs";
import { shapes } from "./chaos-gateway-shapes.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    /** One kind of hostile client alone; again for each. */
    only: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
  },
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
/** Percent of the quiet time for which the server's main thread waits for a core, on a machine that is too busy to judge times. */
const BUSY = 10;
/** After the first storm, which warms code and caches; what grows after it is what stays. */
const GROWN_HEAP_MB = 8;
const GROWN_MB = 128;
const LOWEST = 19;

const home = mkdtempSync(join(tmpdir(), "banyan-chaos-gateway-"));
mkdirSync(join(home, "project"));
writeFileSync(
  join(home, "config.toml"),
  `[bundled]\nhost = false\n[[servers]]\nname = "every"\nstart = "eager"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([everything])}\n`,
);
const server = spawn(
  process.execPath,
  ["--inspect=127.0.0.1:0", join(here, "..", "dist", "cli.js"), "serve", "--http", "127.0.0.1:0", "--home", home],
  {
    cwd: join(home, "project"),
    env: { ...process.env, BANYAN_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
  },
);
let ended = false;
server.once("exit", () => (ended = true));
let inspector = "";
const url = await new Promise((resolve, reject) => {
  createInterface(server.stderr).on("line", (line) => {
    inspector ||= /Debugger listening on (ws:\S+)/.exec(line)?.[1] ?? "";
    const found = /listening on (http:\S+)\/mcp/.exec(line)?.[1];
    if (found !== undefined) resolve(found);
  });
  server.once("exit", () => reject(new Error("banyan serve has ended")));
});
const { port } = new URL(url);

/** Once nothing of what was is under way any more. */
async function memory() {
  await pause(3_000);
  return memoryOf(server.pid, inspector);
}

const good = fork(join(here, "chaos-gateway-good.mjs"), [url, "every.echo"]);
await once(good, "message");

async function hostile(kind) {
  const child = fork(join(here, "chaos-gateway-hostile.mjs"), [kind, port, String(seconds)]);
  setPriority(child.pid, LOWEST);
  const [told] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => [{ tried: 0, refused: 0, wrong: [`it ended with ${code}`], note: "" }]),
  ]);
  return { kind, ...told };
}

const refused = Object.keys(shapes);
const floods = ["slow headers", "slow bodies", "session flood", "keys tried", "answers never read"];
/** Node takes in 64 KB of requests before their connection can be closed, a thousand of them, so that what others wait is shown and not judged. */
const pipelined = ["thousands behind one another"];
const plan = [
  { name: "what must be refused", kinds: refused },
  { name: "slow and floods", kinds: floods },
  { name: "thousands behind one another", kinds: pipelined, isTimed: false },
  { name: "10,000 idle", kinds: ["10,000 idle connections"] },
  { name: "what must be refused, again", kinds: refused },
]
  .map(({ kinds, ...rest }) => ({ ...rest, kinds: kinds.filter((kind) => (values.only ?? [kind]).includes(kind)) }))
  .filter(({ kinds }) => kinds.length > 0);

/** Milliseconds that the server's main thread has run, and has waited for a core to run on: what its times are worth on a busy machine. */
function scheduled() {
  const [ran, waited] = readFileSync(`/proc/${server.pid}/task/${server.pid}/schedstat`, "utf8").split(" ");
  return { at: performance.now(), ran: ran / 1e6, waited: waited / 1e6 };
}

await pause(2_000);
async function phase(name, kinds, isTimed = true) {
  const before = scheduled();
  good.send("begin");
  const [hostiles] = await Promise.all([Promise.all(kinds.map(hostile)), kinds.length > 0 || pause(seconds * 1_000)]);
  good.send("report");
  const [calls] = await once(good, "message");
  const after = scheduled();
  const share = (what) => Math.round((100 * (after[what] - before[what])) / (after.at - before.at));
  return { name, isTimed, calls, hostiles, ran: share("ran"), waited: share("waited"), memory: await memory() };
}

const phases = [await phase("quiet", [])];
for (const { name, kinds, isTimed } of plan) phases.push(await phase(name, kinds, isTimed), await phase("quiet", []));

const quiet = phases.filter(({ name }) => name === "quiet");
const isBusy = quiet.some(({ waited }) => waited > BUSY);
const first = phases[1];
const last = phases.at(-1);
/** Of the phase by its place: by the quiet before and after it. */
const allowed = (place) =>
  MOST_TIMES * Math.max(LEAST_P99_MS, ...[place - 1, place + 1].map((near) => phases[near]?.calls.p99 ?? 0));
const faults = phases.flatMap(({ name, isTimed, calls, hostiles }, place) => [
  ...hostiles.flatMap(({ kind, tried, wrong }) =>
    tried === 0 ? [`${kind}: nothing was tried`] : wrong.map((each) => `${kind}: ${each}`),
  ),
  ...(calls.failures > 0 ? [`${name}: ${calls.failures} good calls failed, such as ${calls.failed[0]}`] : []),
  ...(name !== "quiet" && isTimed && !isBusy && calls.p99 > allowed(place)
    ? [`${name}: p99 of good calls ${calls.p99.toFixed(1)} ms, more than ${allowed(place).toFixed(1)} ms`]
    : []),
]);
for (const [of, most] of [
  ["heap", GROWN_HEAP_MB],
  ["resident", GROWN_MB],
])
  if (last.memory[of] - first.memory[of] > most)
    faults.push(`the server's memory (${of}) has grown from ${first.memory[of]} to ${last.memory[of]} MB`);
if (ended) faults.push("the server has ended");

good.kill();
server.kill("SIGTERM");
if (!ended) await once(server, "exit");
rmSync(home, { recursive: true, force: true });

const column = (value) => String(typeof value === "number" ? Math.round(value * 100) / 100 : value).padStart(9);
if (values.json) console.log(JSON.stringify({ phases, isBusy, faults }));
else {
  console.log(`${"hostile client".padEnd(30)}${column("tried")}${column("refused")}`);
  for (const { kind, tried, refused, note } of phases.flatMap(({ hostiles }) => hostiles))
    console.log(`${kind.padEnd(30)}${column(tried)}${column(refused)}  ${note}`.trimEnd());
  const head = ["calls", "failed", "p50 ms", "p99 ms", "ran %", "waited %", "heap MB", "RSS MB"];
  console.log(`\n${"good clients, and the server".padEnd(30)}${head.map(column).join("")}`);
  for (const { name, calls, ran, waited, memory } of phases) {
    const row = [calls.calls, calls.failures, calls.p50, calls.p99, ran, waited, memory.heap, memory.resident];
    console.log(`${name.padEnd(30)}${row.map(column).join("")}`);
  }
  if (isBusy) console.log("\nThe machine is too busy to judge times: quit what else runs, and try again.");
  for (const fault of faults) console.error(fault);
}
process.exitCode = faults.length === 0 ? 0 : 1;
