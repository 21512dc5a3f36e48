// Runs the client scenarios of the MCP conformance suite against Banyan's connections and sign-in, and prints a table. Exits with 1 if
// one that applies fails or warns. The suite does not start on Node 20, so there a newer Node is installed beside it, in a folder of the
// temporary files that the next run finds again.
//   npm run conformance:client [-- --scenario auth/scope-step-up --verbose]     (from dist/: npm run build first)
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const SUITE = "0.1.16";
const NODE = "24";
/** What does not apply, and why; docs/mcp/conformance.md says more. */
const LEFT_OUT = {
  "auth/cross-app-access-complete-flow":
    "an extension for managed fleets: it needs an id token of the company's own provider",
};

const { values } = parseArgs({ options: { scenario: { type: "string" }, verbose: { type: "boolean" } } });
const program = join(dirname(fileURLToPath(import.meta.url)), "conformance-client-program.mjs");
const command = `${process.execPath} ${program}`;
const folder = installed();
const results = mkdtempSync(join(tmpdir(), "banyan-conformance-results-"));
const rows = [];
try {
  for (const scenario of await scenarios()) {
    if (values.scenario !== undefined && scenario !== values.scenario) continue;
    if (scenario in LEFT_OUT) rows.push({ scenario, verdict: "left out", note: LEFT_OUT[scenario] });
    else rows.push(await run(scenario));
  }
} finally {
  rmSync(results, { recursive: true, force: true });
}

const width = Math.max(...rows.map(({ scenario }) => scenario.length));
for (const { scenario, verdict, note } of rows) console.log(`${scenario.padEnd(width)}  ${verdict.padEnd(8)}  ${note}`);
const count = (verdict) => rows.filter((row) => row.verdict === verdict).length;
console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${count("left out")} left out (suite ${SUITE})`);
process.exitCode = rows.length === 0 || count("failed") > 0 ? 1 : 0;

/** One scenario, judged as strictly as the suite does: a warning is a failure. */
async function run(scenario) {
  const output = join(results, scenario.replace("/", "-"));
  const { code, text } = await suite("client", "--command", command, "--scenario", scenario, "-o", output);
  if (values.verbose) process.stdout.write(text);
  const file = existsSync(output)
    ? readdirSync(output, { recursive: true }).find((name) => name.endsWith("checks.json"))
    : undefined;
  const checks = file === undefined ? [] : JSON.parse(readFileSync(join(output, file), "utf8"));
  const passed = checks.filter(({ status }) => status === "SUCCESS").length;
  const wrong = checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
  const well = code === 0 && wrong.length === 0 && passed > 0;
  const why = wrong.map(({ id, description }) => `${id}: ${description}`).join("; ");
  const note = well ? `${passed} checks` : why || text.trim().split("\n").slice(-8).join(" | ");
  return { scenario, verdict: well ? "passed" : "failed", note };
}

async function scenarios() {
  const { text } = await suite("list", "--client");
  return [...text.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name);
}

/** Runs the suite's own program to its end. */
function suite(...args) {
  const own = join(folder, "node_modules", "node", "bin", "node");
  const node = existsSync(own) ? own : process.execPath;
  const main = join(folder, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");
  return new Promise((done, failed) => {
    const child = spawn(node, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
    }
    child.on("error", failed);
    child.on("close", (code) => done({ code, text }));
  });
}

/** The folder with the suite in it. It gets its name when all is there, so that half an installation is never used. */
function installed() {
  const newNode = Number(process.versions.node.split(".")[0]) >= 22 ? {} : { node: NODE };
  const wanted = join(tmpdir(), `banyan-conformance-${SUITE}${"node" in newNode ? `-node${NODE}` : ""}`);
  if (existsSync(wanted)) return wanted;
  const fresh = `${wanted}.${process.pid}`;
  mkdirSync(fresh);
  const dependencies = { "@modelcontextprotocol/conformance": SUITE, ...newNode };
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
    console.error("The conformance suite could not be installed; look at what npm says above.");
    process.exit(1);
  }
  renameSync(fresh, wanted);
  return wanted;
}
