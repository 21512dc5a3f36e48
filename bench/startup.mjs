// What a start costs: CPU of the primary alone (its children and their start-up not counted), median of ten runs each.
//   node bench/startup.mjs [--json]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const RUNS = 10;
const cli = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "cli.js");
const home = mkdtempSync(join(tmpdir(), "banyan-bench-"));

// Written by the process itself as the last thing it does, to a pipe of its own.
const report = `import { writeSync } from "node:fs";
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 1048576 }));
});`;

const cases = [
  { name: "--version", args: ["--version"], limitMs: 300 },
  { name: "offline print mode", args: ["-p", "what is 6*7", "--yes", "--model", "offline"], limitMs: 1500 },
];

function run(args) {
  const started = performance.now();
  const { status, output } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(report)}`, cli, ...args],
    { env: { ...process.env, BANYAN_HOME: home }, stdio: ["ignore", "pipe", "inherit", "pipe"], encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`banyan ${args.join(" ")} ended with ${status}`);
  return { wallMs: performance.now() - started, ...JSON.parse(output[3]) };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(((sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2) * 10) / 10;
}

const results = cases.map(({ name, args, limitMs }) => {
  const runs = Array.from({ length: RUNS }, () => run(args));
  const of = (key) => median(runs.map((one) => one[key]));
  return { name, cpuMs: of("cpuMs"), limitMs, wallMs: of("wallMs"), rssMb: of("rssMb") };
});
rmSync(home, { recursive: true, force: true });

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ node: process.version, runs: RUNS, results }, null, 2));
} else {
  console.log(`Node ${process.version}, median of ${RUNS}`);
  console.table(
    Object.fromEntries(
      results.map(({ name, cpuMs, limitMs, wallMs, rssMb }) => [
        name,
        { "CPU ms": cpuMs, "at most": limitMs, "wall ms": wallMs, "RSS MB": rssMb },
      ]),
    ),
  );
}
