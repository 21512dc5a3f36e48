// The tree of `banyan serve`: the ground, the servers, and in front of them Banyan as an MCP server. It has no chat and no screen, and
// is made of the same pieces as the app that has (application.ts), under the same names.
// Config, Store and what listens are essential: past the intensity of one of them the application ends. The rest is parked.
import { randomUUID } from "node:crypto";
import { Audit } from "./actors/audit/audit.js";
import { Config } from "./actors/config/config.js";
import type { LoadRequest } from "./actors/config/load.js";
import { DaemonStderr } from "./actors/daemon/daemon-stderr.js";
import type { StderrFile } from "./actors/daemon/stderr-file.js";
import { HealthMonitor } from "./actors/health/health-monitor.js";
import { poolOptions } from "./actors/pools/configured.js";
import { ConnectionPools } from "./actors/pools/connection-pools.js";
import { Store } from "./actors/store/store.js";
import { Telemetry } from "./actors/telemetry/telemetry.js";
import {
  type AppOptions,
  alertSender,
  catalog,
  control,
  LIMITS,
  mcp,
  names,
  park,
  storeOptions,
  telemetry,
} from "./application.js";
import { Catalog } from "./mcp/catalog/catalog.js";
import { Router } from "./mcp/client/router/router.js";
import type { Address } from "./mcp/server/address.js";
import { healthAnswer } from "./mcp/server/answers.js";
import { banyanTools } from "./mcp/server/banyan-tools.js";
import { gateLimits } from "./mcp/server/gate/gate-limits.js";
import { type DaemonTold, HTTP_SHUTDOWN_MS, HttpServer } from "./mcp/server/http-server.js";
import type { OwnPrompt } from "./mcp/server/own-prompts.js";
import type { OwnTool } from "./mcp/server/own-tools.js";
import { StdioServer, type StdioServerOptions } from "./mcp/server/stdio-server.js";
import {
  Application,
  type ChildSpec,
  child,
  DynamicSupervisor,
  Supervisor,
  type SupervisorOptions,
} from "./supervision/index.js";
import "./supervision/node/index.js"; // for blame

export interface ServeOptions extends AppOptions {
  readonly request: LoadRequest;
  /** No plugin runs, and nobody is ready without the tool host. */
  readonly toolHostAlone: boolean;
  /** How clients come: over HTTP at an address, or the one at the other end of two streams. */
  readonly over:
    | { readonly address: Address; readonly noAuth?: boolean; readonly sse?: boolean }
    | { readonly stdio: Pick<StdioServerOptions, "input" | "output" | "onEnd"> }
    /** Nobody listens: the program that has Banyan inside it begins sessions itself. */
    | "embedded";
  /** Where it is the daemon's: what takes its stderr, and what it tells of the apps before it. */
  readonly daemon?: { readonly stderr: StderrFile; readonly told: DaemonTold };
  /** Tells people what there is to say, under the name `names.notes`. */
  readonly notes: ChildSpec;
}

/** What the part of the tree needs that clients come to. */
export type McpServerOptions = Pick<ServeOptions, "over" | "daemon"> & ServedOptions;

export interface ServedOptions extends Pick<ServeOptions, "loaded" | "version"> {
  /** Tools of the front besides those that are always there. */
  readonly own?: readonly OwnTool[];
  readonly ownPrompts?: readonly OwnPrompt[];
}

/** Starts the whole tree; resolves once it serves. Where Banyan is inside another program, errors that no part answers for are that
 * program's own. */
export async function startServing(options: ServeOptions, router = new Router(names.servers)): Promise<Application> {
  const blame = options.over === "embedded" ? false : "late";
  const onStray = options.loaded.config.errors.stray;
  const app = await Application.start({ ...tree(options, router), name: names.root, blame, onStray });
  void app.done.then(router.show());
  return app;
}

/** Of the settings, what is applied while it serves. */
const live = ["limits.line", "log.level", "servers", "bundled", "plugins", "project"];
/** Parts that only an app with a chat has. */
const OF_THE_CHAT = ["Session", "Chat"];

function tree(options: ServeOptions, router: Router): SupervisorOptions {
  const { loaded, request, project, longLived } = options;
  const settings = loaded.config;
  const own = settings.health.critical.filter((name) => !OF_THE_CHAT.includes(name));
  const critical = options.toolHostAlone ? [...own, names.toolHost.name] : own;
  const run = randomUUID();
  return {
    strategy: "one_for_one",
    ...LIMITS,
    children: [
      options.notes,
      child(
        Config,
        { loaded, request, subscriptions: [], added: [], watch: longLived, live, listener: names.notes },
        { name: names.config, shutdown: 1_000 },
      ),
      child(Store, storeOptions(options), { name: names.store, shutdown: 5_000 }),
      child(Audit, { store: names.store, project, run }, { name: names.audit, shutdown: 1_000, park }),
      child(Telemetry, telemetry(options), { name: names.telemetry, park, shutdown: 3_000 }),
      child(
        HealthMonitor,
        { name: names.health, root: names.root, settings: { ...settings.health, critical } },
        { name: names.health, park },
      ),
      ...alertSender(settings.health),
      child(ConnectionPools, { pools: poolOptions(settings.pools), park, ...LIMITS }, { name: names.pools, park }),
      child(
        Supervisor,
        mcp(options, run, LIMITS, { listener: names.notes, forClients: true, plugins: !options.toolHostAlone }),
        { name: names.mcp, park },
      ),
      ...(options.daemon === undefined
        ? []
        : [child(DaemonStderr, options.daemon.stderr, { name: names.daemonStderr, park })]),
      child(Catalog, catalog(options), { name: names.catalog, shutdown: 1_000, park }),
      child(Supervisor, mcpServer(options, router), { name: names.mcpServer }),
      control(options, router),
    ],
  };
}

/** What every client's session is given. */
export function servedBy({ loaded, version, own: more = [], ownPrompts = [] }: ServedOptions, router: Router) {
  const { servers, aggregator, resources, notifications, catalog } = names;
  const asked = { monitor: names.health, manager: servers, toolHost: names.toolHost, catalog };
  const own = [...banyanTools({ catalog, health: async () => (await healthAnswer(asked, { version })).body }), ...more];
  const { dotless_clients: dotless, exposure, prefix } = loaded.config.server;
  return { servers, aggregator, resources, notifications, router, version, dotless, exposure, prefix, own, ownPrompts };
}

/** Sessions stand before what takes their messages in, which therefore stops first and sees them to their end. */
export function mcpServer(options: McpServerOptions, router: Router): SupervisorOptions {
  const { clientSessions: sessions } = names;
  return {
    strategy: "one_for_one",
    ...LIMITS,
    children: [child(DynamicSupervisor, undefined, { name: sessions }), ...listener(options, router)],
  };
}

/** None where nobody listens. */
function listener(options: McpServerOptions, router: Router): ChildSpec[] {
  const { over, loaded, daemon } = options;
  if (over === "embedded") return [];
  const { clientSessions: sessions, root, health, toolHost, telemetry, catalog, store } = names;
  const { max_message, max_batch, drain, ...server } = loaded.config.server;
  const served = { ...servedBy(options, router), sessions };
  const limits = { longest: max_message, mostBatch: max_batch };
  if ("stdio" in over) {
    const gate = gateLimits(loaded.config.server);
    return [child(StdioServer, { ...served, limits, gate, ...over.stdio }, { name: names.stdioServer })];
  }
  const { address, noAuth = false, sse = server.sse } = over;
  const { max_clients, max_connections, idle, stateless, resume, keep_alive, hosts, origins, oauth } = server;
  const http = {
    ...{ address, noAuth, root, health, toolHost, telemetry, catalog, store, names: { hosts, origins } },
    ...(oauth.issuer === undefined ? {} : { oauth: { ...oauth, issuer: oauth.issuer, resource: oauth.resource } }),
    ...{ gate: gateLimits(loaded.config.server, address), drainMs: drain },
    ...{ mostSessions: max_clients, mostConnections: max_connections, idleMs: idle },
    legs: { ...limits, stateless, sse, resumeMs: resume, keepAliveMs: keep_alive },
    ...(daemon === undefined ? {} : { daemon: daemon.told }),
  };
  return [child(HttpServer, { ...served, ...http }, { name: names.httpServer, shutdown: drain + HTTP_SHUTDOWN_MS })];
}
