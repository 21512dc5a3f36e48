import { describe, expect, it } from "vitest";
import { plainFrom, surelyFits } from "../../src/ui/row.js";

describe("what is certain of a line on any terminal", () => {
  it.each([
    ["a".repeat(10), true],
    ["a".repeat(11), false],
    ["\u001B[1mbold text\u001B[22m!", true],
    ["\u001B]8;;https://example.com/long\u0007link\u001B]8;;\u0007", true],
    ["漢字漢字漢", true],
    ["漢字漢字漢字", false],
    // One family, or three people beside each other.
    ["👨‍👩‍👧", true],
    ["👨‍👩‍👧 and me", false],
    // Wide in some fonts.
    ["●●●●●●", false],
  ])("%j takes one row of ten cells: %s", (line, fits) => {
    expect(surelyFits(line, 10)).toBe(fits);
  });

  it.each([
    ["abc", "abd", 2],
    ["abc", "abc", 3],
    ["\u001B[1mab\u001B[22m c", "\u001B[1mab\u001B[22m d", 3],
    // A style that is open where the lines part has to be written again.
    ["\u001B[1mab", "\u001B[1mac", 0],
    ["x \u001B[38;5;79mab\u001B[39m", "x \u001B[38;5;80mab\u001B[39m", 2],
    ["a漢b", "a漢c", 1],
    ["", "abc", 0],
  ])("%j and %j are alike for %i cells", (before, line, cells) => {
    expect(plainFrom(before, line).cells).toBe(cells);
  });
});
