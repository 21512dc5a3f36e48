// What plugins cost: the CPU of finding 200 in their folder, and the time from a write to a plugin's file until a client that
// watches the lists is told that they have changed, median of ten.
//   node bench/plugins.mjs [--json]
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const PLUGINS = 200;
const CHANGES = 10;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const module = (file) => import(pathToFileURL(join(root, "dist", file)).href);
const folder = realpathSync(mkdtempSync(join(tmpdir(), "banyan-bench-")));

const { Application, child, DynamicSupervisor, GenServer, named } = await module("supervision/index.js");
const { approvePlugins } = await module("actors/config/approval.js");
const { Config } = await module("actors/config/config.js");
const { loadConfig } = await module("actors/config/load.js");
const { Aggregator } = await module("mcp/client/aggregator.js");
const { LazyServerManager } = await module("mcp/client/lazy-server-manager.js");
const { Minder } = await module("mcp/client/minder.js");
const { Router } = await module("mcp/client/router/router.js");
const { ServerManager } = await module("mcp/client/server-manager.js");
const { choose, PluginFolders } = await module("mcp/host/plugins/plugin-folders.js");
const { PluginManager } = await module("mcp/host/plugins/plugin-manager.js");
const { buildLater, pluginServer, pluginWorkshop } = await module("mcp/host/plugins/plugin-server.js");

const source = (tools) => `
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
const server = new McpServer({ name: "bench", version: "1.0.0" });
for (let at = 0; at < ${tools}; at++)
  server.registerTool(\`tool-\${at}\`, { description: "A tool" }, () => ({ content: [{ type: "text", text: "${tools}" }] }));
await server.connect(new StdioServerTransport());
`;

function write(project, name, file, tools) {
  const place = join(project, "plugins", name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ banyan: { entry: file } }));
  writeFileSync(join(place, file), source(tools));
}

function makeProject(name) {
  const project = join(folder, name);
  mkdirSync(join(project, "plugins"), { recursive: true });
  return project;
}

const loaded = (await loadConfig({ files: [] })).ok;

/** Milliseconds of processor time, manifest to server. */
async function discovery() {
  const project = makeProject("many");
  for (let at = 0; at < PLUGINS; at++) write(project, `plugin-${at}`, "index.js", 3);
  const approvals = join(folder, "approved-many.json");
  await approvePlugins(project, approvals);
  const workshop = pluginWorkshop(join(folder, "state"), project, "run");
  const before = process.cpuUsage();
  const { chosen } = choose(await new PluginFolders(project, approvals).look(loaded.config), loaded.config);
  const servers = chosen.map((plugin) => pluginServer(plugin, loaded.config, workshop, {}));
  const { user, system } = process.cpuUsage(before);
  if (servers.length !== PLUGINS) throw new Error(`${servers.length} of ${PLUGINS} plugins were found`);
  return (user + system) / 1_000;
}

/** Hears what a client is told of the lists. */
class Client extends GenServer {
  heard = [];
  note() {}
  toolsDiffer() {}
  capabilitiesChanged(change) {
    this.heard.push(performance.now());
    this.told?.(change);
  }
  count() {
    return this.heard.length;
  }
}

/** Milliseconds of each change from its write, and how many notices each made. */
async function changes(file) {
  const project = makeProject(file);
  write(project, "hot", file, 1);
  const approvals = join(folder, "approved.json");
  await approvePlugins(project, approvals);
  const names = Object.fromEntries(
    ["config", "minder", "ports", "wrappers", "servers", "lazy", "aggregator", "client", "plugins"].map((name) => [
      name,
      named(`${file}-${name}`),
    ]),
  );
  const request = { files: [] };
  const store = named("no store");
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(
        Config,
        { loaded, request, subscriptions: [], added: [], watch: false, live: [], listener: names.client },
        { name: names.config },
      ),
      child(Minder, undefined, { name: names.minder }),
      child(DynamicSupervisor, undefined, { name: names.ports }),
      child(DynamicSupervisor, undefined, { name: names.wrappers }),
      child(
        ServerManager,
        {
          name: names.servers,
          wrappers: names.wrappers,
          ports: names.ports,
          minder: names.minder,
          clientInfo: { name: "bench", version: "1.0.0" },
          servers: [],
          lazy: names.lazy,
          expected: ["plugins"],
          build: buildLater,
        },
        { name: names.servers },
      ),
      child(LazyServerManager, { name: names.lazy, servers: names.servers }, { name: names.lazy }),
      child(Aggregator, { name: names.aggregator, servers: names.servers, store, project }, { name: names.aggregator }),
      child(Client, undefined, { name: names.client }),
      child(
        PluginManager,
        {
          workshop: pluginWorkshop(join(folder, "state"), project, "run"),
          approvals,
          config: names.config,
          servers: names.servers,
          listener: names.client,
          watch: true,
        },
        { name: names.plugins },
      ),
    ],
  });
  const router = new Router(names.servers);
  await names.aggregator.call.subscribe(names.client);
  await router.call("hot.tool-0", {});
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // until it is watched and all is quiet
  const times = [];
  const notices = [];
  for (let tools = 2; tools < 2 + CHANGES; tools++) {
    const before = await names.client.call.count();
    const begun = performance.now();
    writeFileSync(join(project, "plugins", "hot", file), source(tools));
    while ((await names.client.call.count()) === before) await new Promise((resolve) => setTimeout(resolve, 2));
    times.push(performance.now() - begun);
    const { content } = await router.call(`hot.tool-${tools - 1}`, {});
    if (content[0].text !== `${tools}`) throw new Error("an old plugin has answered");
    await new Promise((resolve) => setTimeout(resolve, 600));
    notices.push((await names.client.call.count()) - before);
  }
  await app.stop();
  return { medianMs: times.sort((a, b) => a - b)[CHANGES / 2], longestMs: times.at(-1), notices: Math.max(...notices) };
}

try {
  const cpuMs = await discovery();
  const [js, ts] = [await changes("index.js"), await changes("index.ts")];
  if (process.argv.includes("--json")) console.log(JSON.stringify({ plugins: PLUGINS, discoveryCpuMs: cpuMs, js, ts }));
  else {
    console.log(`${PLUGINS} plugins found in ${cpuMs.toFixed(0)} ms of CPU`);
    for (const [what, { medianMs, longestMs, notices }] of Object.entries({ JavaScript: js, TypeScript: ts }))
      console.log(
        `a change of a plugin in ${what} is told ${medianMs.toFixed(0)} ms after the write (median of ${CHANGES}, longest ${longestMs.toFixed(0)}), ${notices} notice each`,
      );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
