import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryDelayMs } from "../../src/llm/retry.js";

const passing = { retryable: true, retryAfterMs: undefined };

describe("the wait before the next attempt", () => {
  test("doubles its ceiling with every attempt, up to a limit", () => {
    const longest = (attempt: number) => retryDelayMs(passing, attempt, { maxAttempts: 10 }, () => 1);
    expect([2, 3, 4, 5, 6, 7, 8].map(longest)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test("is spread over the whole range below the ceiling", () => {
    expect(retryDelayMs(passing, 3, {}, () => 0)).toBe(0);
    expect(retryDelayMs(passing, 3, {}, () => 0.5)).toBe(500);
  });

  test("is at least what the server asks for", () => {
    const asked = { retryable: true, retryAfterMs: 7000 };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (random) => {
        const wait = retryDelayMs(asked, 2, {}, () => random) ?? -1;
        expect(wait).toBeGreaterThanOrEqual(7000);
        expect(wait).toBeLessThanOrEqual(7500);
      }),
    );
  });

  test("is given up when the server asks for too long, the attempts are used up, or the failure does not pass", () => {
    expect(retryDelayMs({ retryable: true, retryAfterMs: 3_600_000 }, 2)).toBeUndefined();
    expect(retryDelayMs(passing, 4)).toBeTypeOf("number");
    expect(retryDelayMs(passing, 5)).toBeUndefined();
    expect(retryDelayMs(passing, 2, { maxAttempts: 1 })).toBeUndefined();
    expect(retryDelayMs({ retryable: false, retryAfterMs: 5 }, 2)).toBeUndefined();
  });
});
