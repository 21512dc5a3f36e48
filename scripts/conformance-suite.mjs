// The MCP conformance suite and the official inspector, for the scripts that use them. The suite does not start on Node 20, so there a newer
// Node is installed beside it. They are in a folder of the temporary files that the next run finds again.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const SUITE = "0.1.16";
const INSPECTOR = "1.0.3";
const NODE = "24";

let installedAt;

/** Runs the suite's own program to its end. */
export function suite(...args) {
  return run([join("conformance", "dist", "index.js"), ...args]);
}

/** Likewise the inspector's, on the command line. */
export function inspector(...args) {
  return run([join("inspector", "cli", "build", "cli.js"), "--cli", ...args]);
}

function run([main, ...args]) {
  installedAt ??= installed();
  const own = join(installedAt, "node_modules", "node", "bin", "node");
  const node = existsSync(own) ? own : process.execPath;
  const script = join(installedAt, "node_modules", "@modelcontextprotocol", main);
  return new Promise((done, failed) => {
    const child = spawn(node, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    let out = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
        if (stream === child.stdout) out += chunk;
      });
    }
    child.on("error", failed);
    child.on("close", (code) => done({ code, text, out }));
  });
}

/** What the suite wrote of one scenario, judged as strictly as it can be: a warning is a failure. `text` is told where it wrote nothing. */
export function judged(scenario, folder, text) {
  const file = existsSync(folder)
    ? readdirSync(folder, { recursive: true }).find((name) => name.endsWith("checks.json"))
    : undefined;
  const checks = file === undefined ? [] : JSON.parse(readFileSync(join(folder, file), "utf8"));
  const passed = checks.filter(({ status }) => status === "SUCCESS").length;
  const wrong = checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
  const well = wrong.length === 0 && passed > 0;
  const why = wrong.map(({ id, description, errorMessage }) => `${id}: ${errorMessage ?? description}`).join("; ");
  const note = well ? `${passed} checks` : why || text.trim().split("\n").slice(-8).join(" | ");
  return { scenario, verdict: well ? "passed" : "failed", note };
}

/** Prints the table, and says by the exit code whether all is well. */
export function report(rows) {
  const width = Math.max(...rows.map(({ scenario }) => scenario.length));
  for (const { scenario, verdict, note } of rows)
    console.log(`${scenario.padEnd(width)}  ${verdict.padEnd(8)}  ${note}`);
  const count = (verdict) => rows.filter((row) => row.verdict === verdict).length;
  const leftOut = count("left out") === 0 ? "" : `, ${count("left out")} left out`;
  console.log(`\n${count("passed")} passed, ${count("failed")} failed${leftOut} (suite ${SUITE})`);
  process.exitCode = rows.length === 0 || count("failed") > 0 ? 1 : 0;
}

/** The folder with all in it. It gets its name when all is there, so that half an installation is never used. */
function installed() {
  const newNode = Number(process.versions.node.split(".")[0]) >= 22 ? {} : { node: NODE };
  const wanted = join(
    tmpdir(),
    `banyan-conformance-${SUITE}-inspector-${INSPECTOR}${"node" in newNode ? `-node${NODE}` : ""}`,
  );
  if (existsSync(wanted)) return wanted;
  const fresh = `${wanted}.${process.pid}`;
  mkdirSync(fresh);
  const dependencies = {
    "@modelcontextprotocol/conformance": SUITE,
    "@modelcontextprotocol/inspector": INSPECTOR,
    ...newNode,
  };
  writeFileSync(
    join(fresh, "package.json"),
    JSON.stringify({ private: true, dependencies, allowScripts: { node: true } }),
  );
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel", "error"], {
    cwd: fresh,
    stdio: "inherit",
  });
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    console.error("The conformance suite could not be installed, so nothing was tried; look at what npm says above.");
    process.exit(1);
  }
  renameSync(fresh, wanted);
  return wanted;
}
