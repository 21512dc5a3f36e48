// From the settings to the servers to run: the bundled ones that are switched on and the configured ones the user has approved.
// A server whose secret is missing does not hold up the others: it is left out, and said.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveReferences } from "../../actors/config/references.js";
import type { ServerConfig as ServerSettings, Settings } from "../../actors/config/schema.js";
import type { Environment } from "../../actors/paths.js";
import { BanyanError } from "../../supervision/index.js";
import type { ServerConfigInput } from "./server-config.js";

export interface ConfiguredServers {
  readonly servers: readonly ServerConfigInput[];
  /** One sentence for each server that was left out. */
  readonly problems: readonly string[];
}

const BUNDLED = ["host", "demo"] as const;

/** The package's folder, seen from src/ and from dist/ alike. */
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export function configuredServers({ bundled, limits, servers }: Settings, env: Environment): ConfiguredServers {
  const found: ServerConfigInput[] = BUNDLED.filter((name) => bundled[name]).map((name) =>
    bundledServer(name, limits.line),
  );
  const problems: string[] = [];
  for (const server of servers) {
    if (!server.approved) continue;
    // Also while the bundled one is off: what is approved for it must never come to mean another's tool.
    if (BUNDLED.some((name) => name === server.name)) {
      problems.push(`The server ${server.name} is not started: that is a bundled server's name; choose another.`);
      continue;
    }
    try {
      found.push(...replicas(configuredServer(server, limits.line, env), server.replicas));
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      problems.push(`The server ${server.name} is not started: ${error.message}`);
    }
  }
  return { servers: found, problems };
}

function bundledServer(name: "host" | "demo", maxLineBytes: number): ServerConfigInput {
  const main = join(packageRoot, "dist", "servers", name, "main.js");
  return { name, command: process.execPath, args: [main], restart: "always", maxLineBytes };
}

function configuredServer(server: ServerSettings, maxLineBytes: number, env: Environment): ServerConfigInput {
  const { name, command, args, cwd, restart, enabled } = server;
  return {
    name,
    command,
    args: args.map((text) => resolveReferences(text, env)),
    env: Object.fromEntries(Object.entries(server.env).map(([key, text]) => [key, resolveReferences(text, env)])),
    ...(cwd === undefined ? {} : { cwd }),
    restart,
    maxRestarts: server.max_restarts,
    restartDelayMs: server.restart_delay,
    timeoutMs: server.timeout,
    connectTimeoutMs: server.timeout,
    healthIntervalMs: server.health_interval,
    maxLineBytes,
    start: server.start,
    idleStopMs: server.idle_stop,
    allow: server.allow,
    deny: server.deny,
    ...(server.max_memory === undefined ? {} : { maxMemoryBytes: server.max_memory }),
    ...(server.max_cpu === undefined ? {} : { maxCpuPercent: server.max_cpu }),
    enabled,
    routing: {
      concurrency: server.concurrency,
      balance: server.balance,
      hedge: server.hedge,
      fallbacks: server.fallbacks,
      costs: server.costs,
      hideAfterMs: server.hide_after,
    },
  };
}

/** Each is a server of its own, started, watched and restarted like any other; only its tools go by the first one's name. */
function replicas(server: ServerConfigInput, count: number): ServerConfigInput[] {
  const { name } = server;
  const more = Array.from({ length: count - 1 }, (_, at) => ({
    ...server,
    name: `${name}~${at + 2}`,
    replicaOf: name,
  }));
  return [server, ...more];
}
