// An error budget: how many failures a sliding window of calls may hold. The window is a ring of buckets, so that a call costs the
// same whether it is the first or the millionth, and memory is the same too.
// A window with few calls in it is judged as if it held `minCalls`, the rest of them good: one failure in ten is no outage.

const BUCKETS = 60;

interface Bucket {
  total: number;
  failed: number;
}

export interface BudgetOptions {
  /** Part of the calls that may fail: 0.001 is 0.1 %. */
  readonly share: number;
  readonly windowMs: number;
  readonly minCalls: number;
}

export interface BudgetState {
  readonly total: number;
  readonly failed: number;
  /** Failures the window may hold. */
  readonly allowed: number;
  /** Percent of the budget; 100 and more is spent. */
  readonly spent: number;
}

export class ErrorBudget {
  private readonly buckets: Bucket[] = Array.from({ length: BUCKETS }, () => ({ total: 0, failed: 0 }));
  private total = 0;
  private failed = 0;
  /** The newest bucket, by the number of its time since the clock began. */
  private newest = 0;

  constructor(private readonly options: BudgetOptions) {}

  /** `now` is in milliseconds on a clock that never goes back. */
  record(ok: boolean, now: number): void {
    const bucket = this.slide(now);
    if (bucket === undefined) return;
    bucket.total++;
    this.total++;
    if (ok) return;
    bucket.failed++;
    this.failed++;
  }

  state(now: number): BudgetState {
    this.slide(now);
    const { share, minCalls } = this.options;
    const { total, failed } = this;
    const allowed = share * Math.max(total, minCalls);
    return {
      total,
      failed,
      allowed: Math.floor(allowed),
      spent: failed === 0 ? 0 : Math.round((100 * failed) / allowed),
    };
  }

  /** Forgets what has left the window, at most one round of the ring; answers with the bucket of now. */
  private slide(now: number): Bucket | undefined {
    const slot = Math.floor(now / (this.options.windowMs / BUCKETS));
    const first = Math.max(this.newest + 1, slot - BUCKETS + 1);
    for (let each = first; each <= slot; each++) {
      const bucket = this.buckets[each % BUCKETS];
      if (bucket === undefined) continue;
      this.total -= bucket.total;
      this.failed -= bucket.failed;
      bucket.total = 0;
      bucket.failed = 0;
    }
    this.newest = Math.max(this.newest, slot);
    return this.buckets[this.newest % BUCKETS];
  }
}
