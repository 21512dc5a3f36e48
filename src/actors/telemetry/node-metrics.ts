// What Node says of itself: the event loop's delay, pauses for garbage collection, memory, CPU time.
import { monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import prom from "prom-client";

const GC_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const RESOLUTION_MS = 20;
/** Of `PerformanceNodeEntry.detail.kind`; see node:perf_hooks, constants. */
const GC_KINDS: Readonly<Record<number, string>> = { 1: "minor", 4: "major", 8: "incremental", 16: "weakcb" };

export class NodeMetrics {
  private readonly loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly collections: PerformanceObserver;

  constructor(registry: prom.Registry) {
    const { loop } = this;
    loop.enable();
    new prom.Gauge({
      name: "banyan_event_loop_delay_seconds",
      help: "Delay of the event loop since it was last asked for.",
      labelNames: ["quantile"],
      registers: [registry],
      collect() {
        // Node measures from tick to tick, its own pause included.
        const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1_000);
        this.set({ quantile: "0.5" }, seconds(loop.percentile(50)));
        this.set({ quantile: "0.99" }, seconds(loop.percentile(99)));
        this.set({ quantile: "1" }, seconds(loop.max));
        loop.reset();
      },
    });
    const pauses = new prom.Histogram({
      name: "banyan_gc_pause_seconds",
      help: "Pauses for garbage collection.",
      labelNames: ["kind"],
      buckets: GC_SECONDS,
      registers: [registry],
    });
    this.collections = new PerformanceObserver((list) => {
      // By Node's documentation; its types know the fields common to all entries.
      for (const entry of list.getEntries() as (PerformanceEntry & {
        readonly detail?: { readonly kind?: number };
      })[]) {
        pauses.observe({ kind: GC_KINDS[entry.detail?.kind ?? 0] ?? "other" }, entry.duration / 1_000);
      }
    });
    this.collections.observe({ entryTypes: ["gc"] });
    new prom.Gauge({
      name: "banyan_memory_bytes",
      help: "Memory: resident, the heap's used and reserved parts, and what lies outside the heap.",
      labelNames: ["kind"],
      registers: [registry],
      collect() {
        const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
        this.set({ kind: "rss" }, rss);
        this.set({ kind: "heap_used" }, heapUsed);
        this.set({ kind: "heap_total" }, heapTotal);
        this.set({ kind: "external" }, external);
      },
    });
    new prom.Counter({
      name: "banyan_cpu_seconds_total",
      help: "CPU time of this process.",
      registers: [registry],
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
    new prom.Gauge({
      name: "banyan_uptime_seconds",
      help: "Time since the program was started.",
      registers: [registry],
      collect() {
        this.set(process.uptime());
      },
    });
  }

  close(): void {
    this.loop.disable();
    this.collections.disconnect();
  }
}
