// What the views show, as it is read from the processes it is about. Each reading waits for its process and for nothing else.
import type { ToldReport } from "../../actors/control/protocol.js";
import type { LoggedLine } from "../../actors/telemetry/log-tail.js";
import type { Aggregator } from "../../mcp/client/aggregator.js";
import type { NotificationHandler, RecordedNotification } from "../../mcp/client/notification-handler.js";
import type { CachedResource, ResourceCache, ResourceCacheStats } from "../../mcp/client/resource-cache.js";
import type { Router, ToolFigures } from "../../mcp/client/router/router.js";
import type { ServerManager } from "../../mcp/client/server-manager.js";
import type { ServerStatus } from "../../mcp/client/server-status.js";
import type { Ref } from "../../supervision/index.js";
import type { Snapshot } from "../observe/rows.js";

/** A tool of a server, with how it does once it was called. */
export interface SeenTool {
  readonly name: string;
  readonly figures?: ToolFigures;
}

export interface SeenServer {
  readonly status: ServerStatus;
  readonly tools: readonly SeenTool[];
  /** The newest lines that its program wrote to stderr. */
  readonly stderr: readonly string[];
}

export interface CacheLook {
  readonly stats: ResourceCacheStats;
  readonly entries: readonly CachedResource[];
}

/** What there is to look at. */
export type Look =
  | { readonly of: "tree"; readonly look: Snapshot }
  | { readonly of: "servers"; readonly look: readonly SeenServer[] }
  | { readonly of: "logs"; readonly look: readonly LoggedLine[] }
  | { readonly of: "notifications"; readonly look: readonly RecordedNotification[] }
  | { readonly of: "cache"; readonly look: CacheLook };

export type LookedAt = Look["of"];

/** A report, or how many were too many to be told. */
export type HeardReport = { readonly report: ToldReport } | { readonly lost: number };

const NOTIFICATIONS = 500;
const STDERR_LINES = 30;

export async function seenServers(
  servers: Ref<ServerManager>,
  aggregator: Ref<Aggregator>,
  notifications: Ref<NotificationHandler>,
  router: Router,
): Promise<readonly SeenServer[]> {
  const [statuses, tools, wrote] = await Promise.all([
    servers.call.status(),
    aggregator.call.tools(),
    notifications.call.query({ categories: ["stderr"], limit: NOTIFICATIONS }),
  ]);
  const linesOf = (server: string): string[] =>
    wrote
      .flatMap((one) => (one.server === server && one.notification.type === "stderr" ? one.notification.lines : []))
      .slice(-STDERR_LINES);
  const figuresOf = (name: string): { figures?: ToolFigures } => {
    const figures = router.figures(name);
    return figures === undefined ? {} : { figures };
  };
  const byName = statuses.toSorted((one, other) => one.name.localeCompare(other.name));
  return byName.map((status) => ({
    status,
    tools: tools.filter(({ server }) => server === status.name).map(({ name }) => ({ name, ...figuresOf(name) })),
    stderr: linesOf(status.name),
  }));
}

export async function newestNotifications(
  notifications: Ref<NotificationHandler>,
): Promise<readonly RecordedNotification[]> {
  return notifications.call.query({ limit: NOTIFICATIONS });
}

export async function cacheLook(resources: Ref<ResourceCache>): Promise<CacheLook> {
  const [stats, entries] = await Promise.all([resources.call.stats(), resources.call.entries()]);
  return { stats, entries };
}
