// How a server stands, as its wrapper tells its manager and the manager tells the world.
import type { ConnectionState } from "./connection-machine.js";
import type { ServerIdentity, ToolInfo } from "./mcp-types.js";

export interface ServerStatus {
  readonly name: string;
  readonly state: ConnectionState;
  /** How many tools it had when it was last connected. */
  readonly tools: number;
  /** Why it is not well. */
  readonly reason?: string;
  /** Milliseconds until it is tried again. */
  readonly retryInMs?: number;
  /** Restarts in a row; none after a minute of health. */
  readonly attempts: number;
  /** How often it has been connected again. */
  readonly restarts: number;
  /** The id of its OS process while it has one. */
  readonly pid?: number;
  readonly identity?: ServerIdentity;
}

/** Who hears of every change: the manager. */
export interface WrapperWatcher {
  serverStatus(status: ServerStatus): void;
  serverTools(server: string, tools: readonly ToolInfo[]): void;
}

export function isUp(state: ConnectionState): boolean {
  return state === "ready" || state === "degraded";
}

/** True while it is worth waiting for the server. */
export function isOnItsWay(state: ConnectionState): boolean {
  return state === "connecting" || state === "initializing" || state === "backoff";
}

/** True of a server that should run and does not: it is tried again later, or not at all. */
export function isAway(state: ConnectionState): boolean {
  return state === "backoff" || state === "parked";
}
