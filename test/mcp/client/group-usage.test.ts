import { describe, expect, test } from "vitest";
import { UsageWatch } from "../../../src/mcp/client/group-usage.js";

const MB = 1_048_576;

describe("what a server may take", () => {
  test("more memory than its limit ends it at once, as much as its limit does not", () => {
    const watch = new UsageWatch({ maxMemoryBytes: 100 * MB, cpuWindowMs: 60_000 });
    expect(watch.judge({ rssBytes: 100 * MB, cpuMs: 0 }, 0)).toBeUndefined();
    const verdict = { end: "it took 120 MB of memory, and its max_memory is 100 MB" };
    expect(watch.judge({ rssBytes: 120 * MB, cpuMs: 0 }, 2_000)).toEqual(verdict);
  });

  test("too much processor time over a window is warned of, over two in a row ended, and a calm one between forgives", () => {
    const watch = new UsageWatch({ maxCpuPercent: 50, cpuWindowMs: 60_000 });
    const at = (seconds: number, cpuSeconds: number) =>
      watch.judge({ rssBytes: 0, cpuMs: cpuSeconds * 1_000 }, seconds * 1_000);
    expect(at(0, 100)).toBeUndefined(); // what it took before is none of the window's
    expect(at(30, 130)).toBeUndefined(); // half a window says nothing
    expect(at(60, 145)).toEqual({ warning: expect.stringContaining("it took 75 % of a core over 60 s") });
    expect(at(120, 150)).toBeUndefined();
    expect(at(180, 200)).toEqual({ warning: expect.any(String) });
    expect(at(240, 250)).toEqual({ end: "it took 83 % of a core over 60 s, and its max_cpu is 50" });
  });
});
