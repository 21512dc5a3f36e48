// The servers without an app: a tree of the command's own, with a minder, so that nothing is left behind however the command ends.
// Each server is tried once; what does not come up is said.
import type { ServersDoor } from "../actors/control/servers-door.js";
import { Store } from "../actors/store/store.js";
import { Aggregator } from "../mcp/client/aggregator.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import { LazyServerManager } from "../mcp/client/lazy-server-manager.js";
import { ManualCalls } from "../mcp/client/manual-calls.js";
import { Minder } from "../mcp/client/minder.js";
import { authorizersIn } from "../mcp/client/oauth/authorizers.js";
import { Router } from "../mcp/client/router/router.js";
import { optional } from "../mcp/client/sdk-shapes.js";
import { ServerManager } from "../mcp/client/server-manager.js";
import { shownState } from "../mcp/client/server-status.js";
import { ownPlugins } from "../mcp/host/plugins/own-plugins.js";
import { buildLater } from "../mcp/host/plugins/plugin-server.js";
import { Application, BanyanError, child, DynamicSupervisor, named } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { setUp } from "./settings.js";
import { TerminalAsker } from "./terminal-asker.js";
import { warn } from "./warn.js";

/** Servers whose tools are missing, each in a line of its own. */
const MOST_TOLD = 8;

const names = {
  minder: named<Minder>("Minder"),
  ports: named<DynamicSupervisor>("PortSupervisor"),
  wrappers: named<DynamicSupervisor>("ServerSupervisor"),
  store: named<Store>("Store"),
  servers: named<ServerManager>("ServerManager"),
  lazyServers: named<LazyServerManager>("LazyServerManager"),
  aggregator: named<Aggregator>("Aggregator"),
  asker: named<TerminalAsker>("TerminalAsker"),
};

export interface OwnServersOptions {
  /** The one that is started; absent: all. */
  readonly only?: string;
  /** `unknown`: those alone whose lists are not remembered. */
  readonly start: "all" | "unknown";
  /** Of the debugger, where `only` is a plugin. */
  readonly debugPort?: number;
}

/** Runs `work` with the servers, or with the one named alone, and ends them again. */
export async function withOwnServers<T>(
  options: CommonOptions,
  { only, start, debugPort }: OwnServersOptions,
  version: string,
  work: (door: ServersDoor) => Promise<T>,
): Promise<T> {
  const { loaded, paths } = await setUp(options);
  // No pool runs in this tree.
  const configured = configuredServers({ ...loaded.config, pools: {} }, process.env);
  const plugins = await ownPlugins(paths, loaded.config, process.cwd(), process.env, optional({ debugPort }));
  const servers = [...configured.servers, ...plugins.servers];
  for (const problem of [...configured.problems, ...plugins.problems])
    if (only === undefined || problem.includes(` ${only} `)) warn(problem);
  const wanted = servers.filter(
    ({ name, replicaOf, enabled }) => enabled !== false && (only === undefined || name === only || replicaOf === only),
  );
  if (only !== undefined && wanted.length === 0) {
    const known = servers.some(({ name }) => name === only) || loaded.config.servers.some(({ name }) => name === only);
    const mend = known
      ? `is not to be started; see banyan servers status ${only}`
      : "is not configured; see banyan servers list";
    throw new BanyanError("no_server", `The server ${only} ${mend}.`);
  }
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: paths.database }, { name: names.store, shutdown: 5_000 }),
      child(Minder, undefined, { name: names.minder }),
      child(TerminalAsker, undefined, { name: names.asker }),
      child(DynamicSupervisor, undefined, { name: names.ports }),
      child(DynamicSupervisor, undefined, { name: names.wrappers }),
      child(
        ServerManager,
        {
          name: names.servers,
          wrappers: names.wrappers,
          ports: names.ports,
          minder: names.minder,
          clientInfo: { name: "banyan", version },
          authorizerOf: authorizersIn(paths.signIns),
          servers: wanted.map((server) => ({
            ...server,
            start: start === "all" ? ("eager" as const) : ("lazy" as const),
            maxRestarts: 0,
          })),
          elicitor: names.asker,
          store: names.store,
          lazy: names.lazyServers,
          build: buildLater,
        },
        { name: names.servers },
      ),
      child(LazyServerManager, { name: names.lazyServers, servers: names.servers }, { name: names.lazyServers }),
      child(
        Aggregator,
        { name: names.aggregator, servers: names.servers, store: names.store, project: process.cwd() },
        { name: names.aggregator },
      ),
    ],
  });
  try {
    const calls = new ManualCalls(names.servers, names.aggregator, new Router(names.servers));
    const done = await work(calls);
    const missing = await calls.missing();
    for (const { name, reason, ...status } of missing.slice(0, MOST_TOLD)) {
      const why = reason === undefined ? "" : `: ${reason}`;
      warn(`The server ${name} is ${shownState({ name, ...status })}${why}; its tools are missing here.`);
    }
    const more = missing.length - MOST_TOLD;
    if (more > 0)
      warn(`The tools of ${more} servers more are missing; what has been learnt is remembered, so try again.`);
    return done;
  } finally {
    await app.stop();
  }
}
