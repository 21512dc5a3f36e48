// Runs the client scenarios of the MCP conformance suite against Banyan's connections and sign-in, and prints a table. Exits with 1 if
// one that applies fails or warns.
//   npm run conformance:client [-- --scenario auth/scope-step-up --verbose]     (from dist/: npm run build first)
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { judged, report, suite } from "./conformance-suite.mjs";

/** What does not apply, and why; docs/mcp/conformance.md says more. */
const LEFT_OUT = {
  "auth/cross-app-access-complete-flow":
    "an extension for managed fleets: it needs an id token of the company's own provider",
};

const { values } = parseArgs({ options: { scenario: { type: "string" }, verbose: { type: "boolean" } } });
const program = join(dirname(fileURLToPath(import.meta.url)), "conformance-client-program.mjs");
const command = `${process.execPath} ${program}`;
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
report(rows);

async function run(scenario) {
  const output = join(results, scenario.replace("/", "-"));
  const { code, text } = await suite("client", "--command", command, "--scenario", scenario, "-o", output);
  if (values.verbose) process.stdout.write(text);
  const row = judged(scenario, output, text);
  return code === 0 || row.verdict === "failed" ? row : { scenario, verdict: "failed", note: `it ended with ${code}` };
}

async function scenarios() {
  const { text } = await suite("list", "--client");
  return [...text.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name);
}
