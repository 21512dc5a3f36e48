// What the catalog counts of itself.
import type { CatalogStats } from "./catalog-stats.js";
import { Latencies } from "./latencies.js";

export class Figures {
  private readonly hits = new Latencies();
  private readonly misses = new Latencies();
  private readonly database = new Latencies();
  private readonly byMethod = new Map<string, number>();
  private rebuild: CatalogStats["rebuild"] = { count: 0, diagnoses: 0 };

  asked(method: string): void {
    this.byMethod.set(method, (this.byMethod.get(method) ?? 0) + 1);
  }

  answered(cacheHit: boolean, ms: number): void {
    (cacheHit ? this.hits : this.misses).add(ms);
  }

  tookDatabase(ms: number): void {
    this.database.add(ms);
  }

  rebuilt(ms: number, diagnoses: number, damaged: string | undefined): void {
    this.rebuild = {
      ...this.rebuild,
      ...(damaged === undefined ? {} : { damaged }),
      count: this.rebuild.count + 1,
      ...{ last_ms: Math.round(ms), last_at: new Date().toISOString(), diagnoses },
    };
  }

  /** All but what others know. */
  told(): Pick<CatalogStats, "queries" | "performance" | "rebuild"> & {
    readonly query_time_ms: CatalogStats["database"]["query_time_ms"];
  } {
    const hits = this.hits.percentiles();
    const misses = this.misses.percentiles();
    const { avg, p50, p95, p99 } = this.hits.with(this.misses).percentiles();
    const total = [...this.byMethod.values()].reduce((sum, count) => sum + count, 0);
    return {
      queries: { total, by_method: Object.fromEntries(this.byMethod) },
      performance: {
        ...{ avg_query_time_ms: avg, p50_query_time_ms: p50, p95_query_time_ms: p95, p99_query_time_ms: p99 },
        ...{ hits, misses },
      },
      rebuild: this.rebuild,
      query_time_ms: this.database.percentiles(),
    };
  }
}
