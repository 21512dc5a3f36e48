// What the world is told of servers: few events, each worth a line on a screen, made out of the many changes of state.
import { isUp, type ServerStatus } from "./server-status.js";

export type ServerEvent =
  /** Connected for the first time since it was started on purpose. */
  | { readonly type: "up"; readonly server: string; readonly at: number; readonly tools: number }
  /** Lost, or not reached; it is being tried again. */
  | {
      readonly type: "down";
      readonly server: string;
      readonly at: number;
      readonly reason: string;
      readonly retryInMs: number;
    }
  | { readonly type: "back"; readonly server: string; readonly at: number; readonly tools: number }
  /** Given up until somebody says `retry`. */
  | { readonly type: "parked"; readonly server: string; readonly at: number; readonly reason: string }
  /** Stopped on purpose, by us or by itself. */
  | { readonly type: "stopped"; readonly server: string; readonly at: number; readonly reason?: string }
  | { readonly type: "tools-changed"; readonly server: string; readonly at: number; readonly tools: number }
  | { readonly type: "removed"; readonly server: string; readonly at: number };

export interface ServerWatcher {
  serverEvent(event: ServerEvent): void;
}

/** What has been told of a server last: nothing yet, that it is up, or that it is down. */
export type Told = "nothing" | "up" | "down";

/** What to tell of a server that has got this status, and what has been told then. */
export function eventOf(told: Told, status: ServerStatus): { event?: ServerEvent; told: Told } {
  const { name: server, tools, reason = "for no known reason" } = status;
  const at = Date.now();
  if (isUp(status.state)) {
    if (told === "up") return { told };
    return { event: { type: told === "down" ? "back" : "up", server, at, tools }, told: "up" };
  }
  if (status.state === "backoff") {
    if (told === "down") return { told };
    return { event: { type: "down", server, at, reason, retryInMs: status.retryInMs ?? 0 }, told: "down" };
  }
  if (status.state === "parked") return { event: { type: "parked", server, at, reason }, told: "down" };
  if (status.state === "disconnected") {
    const why = status.reason === undefined ? {} : { reason: status.reason };
    return { event: { type: "stopped", server, at, ...why }, told: "nothing" };
  }
  return { told };
}

/** What must have been told of a server that is found in this state. */
export function toldOf({ state }: ServerStatus): Told {
  if (isUp(state)) return "up";
  return state === "backoff" || state === "parked" ? "down" : "nothing";
}
