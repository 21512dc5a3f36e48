// Runs the server scenarios of the MCP conformance suite (its active ones) against `banyan serve --http`, with a server behind it that
// has the tools, resources and prompts the suite asks for by name; then asks the same through the command line of the official
// inspector, over HTTP and over stdio. Prints a table, and exits with 1 if one fails or warns.
//   npm run conformance:server [-- --scenario tools-call-elicitation --verbose]     (from dist/: npm run build first)
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { inspector, judged, report, suite } from "./conformance-suite.mjs";

const { values } = parseArgs({ options: { scenario: { type: "string" }, verbose: { type: "boolean" } } });
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "banyan-conformance-server-"));
const banyan = [join(here, "..", "dist", "cli.js"), "serve", "--home", folder];
writeFileSync(
  join(folder, "config.toml"),
  [
    // The suite asks for things by their plain names.
    '[server]\nprefix = "never"',
    "[bundled]\nhost = false",
    `[[servers]]\nname = "fixture"\ncommand = ${JSON.stringify(process.execPath)}`,
    `args = ${JSON.stringify([join(here, "conformance-fixture.mjs")])}\n`,
  ].join("\n"),
);

const rows = [];
const server = spawn(process.execPath, [...banyan, "--http", "127.0.0.1:0"], {
  stdio: ["ignore", "ignore", "pipe"],
});
try {
  const url = await listening(server);
  if (values.scenario !== "inspector") rows.push(...(await scenarios(url)));
  if (values.scenario === undefined || values.scenario === "inspector") {
    rows.push(...(await inspected("http", [url, "--transport", "http"])));
    rows.push(...(await inspected("stdio", [process.execPath, ...banyan, "--stdio"])));
  }
} finally {
  if (server.exitCode === null) {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
report(rows);

async function scenarios(url) {
  const output = join(folder, "results");
  const only = values.scenario === undefined ? ["--suite", "active"] : ["--scenario", values.scenario];
  const { text } = await suite("server", "--url", url, "-o", output, ...only);
  if (values.verbose) process.stdout.write(text);
  const ran = values.scenario === undefined ? [...text.matchAll(/^=== Running scenario: (\S+) ===$/gm)] : [];
  const names = values.scenario === undefined ? ran.map(([, name]) => name) : [values.scenario];
  return names.map((name) => judged(name, folderOf(output, name), text));
}

/** The suite puts a time behind each name. */
function folderOf(output, scenario) {
  const found = readdirSync(output).find((name) => name.replace(/-\d{4}-.*$/, "") === `server-${scenario}`);
  return join(output, found ?? "none");
}

/** What the inspector shows of each kind. */
async function inspected(over, target) {
  const asks = {
    "tools/list": [[], ({ tools }) => tools.some(({ name }) => name === "test_simple_text")],
    "tools/call": [
      ["--tool-name", "test_simple_text"],
      ({ content }) => content[0].text === "This is a simple text response for testing.",
    ],
    "resources/read": [
      ["--uri", "test://static-text"],
      ({ contents }) => contents[0].text === "This is the content of the static text resource.",
    ],
    "prompts/get": [
      ["--prompt-name", "test_prompt_with_arguments", "--prompt-args", "arg1=hello", "arg2=world"],
      ({ messages }) => messages[0].content.text === "Prompt with arguments: arg1='hello', arg2='world'",
    ],
  };
  const found = [];
  for (const [method, [options, isRight]] of Object.entries(asks)) {
    const { code, out, text } = await inspector(...target, "--method", method, ...options);
    if (values.verbose) process.stdout.write(text);
    const well = code === 0 && isRight(JSON.parse(out));
    const note = well ? "as it should be" : text.trim().split("\n").slice(-4).join(" | ");
    found.push({ scenario: `inspector ${over} ${method}`, verdict: well ? "passed" : "failed", note });
  }
  return found;
}

/** The address it says it listens at. */
async function listening({ stderr }) {
  for await (const line of createInterface({ input: stderr })) {
    const [, url] = /listening on (http\S+)/.exec(line) ?? [];
    if (url === undefined) continue;
    stderr.resume();
    return url;
  }
  throw new Error("banyan serve has ended before it listened; run npm run build first");
}
