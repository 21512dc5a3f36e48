import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ErrorBudget } from "../../../src/actors/health/error-budget.js";

const options = { share: 0.001, windowMs: 60_000, minCalls: 5_000 };

describe("ErrorBudget", () => {
  it("allows 0.1 % of many calls, and a few failures among few", () => {
    const budget = new ErrorBudget(options);
    for (let i = 0; i < 10; i++) budget.record(i > 0, 0);
    expect(budget.state(0)).toEqual({ total: 10, failed: 1, allowed: 5, spent: 20 });
    for (let i = 0; i < 19_990; i++) budget.record(i >= 19, 0);
    expect(budget.state(0)).toEqual({ total: 20_000, failed: 20, allowed: 20, spent: 100 });
  });

  it("counts what the window holds and nothing else, whenever the calls come", () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 90_000 }), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), gaps, (start, calls) => {
        const budget = new ErrorBudget(options);
        const made: { at: number; ok: boolean }[] = [];
        let now = start;
        for (const [gap, ok] of calls) {
          now += gap;
          budget.record(ok, now);
          made.push({ at: now, ok });
        }
        // The window slides by whole buckets, a sixtieth of it each.
        const bucket = (at: number) => Math.floor(at / 1_000);
        const inside = made.filter(({ at }) => bucket(now) - bucket(at) < 60);
        const { total, failed } = budget.state(now);
        expect({ total, failed }).toEqual({ total: inside.length, failed: inside.filter(({ ok }) => !ok).length });
      }),
    );
  });
});
