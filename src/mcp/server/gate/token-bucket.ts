// How fast: token buckets. A rate is written as people say it, `100/s` or `6000/min`: so much at once, and so much again in each such
// time. Taking costs the same however many buckets there are, and there are never more than {@link MOST_BUCKETS}: the one that was
// used longest ago makes room, and whoever comes back to it finds a full one.
import { LRUCache } from "lru-cache";

export interface Rate {
  /** So much at once. */
  readonly burst: number;
  /** And so much again in so many milliseconds. */
  readonly periodMs: number;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000 };
const MOST_BUCKETS = 10_000;
const ROUNDING = 1e-6;

/** Of a setting as it was checked; `undefined` where there is no limit (`unlimited`, or no setting). */
export function rateFrom(written: string | undefined): Rate | undefined {
  const [, amount, unit = ""] = /^(\d+)\/(\w+)$/.exec(written ?? "") ?? [];
  const periodMs = UNIT_MS[unit];
  if (amount === undefined || periodMs === undefined) return undefined;
  return { burst: Number(amount), periodMs };
}

export class TokenBucket {
  private tokens: number;

  constructor(
    private readonly rate: Rate,
    private at: number,
  ) {
    this.tokens = rate.burst;
  }

  /** Whole milliseconds until there is a token; 0 when there is one. `now` is monotonic. */
  wait(now: number): number {
    const { burst, periodMs } = this.rate;
    this.tokens = Math.min(burst, this.tokens + (Math.max(0, now - this.at) * burst) / periodMs);
    this.at = now;
    // What sums of fractions lose must not make anybody wait for a token that is due.
    const missing = 1 - this.tokens;
    return missing <= ROUNDING ? 0 : Math.ceil((missing * periodMs) / burst);
  }

  /** After `wait` has said 0. */
  take(): void {
    this.tokens = Math.max(0, this.tokens - 1);
  }
}

/** One bucket for each name. Without a rate there is always a token. */
export class Buckets {
  private readonly buckets: LRUCache<string, TokenBucket>;

  constructor(
    private readonly rate: Rate | undefined,
    most = MOST_BUCKETS,
  ) {
    this.buckets = new LRUCache({ max: most });
  }

  get size(): number {
    return this.buckets.size;
  }

  of(name: string, now: number): TokenBucket | undefined {
    if (this.rate === undefined) return undefined;
    let bucket = this.buckets.get(name);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.rate, now);
      this.buckets.set(name, bucket);
    }
    return bucket;
  }
}

/** Takes one of each, or of none: milliseconds until each has one, 0 when they were taken. */
export function takeOfEach(buckets: readonly (TokenBucket | undefined)[], now: number): number {
  let wait = 0;
  for (const bucket of buckets) wait = Math.max(wait, bucket?.wait(now) ?? 0);
  if (wait === 0) for (const bucket of buckets) bucket?.take();
  return wait;
}
