// The NotificationHandler: what servers said without being asked, kept for a while and passed on to whoever subscribed.
//
// Permanent. The history is bounded in number and in size and is for people; after a crash it starts empty, and subscribers, who
// monitor it by name, subscribe again. It monitors them and forgets the dead.
import { Condition, type HealthStatus } from "../../actors/health/status.js";
import { GenServer, isDown, type Ref } from "../../supervision/index.js";
import type { ServerNotification } from "./mcp-types.js";

export type NotificationCategory = ServerNotification["type"];

export interface RecordedNotification {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly server: string;
  readonly category: NotificationCategory;
  readonly notification: ServerNotification;
}

export interface NotificationFilter {
  readonly server?: string;
  readonly categories?: readonly NotificationCategory[];
}

export interface NotificationWatcher {
  notified(recorded: RecordedNotification): void;
}

const KEPT = 1_000;
const LONGEST = 4_096;

export class NotificationHandler extends GenServer<void, { kept: number; received: number; subscribers: number }> {
  /** A ring: the oldest is overwritten. */
  private readonly history: RecordedNotification[] = [];
  private received = 0;
  private readonly subscribers = new Map<number, { watcher: Ref<NotificationWatcher>; filter: NotificationFilter }>();

  private readonly condition = new Condition();

  protected override init(): void {
    this.show();
  }

  getStatus(): HealthStatus {
    const { received, subscribers } = this.state;
    return this.condition.say("ok", `${received} notifications so far, ${subscribers} subscribers`);
  }

  record(server: string, notification: ServerNotification): void {
    const recorded = { at: Date.now(), server, category: notification.type, notification: cut(notification) };
    this.history[this.received++ % KEPT] = recorded;
    for (const { watcher, filter } of this.subscribers.values())
      if (matches(recorded, filter)) watcher.cast.notified(recorded);
    this.show();
  }

  /** The newest last; at most `limit` (100) of them, since `since` (milliseconds since the epoch). */
  query(
    filter: NotificationFilter & { readonly since?: number; readonly limit?: number } = {},
  ): RecordedNotification[] {
    const { since = 0, limit = 100 } = filter;
    const start = this.received > KEPT ? this.received % KEPT : 0;
    const inOrder = [...this.history.slice(start), ...this.history.slice(0, start)];
    return inOrder.filter((recorded) => recorded.at >= since && matches(recorded, filter)).slice(-limit);
  }

  /** Every notification from now on that passes the filter is cast to the watcher, until it ends. */
  subscribe(watcher: Ref<NotificationWatcher>, filter: NotificationFilter = {}): void {
    this.subscribers.set(this.monitor(watcher), { watcher: this.use(watcher), filter });
    this.show();
  }

  protected override handleInfo(message: unknown): void {
    if (isDown(message)) this.subscribers.delete(message.id);
    this.show();
  }

  private show(): void {
    this.state = { kept: this.history.length, received: this.received, subscribers: this.subscribers.size };
  }
}

function matches({ server, category }: RecordedNotification, filter: NotificationFilter): boolean {
  if (filter.server !== undefined && filter.server !== server) return false;
  return filter.categories === undefined || filter.categories.includes(category);
}

/** A server decides how much it says; how much of it is kept is ours. Lines of stderr were cut where they were read. */
function cut(notification: ServerNotification): ServerNotification {
  if (notification.type === "stderr") return notification;
  const fields = Object.entries(notification).map(([name, value]) => [name, cutValue(value)]);
  return Object.fromEntries(fields) as ServerNotification; // strings stay strings; only `unknown` fields hold more
}

function cutValue(value: unknown): unknown {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length <= LONGEST ? value : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}
