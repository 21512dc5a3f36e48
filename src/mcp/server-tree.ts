// The part of the tree that runs MCP servers, as the app has it and as a command has it that needs no more: the tool host, the
// configured servers, and what all of them offer. Ground first; siblings reach each other by name, so none falls with another.
import { join } from "node:path";
import type { Paths } from "../actors/paths.js";
import type { Store } from "../actors/store/store.js";
import { type Backoff, type ChildSpec, child, DynamicSupervisor, type Named, named } from "../supervision/index.js";
import type { Catalog } from "./catalog/catalog.js";
import { openCatalog } from "./catalog/catalog-front.js";
import { Aggregator } from "./client/aggregator.js";
import type { Authorizer } from "./client/http/authorizer.js";
import { LazyServerManager } from "./client/lazy-server-manager.js";
import type { Root } from "./client/mcp-types.js";
import { Minder } from "./client/minder.js";
import type { NotificationHandler } from "./client/notification-handler.js";
import type { Elicitor } from "./client/questions.js";
import type { ResourceCache } from "./client/resource-cache.js";
import type { ServerConfig, ServerConfigInput, ServerSource } from "./client/server-config.js";
import { ServerManager } from "./client/server-manager.js";
import { openToolHost } from "./host/host-front.js";
import type { ChangeHooks } from "./host/library/manage-changes.js";
import { buildLater } from "./host/plugins/plugin-server.js";
import { primaryPort } from "./host/primary-port/index.js";
import { ToolHost } from "./host/tool-host.js";
import type { ToolHostSettings } from "./host/tool-host-settings.js";

export const serverNames = {
  minder: named<Minder>("Minder"),
  ports: named<DynamicSupervisor>("PortSupervisor"),
  wrappers: named<DynamicSupervisor>("ServerSupervisor"),
  hostProcesses: named<DynamicSupervisor>("ToolHostProcesses"),
  toolHost: named<ToolHost>("ToolHost"),
  servers: named<ServerManager>("ServerManager"),
  lazyServers: named<LazyServerManager>("LazyServerManager"),
  aggregator: named<Aggregator>("Aggregator"),
  catalogFronts: named<DynamicSupervisor>("CatalogFronts"),
  // Stands beside this tree, and knows what is in it.
  catalog: named<Catalog>("Catalog"),
};

export interface ServerTreeOptions {
  readonly servers: readonly ServerConfigInput[];
  readonly version: string;
  /** The folder that all is about. */
  readonly project: string;
  readonly toolHost: ToolHostSettings;
  readonly paths: Pick<Paths, "data" | "state">;
  readonly authorizerOf: (config: ServerConfig) => Promise<Authorizer | undefined>;
  /** Absent: nobody can be asked. */
  readonly elicitor?: Named<Elicitor>;
  /** Clients of ours call, who answer for themselves. */
  readonly forClients?: boolean;
  readonly store: Named<Store>;
  /** The rest: of an app alone. */
  readonly notifications?: Named<NotificationHandler>;
  readonly resources?: Named<ResourceCache>;
  readonly roots?: readonly Root[];
  /** Who else will say which servers there should be. */
  readonly expected?: readonly ServerSource[];
  /** How long the first answer waits for servers that start. */
  readonly settleMs?: number;
  /** How a box is tried again that crashes too often; absent: it takes the tree along. */
  readonly park?: Backoff;
  /** Records a change of the tools in the audit. */
  readonly record?: ChangeHooks["record"];
}

export function serverTree(options: ServerTreeOptions): ChildSpec[] {
  const {
    servers,
    version,
    project,
    authorizerOf,
    elicitor,
    forClients = false,
    store,
    notifications,
    resources,
    roots,
    park,
    paths,
    record,
    expected,
    settleMs,
  } = options;
  const names = serverNames;
  const parked = park === undefined ? {} : { park };
  const told = notifications === undefined ? {} : { notifications };
  const { ports, minder } = names;
  const clientInfo = { name: "banyan", version };
  return [
    child(Minder, undefined, { name: names.minder, ...parked }),
    child(DynamicSupervisor, undefined, { name: names.ports, ...parked }),
    child(DynamicSupervisor, undefined, { name: names.wrappers, ...parked }),
    child(DynamicSupervisor, undefined, { name: names.hostProcesses, ...parked }),
    child(DynamicSupervisor, undefined, { name: names.catalogFronts, ...parked }),
    child(
      ToolHost,
      {
        processes: names.hostProcesses,
        surroundings: { ports, minder, clientInfo, ask: primaryPort({ project }) },
        settings: options.toolHost,
        folders: { project, staged: join(paths.state, "staged") },
        data: paths.data,
        ...told,
        ...(record === undefined ? {} : { record }),
      },
      { name: names.toolHost, shutdown: 1_000, ...parked },
    ),
    child(
      ServerManager,
      {
        ...{ name: names.servers, wrappers: names.wrappers, lazy: names.lazyServers },
        ...{ ports, minder, clientInfo, servers, store, authorizerOf, ...told, build: buildLater },
        embedded: {
          host: openToolHost(names.toolHost, names.hostProcesses, version),
          catalog: openCatalog(names.catalog, names.catalogFronts, version),
        },
        ...(elicitor === undefined ? {} : { elicitor }),
        forClients,
        ...(resources === undefined ? {} : { resources }),
        ...(roots === undefined ? {} : { roots }),
        ...(expected === undefined ? {} : { expected }),
        ...(settleMs === undefined ? {} : { settleMs }),
      },
      { name: names.servers, ...parked },
    ),
    child(
      LazyServerManager,
      { name: names.lazyServers, servers: names.servers },
      { name: names.lazyServers, shutdown: 1_000, ...parked },
    ),
    child(
      Aggregator,
      { name: names.aggregator, servers: names.servers, store, project },
      { name: names.aggregator, shutdown: 1_000, ...parked },
    ),
  ];
}
