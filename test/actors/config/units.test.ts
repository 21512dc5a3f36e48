import { expect, test } from "vitest";
import { SIZE, TIME } from "../../../src/actors/config/units.js";

test.each([
  ["500ms", 500],
  ["1.5s", 1500],
  ["30 s", 30_000],
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  [250, 250],
  [0, 0],
  ["30", undefined],
  ["s", undefined],
  ["-1s", undefined],
  ["1h30m", undefined],
  ["30S", undefined],
  ["99999999999999d", undefined],
  [1.5, undefined],
  [-1, undefined],
  [Number.NaN, undefined],
  ["", undefined],
])("a time of %j is %j ms", (written, expected) => {
  expect(TIME.parse(written)).toBe(expected);
});

test.each([
  ["100B", 100],
  ["256KB", 262_144],
  ["1.5MB", 1_572_864],
  ["1GB", 1_073_741_824],
  [4096, 4096],
  ["1TB", undefined],
  ["1kb", undefined],
  ["1", undefined],
])("a size of %j is %j bytes", (written, expected) => {
  expect(SIZE.parse(written)).toBe(expected);
});

test.each([
  [TIME, 0, "0ms"],
  [TIME, 1500, "1500ms"],
  [TIME, 90_000, "90s"],
  [TIME, 600_000, "10m"],
  [TIME, 86_400_000, "1d"],
  [SIZE, 100, "100B"],
  [SIZE, 1_572_864, "1536KB"],
  [SIZE, 1_073_741_824, "1GB"],
])("is written as short as it is exact, and read back the same", (unit, amount, written) => {
  expect(unit.format(amount)).toBe(written);
  expect(unit.parse(written)).toBe(amount);
  expect(written).toMatch(new RegExp(unit.pattern));
});
