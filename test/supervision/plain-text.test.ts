import { expect, test } from "vitest";
import { plainJson } from "../../src/supervision/index.js";

test("JSON for a terminal says the same and begins no escape code", () => {
  const value = { text: "\u009b31m red \u007f\u0085 žluť\u001b[0m", "\u009c": [1] };
  const json = plainJson(JSON.stringify(value));
  expect(JSON.parse(json)).toEqual(value);
  expect(json).toMatch(/^[^\p{Cc}]+$/u);
});
