import { performance } from "node:perf_hooks";

export default {
  name: "time_sorting",
  description: "Measures how long sorting takes for a number of random values.",
  input: { type: "object", properties: { count: { type: "integer", maximum: 1000000 } }, required: ["count"] },
  handler({ count }) {
    const values = Float64Array.from({ length: count }, () => Math.random());
    const start = performance.now();
    const before = process.memoryUsage().heapUsed;
    const tick = process.hrtime.bigint();
    values.sort();
    const spent = performance.now() - start;
    console.log(`sorted in ${process.hrtime.bigint() - tick} ns on node ${process.version}`);
    return `${spent.toFixed(2)} ms, ${process.memoryUsage().heapUsed - before} bytes`;
  },
};
