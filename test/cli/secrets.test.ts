// A secret may come into the app by many doors. Whatever it was, nobody finds it afterwards: not in the log, not in what the
// program prints, not in the tree it shows or in the figures, not in what looks into its processes. The database alone keeps
// what the user and the tools said to each other, for that is the conversation.
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { banyan, type Place, place, root, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { logLines } from "../support/log.js";
import { startModelServer } from "../support/model-server.js";

const server = join(root, "test", "support", "indiscreet-server.mjs");

/** By the door it comes in. None of the first five looks like a secret: they are known by where they came from. */
const secrets = {
  environment: "grapefruit-from-the-environment",
  argument: "grapefruit-from-an-argument",
  file: "grapefruit-from-a-file",
  apiKey: "grapefruit-from-the-provider",
  ownVariable: "grapefruit-from-our-own-variable",
  address: "grapefruit-of-an-address",
  call: "sk-grapefruit-in-a-tool-call",
  crash: "ghp_grapefruitInACrashReason0123456789",
};

/** Every file below the folder but the database's. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && !/banyan\.db(-wal|-shm)?$/.test(file));
}

/** Crashes once the model is asked, and shows what can be seen of every process from inside. */
function preload(folder: string): string {
  const dist = (file: string) => JSON.stringify(pathToFileURL(join(root, "dist", file)).href);
  const file = join(folder, "inside.mjs");
  writeFileSync(
    file,
    `import { writeFileSync } from "node:fs";
import { names } from ${dist("application.js")};
import { child, getState, getStatus, GenServer, inspect, startChild, treeOf, named } from ${dist("supervision/index.js")};
class Careless extends GenServer {
  init() { this.state = { note: "a crash report shows no state" }; this.cast = undefined; }
  fall() { throw new Error("refused ${secrets.crash} of ${secrets.environment}"); }
}
const { fetch } = globalThis;
let asked = 0;
globalThis.fetch = async (...args) => {
  if (++asked === 1) {
    const started = await startChild(names.tasks, child(Careless, undefined, { restart: "temporary" }));
    await started.ok.call.fall().catch(() => {});
  }
  if (asked === 4) {
    const seen = [];
    const walk = async (node) => {
      if (node.name !== undefined) {
        const ref = named(node.name);
        seen.push(inspect(ref), await getStatus(ref).catch(String));
        // The conversation, and the settings as they were written: what these two are there to give.
        if (node.name !== "Session" && node.name !== "Config") seen.push(await getState(ref).catch(String));
      }
      for (const below of node.children ?? []) await walk(below);
    };
    await walk(treeOf(names.root));
    writeFileSync(${JSON.stringify(join(folder, "seen.json"))}, JSON.stringify(seen));
  }
  return fetch(...args);
};
`,
  );
  return pathToFileURL(file).href;
}

function config(modelUrl: string, file: string): string {
  return `model = "openai:m"
[log]
level = "debug"
sinks = ["stderr"]
[providers.openai]
base_url = "${modelUrl}"
api_key = "\${env:PROVIDER}"
[[servers]]
name = "indiscreet"
command = ${JSON.stringify(process.execPath)}
args = ${JSON.stringify([server, `--with=\${env:ARGUMENT}`, `https://ada:${secrets.address}@host/x`])}
env = { TOKEN = "\${env:ENVIRONMENT}", FILE = "\${file:${file}}" }
restart = "never"
`;
}

function expectNone(where: string, text: string): void {
  for (const [door, secret] of Object.entries(secrets)) {
    const at = text.indexOf(secret);
    const around = at < 0 ? "" : text.slice(Math.max(0, at - 200), at + 100);
    expect(around, `the secret of ${door} in ${where}`).toBe("");
  }
}

async function start(): Promise<{ here: Place; folder: string; model: Awaited<ReturnType<typeof startModelServer>> }> {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const folder = temporaryHome();
  const file = join(folder, "secret.txt");
  writeFileSync(file, `${secrets.file}\n`);
  const here = place(folder, config(model.baseUrl, file));
  here.env.PROVIDER = secrets.apiKey;
  here.env.ENVIRONMENT = secrets.environment;
  here.env.ARGUMENT = secrets.argument;
  here.env.MY_SERVICE_TOKEN = secrets.ownVariable;
  here.env.NODE_OPTIONS = `--import ${preload(folder)}`;
  return { here, folder, model };
}

it("no secret shows in the log, on stderr, in the answer, in the tree, in the figures or inside any process", async () => {
  const { here, folder, model } = await start();
  const call = (tool: string) => ({
    toolCalls: [{ name: `indiscreet__${tool}`, arguments: { text: secrets.call } }],
  });
  model.enqueue(call("repeat"));
  model.enqueue(call("refuse"));
  model.enqueue(call("die"));
  model.enqueue({ text: "nothing ".repeat(100), deltas: 100, paceMs: 500 });
  const app = startBanyan(here, ["-p", "question", "--yes"]);
  app.stdin.end();
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    app[stream].setEncoding("utf8").on("data", (part: string) => {
      printed[stream] += part;
    });
  }
  await once(app.stdout, "data");
  const outside = { ...here, env: { ...here.env, NODE_OPTIONS: "" } };
  const [tree, metrics] = await Promise.all([
    banyan(outside, ["tree", "--json"]),
    banyan(outside, ["metrics", "--json"]),
  ]);
  app.kill("SIGTERM");
  await once(app, "close");

  // What might have told is there, without what it must not tell.
  const log = logLines(here.home);
  expect(log.find(({ event }) => event === "crash")).toMatchObject({
    behaviour: "Careless",
    reason: "refused (hidden) of (hidden)",
  });
  expect(log.filter(({ event }) => event === "tool_call").map(({ outcome }) => outcome)).toEqual([
    "done",
    "server_protocol",
    "server_lost",
  ]);
  const died = "dying: TOKEN is (hidden), FILE is (hidden), args are --with=(hidden),https://(hidden)@host/x";
  expect(tree.stdout).toContain(died);
  expect(printed.stdout).toMatch(/^(nothing )+/);
  expect(printed.stderr).toContain('"event":"tool_call"');
  const seen = readFileSync(join(folder, "seen.json"), "utf8");
  expect(seen).toContain(died);
  expect(metrics.stdout).toContain("banyan_crashes_total");

  const files = filesOf(here.home).filter((file) => !file.endsWith("config.toml"));
  expect(files.some((file) => file.includes("logs"))).toBe(true);
  for (const file of files) expectNone(file, readFileSync(file, "latin1"));
  expectNone("stdout", printed.stdout);
  expectNone("stderr", printed.stderr);
  expectNone("the tree", tree.stdout + tree.stderr);
  expectNone("the figures", metrics.stdout + metrics.stderr);
  expectNone("what inspect, getStatus and getState show", seen);
  // The conversation has it: the test did put it there.
  expect(readFileSync(join(here.home, "data", "banyan.db"), "latin1")).toContain(secrets.call);
});

it("a model that repeats the key it was sent shows no secret either", async () => {
  const { here, model } = await start();
  model.enqueue({ status: 401, body: `{"error":{"message":"bad header: Authorization: Bearer ${secrets.apiKey}"}}` });
  const ran = await banyan(here, ["-p", "question", "--output", "json"]);
  expect(ran.code).toBe(1);
  expect(ran.stdout + ran.stderr).toContain("refused the API key");
  expectNone("stdout", ran.stdout);
  expectNone("stderr", ran.stderr);
  for (const file of filesOf(here.home).filter((name) => !name.endsWith("config.toml"))) {
    expectNone(file, readFileSync(file, "latin1"));
  }
});
