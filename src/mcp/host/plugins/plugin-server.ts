// A plugin as a server: the command that runs it in its sandbox, and the limits its manifest asks for.
import { realpathSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveReferences } from "../../../actors/config/references.js";
import type { Settings } from "../../../actors/config/schema.js";
import type { Environment } from "../../../actors/paths.js";
import { LOG_LEVELS } from "../../client/configured-servers.js";
import { optional } from "../../client/sdk-shapes.js";
import type { ServerConfigInput } from "../../client/server-config.js";
import { type Grants, grantsSchema } from "../grants.js";
import { sandboxed } from "../sandbox.js";
import { lent, type Plugin, packageFolder, packageRoots } from "./plugin.js";

/** Where what is made for plugins lies; absolute. */
export interface PluginWorkshop {
  readonly project: string;
  /** Of scripts made of sources. */
  readonly scripts: string;
  /** Of what plugins hand over to their next process; of this run alone. Absent: nothing is. */
  readonly handover?: string;
}

/** `run`: the one in which a plugin may be started again; absent: none is. */
export function pluginWorkshop(state: string, project: string, run?: string): PluginWorkshop {
  const folder = join(state, "plugins");
  return { project, scripts: join(folder, "scripts"), ...optional({ handover: run && join(folder, "handover", run) }) };
}

/** For the servers' `build`: the bundler is loaded with the first plugin that needs it. */
export async function buildLater(built: { readonly from: string; readonly to: string }): Promise<void> {
  const { buildPlugin } = await import("./plugin-builder.js");
  await buildPlugin(built);
}

/** How it is started this time. */
export interface PluginStart {
  /** How often it was restarted by hand. */
  readonly restarts?: number;
  /** The port its debugger listens on. */
  readonly debugPort?: number;
}

/** The package's folder, seen from src/ and from dist/ alike. */
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");
const runner = join(packageRoot, "dist", "servers", "plugin", "runner.js");
const MEGABYTE = 1_048_576;

/** Throws a `BanyanError` for a secret that is missing, or a permission that cannot be confined to. */
export function pluginServer(
  plugin: Plugin,
  { plugins, limits, log }: Pick<Settings, "plugins" | "limits" | "log">,
  workshop: PluginWorkshop,
  env: Environment,
  { restarts = 0, debugPort }: PluginStart = {},
): ServerConfigInput {
  const { manifest, folder, hash } = plugin;
  const { name, restart, maxRestarts, timeout, maxMemory, maxCpu, start } = manifest;
  const script = scriptOf(plugin, workshop);
  // Folders are granted, for the files need not be there yet.
  const kept = workshop.handover === undefined ? [] : [join(workshop.handover, name)];
  const args = ["--entry", script, ...kept.flatMap((place) => ["--state", join(place, "state.json")])];
  const ours = plugin.isBuilt ? [dirname(script), ...lentFolders()] : [];
  const grants = grantsOf(plugin, workshop, ours, kept);
  const run =
    debugPort === undefined
      ? sandboxed(grants, { script: runner, args, cwd: folder })
      : {
          command: process.execPath,
          args: [`--inspect=127.0.0.1:${debugPort}`, runner, ...args],
          env: {},
          cwd: folder,
        };
  const own = Object.entries(manifest.env).map(([key, text]) => [key, resolveReferences(text, env)] as const);
  return {
    name,
    source: "plugins",
    version: restarts === 0 ? hash : `${hash}+${restarts}`,
    ...run,
    env: { ...run.env, ...Object.fromEntries(own) },
    inherits: debugPort !== undefined,
    ...optional({ built: plugin.isBuilt ? { from: plugin.entry, to: script } : undefined }),
    restart,
    maxRestarts,
    ...optional({ timeoutMs: timeout, maxMemoryBytes: maxMemory, maxCpuPercent: maxCpu }),
    drainMs: plugins.drain,
    maxLineBytes: limits.line,
    logLevel: LOG_LEVELS[log.level],
    // Whoever debugs it is not to lose it because nobody calls it.
    start: debugPort === undefined ? start : "background",
  };
}

/** What its process runs: its entry, or the script that is made of it. */
export function scriptOf({ manifest, entry, hash, isBuilt }: Plugin, { scripts }: PluginWorkshop): string {
  return isBuilt ? join(scripts, manifest.name, `${hash.slice(0, 32)}.mjs`) : entry;
}

/** `needed`: what it reads besides its own; `state`: what it may write besides. */
export function grantsOf(
  { manifest, folder }: Plugin,
  { project }: PluginWorkshop,
  needed: readonly string[],
  kept: readonly string[],
): Grants {
  const { read, write, env, net, run, workers, addons } = manifest.permissions;
  const paths = (written: readonly string[]) =>
    written.map((path) => resolve(folder, path.replaceAll(`\${project}`, project)));
  const writable = paths(write);
  return grantsSchema.parse({
    read: [folder, ...packageRoots(folder), ...needed, ...kept, ...writable, ...paths(read)],
    write: [...kept, ...writable],
    net,
    run,
    workers,
    addons,
    env,
    ...optional({ heapMB: manifest.maxMemory && Math.max(32, Math.round(manifest.maxMemory / MEGABYTE)) }),
  });
}

/** The folders of packages that hold those that are lent, and what these need. */
function lentFolders(): string[] {
  return lent.flatMap((name) => {
    const folder = packageFolder(name, packageRoot);
    if (folder === undefined) return [];
    const real = realpathSync(folder);
    return [real.slice(0, real.lastIndexOf(`${sep}node_modules${sep}`) + `${sep}node_modules`.length)];
  });
}

/** A port of this machine that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
