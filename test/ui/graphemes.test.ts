import fc from "fast-check";
import { expect, it } from "vitest";
import { graphemesOf } from "../../src/ui/graphemes.js";

it("the characters of a long text are those of the whole of it, wherever the pieces end", () => {
  const character = fc.constantFrom("a", "漢", "é", "e\u0301", "👨‍👩‍👧", "🇩🇪", "\r\n", "\t", "👍🏽");
  const whole = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  fc.assert(
    fc.property(fc.array(character, { minLength: 300, maxLength: 1_500 }), (characters) => {
      const text = characters.join("");
      expect([...graphemesOf(text)]).toEqual(
        [...whole.segment(text)].map(({ segment, index }) => ({ segment, index })),
      );
    }),
    { numRuns: 20 },
  );
});

it("a character without end is cut", () => {
  const text = `e${"\u0301".repeat(5_000)}`;
  expect([...graphemesOf(text)].map(({ segment }) => segment).join("")).toBe(text);
});
