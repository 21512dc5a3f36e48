import { expect, test } from "vitest";
import { costOf } from "../../src/llm/price.js";

const prices = [
  { model: "anthropic:a", input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
  { model: "openai:b", input: 1, output: 10 },
];

test("a million tokens cost what the settings say, and those in the cache what they cost there", () => {
  expect(costOf({ inputTokens: 1e6, outputTokens: 1e6 }, "anthropic:a", prices)).toBeCloseTo(18);
  const cached = { inputTokens: 1e6, outputTokens: 0, cacheReadTokens: 5e5, cacheWriteTokens: 2e5 };
  expect(costOf(cached, "anthropic:a", prices)).toBeCloseTo(0.9 + 0.15 + 0.75);
  expect(costOf(cached, "openai:b", prices)).toBeCloseTo(1);
});

test("a model without a price has no cost, not a cost of nothing", () => {
  expect(costOf({ inputTokens: 1, outputTokens: 1 }, "openai:unknown", prices)).toBeUndefined();
});
