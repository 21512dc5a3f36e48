import { expect, test } from "vitest";
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
