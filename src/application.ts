// The tree: the one file that says what is supervised by what, and in which order. Ground first; whatever stops, stops in the
// reverse of it. Config, Store, Session with its MessageStores, and Chat are essential: past the intensity of one of them the application ends, with a
// report. Every other box is parked instead: degraded, shown, and tried again after growing pauses.
// Boxes reach each other by the names below, so a box that crashes takes nobody along.
import { randomUUID } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Aliases } from "./actors/aliases.js";
import { Audit, recordAction } from "./actors/audit/audit.js";
import { CircuitBreaker } from "./actors/circuit-breaker.js";
import { Config, type ConfigListener } from "./actors/config/config.js";
import type { Loaded, LoadRequest } from "./actors/config/load.js";
import type { Settings } from "./actors/config/schema.js";
import { Control } from "./actors/control.js";
import type { DaemonStderr } from "./actors/daemon/daemon-stderr.js";
import { AlertSender } from "./actors/health/alert-sender.js";
import { HealthMonitor } from "./actors/health/health-monitor.js";
import { LineEditor } from "./actors/line-editor.js";
import { OllamaKeeper } from "./actors/ollama-keeper.js";
import type { Paths } from "./actors/paths.js";
import { platform } from "./actors/platform/index.js";
import { poolOptions } from "./actors/pools/configured.js";
import { ConnectionPools } from "./actors/pools/connection-pools.js";
import { ProjectFiles } from "./actors/project/project-files.js";
import { Session, type SessionOptions } from "./actors/session/session.js";
import type { StartupClock } from "./actors/startup/startup-clock.js";
import type { StartupProfiler } from "./actors/startup/startup-profiler.js";
import { Store, type StoreOptions } from "./actors/store/store.js";
import { Telemetry, type TelemetryOptions } from "./actors/telemetry/telemetry.js";
import { Chat } from "./chat/chat.js";
import { reservedNames } from "./chat/commands.js";
import { ollamaRoot } from "./llm/endpoint.js";
import type { Models } from "./llm/models.js";
import type { Provider } from "./llm/provider.js";
import { Catalog, type CatalogOptions } from "./mcp/catalog/catalog.js";
import { CatalogAtHand } from "./mcp/catalog/catalog-at-hand.js";
import { catalogSettings } from "./mcp/catalog/catalog-settings.js";
import type { ConfiguredServers } from "./mcp/client/configured-servers.js";
import { ManualCalls } from "./mcp/client/manual-calls.js";
import type { Root } from "./mcp/client/mcp-types.js";
import { NotificationHandler } from "./mcp/client/notification-handler.js";
import { authorizersIn } from "./mcp/client/oauth/authorizers.js";
import type { Elicitor } from "./mcp/client/questions.js";
import { ResourceCache } from "./mcp/client/resource-cache.js";
import { Router } from "./mcp/client/router/router.js";
import { optional } from "./mcp/client/sdk-shapes.js";
import { ServerSettings } from "./mcp/client/server-settings.js";
import { PluginManager } from "./mcp/host/plugins/plugin-manager.js";
import { pluginWorkshop } from "./mcp/host/plugins/plugin-server.js";
import { PluginsAtHand } from "./mcp/host/plugins/plugins-at-hand.js";
import { toolHostSettings } from "./mcp/host/tool-host-settings.js";
import type { HttpServer } from "./mcp/server/http-server.js";
import type { StdioServer } from "./mcp/server/stdio-server.js";
import { serverNames, serverTree } from "./mcp/server-tree.js";
import {
  Application,
  type Backoff,
  type ChildSpec,
  child,
  DynamicSupervisor,
  type Named,
  named,
  Supervisor,
  type SupervisorOptions,
} from "./supervision/index.js";
import "./supervision/node/index.js"; // for blame
import type { TUI } from "./ui/tui.js";
import { ViewFeed } from "./ui/views/view-feed.js";

export const names = {
  root: named<Supervisor>("Application"),
  config: named<Config>("Config"),
  profiler: named<StartupProfiler>("StartupProfiler"),
  store: named<Store>("Store"),
  audit: named<Audit>("Audit"),
  telemetry: named<Telemetry>("Telemetry"),
  health: named<HealthMonitor>("HealthMonitor"),
  alerts: named<AlertSender>("AlertSender"),
  messages: named<DynamicSupervisor>("MessageStores"),
  session: named<Session>("Session"),
  aliases: named<Aliases>("Aliases"),
  lineEditor: named<LineEditor>("LineEditor"),
  files: named<ProjectFiles>("ProjectFiles"),
  breaker: named<CircuitBreaker>("CircuitBreaker.LLM"),
  keeper: named<OllamaKeeper>("OllamaKeeper"),
  pools: named<ConnectionPools>("ConnectionPools"),
  mcp: named<Supervisor>("MCP"),
  notifications: named<NotificationHandler>("NotificationHandler"),
  resources: named<ResourceCache>("ResourceCache"),
  ...serverNames,
  serverSettings: named<ServerSettings>("ServerSettings"),
  plugins: named<PluginManager>("PluginManager"),
  chatSupervisor: named<Supervisor>("ChatSupervisor"),
  tasks: named<DynamicSupervisor>("Tasks"),
  chat: named<Chat>("Chat"),
  feed: named<ViewFeed>("ViewFeed"),
  screen: named<TUI>("TUI"),
  control: named<Control>("Control"),
  mcpServer: named<Supervisor>("MCPServer"),
  clientSessions: named<DynamicSupervisor>("ClientSessions"),
  httpServer: named<HttpServer>("HttpServer"),
  stdioServer: named<StdioServer>("StdioServer"),
  daemonStderr: named<DaemonStderr>("DaemonStderr"),
  notes: named<ConfigListener>("Notes"),
};

export interface BanyanOptions {
  readonly paths: Paths;
  readonly loaded: Loaded;
  /** Where the settings were loaded from. */
  readonly request: LoadRequest;
  /** Which servers the settings ask for. */
  readonly serversOf: (settings: Settings) => ConfiguredServers;
  readonly provider: Provider;
  readonly models: Models;
  /** The folder the conversation is about. */
  readonly project: string;
  /** Go on with the conversation of this id or name, or (true) with the last chat of the folder. */
  readonly resume: string | true | undefined;
  /** Tools that may run without asking, besides those the settings allow. */
  readonly allow: readonly string[];
  /** False: nobody can be asked. */
  readonly interactive: boolean;
  /** Watch the settings files, check the database, back it up and keep it small; not for a run of one answer. */
  readonly longLived: boolean;
  /** The phases of the start, for /profile. */
  readonly startup?: StartupClock;
  /** The profiler's child spec; none where the start is not profiled. */
  readonly profiler?: readonly ChildSpec[];
  /** The screen's child specs; none without a screen. */
  readonly screen: readonly ChildSpec[];
  readonly version: string;
}

/** What is applied while the app runs; any other setting waits for the next start. */
const live = [
  "chat",
  "context",
  "approvals",
  "limits.tool_result",
  "limits.line",
  "limits.mentions",
  "limits.attachment_size",
  "limits.image_size",
  "limits.url_timeout",
  "limits.mention_timeout",
  "ui.theme",
  "ui.show_tokens",
  "ui.show_cost",
  "ui.show_timestamps",
  "prices",
  "log.level",
  "servers",
  "bundled",
  "plugins",
  "project",
];

/** What the ground and the servers of any app of ours need, whether it is a chat or not. */
export type AppOptions = Pick<BanyanOptions, "paths" | "loaded" | "serversOf" | "project" | "longLived" | "version">;

/** How a box that is not essential is tried again once it is parked. */
export const park: Backoff = { initial: 1_000, max: 60_000, jitter: 0.2 };

/** How often a box may crash before it ends the application or is parked; of each supervisor, and of each box that is parked. */
export type Limits = Required<Pick<SupervisorOptions, "maxRestarts" | "maxSeconds">>;
export const LIMITS: Limits = { maxRestarts: 3, maxSeconds: 5 };

/** Starts the whole tree; resolves once all of it runs. */
export async function startBanyan(options: BanyanOptions, limits = LIMITS): Promise<Application> {
  const onStray = options.loaded.config.errors.stray;
  const router = new Router(names.servers);
  const app = await Application.start({ ...tree(options, router, limits), name: names.root, blame: true, onStray });
  void app.done.then(router.show());
  return app;
}

function tree(options: BanyanOptions, router: Router, limits: Limits): SupervisorOptions {
  const { loaded, request, project } = options;
  const settings = loaded.config;
  const run = randomUUID();
  return {
    strategy: "one_for_one",
    ...limits,
    autoShutdown: "any_significant",
    children: [
      ...(options.profiler ?? []), // first, so that it sees all the others start
      child(
        Config,
        { loaded, request, subscriptions: [], added: [], watch: options.longLived, live, listener: names.chat },
        { name: names.config, shutdown: 1_000 },
      ),
      child(Store, storeOptions(options), { name: names.store, shutdown: 5_000 }),
      child(Audit, { store: names.store, project, run }, { name: names.audit, shutdown: 1_000, park }),
      child(Telemetry, telemetry(options), { name: names.telemetry, park, shutdown: 3_000 }),
      child(
        HealthMonitor,
        { name: names.health, root: names.root, settings: settings.health },
        { name: names.health, park },
      ),
      ...alertSender(settings.health),
      child(DynamicSupervisor, undefined, { name: names.messages }),
      child(Session, session(options, run), { name: names.session }),
      child(
        Aliases,
        { store: names.store, project, reserved: reservedNames },
        { name: names.aliases, shutdown: 1_000, park },
      ),
      child(
        LineEditor,
        { store: names.store, project, size: settings.ui.history_size },
        { name: names.lineEditor, shutdown: 1_000, park },
      ),
      child(ProjectFiles, { folder: project }, { name: names.files, shutdown: 1_000, park }),
      child(
        CircuitBreaker,
        {
          service: "the model",
          failures: settings.breaker.failures,
          resetAfterMs: settings.breaker.reset_after,
          probes: settings.breaker.half_open_probes,
          store: names.store,
          run,
        },
        { name: names.breaker, park },
      ),
      ...ollamaKeeper(options),
      child(ConnectionPools, { pools: poolOptions(settings.pools), park, ...limits }, { name: names.pools, park }),
      child(
        Supervisor,
        mcp(options, run, limits, {
          listener: names.chat,
          elicitor: names.chat,
          forClients: options.interactive && settings.server.http,
          plugins: true,
        }),
        { name: names.mcp, park },
      ),
      child(Catalog, catalog(options), { name: names.catalog, shutdown: 1_000, park }),
      // Past its limits it ends itself, and the application with it.
      child(Supervisor, conversation(options, run, router, limits), {
        name: names.chatSupervisor,
        restart: "transient",
        significant: true,
      }),
      ...viewFeed(options, router),
      ...options.screen.map((spec) => ({ ...spec, park })),
      control(options, router),
    ],
  };
}

/** The door to a running app, for `banyan tree` and its like. */
export function control({ paths, version }: AppOptions, router: Router): ChildSpec {
  return child(
    Control,
    {
      socket: platform.appSocket(paths.socket, process.pid),
      root: names.root,
      telemetry: names.telemetry,
      servers: new ManualCalls(names.servers, names.aggregator, router),
      plugins: new PluginsAtHand(names.plugins, names.servers, names.aggregator, router),
      catalog: new CatalogAtHand(names.catalog),
      version,
      audit: (event) => recordAction(names.audit, { ...event, detail: { by: "the control socket" } }),
    },
    { name: names.control, park },
  );
}

/** Only where there is a screen to show it. */
function viewFeed({ screen, paths, version }: BanyanOptions, router: Router): ChildSpec[] {
  if (screen.length === 0) return [];
  const { root, servers, aggregator, notifications, resources, audit, feed } = names;
  const feedOptions = { root, servers, aggregator, router, notifications, resources, audit, logs: paths.logs, version };
  return [child(ViewFeed, feedOptions, { name: feed, park })];
}

export function storeOptions({ paths, loaded, longLived }: AppOptions): StoreOptions {
  if (!longLived) return { file: paths.database };
  const { warn_size, max_size, backups_kept, backup_interval } = loaded.config.store;
  return {
    file: paths.database,
    upkeep: { warnSize: warn_size, maxSize: max_size, backupsKept: backups_kept, backupInterval: backup_interval },
  };
}

function session({ loaded, project, provider, resume, interactive }: BanyanOptions, run: string): SessionOptions {
  const { window_messages: messages, window_size: size } = loaded.config.session;
  return {
    store: names.store,
    messages: names.messages,
    run,
    project,
    model: provider.id,
    kind: interactive ? "chat" : "print",
    resume,
    window: { messages, size },
  };
}

/** The turn loop: a chat that crashed goes on with the turn it had, and a turn that did is started again by its chat. */
function conversation(options: BanyanOptions, run: string, router: Router, limits: Limits): SupervisorOptions {
  const { paths, request, provider, project } = options;
  return {
    strategy: "one_for_one",
    ...limits,
    children: [
      child(DynamicSupervisor, undefined, { name: names.tasks, park }),
      child(
        Chat,
        {
          self: names.chat,
          session: names.session,
          store: names.store,
          audit: names.audit,
          aliases: names.aliases,
          servers: names.servers,
          router,
          notifications: names.notifications,
          aggregator: names.aggregator,
          resources: names.resources,
          files: names.files,
          breaker: names.breaker,
          health: names.health,
          tasks: names.tasks,
          root: names.root,
          provider,
          models: options.models,
          keeper: options.longLived ? names.keeper : undefined,
          run,
          project,
          results: join(paths.state, "results"),
          config: names.config,
          request,
          serversOf: options.serversOf,
          logs: paths.logs,
          startup: options.startup,
          allow: options.allow,
          interactive: options.interactive,
        },
        { name: names.chat },
      ),
    ],
  };
}

/** For a chat; one answer loads the model by itself. */
function ollamaKeeper({ longLived, loaded }: BanyanOptions): ChildSpec[] {
  if (!longLived) return [];
  const { base_url, keep_alive } = loaded.config.providers.ollama;
  return [child(OllamaKeeper, { url: ollamaRoot(base_url), keepAliveMs: keep_alive }, { name: names.keeper, park })];
}

/** Only where somebody outside is to be told. */
export function alertSender({
  alert_command,
  alert_webhook,
  alert_timeout,
  alert_interval,
}: Settings["health"]): ChildSpec[] {
  if (alert_command.length === 0 && alert_webhook === undefined) return [];
  const ways = { command: alert_command, webhook: alert_webhook, timeoutMs: alert_timeout, intervalMs: alert_interval };
  return [child(AlertSender, { name: names.alerts, health: names.health, ...ways }, { name: names.alerts, park })];
}

export function telemetry({ paths, loaded, version }: AppOptions): TelemetryOptions {
  const { log, telemetry } = loaded.config;
  const { otlp_endpoint: endpoint, sample_ratio: sampleRatio } = telemetry;
  return {
    root: names.root,
    database: paths.database,
    version,
    config: names.config,
    log: { folder: paths.logs, ...log },
    otlp: endpoint === undefined ? undefined : { endpoint, sampleRatio },
  };
}

export function catalog({ paths, loaded, project, longLived }: AppOptions): CatalogOptions {
  const { catalog: name, store, aggregator } = names;
  return { name, store, aggregator, project, ...catalogSettings(loaded.config, paths, project), longLived };
}

/** Siblings reach each other by name, so none falls with another. `user` hears what there is to say, and answers servers' questions
 * where he can be asked; `plugins`: whether these run. */
export function mcp(
  { loaded, paths, serversOf, project, longLived, version }: AppOptions,
  run: string,
  intensity: Limits,
  user: {
    readonly listener: Named<ConfigListener>;
    readonly elicitor?: Named<Elicitor>;
    readonly forClients?: boolean;
    readonly plugins: boolean;
  },
): SupervisorOptions {
  const { config } = names;
  const { limits } = loaded.config;
  const { servers, problems } = serversOf(loaded.config);
  const rootsOf = ({ project: { roots } }: Settings): Root[] => [
    { uri: pathToFileURL(project).href, name: "project" },
    ...roots.map((folder) => ({ uri: pathToFileURL(resolve(project, folder)).href, name: basename(folder) })),
  ];
  return {
    strategy: "one_for_one",
    ...intensity,
    children: [
      child(NotificationHandler, { store: names.store, project, run }, { name: names.notifications, park }),
      child(ResourceCache, { servers: names.servers, maxAgeMs: limits.resource_age }, { name: names.resources, park }),
      ...serverTree({
        servers,
        version,
        project,
        paths,
        record: (action, subject, detail) => recordAction(names.audit, { action, subject, detail: { ...detail } }),
        toolHost: toolHostSettings(loaded.config, longLived),
        authorizerOf: authorizersIn(paths.signIns),
        ...optional({ elicitor: user.elicitor, forClients: user.forClients }),
        store: names.store,
        notifications: names.notifications,
        resources: names.resources,
        roots: rootsOf(loaded.config),
        expected: user.plugins ? ["plugins"] : [],
        settleMs: limits.server_start,
        park,
      }),
      child(
        ServerSettings,
        { config, servers: names.servers, serversOf, rootsOf, listener: user.listener, told: problems },
        { name: names.serverSettings, shutdown: 1_000, park },
      ),
      ...(user.plugins
        ? [
            child(
              PluginManager,
              {
                workshop: pluginWorkshop(paths.state, project, run),
                approvals: paths.approvals,
                config,
                servers: names.servers,
                listener: user.listener,
                watch: longLived,
              },
              { name: names.plugins, shutdown: 2_000, park },
            ),
          ]
        : []),
    ],
  };
}
