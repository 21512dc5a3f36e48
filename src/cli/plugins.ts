// `banyan plugins list|status|restart|inspect`: the plugins of this folder, and how they stand in the app that runs, if any.
import { askRunningApp, NothingRunningError } from "../actors/control/client.js";
import { platform } from "../actors/platform/index.js";
import { ownPlugins } from "../mcp/host/plugins/own-plugins.js";
import type { PluginAtHand } from "../mcp/host/plugins/plugins-at-hand.js";
import { BanyanError, plainText } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { pathsOf, setUp } from "./settings.js";
import { printTable } from "./table.js";
import { warn } from "./warn.js";

const STATUS_COLUMN = 19;
const MEGABYTE = 1_048_576;

export interface PluginRow extends PluginAtHand {
  /** Bytes, and milliseconds of processor time so far, of its process and all it has started. */
  readonly memory?: number;
  readonly cpu?: number;
}

export async function listPlugins(options: CommonOptions): Promise<void> {
  const plugins = await listed(options);
  if (options.json) return printJson(plugins);
  if (plugins.length === 0)
    warn("no plugin is here; banyan plugins new NAME writes one, and docs/plugins.md says what it is.");
  printTable(
    ["NAME", "STATE", "TOOLS", "FOLDER", "WHY"],
    plugins.map(({ name, state, tools, folder, reason }) => [name, state, `${tools ?? "-"}`, folder, reason ?? ""]),
  );
}

export async function pluginStatus(name: string | undefined, options: CommonOptions): Promise<void> {
  const all = await running(pathsOf(options).socket);
  const plugins = all.filter((plugin) => name === undefined || plugin.name === name);
  if (name !== undefined && plugins.length === 0) throw noSuch(name);
  if (options.json) return printJson(name === undefined ? plugins : plugins[0]);
  const [plugin] = plugins;
  if (name !== undefined && plugin !== undefined) return void process.stdout.write(plainText(detailed(plugin)));
  printTable(
    ["NAME", "STATE", "PID", "MEMORY", "CALLS", "ERRORS", "RESTARTS", "WHY"],
    plugins.map(({ name: each, state, pid, memory, calls, errors, restarts, reason }) => [
      each,
      state,
      `${pid ?? "-"}`,
      memory === undefined ? "-" : `${Math.round(memory / MEGABYTE)} MB`,
      `${calls}`,
      `${errors}`,
      `${restarts ?? "-"}`,
      reason ?? "",
    ]),
  );
}

export async function restartPlugin(
  name: string,
  options: CommonOptions & { readonly inspect?: boolean },
): Promise<void> {
  const debug = options.inspect === true;
  const question = { method: "plugin", action: "restart", plugin: name, debug } as const;
  // The other side is this same program, and its answer came over a socket only its owner can open.
  const plugin = (await askRunningApp(pathsOf(options).socket, question)) as PluginAtHand | null;
  if (plugin === null) throw noSuch(name);
  const { state, reason } = plugin;
  if (!["ready", "degraded", "asleep"].includes(state)) {
    const why = reason === undefined ? "" : `: ${reason}`;
    throw new BanyanError("not_there", `The plugin ${name} is ${state}${why}; see banyan plugins status ${name}.`);
  }
  if (options.json) return printJson(plugin);
  const { tools = 0 } = plugin;
  process.stdout.write(plainText(`${name} is ${state}, ${tools} ${tools === 1 ? "tool" : "tools"}.\n`));
  if (debug && plugin.debugger !== undefined) {
    process.stdout.write(
      `Its debugger listens on ${plugin.debugger}: open chrome://inspect or attach your editor. Until the next restart it runs without its sandbox, which lets no debugger in.\n`,
    );
  }
}

/** Prints the command of the official inspector for this plugin, as the app would start it; or runs it. */
export async function inspectPlugin(name: string, options: CommonOptions & { readonly open?: boolean }): Promise<void> {
  const { paths, loaded } = await setUp(options);
  const { chosen, leftOut } = await ownPlugins(paths, loaded.config, process.cwd(), process.env);
  const found = chosen.find(({ server }) => server.name === name);
  if (found === undefined) {
    const why = leftOut.find((each) => each.name === name);
    if (why === undefined) throw noSuch(name);
    throw new BanyanError("plugin_left_out", `The plugin ${name} is ${why.state}: ${why.reason}`);
  }
  const { server, plugin } = found;
  if (server.built !== undefined) {
    const { buildPlugin } = await import("../mcp/host/plugins/plugin-builder.js");
    await buildPlugin(server.built);
  }
  const { command = "", args = [], env = {} } = server;
  const variables = Object.keys(env);
  const words = ["npx", "-y", "@modelcontextprotocol/inspector"];
  if (options.open) {
    const { runInherited } = await import("./run-inherited.js");
    const given = variables.flatMap((key) => ["-e", `${key}=${env[key] ?? ""}`]);
    process.exitCode = await runInherited([...words, ...given, "--", command, ...args], plugin.folder);
    return;
  }
  // The values of its variables may be secrets, so they are named and not shown.
  const ours = new Set(Object.keys(plugin.manifest.env));
  const given = variables.flatMap((key) => ["-e", ours.has(key) ? `${key}=…` : `${key}=${env[key] ?? ""}`]);
  const line = [...words, ...given, "--", command, ...args].map(shellWord).join(" ");
  if (options.json) return printJson({ cwd: plugin.folder, command: [...words, ...given, "--", command, ...args] });
  process.stdout.write(plainText(`cd ${shellWord(plugin.folder)} && ${line}\n`));
  if (ours.size > 0) warn(`put the values of ${[...ours].join(", ")} in place of the dots, or use --open.`);
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What lies in this folder, each as the running app has it; and what that has besides, which was started elsewhere. */
async function listed(options: CommonOptions): Promise<readonly PluginRow[]> {
  const { paths, loaded } = await setUp(options);
  const theirs = await running(paths.socket).catch((error: unknown) => {
    if (error instanceof NothingRunningError) return [];
    throw error;
  });
  const { chosen, leftOut } = await ownPlugins(paths, loaded.config, process.cwd(), process.env);
  const none = { calls: 0, errors: 0, latencyMs: 0 };
  const on = chosen.map(({ plugin: { manifest, folder } }) => {
    return { name: manifest.name, folder, state: "not running", ...none };
  });
  const known = new Set(theirs.map(({ folder }) => folder));
  const here = [...on, ...leftOut.map((each) => ({ ...each, ...none }))].filter(({ folder }) => !known.has(folder));
  return [...theirs, ...here].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Of the running app, with what each takes of the machine. Rejects with {@link NothingRunningError} without one. */
export async function running(socket: string): Promise<readonly PluginRow[]> {
  const plugins = (await askRunningApp(socket, { method: "plugins" })) as readonly PluginAtHand[]; // from this same program
  const usages = await platform.groupUsages(plugins.flatMap(({ pid }) => pid ?? []));
  return plugins.map((plugin) => {
    const usage = usages.get(plugin.pid ?? 0);
    return usage === undefined ? plugin : { ...plugin, memory: usage.rssBytes, cpu: usage.cpuMs };
  });
}

function detailed(plugin: PluginRow): string {
  const { name, state, reason, retryInMs, folder, pid, memory, cpu = 0, tools, calls, errors, latencyMs } = plugin;
  const again = retryInMs === undefined ? "" : `; it is tried again in ${Math.ceil(retryInMs / 1_000)} s`;
  const { restarts, lastEnd } = plugin;
  const rows: (readonly [string, string | number | undefined])[] = [
    ["why", reason === undefined ? undefined : `${reason}${again}`],
    ["folder", folder],
    ["pid", pid],
    ["takes", memory && `${Math.round(memory / MEGABYTE)} MB of memory, ${(cpu / 1_000).toFixed(1)} s of CPU so far`],
    ["tools", tools],
    ["calls", calls === 0 ? undefined : `${calls}, ${errors} failed, ${latencyMs.toFixed(1)} ms each`],
    ["connected again", restarts === undefined ? undefined : `${restarts}×`],
    ["debugger", plugin.debugger],
    ["last ended", lastEnd && new Date(lastEnd.at).toLocaleString("sv")],
    ["because", lastEnd?.reason === reason ? undefined : lastEnd?.reason],
    ["its stderr", lastEnd?.stderr?.join(`\n${" ".repeat(STATUS_COLUMN)}`) || undefined],
  ];
  const lines = rows.flatMap(([label, value]) =>
    value === undefined ? [] : [`${`  ${label}`.padEnd(STATUS_COLUMN)}${value}`],
  );
  return `${name} is ${state}\n${lines.join("\n")}\n`;
}

function noSuch(name: string): BanyanError {
  return new BanyanError("no_plugin", `There is no plugin ${name}; see banyan plugins list.`);
}
