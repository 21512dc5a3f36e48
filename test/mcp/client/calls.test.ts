import { expect, onTestFinished, test, vi } from "vitest";
import { Calls } from "../../../src/mcp/client/calls.js";
import type { From } from "../../../src/supervision/index.js";

const from = { reply: () => {}, fail: () => {} } as unknown as From<unknown>; // nobody waits
const work = (timeoutMs: number) => ({
  what: "copy",
  from,
  timeoutMs,
  safeToRetry: true,
  run: async () => undefined,
});

test("while the user is asked a call gets more time, but ten minutes of it at most", () => {
  const calls = new Calls("files", () => () => {});
  calls.add("one", work(30_000));
  let given = 0;
  while (calls.extend("one", 1_000)) given += 1_000;
  expect(given).toBe(600_000);
});

test("progress begins a call's time anew; a call that stands still has no more than its own", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const calls = new Calls("files", () => () => {});
  calls.add("one", work(1_000));
  vi.advanceTimersByTime(600);
  calls.moved("one");
  vi.advanceTimersByTime(400);
  expect(calls.overdue()).toEqual(["one"]);
  expect(calls.goOn("one")).toBe(true);
  expect(calls.overdue()).toEqual([]);
  vi.advanceTimersByTime(600);
  expect(calls.overdue()).toEqual(["one"]);
  expect(calls.goOn("one")).toBe(false);
});

test("one timer is enough for all: it is set to the first deadline, and to the next when that is over", () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const start = performance.now();
  const over: string[] = [];
  const calls = new Calls("files", (ms) => {
    const timer = setTimeout(() => {
      for (const id of calls.overdue()) {
        over.push(id);
        calls.expire(id, () => new Error("it waited"));
      }
    }, ms);
    return () => clearTimeout(timer);
  });
  for (const ms of [500, 100, 300, 100, 900]) calls.add(`${ms} of ${calls.size}`, work(ms));
  expect(vi.getTimerCount()).toBe(1);
  for (const [at, size] of [
    [100, 3],
    [300, 2],
    [500, 1],
    [900, 0],
  ] as const) {
    vi.advanceTimersByTime(at - performance.now() + start);
    expect(calls.size).toBe(size);
  }
  expect(over).toEqual(["100 of 1", "100 of 3", "300 of 2", "500 of 0", "900 of 4"]);
  expect(vi.getTimerCount()).toBe(0);
});
