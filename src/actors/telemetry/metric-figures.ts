// Metrics as JSON for people's scripts: one entry a metric and one figure a set of labels; of a histogram its count, sum, mean
// and the quantiles that can be read from its buckets.
import type prom from "prom-client";

export interface MetricFigures {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly values: readonly Figure[];
}

export type Labels = Readonly<Record<string, string>>;

export type Figure =
  | { readonly labels: Labels; readonly value: number }
  | {
      readonly labels: Labels;
      readonly count: number;
      readonly sum: number;
      readonly mean: number;
      /** Estimated within a bucket, in the metric's unit. */
      readonly p50: number;
      readonly p95: number;
      readonly p99: number;
    };

interface Sample {
  readonly value: number;
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
}

export async function figuresOf(registry: prom.Registry): Promise<MetricFigures[]> {
  // prom-client types the type of a metric as the number of an enum; at run time it is the word.
  const metrics = (await registry.getMetricsAsJSON()) as unknown as (Omit<MetricFigures, "values"> & {
    values: Sample[];
  })[];
  return metrics.map(({ name, help, type, values }) => ({
    name,
    help,
    type,
    values:
      type === "histogram"
        ? histograms(name, values)
        : values.map(({ labels, value }) => ({ labels: texts(labels), value })),
  }));
}

function histograms(name: string, samples: readonly Sample[]): Figure[] {
  const found = new Map<
    string,
    { labels: Labels; buckets: [le: number, upTo: number][]; count: number; sum: number }
  >();
  for (const { metricName, labels, value } of samples) {
    const { le, ...own } = labels;
    const key = JSON.stringify(own);
    const one = found.get(key) ?? { labels: texts(own), buckets: [], count: 0, sum: 0 };
    found.set(key, one);
    if (metricName === `${name}_sum`) one.sum = value;
    else if (metricName === `${name}_count`) one.count = value;
    else if (le !== undefined) one.buckets.push([le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le), value]);
  }
  return [...found.values()].map(({ labels, buckets, count, sum }) => ({
    labels,
    count,
    sum,
    mean: count === 0 ? 0 : sum / count,
    p50: quantile(buckets, count, 0.5),
    p95: quantile(buckets, count, 0.95),
    p99: quantile(buckets, count, 0.99),
  }));
}

/** As Prometheus' `histogram_quantile`: straight within the bucket; past the last bound, that bound. */
function quantile(buckets: readonly (readonly [le: number, upTo: number])[], count: number, q: number): number {
  const rank = q * count;
  let [below, before] = [0, 0];
  for (const [le, upTo] of buckets) {
    if (upTo >= rank && upTo > before) {
      return le === Number.POSITIVE_INFINITY ? below : below + ((le - below) * (rank - before)) / (upTo - before);
    }
    [below, before] = [le, upTo];
  }
  return 0;
}

function texts(labels: Sample["labels"]): Labels {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}
