// What an answer costs. No price is built in: prices change, and a guess shown as money is worse than nothing.
import type { TokenUsage } from "./provider.js";

/** In dollars for a million tokens. */
export interface Price {
  /** `provider:model`. */
  readonly model: string;
  readonly input: number;
  readonly output: number;
  /** As `input` when absent. */
  readonly cache_read?: number | undefined;
  /** As `input` when absent. */
  readonly cache_write?: number | undefined;
}

/** In dollars; undefined where no price is known for the model. */
export function costOf(usage: TokenUsage, model: string, prices: readonly Price[]): number | undefined {
  const price = prices.find((known) => known.model === model);
  if (price === undefined) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  const { input, output, cache_read = input, cache_write = input } = price;
  const fresh = Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens);
  return (fresh * input + cacheReadTokens * cache_read + cacheWriteTokens * cache_write + outputTokens * output) / 1e6;
}
