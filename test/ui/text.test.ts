import { describe, expect, it } from "vitest";
import { clip, exact, pad, printable, width, wrap, wrapExact } from "../../src/ui/text.js";

describe("text from others", () => {
  it.each([
    ["an escape code that clears the screen", "a\u001B[2Jb", "ab"],
    ["colours", "\u001B[31mred\u001B[0m", "red"],
    ["a window title", "\u001B]0;owned\u0007x", "x"],
    ["a hyperlink ended by ST", "\u001B]8;;http://x\u001B\\y", "y"],
    ["an escape code cut off at the end", "ab\u001B[3", "ab3"],
    ["a lone escape", "a\u001Bb", "a"],
    ["control characters of the second block", "a\u009B2Jb", "a2Jb"],
    ["a bell and a backspace", "a\u0007\u0008b", "ab"],
    ["Windows line ends", "a\r\nb\rc", "a\nb\nc"],
    ["tabs, as spaces to the next stop", "a\tb\n漢\tc", "a   b\n漢  c"],
  ])("loses %s", (_, given, shown) => {
    expect(printable(given)).toBe(shown);
  });

  it("keeps ordinary text as it is", () => {
    const text = "Grüße, 漢字 👨‍👩‍👧 and\nmore";
    expect(printable(text)).toBe(text);
  });

  it("shows where an approval's argument hides something", () => {
    expect(exact("a\u202Eb\u200Bc\u001Bd\ne")).toBe("a\\u{202e}b\\u{200b}c\\u{1b}d\ne");
  });
});

describe("cells", () => {
  it.each([
    ["abc", 3],
    ["漢字", 4],
    ["👨‍👩‍👧", 2],
    ["e\u0301", 1],
    ["● ✓ ─ ⠋ …", 9],
    ["\u001B[1mbold\u001B[22m", 4],
  ])("counts %j as %i", (text, cells) => {
    expect(width(text)).toBe(cells);
  });

  it("cuts a line at its cells and never in the middle of a wide character", () => {
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(width(clip("漢字漢字", 4))).toBeLessThanOrEqual(4);
    expect(clip("ab", 4)).toBe("ab");
    expect(clip("abc", 0)).toBe("");
  });

  it("pads to the left, the right and the centre", () => {
    expect([pad("ab", 5), pad("ab", 5, "right"), pad("ab", 5, "center")]).toEqual(["ab   ", "   ab", " ab  "]);
  });

  it("breaks prose at words and a long word where it must", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
    expect(wrap("漢字漢字漢字", 5)).toEqual(["漢字", "漢字", "漢字"]);
  });
});

describe("a text made to hold the screen up", () => {
  const long = {
    "of one letter": "a",
    "of spaces": " ",
    "of emoji": "👩",
    "of what an approval writes out": "👩\\u{200d}",
    "of accents": "\u0301",
    "of Chinese": "漢",
  };

  it.each(Object.entries(long))("%s is cut, broken and measured in time with its length", (_, piece) => {
    const text = `x${piece.repeat(50_000)}y`;
    expect(width(clip(text, 40))).toBeLessThanOrEqual(40);
    const rows = wrapExact(text, 40);
    expect(rows.join("")).toBe(text);
    expect(width(rows[1] ?? "")).toBeLessThanOrEqual(40);
    expect(wrap(text, 40).join("")).toBe(text);
  });

  it("of tabs becomes spaces to the next stop each", () => {
    expect(printable(`a${"\t".repeat(50_000)}b`)).toBe(`a${" ".repeat(199_999)}b`);
  });

  it("loses the escape code or the character it is cut through", () => {
    const painted = `${"a".repeat(1_997)}\u001B[31mred`;
    expect(clip(painted, 5_000)).toBe(`${"a".repeat(1_997)}…`);
    expect(clip(`${"a".repeat(1_999)}👩`, 5_000)).toBe(`${"a".repeat(1_999)}…`);
  });
});
