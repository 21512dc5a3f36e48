// What the ServerManager knows of one server: how it should be, how it is, and who waits for it.
import type { From, Pid } from "../../supervision/index.js";
import type { NamespacedTool } from "./mcp-types.js";
import type { Routing } from "./router/routing.js";
import type { ServerConfig } from "./server-config.js";
import type { Told } from "./server-events.js";
import { noOffer, type Offer, offerOf, type ServerLists } from "./server-lists.js";
import { isOnItsWay, isUp, type ServerStatus } from "./server-status.js";
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
  /** It is lazy, and somebody wants to know what it offers. */
  listsWanted = false;
  /** False: to be forgotten once its wrapper has ended. */
  wanted = true;
  /** What its wrapper is to be told as soon as there is one. */
  wish: "connect" | "disconnect" | undefined;
  /** What it was when it was started, for the cache of lists. */
  origin = "";
  /** What it offers; undefined while nobody has ever asked it. */
  lists: ServerLists | undefined;
  /** It has said so itself in this run; false: it is remembered. */
  live = false;
  /** All of it, and not its tools alone, which come first. */
  whole = false;
  /** What is known of it is what the one said whose place it takes. */
  stale = false;
  /** The same under the names among all servers. */
  offer: Offer = noOffer;
  told: Told = "nothing";
  /** Crashes of its wrapper in a row. */
  crashes = 0;
  cancelRestart = (): void => {};
  /** Callers of `route`. */
  waiting: { readonly tool: string; readonly from: From<Route> }[] = [];
  /** Callers of `wrapperOf`. */
  readonly waitingForWrapper: From<Pid<ServerWrapper>>[] = [];

  private reported: ServerStatus;
  private reportedAt = 0;

  constructor(public config: ServerConfig) {
    this.reported = this.firstStatus();
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
    const tools = this.offer.tools.length; // also those of before that are still known
    const status = { ...this.reported, tools, ...(this.isUnknown ? { unknown: true as const } : {}) };
    if (retryInMs === undefined) return status;
    return { ...status, retryInMs: Math.max(0, Math.round(retryInMs - (performance.now() - this.reportedAt))) };
  }

  set status(status: ServerStatus) {
    this.reported = status;
    this.reportedAt = performance.now();
  }

  /** A lazy server of which nothing is known, or nothing new. */
  get isUnknown(): boolean {
    return (this.lists === undefined || this.stale) && this.reported.asleep === true;
  }

  /** Its wrapper is being ended, for another with other settings. */
  get isReplaced(): boolean {
    return this.ending && this.wanted;
  }

  setLists(lists: ServerLists): void {
    this.stale = false;
    this.offer = offerOf(this.group, lists, this.lists && { lists: this.lists, offer: this.offer }, this.config);
    this.lists = lists;
  }

  /** What can be used now, or once it is back. */
  get reachable(): Offer {
    const { state, asleep } = this.reported;
    const isKept = this.isReplaced && this.config.drainMs > 0;
    return isUp(state) || isOnItsWay(state) || asleep || isKept ? this.offer : noOffer;
  }

  forgetLists(): void {
    this.lists = undefined;
    this.offer = noOffer;
    this.live = false;
    this.stale = false;
  }

  /** Of a server that is about to be started. */
  firstStatus(): ServerStatus {
    const { enabled, start, prewarm } = this.config;
    if (!enabled) return this.bareStatus("disconnected");
    return start === "lazy" && !prewarm
      ? { ...this.bareStatus("disconnected"), asleep: true }
      : this.bareStatus("connecting");
  }

  /** The status of a server that has no wrapper to tell it. */
  bareStatus(
    state: ServerStatus["state"],
    more: Partial<Pick<ServerStatus, "reason" | "retryInMs" | "attempts">> = {},
  ): ServerStatus {
    return { name: this.name, state, tools: this.offer.tools.length, attempts: 0, restarts: 0, ...more };
  }
}
