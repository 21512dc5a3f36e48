// The tree of `banyan serve`: the ground, the servers, and in front of them Banyan as an MCP server. It has no chat and no screen, and
// is made of the same pieces as the app that has (application.ts), under the same names.
// Config, Store and what listens are essential: past the intensity of one of them the application ends. The rest is parked.
import { randomUUID } from "node:crypto";
import { Audit } from "./actors/audit/audit.js";
import { Config } from "./actors/config/config.js";
import type { LoadRequest } from "./actors/config/load.js";
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
import { gateLimits } from "./mcp/server/gate/gate-limits.js";
import { HTTP_SHUTDOWN_MS, HttpServer } from "./mcp/server/http-server.js";
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
    | { readonly address: Address; readonly noAuth?: boolean }
    | { readonly stdio: Pick<StdioServerOptions, "input" | "output" | "onEnd"> };
  /** Tells people what there is to say, under the name `names.notes`. */
  readonly notes: ChildSpec;
}

/** Starts the whole tree; resolves once it serves. */
export function startServing(options: ServeOptions): Promise<Application> {
  const onStray = options.loaded.config.errors.stray;
  return Application.start({ ...tree(options), name: names.root, blame: true, onStray });
}

/** Of the settings, what is applied while it serves. */
const live = ["limits.line", "log.level", "servers", "bundled", "plugins", "project"];
/** Parts that only an app with a chat has. */
const OF_THE_CHAT = ["Session", "Chat"];

function tree(options: ServeOptions): SupervisorOptions {
  const { loaded, request, project, longLived } = options;
  const settings = loaded.config;
  const own = settings.health.critical.filter((name) => !OF_THE_CHAT.includes(name));
  const critical = options.toolHostAlone ? [...own, names.toolHost.name] : own;
  const run = randomUUID();
  const router = new Router(names.servers);
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
        {
          name: names.mcp,
          park,
        },
      ),
      child(Catalog, catalog(options), { name: names.catalog, shutdown: 1_000, park }),
      child(Supervisor, mcpServer(options, router), { name: names.mcpServer }),
      control(options, router),
    ],
  };
}

/** Sessions stand before what takes their messages in, which therefore stops first and sees them to their end. */
function mcpServer({ over, loaded, version }: ServeOptions, router: Router): SupervisorOptions {
  const { max_clients, idle, max_message, max_batch, dotless_clients, prefix, ...server } = loaded.config.server;
  const { servers, aggregator, resources, notifications, clientSessions: sessions } = names;
  const parts = { servers, aggregator, resources, notifications, sessions };
  const served = { ...parts, router, version, dotless: dotless_clients, prefix };
  const limits = { longest: max_message, mostBatch: max_batch };
  const { stateless, sse, resume: resumeMs, keep_alive: keepAliveMs, hosts, origins, max_connections } = server;
  const http = {
    mostSessions: max_clients,
    mostConnections: max_connections,
    idleMs: idle,
    legs: { ...limits, stateless, sse, resumeMs, keepAliveMs },
    names: { hosts, origins },
    store: names.store,
  };
  const { root, health, toolHost, telemetry, catalog } = names;
  const asked = { root, health, toolHost, telemetry, catalog };
  return {
    strategy: "one_for_one",
    ...LIMITS,
    children: [
      child(DynamicSupervisor, undefined, { name: sessions }),
      "address" in over
        ? child(
            HttpServer,
            {
              ...served,
              ...http,
              ...asked,
              address: over.address,
              noAuth: over.noAuth ?? false,
              gate: gateLimits(loaded.config.server, over.address),
            },
            { name: names.httpServer, shutdown: HTTP_SHUTDOWN_MS },
          )
        : child(
            StdioServer,
            { ...served, limits, gate: gateLimits(loaded.config.server), ...over.stdio },
            { name: names.stdioServer },
          ),
    ],
  };
}
