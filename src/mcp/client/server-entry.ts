// What the ServerManager knows of one server: how it should be, how it is, and who waits for it.
import type { From, Pid } from "../../supervision/index.js";
import type { NamespacedTool, ToolInfo } from "./mcp-types.js";
import type { Routing } from "./router/routing.js";
import type { ServerConfig } from "./server-config.js";
import type { Told } from "./server-events.js";
import type { ServerStatus } from "./server-status.js";
import type { ServerWrapper } from "./server-wrapper.js";

/** Where to send a call of a tool. */
export interface Route {
  readonly info: NamespacedTool;
  /** Of the first target. */
  readonly wrapper: Pid<ServerWrapper>;
  /** The server and its replicas, as far as they are well; if none is, those that are on their way. Never empty. */
  readonly targets: readonly Target[];
  readonly timeoutMs: number;
  readonly routing: Routing;
}

export interface Target {
  readonly server: string;
  readonly wrapper: Pid<ServerWrapper>;
}

export class ServerEntry {
  wrapper: Pid<ServerWrapper> | undefined;
  monitor: number | undefined;
  /** Its wrapper is being started. */
  starting = false;
  startedAt = 0;
  /** Its wrapper was told to end. */
  ending = false;
  /** False: it is lazy, and nobody has needed it yet. */
  awake: boolean;
  /** False: to be forgotten once its wrapper has ended. */
  wanted = true;
  tools: readonly NamespacedTool[] = [];
  told: Told = "nothing";
  /** Crashes of its wrapper in a row. */
  crashes = 0;
  cancelRestart = (): void => {};
  /** Callers of `route`. */
  waiting: { readonly tool: string; readonly from: From<Route> }[] = [];

  private reported: ServerStatus;
  private reportedAt = 0;

  constructor(public config: ServerConfig) {
    this.awake = config.start !== "lazy" || !config.enabled;
    this.reported = this.bareStatus(config.enabled && this.awake ? "connecting" : "disconnected");
  }

  get name(): string {
    return this.config.name;
  }

  /** The first part of its tools' names. */
  get group(): string {
    return this.config.replicaOf ?? this.config.name;
  }

  /** As of now. */
  get status(): ServerStatus {
    const { retryInMs } = this.reported;
    if (retryInMs === undefined) return this.reported;
    return { ...this.reported, retryInMs: Math.max(0, Math.round(retryInMs - (performance.now() - this.reportedAt))) };
  }

  set status(status: ServerStatus) {
    this.reported = status;
    this.reportedAt = performance.now();
  }

  setTools(tools: readonly ToolInfo[]): void {
    const { group } = this;
    this.tools = tools.map((tool) => ({ ...tool, name: `${group}.${tool.name}`, server: group, tool: tool.name }));
    this.reported = { ...this.reported, tools: tools.length };
  }

  /** The status of a server that has no wrapper to tell it. */
  bareStatus(
    state: ServerStatus["state"],
    more: Partial<Pick<ServerStatus, "reason" | "retryInMs" | "attempts">> = {},
  ): ServerStatus {
    return { name: this.name, state, tools: this.tools.length, attempts: 0, restarts: 0, ...more };
  }
}
