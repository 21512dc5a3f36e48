import { expect, onTestFinished, test, vi } from "vitest";
import { Calls } from "../../../src/mcp/client/calls.js";
import type { From } from "../../../src/supervision/index.js";

test("while the user is asked a call gets more time, but ten minutes of it at most", () => {
  const given: number[] = [];
  const calls = new Calls("files", (_id, ms) => {
    given.push(ms);
    return () => {};
  });
  const from = { reply: () => {}, fail: () => {} } as unknown as From<unknown>; // nobody waits
  calls.add("one", { what: "echo", from, timeoutMs: 30_000, safeToRetry: true, run: async () => undefined });
  while (calls.extend("one", 1_000));
  expect(given.reduce((sum, ms) => sum + ms)).toBe(630_000);
  expect(calls.extend("one", 1_000)).toBe(false);
});

test("progress begins a call's time anew; a call that stands still has no more than its own", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const given: number[] = [];
  const calls = new Calls("files", (_id, ms) => {
    given.push(ms);
    return () => {};
  });
  const from = { reply: () => {}, fail: () => {} } as unknown as From<unknown>; // nobody waits
  calls.add("one", { what: "copy", from, timeoutMs: 1_000, safeToRetry: true, run: async () => undefined });
  vi.advanceTimersByTime(600);
  calls.moved("one");
  vi.advanceTimersByTime(400);
  expect(calls.goOn("one")).toBe(true);
  vi.advanceTimersByTime(600);
  expect(calls.goOn("one")).toBe(false);
  expect(given).toEqual([1_000, 600]);
});
