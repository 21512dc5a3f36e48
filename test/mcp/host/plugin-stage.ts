// A project with plugins and the part of the tree that runs them, for tests of plugins.
import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { approvePlugins } from "../../../src/actors/config/approval.js";
import type { CapabilityChange, CapabilityWatcher } from "../../../src/mcp/client/aggregator.js";
import { Router } from "../../../src/mcp/client/router/router.js";
import type { ServerStatus } from "../../../src/mcp/client/server-status.js";
import { PluginManager } from "../../../src/mcp/host/plugins/plugin-manager.js";
import { buildLater, pluginWorkshop } from "../../../src/mcp/host/plugins/plugin-server.js";
import { GenServer, named, stopProcess } from "../../../src/supervision/index.js";
import { startConfig } from "../../support/config.js";
import { temporaryHome } from "../../support/home.js";
import { eventually } from "../client/support.js";
import { startBranch } from "../client/tree.js";

export const EXAMPLE = `
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
const server = new McpServer({ name: "example", version: "1.0.0" });
const text = (words) => ({ content: [{ type: "text", text: words }] });
server.registerTool("say", { description: "Say something again", inputSchema: { text: z.string() } }, ({ text: words }) => text("VERSION " + words));
server.registerTool("wait", { description: "Take a while", inputSchema: { ms: z.number() } }, ({ ms }) =>
  new Promise((resolve) => setTimeout(() => resolve(text("VERSION waited")), ms)));
// MORE
await server.connect(new StdioServerTransport());
`;

/** The source of a plugin with the tools `say` and `wait`, which answer with `version`; `more`: statements before it serves. */
export function example(version = "one", more = ""): string {
  return EXAMPLE.replaceAll("VERSION", version).replace("// MORE", () => more);
}

export interface Project {
  readonly home: string;
  readonly project: string;
  /** Below the project. */
  write(path: string, content: string | object): void;
  remove(path: string): void;
}

export function makeProject(): Project {
  const home = realpathSync(temporaryHome());
  const project = join(home, "project");
  mkdirSync(project);
  return {
    home,
    project,
    write(path, content) {
      const file = join(project, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    },
    remove: (path) => rmSync(join(project, path), { recursive: true, force: true }),
  };
}

/** Writes a plugin with `manifest` for its `banyan` field. */
export function writePlugin(project: Project, name: string, source = example(), manifest: object = {}): void {
  project.write(`plugins/${name}/package.json`, { banyan: manifest });
  project.write(`plugins/${name}/index.js`, source);
}

/** Hears what the user is told, and what a client is told of the lists. */
export class Listener extends GenServer implements CapabilityWatcher {
  readonly #notes: string[] = [];
  readonly #changes: CapabilityChange[] = [];

  note(_level: string, text: string): void {
    this.#notes.push(text);
  }

  capabilitiesChanged(change: CapabilityChange): void {
    this.#changes.push(change);
  }

  toolsDiffer(): void {}

  heard(): { readonly notes: readonly string[]; readonly changes: readonly CapabilityChange[] } {
    return { notes: [...this.#notes], changes: [...this.#changes] };
  }
}

/** Starts it all for the project; `toml`: settings of the user. */
export async function stage(project: Project, toml = "", { approved = true, watch = true } = {}) {
  const file = join(project.home, "config.toml");
  const approvals = join(project.home, "approved.json");
  writeFileSync(file, toml);
  if (approved) await approvePlugins(project.project, approvals);
  const config = await startConfig({ files: [{ layer: "user", file }] });
  const branch = await startBranch([], { expected: ["plugins"], build: buildLater });
  onTestFinished(() => branch.app.stop());
  const listener = named<Listener>("Listener");
  const heard = await Listener.start(undefined, { name: listener });
  onTestFinished(() => stopProcess(heard));
  await branch.aggregator.call.subscribe(heard);
  const plugins = named<PluginManager>("PluginManager");
  const options = {
    workshop: pluginWorkshop(join(project.home, "state"), project.project, "run"),
    approvals,
    config,
    servers: branch.manager,
    listener,
    watch,
  };
  const pid = await PluginManager.start(options, { name: plugins });
  onTestFinished(() => stopProcess(pid));
  await plugins.with({ timeout: 100_000 }).call.status(); // it has looked once
  const router = new Router(branch.manager);
  const status = async (name: string): Promise<ServerStatus | undefined> =>
    (await branch.manager.call.status()).find((each) => each.name === name);
  return {
    ...branch,
    config,
    plugins,
    approvals,
    router,
    status,
    notes: async () => (await heard.call.heard()).notes,
    changes: async () => (await heard.call.heard()).changes,
    /** The text a tool answers with. */
    async say(tool: string, args: Readonly<Record<string, unknown>> = { text: "hello" }, timeoutMs = 30_000) {
      const { content } = await router.call(tool, args, { timeoutMs });
      return content.map((part) => (part.type === "text" ? part.text : part.type)).join();
    },
    settled: () => branch.manager.with({ timeout: 60_000 }).call.settled(),
    noted: (words: string) =>
      eventually(`the user is told: ${words}`, async () =>
        (await heard.call.heard()).notes.find((note) => note.includes(words)),
      ),
    toolNames: async () => (await branch.aggregator.call.tools()).map(({ name }) => name),
    /** Resolves once the server stands so. */
    until: (name: string, holds: (status: ServerStatus) => boolean) =>
      eventually(`${name} stands as it should`, async () => {
        const found = await status(name);
        return found !== undefined && holds(found) ? found : undefined;
      }),
  };
}
