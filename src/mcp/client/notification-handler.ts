// The NotificationHandler: what servers said without being asked, kept in the Store and passed on to whoever subscribed.
//
// Permanent. The history is the project's, over all runs, until the Store needs the room; nobody waits for a row of it to be
// written. After a crash subscribers, who monitor it by name, subscribe again. It monitors them and forgets the dead.
import { z } from "zod";
import { again } from "../../actors/again.js";
import { toldKinds } from "../../actors/config/settings/chat.js";
import { Condition, type HealthStatus } from "../../actors/health/status.js";
import type { Row, SqlValue } from "../../actors/store/statement.js";
import type { Store } from "../../actors/store/store.js";
import { type Down, GenServer, isDown, type Named, type Ref } from "../../supervision/index.js";
import type { ServerNotification } from "./mcp-types.js";

export type NotificationCategory = ServerNotification["type"];

export const notificationCategories: readonly NotificationCategory[] = toldKinds;

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

/** What came within one window. */
export interface NotificationBatch {
  /** In order, the newest last; at most 100. */
  readonly recorded: readonly RecordedNotification[];
  /** How many older ones of the window are left out. */
  readonly leftOut: number;
}

export interface NotificationBatchWatcher {
  notifiedTogether(batch: NotificationBatch): void;
}

export interface NotificationHandlerOptions {
  readonly store: Named<Store>;
  readonly project: string;
  /** This run of the app. */
  readonly run: string;
}

const LONGEST = 4_096;
/** Most that one query answers, and how many rows it looks through. */
const MOST = 1_000;
const SEARCHED = 5_000;
/** Of one window. */
const MOST_TOGETHER = 100;

/** Who hears of what; `tell` casts now, or gathers until `windowOver`. */
interface Subscriber {
  readonly watcher: Ref<unknown>;
  readonly filter: NotificationFilter;
  tell(recorded: RecordedNotification): void;
  windowOver?(): void;
}

/** To itself: the window of this watcher is over. */
interface WindowOver {
  readonly windowOf: string;
}

export class NotificationHandler extends GenServer<
  NotificationHandlerOptions,
  { readonly received: number; readonly subscribers: number }
> {
  private options!: NotificationHandlerOptions; // set by init, as is the store
  private store!: Ref<Store>;
  private received = 0;
  private readonly subscribers = new Map<number, Subscriber>();

  private readonly condition = new Condition();

  protected override init(options: NotificationHandlerOptions): void {
    this.options = options;
    this.store = this.use(options.store);
    this.show();
  }

  getStatus(): HealthStatus {
    const { received, subscribers } = this.state;
    return this.condition.say("ok", `${received} notifications so far, ${subscribers} subscribers`);
  }

  record(server: string, notification: ServerNotification): void {
    const recorded = { at: Date.now(), server, category: notification.type, notification: cut(notification) };
    this.received++;
    const { project, run } = this.options;
    this.store.cast.append({
      sql: "INSERT INTO notifications (at, project, run, source, category, body) VALUES (?, ?, ?, ?, ?, ?)",
      params: [recorded.at, project, run, server, recorded.category, JSON.stringify(recorded.notification)],
    });
    for (const { filter, tell } of this.subscribers.values()) if (matches(recorded, filter)) tell(recorded);
    this.show();
  }

  /** What was recorded for this project, in earlier runs too, the newest last; at most `limit` (100, at most 1,000) of the
   * newest 5,000, since `since` (milliseconds since the epoch). */
  async query(
    filter: NotificationFilter & { readonly since?: number; readonly limit?: number } = {},
  ): Promise<RecordedNotification[]> {
    const { since = 0, limit = 100, server, categories } = filter;
    const params: SqlValue[] = [this.options.project, since];
    let sql = `SELECT at, source, category, body
      FROM (SELECT * FROM notifications WHERE project = ? ORDER BY id DESC LIMIT ${SEARCHED}) WHERE at >= ?`;
    if (server !== undefined) {
      sql += " AND source = ?";
      params.push(server);
    }
    if (categories !== undefined) {
      sql += " AND category IN (SELECT value FROM json_each(?))";
      params.push(JSON.stringify(categories));
    }
    params.push(Math.min(limit, MOST));
    const rows = await again(() => this.store.call.all({ sql: `${sql} ORDER BY id DESC LIMIT ?`, params }));
    return rows.reverse().flatMap((row) => readRow(row) ?? []);
  }

  /** Forgets what was recorded for this project; answers how much that was. */
  async clear(): Promise<number> {
    const { project } = this.options;
    const [row] = await again(() =>
      this.store.call.all({ sql: "SELECT COUNT(*) AS n FROM notifications WHERE project = ?", params: [project] }),
    );
    await again(() => this.store.call.write({ sql: "DELETE FROM notifications WHERE project = ?", params: [project] }));
    return Number(row?.n ?? 0);
  }

  /** Every notification from now on that passes the filter is cast to the watcher, until it ends. Subscribing again replaces
   * the filter. */
  subscribe(watcher: Ref<NotificationWatcher>, filter: NotificationFilter = {}): void {
    const bound = this.use(watcher);
    this.add({ watcher: bound, filter, tell: (recorded) => bound.cast.notified(recorded) });
  }

  /** The same, told together: what comes within `windowMs` milliseconds of the first is one message. For who would drown else. */
  subscribeBatched(watcher: Ref<NotificationBatchWatcher>, filter: NotificationFilter, windowMs: number): void {
    const bound = this.use(watcher);
    let gathered: RecordedNotification[] = [];
    let leftOut = 0;
    const tell = (recorded: RecordedNotification): void => {
      gathered.push(recorded);
      if (gathered.length > MOST_TOGETHER) {
        gathered.shift();
        leftOut++;
      }
      if (gathered.length === 1) this.sendAfter(windowMs, { windowOf: `${watcher}` } satisfies WindowOver);
    };
    const windowOver = (): void => {
      if (gathered.length > 0) bound.cast.notifiedTogether({ recorded: gathered, leftOut });
      gathered = [];
      leftOut = 0;
    };
    this.add({ watcher: bound, filter, tell, windowOver });
  }

  /** Answers once the watcher has been told what came until now. */
  caughtUp(watcher: Ref<NotificationBatchWatcher>): void {
    for (const subscriber of this.subscribers.values())
      if (`${subscriber.watcher}` === `${watcher}`) subscriber.windowOver?.();
  }

  private add(subscriber: Subscriber): void {
    for (const [monitor, known] of this.subscribers) {
      if (`${known.watcher}` !== `${subscriber.watcher}`) continue;
      this.subscribers.delete(monitor);
      this.demonitor(monitor, { flush: true });
    }
    this.subscribers.set(this.monitor(subscriber.watcher), subscriber);
    this.show();
  }

  protected override handleInfo(message: WindowOver | Down): void {
    if (isDown(message)) this.subscribers.delete(message.id);
    else [...this.subscribers.values()].find(({ watcher }) => `${watcher}` === message.windowOf)?.windowOver?.();
    this.show();
  }

  private show(): void {
    this.state = { received: this.received, subscribers: this.subscribers.size };
  }
}

const rowSchema = z.object({ at: z.number(), source: z.string(), body: z.string() });

/** Undefined for a row that something else than `record` wrote. */
function readRow(row: Row): RecordedNotification | undefined {
  try {
    const { at, source: server, body } = rowSchema.parse(row);
    const notification: ServerNotification = JSON.parse(body);
    return { at, server, category: notification.type, notification };
  } catch {
    return undefined;
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
