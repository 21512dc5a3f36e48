// How the processes around the chat are, as they tell it, and what of that is worth a line in the conversation.
import type { BreakerStatus } from "../actors/circuit-breaker.js";
import { AlertFollower } from "../actors/health/alerts.js";
import type { Health } from "../actors/health/health.js";
import type { Level } from "../actors/health/status.js";
import type { RecordedNotification } from "../mcp/client/notification-handler.js";
import { eventOf, type ServerEvent } from "../mcp/client/server-events.js";
import { isAway, type ServerStatus } from "../mcp/client/server-status.js";
import type { ToolChange } from "../mcp/client/tool-pins.js";
import type { Approvals } from "./approvals.js";
import { ChangeNotices } from "./change-notices.js";
import type { ChatOptions } from "./chat-options.js";
import type { NoticeLevel } from "./events.js";
import { describeNotifications, describeServerEvent } from "./notices.js";

export interface NeighboursOptions {
  readonly names: Pick<ChatOptions, "store" | "breaker" | "servers">;
  readonly approvals: Approvals;
  readonly notice: (level: NoticeLevel, text: string) => void;
}

export class Neighbours {
  /** Of the model. */
  breaker: BreakerStatus = { state: "closed", failures: 0, lastError: undefined, retryAt: undefined };
  servers: readonly ServerStatus[] = [];
  /** Parts of the tree that are not well, by name. */
  unwell: readonly string[] = [];
  private readonly alerts = new AlertFollower();
  private readonly changeNotices = new ChangeNotices();
  /** The resources whose changes the user wants to hear of, as `server uri`. */
  private readonly subscribed = new Set<string>();

  constructor(private readonly options: NeighboursOptions) {}

  breakerChanged(breaker: BreakerStatus): void {
    const before = this.breaker.state;
    this.breaker = breaker;
    const { notice } = this.options;
    if (before !== "open" && breaker.state === "open") {
      notice("warn", `The model is left alone for a while: it failed ${breaker.failures} times in a row.`);
    } else if (before !== "closed" && breaker.state === "closed") notice("info", "The model answers again.");
  }

  /** What the last model did is no news of the one that is chosen now. */
  forgetBreaker(): void {
    this.breaker = { ...this.breaker, state: "closed" };
  }

  healthChanged(health: Health): void {
    const unwell = health.components.filter(({ name, level }) => level !== "ok" && !this.tellsOfItself(name, level));
    this.unwell = unwell.map(({ name }) => name);
    for (const { component, level, details } of this.alerts.update(health)) {
      if (this.tellsOfItself(component, level)) continue;
      this.options.notice(level === "ok" ? "info" : "warn", `${component}: ${details}. Type /health for more.`);
    }
  }

  /** What the Store says, and what the breaker and the servers warn of, they tell the chat themselves, sooner and better. */
  private tellsOfItself(name: string, level: Level): boolean {
    const { store, breaker, servers } = this.options.names;
    return name === store.name || (level !== "error" && (name === breaker.name || name === servers.name));
  }

  toolsDiffer(changes: readonly ToolChange[]): void {
    const { approvals, notice } = this.options;
    const allowed = (tool: string): boolean => approvals.allowsAnyVersion(tool);
    for (const text of this.changeNotices.take(changes, allowed)) notice("warn", text);
  }

  serverEvent(event: ServerEvent): void {
    const told = describeServerEvent(event);
    if (told !== undefined) this.options.notice(told.level, told.text);
  }

  /** Where they stand when the chat begins to watch: what befell them before that is told now, and not again. */
  foundServers(servers: readonly ServerStatus[]): void {
    const known = new Map(this.servers.map(({ name, state }) => [name, state]));
    for (const status of servers) {
      const { event } = eventOf("nothing", status);
      if (event !== undefined && isAway(status.state) && known.get(status.name) !== status.state)
        this.serverEvent(event);
    }
    this.servers = servers;
  }

  resourceSubscribed(server: string, uri: string, wanted: boolean): void {
    if (wanted) this.subscribed.add(`${server} ${uri}`);
    else this.subscribed.delete(`${server} ${uri}`);
  }

  notified(recorded: readonly RecordedNotification[]): void {
    for (const { level, text } of describeNotifications(recorded, this.subscribed)) this.options.notice(level, text);
  }
}
