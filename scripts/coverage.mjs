// Lines of src/ that the last `npm test -- --coverage` ran, by folder: in the tests' own processes (coverage/tests) and in those
// they started (coverage/processes), which c8 maps back to the sources. Fails where a folder stays under 80%.
//   npm test -- --coverage && node scripts/coverage.mjs [--json]
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import coverage from "istanbul-lib-coverage";

const LEAST = 80;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "coverage");

const c8 = join(dirname(createRequire(import.meta.url).resolve("c8/package.json")), "bin", "c8.js");
const args = ["report", "--temp-directory", join(folder, "processes"), "--reports-dir", folder, "--reporter", "json"];
const { status } = spawnSync(
  process.execPath,
  [
    "--max-old-space-size=4096",
    c8,
    ...args,
    "--merge-async",
    "--include",
    "src/**",
    "--exclude",
    "node_modules/**",
    "--exclude-after-remap",
  ],
  { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
);
if (status !== 0) process.exit(1);

const read = (file) => coverage.createCoverageMap(JSON.parse(readFileSync(join(folder, file), "utf8")));
const [inTests, inProcesses] = [read("tests/coverage-final.json"), read("coverage-final.json")];

// What counts as a line is what vitest found to be one: c8 counts comments too.
const folders = new Map();
for (const file of inTests.files()) {
  const elsewhere = inProcesses.files().includes(file) ? inProcesses.fileCoverageFor(file).getLineCoverage() : {};
  const lines = Object.entries(inTests.fileCoverageFor(file).getLineCoverage());
  const name = dirname(relative(root, file));
  const sum = folders.get(name) ?? { lines: 0, covered: 0 };
  sum.lines += lines.length;
  sum.covered += lines.filter(([line, hits]) => hits > 0 || elsewhere[line] > 0).length;
  folders.set(name, sum);
}

const rows = [...folders]
  .filter(([, { lines }]) => lines > 0)
  .map(([name, { lines, covered }]) => ({ folder: name, lines, percent: Math.round((1000 * covered) / lines) / 10 }))
  .sort((a, b) => a.folder.localeCompare(b.folder));
if (process.argv.includes("--json")) console.log(JSON.stringify(rows, null, 2));
else
  for (const { folder, lines, percent } of rows)
    console.log(
      `${folder.padEnd(32)} ${String(percent).padStart(5)}% of ${lines} lines${percent < LEAST ? "  TOO FEW" : ""}`,
    );
if (rows.some(({ percent }) => percent < LEAST)) process.exitCode = 1;
