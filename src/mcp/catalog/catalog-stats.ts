// What the catalog tells of itself: the fields of /health and /metrics, and what a reading of all files came to.
import type { Diagnosis } from "./entry.js";

export interface IndexCounts {
  readonly agents: number;
  readonly skills: number;
  readonly workflows: number;
  readonly tools: number;
  readonly patterns: number;
}

/** Milliseconds. */
export interface Percentiles {
  readonly count: number;
  readonly avg: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface CatalogStats {
  readonly indexes: IndexCounts;
  readonly cache: {
    readonly hits: number;
    readonly misses: number;
    readonly hit_rate: number;
    readonly entries: number;
  };
  readonly queries: { readonly total: number; readonly by_method: Readonly<Record<string, number>> };
  readonly performance: {
    readonly avg_query_time_ms: number;
    readonly p50_query_time_ms: number;
    readonly p95_query_time_ms: number;
    readonly p99_query_time_ms: number;
    /** Of answers out of the cache, and of the others. */
    readonly hits: Percentiles;
    readonly misses: Percentiles;
  };
  readonly rebuild: {
    readonly count: number;
    /** Absent before the first. */
    readonly last_ms?: number;
    /** ISO 8601. */
    readonly last_at?: string;
    readonly diagnoses: number;
    /** Why the index could not be used as it was kept, when that happened last. */
    readonly damaged?: string;
  };
  readonly database: { readonly connected: boolean; readonly size_mb: number; readonly query_time_ms: Percentiles };
  readonly patterns: { readonly total: number; readonly avg_success_rate: number };
}

/** What came of reading all files again. */
export interface ReindexReport {
  readonly indexes: IndexCounts;
  readonly duration_ms: number;
  /** The first 200; `diagnoses_total` is how many there are. */
  readonly diagnoses: readonly Diagnosis[];
  readonly diagnoses_total: number;
  /** Why the index could not be used as it was kept, so that it was made anew: when the files were read this time, or the last time that
   * happened since the start. */
  readonly damaged?: string;
}
