// How long something took, told as percentiles: counted in buckets that grow by a tenth each, from a microsecond to a minute, so that
// a count costs nothing and a percentile is right within a twentieth however many there were.
import type { Percentiles } from "./catalog-stats.js";

const LEAST_MS = 0.001;
const GROWTH = Math.log(1.1);
const BUCKETS = 190;

export class Latencies {
  private readonly buckets = new Uint32Array(BUCKETS);
  private count = 0;
  private sum = 0;

  add(ms: number): void {
    const bucket = Math.floor(Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) / GROWTH);
    const index = Math.min(bucket, BUCKETS - 1);
    this.buckets[index] = (this.buckets[index] ?? 0) + 1;
    this.count++;
    this.sum += ms;
  }

  percentiles(): Percentiles {
    const { count, sum } = this;
    return {
      count,
      avg: rounded(count === 0 ? 0 : sum / count),
      ...{ p50: this.percentile(0.5), p95: this.percentile(0.95), p99: this.percentile(0.99) },
    };
  }

  /** The two together. */
  with(other: Latencies): Latencies {
    const both = new Latencies();
    for (let index = 0; index < BUCKETS; index++)
      both.buckets[index] = (this.buckets[index] ?? 0) + (other.buckets[index] ?? 0);
    both.count = this.count + other.count;
    both.sum = this.sum + other.sum;
    return both;
  }

  /** The middle of the bucket in which it lies. */
  private percentile(part: number): number {
    if (this.count === 0) return 0;
    const rank = Math.ceil(part * this.count);
    let seen = 0;
    for (const [index, count] of this.buckets.entries()) {
      seen += count;
      if (seen >= rank) return rounded(LEAST_MS * Math.exp((index + 0.5) * GROWTH));
    }
    return 0;
  }
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
