import { expect, test } from "vitest";
import { pauseMs } from "../../../../src/mcp/client/http/standing-stream.js";

test("a stream is opened again when the server says, after growing pauses, and never in a storm", () => {
  expect([1, 2, 3, 20].map((attempt) => pauseMs(undefined, attempt))).toEqual([250, 500, 1_000, 30_000]);
  expect([1, 2, 8, 20].map((attempt) => pauseMs(1_000, attempt))).toEqual([1_000, 1_000, 1_280, 30_000]);
  expect([1, 2, 3, 20].map((attempt) => pauseMs(0, attempt))).toEqual([10, 20, 40, 30_000]);
  expect(pauseMs(86_400_000, 1)).toBe(30_000);
});
