// A secret may come into the app by many doors. Whatever it was, nobody finds it afterwards: not in the log, not in what the
// program prints, not in the tree it shows or in the figures, not in what looks into its processes. The database alone keeps
// what the user and the tools said to each other, for that is the conversation.
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { banyan, bare, type Place, root, startBanyan } from "../support/banyan.js";
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
  webhook: "grapefruit-of-a-web-hook",
  call: "sk-grapefruit-in-a-tool-call",
  crash: "ghp_grapefruitInACrashReason0123456789",
};

/** Every file below the folder but the database's. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && !/banyan\.db(-wal|-shm|\.broken-.*)?$/.test(file));
}

/** Crashes once the model is asked, and shows what can be seen of every process from inside. */
function preload(folder: string): string {
  const dist = (file: string) => JSON.stringify(pathToFileURL(join(root, "dist", file)).href);
  const file = join(folder, "inside.mjs");
  writeFileSync(
    file,
    `import { writeFileSync } from "node:fs";
import { names } from ${dist("application.js")};
import { child, currentRuntime, getState, getStatus, GenServer, inspect, startChild, treeOf, named } from ${dist("supervision/index.js")};
class Careless extends GenServer {
  init() { this.state = { note: "a crash report shows no state" }; this.cast = undefined; }
  fall() { throw new Error("refused ${secrets.crash} of ${secrets.environment}"); }
}
const { fetch } = globalThis;
let asked = 0;
globalThis.fetch = async (...args) => {
  if (!String(args[0]?.url ?? args[0]).includes("/v1/chat")) return fetch(...args); // no question to the model
  if (++asked === 1) {
    const started = await startChild(names.tasks, child(Careless, undefined, { restart: "temporary" }));
    await started.ok.call.fall().catch(() => {});
    // A box that comes back, of which the health is told.
    const runtime = currentRuntime();
    runtime.beforeHandling = (process) => {
      if (process.name !== "ResourceCache") return;
      runtime.beforeHandling = undefined;
      throw new Error("a box refused ${secrets.crash} of ${secrets.environment}");
    };
    await names.resources.call.stats().catch(() => {});
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

function config(modelUrl: string, file: string, alerts: string): string {
  const keep = `require("node:fs").appendFileSync(${JSON.stringify(alerts)}, require("node:fs").readFileSync(0))`;
  return `model = "openai:m"
[startup]
profile = true
[health]
restarts_warn = 1
poll_interval = "100ms"
alert_interval = "10ms"
alert_timeout = "2m"
alert_command = ${JSON.stringify([process.execPath, "-e", keep, "{summary}"])}
alert_webhook = "\${env:WEBHOOK}"
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

interface Started {
  readonly here: Place;
  readonly folder: string;
  readonly model: Awaited<ReturnType<typeof startModelServer>>;
  /** What was told outside. */
  readonly alerts: { readonly file: string; readonly posted: string[] };
}

async function start(): Promise<Started> {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const folder = temporaryHome();
  const file = join(folder, "secret.txt");
  writeFileSync(file, `${secrets.file}\n`);
  const alerts = { file: join(folder, "alerts.json"), posted: [] as string[] };
  const hook = createServer(async (request, response) => {
    alerts.posted.push(await text(request));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(hook, "listening");
  onTestFinished(() => void hook.close());
  const here = bare(folder, config(model.baseUrl, file, alerts.file));
  const { port } = hook.address() as AddressInfo; // it listens on a port
  here.env.WEBHOOK = `http://127.0.0.1:${port}/${secrets.webhook}`;
  here.env.PROVIDER = secrets.apiKey;
  here.env.ENVIRONMENT = secrets.environment;
  here.env.ARGUMENT = secrets.argument;
  here.env.MY_SERVICE_TOKEN = secrets.ownVariable;
  here.env.NODE_OPTIONS = `--import ${preload(folder)}`;
  return { here, folder, model, alerts };
}

it("no secret shows in the log, on stderr, in the answer, in the tree, in the figures or inside any process", async () => {
  const { here, folder, model, alerts } = await start();
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
  const [{ id }] = JSON.parse((await banyan(outside, ["sessions", "list", "--json"])).stdout) as [{ id: string }];
  const others = [
    ["config", "show", "--origins"],
    ["config", "show", "--json", "--origins"],
    ["config", "check"],
    ["audit", "list", "--json"],
    ["metrics"],
    ["doctor", "--json"],
    ...["list", `show ${id}`, `show ${id} --json`, `search sk grapefruit`, `export ${id}`, `export ${id} --json`].map(
      (words) => ["sessions", ...words.split(" ")],
    ),
  ];
  const said = await Promise.all(others.map(async (args) => ({ args, ...(await banyan(outside, args)) })));
  const told = () => alerts.posted.join("\n") + (existsSync(alerts.file) ? readFileSync(alerts.file, "utf8") : "");
  await expect.poll(told).toContain("a box refused (hidden) of (hidden)");
  await expect.poll(() => existsSync(alerts.file)).toBe(true);
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

  const [shown, , , audit] = said.map(({ stdout }) => stdout);
  expect(shown).toContain("${env:ARGUMENT}");
  expect(audit).toContain("run.yes");
  expect(printed.stderr).toMatch(/^box +init took/m); // the profile of the start
  const exports = said.filter(({ args }) => args[1] === "export").map(({ stdout }) => stdout);
  for (const text of exports) expect(text).toContain("(hidden)");

  const files = filesOf(here.home).filter((file) => !file.endsWith("config.toml"));
  expect(files.some((file) => file.includes("logs"))).toBe(true);
  for (const file of files) expectNone(file, readFileSync(file, "latin1"));
  expectNone("stdout", printed.stdout);
  expectNone("stderr", printed.stderr);
  expectNone("the tree", tree.stdout + tree.stderr);
  expectNone("the figures", metrics.stdout + metrics.stderr);
  for (const { args, stdout, stderr } of said) expectNone(args.join(" "), stdout + stderr);
  expectNone("the alerts", told());
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

it("settings that are wrong are named without the secrets that stand in them", async () => {
  const { here } = await start();
  writeFileSync(
    join(here.home, "config.toml"),
    `[providers.openai]
api_key = ["${secrets.apiKey}", "${secrets.call}"]
api_kee = "${secrets.apiKey}"
base_url = "ftp://ada:${secrets.address}@host/x"
[health]
alert_webhook = "ftp://ada:${secrets.address}@host/x"
[[servers]]
name = "wrong"
command = "true"
env = { TOKEN = ["${secrets.environment}"], API_KEY = "\${file:/nowhere/${secrets.call}}" }
args = ["--token", "${secrets.argument}", 5]
`,
  );
  for (const args of [
    ["config", "check"],
    ["config", "show"],
    ["doctor", "--json"],
    ["-p", "question"],
  ]) {
    const { stdout, stderr } = await banyan({ ...here, env: { ...here.env, NODE_OPTIONS: "" } }, args);
    expect(stdout + stderr).toContain("providers.openai.api_key");
    expectNone(args.join(" "), stdout + stderr);
  }
});

it("a database that is damaged is put aside with a word that repeats nothing of it", async () => {
  const { here, model } = await start();
  mkdirSync(join(here.home, "data"));
  writeFileSync(join(here.home, "data", "banyan.db"), `${secrets.call} `.repeat(1_000));
  model.enqueue({ text: "well" });
  const { stdout, stderr } = await banyan({ ...here, env: { ...here.env, NODE_OPTIONS: "" } }, ["-p", "question"]);
  expect(stderr).toContain("banyan.db.broken-");
  expectNone("stdout", stdout);
  expectNone("stderr", stderr);
  for (const file of filesOf(here.home).filter((name) => !name.endsWith("config.toml"))) {
    expectNone(file, readFileSync(file, "latin1"));
  }
});
