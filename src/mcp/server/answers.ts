// What people, scripts and probes are told over HTTP beside MCP: how everything is, and which tools there are. Nothing here is made
// up: it is what the HealthMonitor found, how the ServerManager's servers stand, and what the Aggregator has. Nobody's last words or
// reasons are told, which may hold paths: these are in the log and in banyan servers status.
import { createHash } from "node:crypto";
import { again } from "../../actors/again.js";
import type { HealthMonitor } from "../../actors/health/health-monitor.js";
import { BanyanError, CallError, type Ref } from "../../supervision/index.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Aggregator } from "../client/aggregator.js";
import { optional } from "../client/sdk-shapes.js";
import type { ServerManager } from "../client/server-manager.js";
import { shownState } from "../client/server-status.js";
import type { ToolHostStatus } from "../host/host-status.js";
import type { ToolHost } from "../host/tool-host.js";
import type { Permission } from "./gate/scopes.js";

/** Who knows. */
export interface Asked {
  readonly monitor: Ref<HealthMonitor>;
  readonly manager: Ref<ServerManager>;
  readonly toolHost: Ref<ToolHost>;
  readonly catalog: Ref<Catalog>;
}

/** `well`: every part that all depends on is well. */
export async function healthAnswer(
  { monitor, manager, toolHost, catalog }: Asked,
  more: { readonly version: string; readonly sessions?: number; readonly daemon?: object },
): Promise<{ readonly well: boolean; readonly body: object }> {
  try {
    const [health, servers, host, stats] = await Promise.all([
      monitor.call.health(),
      manager.call.status(),
      toolHost.call.status(),
      catalogAnswer(catalog),
    ]);
    const { level, score, live, ready, components, vitals, checkedAt } = health;
    const uptime = Math.round(process.uptime() * 1_000);
    const body = {
      status: ready ? level : "error",
      ready,
      live,
      score,
      ...more,
      uptimeMs: uptime,
      uptime_ms: uptime,
      ...(checkedAt === undefined ? {} : { checkedAt: new Date(checkedAt).toISOString() }),
      memoryBytes: vitals.rssBytes,
      memory_mb: Math.round(vitals.rssBytes / 104_857.6) / 10,
      ...stats,
      components: components.map((part) => ({ name: part.name, level: part.level, score: part.score })),
      toolHost: toolHostAnswer(host),
      processes: host.processes,
      servers: servers.map((server) => ({
        name: server.name,
        state: shownState(server),
        tools: server.tools,
        restarts: server.restarts,
        ...optional({ pid: server.pid, version: server.identity?.version }),
      })),
    };
    return { well: ready, body };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return { well: false, body: { status: "error", ready: false, live: true, ...more } };
  }
}

/** Nothing while the catalog is away: how the rest is can be told all the same. */
async function catalogAnswer(catalog: Ref<Catalog>): Promise<object> {
  try {
    const { cache, database, indexes, rebuild } = await catalog.call.stats();
    const { hits, misses, hit_rate } = cache;
    const { connected, size_mb } = database;
    const { last_at, damaged } = rebuild;
    return {
      cache: { hits, misses, hit_rate },
      database: { connected, size_mb },
      indexes,
      // Said in a word, for the reason of it may hold a path.
      rebuild: { ...optional({ last_at }), index_was_damaged: damaged !== undefined },
    };
  } catch (error) {
    if (error instanceof BanyanError) return {};
    throw error;
  }
}

function toolHostAnswer({ sets, tree, refused }: ToolHostStatus): object {
  return {
    sets: sets.map(({ trouble: _, ...set }) => set),
    ...optional({ tree }),
    refused: refused.map(({ tool }) => tool),
  };
}

/** Every tool that may be called, with the hash of what it says of itself and the version of its server; `hash` is that of all of them. */
export async function toolsAnswer(
  aggregator: Ref<Aggregator>,
  manager: Ref<ServerManager>,
  permission: Permission,
): Promise<object> {
  await again(() => manager.with({ timeout: Number.POSITIVE_INFINITY }).call.settled());
  const [described, servers] = await Promise.all([
    again(() => aggregator.call.describedTools()),
    again(() => manager.call.status()),
  ]);
  const versions = new Map(servers.map(({ name, identity }) => [name, identity?.version]));
  const tools = described
    .filter(({ name }) => permission.mayCall(name))
    .map((tool) => {
      const { name, title, description, inputSchema, outputSchema, annotations, fingerprint, revision } = tool;
      const version = versions.get(tool.server);
      const shapes = { inputSchema, ...optional({ outputSchema }) };
      return {
        name,
        ...optional({ title, version, revision }),
        hash: fingerprint,
        description,
        annotations,
        ...shapes,
      };
    });
  const all = createHash("sha256");
  for (const { name, hash, revision } of tools) all.update(`${name} ${hash} ${revision}\n`);
  return { hash: all.digest("hex"), tools };
}
