// The servers without an app: a tree of the command's own, with a minder, so that nothing is left behind however the command ends.
// Each server is tried once; what does not come up is said.
import type { Settings } from "../actors/config/schema.js";
import type { CatalogDoor } from "../actors/control/catalog-door.js";
import type { ServersDoor } from "../actors/control/servers-door.js";
import type { Paths } from "../actors/paths.js";
import { Store } from "../actors/store/store.js";
import { Catalog } from "../mcp/catalog/catalog.js";
import { CatalogAtHand } from "../mcp/catalog/catalog-at-hand.js";
import { catalogSettings } from "../mcp/catalog/catalog-settings.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import { ManualCalls } from "../mcp/client/manual-calls.js";
import { authorizersIn } from "../mcp/client/oauth/authorizers.js";
import { Router } from "../mcp/client/router/router.js";
import { optional } from "../mcp/client/sdk-shapes.js";
import { shownState } from "../mcp/client/server-status.js";
import { ownPlugins } from "../mcp/host/plugins/own-plugins.js";
import { toolHostSettings } from "../mcp/host/tool-host-settings.js";
import { serverNames, serverTree } from "../mcp/server-tree.js";
import { Application, BanyanError, child, named } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { setUp } from "./settings.js";
import { TerminalAsker } from "./terminal-asker.js";
import { warn } from "./warn.js";

/** Servers whose tools are missing, each in a line of its own. */
const MOST_TOLD = 8;

const names = { ...serverNames, store: named<Store>("Store"), asker: named<TerminalAsker>("TerminalAsker") };

export interface OwnServersOptions {
  /** The one that is started; absent: all. */
  readonly only?: string;
  /** `unknown`: those alone whose lists are not remembered; `none`: the work needs no server. */
  readonly start: "all" | "unknown" | "none";
  /** Of the debugger, where `only` is a plugin. */
  readonly debugPort?: number;
}

/** Runs `work` with the servers, or with the one named alone, and ends them again. */
export async function withOwnServers<T>(
  options: CommonOptions,
  { only, start, debugPort }: OwnServersOptions,
  version: string,
  work: (door: ServersDoor, catalog: CatalogDoor) => Promise<T>,
): Promise<T> {
  const { loaded, paths } = await setUp(options);
  const { servers, problems } =
    start === "none" ? NO_SERVERS : await serversOf(paths, loaded.config, optional({ debugPort }));
  for (const problem of problems) if (only === undefined || problem.includes(` ${only} `)) warn(problem);
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
      child(TerminalAsker, undefined, { name: names.asker }),
      ...serverTree({
        // One inside this process costs nothing until it is used, and what it offers is not remembered.
        servers: wanted.map((server) => ({
          ...server,
          start: start === "all" || server.embedded === true ? ("eager" as const) : ("lazy" as const),
          maxRestarts: 0,
        })),
        version,
        project: process.cwd(),
        paths,
        toolHost: toolHostSettings(loaded.config, false),
        authorizerOf: authorizersIn(paths.signIns),
        elicitor: names.asker,
        store: names.store,
        settleMs: loaded.config.limits.server_start,
      }),
      child(
        Catalog,
        {
          ...{ name: names.catalog, store: names.store, aggregator: names.aggregator, project: process.cwd() },
          ...{ ...catalogSettings(loaded.config, paths, process.cwd()), longLived: false },
        },
        { name: names.catalog, shutdown: 1_000 },
      ),
    ],
  });
  try {
    const calls = new ManualCalls(names.servers, names.aggregator, new Router(names.servers));
    const done = await work(calls, new CatalogAtHand(names.catalog));
    // What is embedded is in this very process: it cannot be missing, only not have been asked yet.
    const embedded = new Set(wanted.filter((server) => server.embedded === true).map(({ name }) => name));
    const missing = (await calls.missing()).filter(({ name }) => !embedded.has(name));
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

const NO_SERVERS = { servers: [], problems: [] };

async function serversOf(paths: Paths, settings: Settings, debugged: { readonly debugPort?: number }) {
  // No pool runs in this tree.
  const configured = configuredServers({ ...settings, pools: {} }, process.env);
  const plugins = await ownPlugins(paths, settings, process.cwd(), process.env, debugged);
  return {
    servers: [...configured.servers, ...plugins.servers],
    problems: [...configured.problems, ...plugins.problems],
  };
}
