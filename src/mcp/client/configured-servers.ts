// From the settings to the servers to run: the bundled ones that are switched on and the configured ones the user has approved.
// A server whose secret is missing does not hold up the others: it is left out, and said.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveReferences } from "../../actors/config/references.js";
import type { ServerConfig as ServerSettings, Settings } from "../../actors/config/schema.js";
import type { Environment } from "../../actors/paths.js";
import { poolOf } from "../../actors/pools/configured.js";
import { BanyanError } from "../../supervision/index.js";
import type { OAuthSettings } from "./oauth/settings.js";
import { optional } from "./sdk-shapes.js";
import type { ServerConfigInput } from "./server-config.js";

export interface ConfiguredServers {
  readonly servers: readonly ServerConfigInput[];
  /** One sentence for each server that was left out. */
  readonly problems: readonly string[];
}

/** Of servers that have no level of their own: as much as our own log takes. */
export const LOG_LEVELS = { debug: "debug", info: "info", warn: "warning", error: "error" } as const;

const BUNDLED = ["host", "catalog", "demo"] as const;

/** True of a name that is a bundled server's own. */
export function isBundled(name: string): boolean {
  return BUNDLED.some((each) => each === name);
}

/** So much longer a call of the tool host is waited for than it may take there. */
const TOOL_HOST_SLACK_MS = 5_000;
/** As many as a server inside this process takes at a time; most of them wait for something. */
const EMBEDDED_CALLS = 1_000;

/** The package's folder, seen from src/ and from dist/ alike. */
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export function configuredServers(
  { bundled, catalog, toolhost, limits, servers, pools, log }: Settings,
  env: Environment,
): ConfiguredServers {
  const found: ServerConfigInput[] = [
    ...(bundled.host ? [toolHost(toolhost.call_timeout)] : []),
    ...(bundled.catalog && catalog.enabled ? [insideCatalog()] : []),
    ...(bundled.demo ? [demo(limits.line)] : []),
  ];
  const problems: string[] = [];
  for (const server of servers) {
    if (!server.approved) continue;
    // Also while the bundled one is off: what is approved for it must never come to mean another's tool.
    if (isBundled(server.name)) {
      problems.push(`The server ${server.name} is not started: that is a bundled server's name; choose another.`);
      continue;
    }
    try {
      found.push(...replicas(configuredServer(server, limits.line, pools, env), server.replicas));
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      problems.push(`The server ${server.name} is not started: ${error.message}`);
    }
  }
  return { servers: found.map((server) => ({ logLevel: LOG_LEVELS[log.level], ...server })), problems };
}

/** It is inside this process, and watches the time of its calls itself. */
function toolHost(callTimeoutMs: number): ServerConfigInput {
  return {
    name: "host",
    embedded: true,
    restart: "always",
    restartDelayMs: 100,
    timeoutMs: callTimeoutMs + TOOL_HOST_SLACK_MS,
    routing: { concurrency: EMBEDDED_CALLS },
  };
}

/** It is inside this process too, and answers from memory. */
function insideCatalog(): ServerConfigInput {
  return {
    name: "catalog",
    embedded: true,
    restart: "always",
    restartDelayMs: 100,
    routing: { concurrency: EMBEDDED_CALLS },
  };
}

function demo(maxLineBytes: number): ServerConfigInput {
  const main = join(packageRoot, "dist", "servers", "demo", "main.js");
  return { name: "demo", command: process.execPath, args: [main], restart: "always", maxLineBytes };
}

function configuredServer(
  server: ServerSettings,
  maxLineBytes: number,
  pools: Settings["pools"],
  env: Environment,
): ServerConfigInput {
  const { name, command, url, transport, args, cwd, restart, enabled } = server;
  return {
    name,
    args: args.map((text) => resolveReferences(text, env)),
    env: resolveAll(server.env, env),
    headers: resolveAll(server.headers, env),
    plainHttp: server.plain_http,
    oauth: oauthOf(server.oauth ?? {}, env),
    ...optional({ command, url: url && resolveReferences(url, env), transport, cwd, pool: url && poolOf(pools, url) }),
    restart,
    maxRestarts: server.max_restarts,
    restartDelayMs: server.restart_delay,
    timeoutMs: server.timeout,
    connectTimeoutMs: server.timeout,
    healthIntervalMs: server.health_interval,
    healthTimeoutMs: server.health_timeout,
    maxLineBytes,
    ...optional({ prefix: server.prefix }),
    start: server.start,
    idleStopMs: server.idle_stop,
    prewarm: server.prewarm,
    allow: server.allow,
    deny: server.deny,
    ...optional({ maxMemoryBytes: server.max_memory, maxCpuPercent: server.max_cpu, logLevel: server.log_level }),
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

function oauthOf(oauth: NonNullable<ServerSettings["oauth"]>, env: Environment): OAuthSettings {
  const secret = (text: string | undefined) => text && resolveReferences(text, env);
  return {
    clientId: oauth.client_id,
    clientSecret: secret(oauth.client_secret),
    privateKey: secret(oauth.private_key),
    scopes: oauth.scopes,
    grant: oauth.grant,
    clientMetadataUrl: oauth.client_metadata_url,
    redirectPort: oauth.redirect_port,
  };
}

function resolveAll(texts: Readonly<Record<string, string>>, env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, resolveReferences(text, env)]));
}
