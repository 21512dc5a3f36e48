// How a server stands, as its wrapper tells its manager and the manager tells the world.
import type { ConnectionState } from "./connection-machine.js";
import type { ServerIdentity } from "./mcp-types.js";
import type { ServerLists } from "./server-lists.js";

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines of what it wrote to stderr. */
  readonly stderr: readonly string[];
}

/** How a server ended, or failed to start or to answer, when nobody had told it to end. */
export interface ServerEnd extends Partial<ProgramExit> {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reason: string;
}

export interface ServerStatus {
  readonly name: string;
  readonly state: ConnectionState;
  /** How many tools it had when it was last connected. */
  readonly tools: number;
  /** It is lazy and not needed now: whatever is asked of it connects it. */
  readonly asleep?: true;
  /** It is asleep, and nobody has ever asked it what it offers. */
  readonly unknown?: true;
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
  /** The last time it ended otherwise than on purpose; also when it is well again. */
  readonly lastEnd?: ServerEnd;
}

/** Who hears of every change: the manager. */
export interface WrapperWatcher {
  serverStatus(status: ServerStatus): void;
  /** A list of the server is another one than before, or the last of them is known; `whole`: none is still to be read. */
  serverLists(server: string, lists: ServerLists, whole: boolean): void;
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

/** Of all servers in one line. One that is down is a warning: the others and the conversation go on without it. */
export function healthOf(servers: readonly ServerStatus[]): {
  readonly level: "ok" | "warn";
  readonly details: string;
} {
  const unwell = [
    ["down", servers.filter(({ state }) => isAway(state))],
    ["not answering", servers.filter(({ state }) => state === "degraded")],
  ] as const;
  const told = unwell.flatMap(([how, some]) => {
    const names = some.map(({ name }) => name).join(", ");
    return some.length === 0 ? [] : [`${some.length} server${some.length > 1 ? "s" : ""} ${how}: ${names}`];
  });
  if (told.length > 0) return { level: "warn", details: told.join("; ") };
  const up = servers.filter(({ state }) => isUp(state)).length;
  return { level: "ok", details: `${up} of ${servers.length} servers up` };
}

/** For people: a lazy server that is not needed is not one that somebody has disconnected. */
export function shownState({ state, asleep }: ServerStatus): string {
  return asleep && state === "disconnected" ? "asleep" : state;
}
