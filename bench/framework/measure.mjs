// Timing and statistics that every workload shares.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** Two full collections, so that what only finalisers held is gone too. */
export async function settle() {
  for (let i = 0; i < 2; i++) {
    await new Promise((resume) => setImmediate(resume));
    collect();
  }
}

export async function heapUsed() {
  await settle();
  return process.memoryUsage().heapUsed;
}

/** Milliseconds that `work` took. */
export async function timed(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Million per second. */
export const rate = (count, ms) => count / ms / 1000;

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);

export function assertEqual(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}

/** The event loop's turn, for libraries that answer nothing when they are done. */
export const turn = () => new Promise((resume) => setImmediate(resume));

/** Microseconds of each of `count` runs of `work`. */
export async function latencies(count, work) {
  const found = [];
  for (let i = 0; i < count; i++) {
    const from = performance.now();
    await work(i);
    found.push((performance.now() - from) * 1000);
  }
  return found;
}
