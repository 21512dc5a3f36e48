// What is to be seen of the running app: its figures, as JSON for people's scripts and as text for Prometheus, and its tree.
import type { Figure, MetricFigures } from "../../actors/telemetry/metric-figures.js";
import type { MetricsSource } from "../../actors/telemetry/telemetry.js";
import { BanyanError, CallError, type Named, type Ref, treeOf } from "../../supervision/index.js";
import type { Catalog } from "../catalog/catalog.js";
import { optional } from "../client/sdk-shapes.js";

export interface Seen {
  readonly telemetry: Ref<MetricsSource>;
  readonly catalog: Ref<Catalog>;
  readonly sessions: number;
}

/** As Prometheus' clients name it; OpenMetrics' readers take it too, since it is said what it is. */
export const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

export async function metricsText(telemetry: Ref<MetricsSource>): Promise<string> {
  return telemetry.call.metrics("prometheus");
}

/** Whether a request asks for Prometheus' text, and not for JSON. */
export function wantsText(accept: string): boolean {
  return /text\/plain|application\/openmetrics-text/.test(accept) && !accept.includes("application/json");
}

export async function metricsJson({ telemetry, catalog, sessions }: Seen): Promise<object> {
  const [text, stats] = await Promise.all([telemetry.call.metrics("json"), statsOf(catalog)]);
  const { at, metrics } = JSON.parse(text) as { at: number; metrics: MetricFigures[] }; // as Telemetry makes it
  const of = (name: string): readonly Figure[] => metrics.find((one) => one.name === `banyan_${name}`)?.values ?? [];
  return {
    at: new Date(at).toISOString(),
    ...optional({
      queries: stats?.queries,
      performance: stats?.performance,
      cache: stats?.cache,
      patterns: stats?.patterns,
      rebuild: stats?.rebuild,
    }),
    sessions,
    catalog: of("catalog_query_duration_seconds").map(inMs),
    http: of("http_request_duration_seconds").map(inMs),
    requests: of("client_request_duration_seconds").map(inMs),
    tool_calls: of("tool_call_duration_seconds").map(inMs),
    breakers: of("breaker_state").map(({ labels, ...figure }) => ({ ...labels, ...figure })),
    queues: of("queue_in_flight").map((figure) => ({
      ...figure.labels,
      in_flight: plain([figure]),
      waiting: plain(of("queue_waiting").filter(({ labels }) => labels.queue === figure.labels.queue)),
    })),
    refused: Object.fromEntries(of("refused_total").map((figure) => [figure.labels.why, plain([figure])])),
    mailboxes: of("mailbox_messages")
      .filter((figure) => plain([figure]) > 0)
      .map(({ labels, ...figure }) => ({ ...labels, ...figure })),
    database: {
      bytes: plain(of("database_bytes")),
      query_time: of("store_duration_seconds").map(inMs),
    },
    metrics,
  };
}

/** Undefined where the catalog is not there, or not yet. */
async function statsOf(catalog: Ref<Catalog>) {
  try {
    return await catalog.call.stats();
  } catch (error) {
    if (error instanceof BanyanError || error instanceof CallError) return undefined;
    throw error;
  }
}

/** A histogram's figures in milliseconds, beside what they are of. */
function inMs(figure: Figure): object {
  if (!("count" in figure)) return { ...figure.labels, value: figure.value };
  const { labels, count, mean, p50, p95, p99 } = figure;
  const ms = (seconds: number): number => Math.round(seconds * 1e6) / 1e3;
  return { ...labels, count, avg_ms: ms(mean), p50_ms: ms(p50), p95_ms: ms(p95), p99_ms: ms(p99) };
}

function plain([figure]: readonly Figure[]): number {
  return figure !== undefined && "value" in figure ? figure.value : 0;
}

/** The same as `banyan tree --json`. */
export function treeAnswer(root: Named<unknown>): object {
  return treeOf(root) ?? {};
}
