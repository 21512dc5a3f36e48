// The servers as a person at the command line uses them, through a running app or in a tree of the command's own: look, connect,
// disconnect, run a tool. Calls go the way the chat's go, by the Router, so deadlines and cancellation are the same.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerAction, ServersDoor } from "../../actors/control/servers-door.js";
import { GenServer, type Ref, stopProcess } from "../../supervision/index.js";
import type { Aggregator, DescribedTool } from "./aggregator.js";
import { UnknownNameError } from "./errors.js";
import { GiveUp } from "./give-up.js";
import type { Progress, ToolResult } from "./mcp-types.js";
import type { Router, ToolFigures } from "./router/router.js";
import { optional } from "./sdk-shapes.js";
import type { ServerManager } from "./server-manager.js";
import { isAway, isOnItsWay, isUp, type ServerStatus } from "./server-status.js";
import type { ProgressWatcher } from "./tool-work.js";

/** The manager watches the deadline of a start. */
const FOREVER = Number.POSITIVE_INFINITY;
/** How long is waited for a server to come up, in milliseconds; one that is slower goes on by itself. */
const CONNECT_MS = 10_000;
const POLL_MS = 20;

/** Without figures until it is called. */
export interface ListedTool extends DescribedTool {
  readonly figures?: ToolFigures;
}

export class ManualCalls implements ServersDoor {
  /** The servers whose tools the last list was without. */
  private left: readonly ServerStatus[] | undefined;

  constructor(
    private readonly manager: Ref<ServerManager>,
    private readonly aggregator: Ref<Aggregator>,
    private readonly router: Router,
  ) {}

  status(): Promise<readonly ServerStatus[]> {
    return this.manager.call.status();
  }

  /** Every tool, those that are not offered now included, each with how it does. */
  async tools(): Promise<readonly ListedTool[]> {
    await this.manager.with({ timeout: FOREVER }).call.settled();
    const servers = await this.status();
    const tools = await this.aggregator.with({ timeout: FOREVER }).call.describedTools();
    const listed = new Set(tools.map(({ server }) => server));
    this.left = servers.filter((server) => isMissing(server) && !listed.has(server.name));
    return tools.map((tool) => ({ ...tool, ...optional({ figures: this.router.figures(tool.name) }) }));
  }

  async act(action: ServerAction, server: string): Promise<ServerStatus> {
    if (action !== "connect") await this.manager.with({ timeout: FOREVER }).call.disconnect(server);
    // Its program is gone; that it is disconnected is told a moment later.
    if (action === "disconnect") return this.statusOnce(server, ({ state }) => state !== "stopping");
    const begun = Date.now();
    await this.manager.call.retry(server);
    return this.statusOnce(server, ({ state, lastEnd }) => {
      const hasEnded = state === "disconnected" && lastEnd !== undefined && lastEnd.at >= begun; // of its own accord
      return isUp(state) || isAway(state) || hasEnded;
    });
  }

  /** How the server stands once that is so, or when the time is over. */
  private async statusOnce(server: string, holds: (status: ServerStatus) => boolean): Promise<ServerStatus> {
    const deadline = performance.now() + CONNECT_MS;
    for (;;) {
      const status = await this.statusOf(server);
      if (holds(status) || performance.now() > deadline) return status;
      await sleep(POLL_MS);
    }
  }

  async call(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const progress = await Listener.start(onProgress);
    try {
      return await this.router.call(tool, args, {
        caller: "by hand",
        callId: randomUUID(),
        progress,
        giveUp: GiveUp.at(signal),
      });
    } finally {
      await stopProcess(progress);
    }
  }

  /** Servers that were to be up, or to say what they offer, and are not or did not, each with the reason; as of the last list, if
   * there was one. */
  async missing(): Promise<readonly ServerStatus[]> {
    // Where nobody waited for servers, those on their way are not missing.
    return this.left ?? (await this.status()).filter((status) => isMissing(status) && !isOnItsWay(status.state));
  }

  private async statusOf(server: string): Promise<ServerStatus> {
    const status = (await this.status()).find(({ name }) => name === server);
    if (status === undefined) throw new UnknownNameError(`there is no server "${server}"; see banyan servers list`);
    return status;
  }
}

function isMissing({ state, unknown }: ServerStatus): boolean {
  return isAway(state) || isOnItsWay(state) || unknown === true;
}

/** Hears the progress of one call. temporary: it ends with the call. */
class Listener extends GenServer<(progress: Progress) => void> implements ProgressWatcher {
  #tell!: (progress: Progress) => void; // set by init

  protected override init(tell: (progress: Progress) => void): void {
    this.#tell = tell;
  }

  toolProgress(_callId: string, progress: Progress): void {
    this.#tell(progress);
  }
}
