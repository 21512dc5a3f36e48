import { expect, it } from "vitest";
import { LiveCalls } from "../../src/ui/live-calls.js";

it("counts a call's time from when it runs: what it waited for approval is not the tool's", () => {
  let now = 1_000;
  const calls = new LiveCalls({ now: () => now, after: () => () => {} });
  const call = { id: "1", name: "demo.slow", arguments: {} };
  calls.take("1", { ...call, status: "waiting" });
  now = 6_000;
  calls.take("1", { ...call, status: "running" });
  now = 7_000;
  calls.take("1", { ...call, status: "running", progress: { value: 1 } });
  expect(calls.list).toMatchObject([{ since: 6_000 }]);
});
