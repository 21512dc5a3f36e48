// The plugins of the running app as a person at the command line asks for them: what the PluginManager knows of each, how its server
// stands, and how its calls went.
import { setTimeout as sleep } from "node:timers/promises";
import type { PluginsDoor } from "../../../actors/control/plugins-door.js";
import { CallError, type Ref } from "../../../supervision/index.js";
import type { Aggregator } from "../../client/aggregator.js";
import type { Router } from "../../client/router/router.js";
import { optional } from "../../client/sdk-shapes.js";
import type { ServerManager } from "../../client/server-manager.js";
import { isAway, isUp, type ServerEnd, type ServerStatus, shownState } from "../../client/server-status.js";
import type { PluginManager, PluginState } from "./plugin-manager.js";

/** A plugin with all that is known of it. */
export interface PluginAtHand {
  readonly name: string;
  readonly folder: string;
  /** As the server is: `ready`, `asleep`, `parked`…; or why there is none: `disabled`, `not approved`, `left out`. */
  readonly state: string;
  readonly reason?: string;
  readonly debugger?: string;
  readonly pid?: number;
  readonly tools?: number;
  readonly restarts?: number;
  readonly retryInMs?: number;
  readonly lastEnd?: ServerEnd;
  readonly calls: number;
  readonly errors: number;
  /** Of its calls on average, in milliseconds. */
  readonly latencyMs: number;
}

/** How long is waited for a plugin to come up again, in milliseconds; one that is slower goes on by itself. */
const RESTART_MS = 15_000;
const POLL_MS = 20;
const FOREVER = Number.POSITIVE_INFINITY;

export class PluginsAtHand implements PluginsDoor {
  constructor(
    private readonly plugins: Ref<PluginManager>,
    private readonly servers: Ref<ServerManager>,
    private readonly aggregator: Ref<Aggregator>,
    private readonly router: Router,
  ) {}

  async status(): Promise<readonly PluginAtHand[]> {
    const [plugins, servers, tools] = await Promise.all([
      this.plugins.call.status().catch(noneIfAbsent),
      this.servers.call.status(),
      this.aggregator.call.tools(),
    ]);
    return plugins.map((plugin) => {
      const figures = tools.flatMap(({ server, name }) =>
        server === plugin.name ? (this.router.figures(name) ?? []) : [],
      );
      const calls = figures.reduce((sum, one) => sum + one.calls, 0);
      const timed = figures.reduce((sum, one) => sum + one.calls * one.latencyMs, 0);
      return {
        ...described(
          plugin,
          servers.find(({ name }) => name === plugin.name),
        ),
        calls,
        errors: figures.reduce((sum, one) => sum + one.errors, 0),
        latencyMs: calls === 0 ? 0 : timed / calls,
      };
    });
  }

  async restart(name: string, debug: boolean): Promise<PluginAtHand | undefined> {
    const before = (await this.one(name))?.pid;
    await this.plugins.with({ timeout: FOREVER }).call.restart(name, debug);
    const deadline = performance.now() + RESTART_MS;
    for (;;) {
      const server = (await this.servers.call.status()).find((each) => each.name === name);
      if (server === undefined || isOver(server, before) || performance.now() > deadline) return this.one(name);
      await sleep(POLL_MS);
    }
  }

  private async one(name: string): Promise<PluginAtHand | undefined> {
    return (await this.status()).find((plugin) => plugin.name === name);
  }
}

/** The tool host alone has no plugins. */
function noneIfAbsent(error: unknown): readonly PluginState[] {
  if (error instanceof CallError && error.code === "noproc") return [];
  throw error;
}

/** It runs again, or will not; or it has told what it offers and sleeps. */
function isOver({ state, pid, asleep, unknown }: ServerStatus, before: number | undefined): boolean {
  if (unknown) return false;
  return asleep === true ? state === "disconnected" : (isUp(state) || isAway(state)) && pid !== before;
}

function described(plugin: PluginState, server: ServerStatus | undefined) {
  const { name, folder, state, reason, debugger: port } = plugin;
  if (state !== "on" || server === undefined) {
    return { name, folder, state: state === "on" ? "starting" : state, ...optional({ reason }) };
  }
  const { pid, tools, restarts, retryInMs, lastEnd } = server;
  return {
    name,
    folder,
    state: shownState(server),
    tools,
    restarts,
    ...optional({ reason: server.reason ?? reason, debugger: port, pid, retryInMs, lastEnd }),
  };
}
