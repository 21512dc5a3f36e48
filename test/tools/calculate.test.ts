import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate, formatNumber } from "../../tools/calculate.js";

const calc = (expression: string) => formatNumber(evaluate(expression));

describe("calculate", () => {
  it.each([
    ["1 + 2 * 3", "7"],
    ["(1 + 2) * 3", "9"],
    ["2 ^ 3 ^ 2", "512"],
    ["-2 ^ 2", "-4"],
    ["(-2) ^ 2", "4"],
    ["2 ^ -1", "0.5"],
    ["10 - 4 - 3", "3"],
    ["100 / 10 / 2", "5"],
    ["17 % 5", "2"],
    ["-7 % 3", "-1"],
    ["6 × 7 ÷ 2", "21"],
    ["5 − 3", "2"],
    ["--3 + +4", "7"],
    [".5 + 2. + 1.5e3", "1502.5"],
    ["0.1 + 0.2", "0.3"],
    ["9007199254740991", "9007199254740991"],
    ["2 ^ 64", "≈ 18446744073709600000"],
    ["sqrt(3^2 + 4^2)", "5"],
    ["log(1000) + ln(e)", "4"],
    ["sin(pi / 2) + cos(0) + tan(0)", "2"],
    ["exp(0) + abs(-4)", "5"],
    ["round(2.5) + round(-2.5)", "0"],
    ["round(0.4) * -1", "0"],
    ["floor(-1.5) + ceil(1.2)", "0"],
    ["min(3, 1, 2) + max(4, 5)", "6"],
    ["PI - π", "0"],
    ["\t1\n+ 1 ", "2"],
  ])("%s is %s", (expression, value) => {
    expect(calc(expression)).toBe(value);
  });

  it.each([
    ["1 +", "At position 4: a number is expected, but the expression ends."],
    ["1 + * 2", 'At position 5: a number is expected, but "*" was found.'],
    ["2 pi", 'At position 3: an operator or the end is expected, but "p" was found.'],
    ["(1 + 2", 'At position 1: this "(" is never closed.'],
    ["1 + 2)", 'At position 6: this ")" closes nothing.'],
    ["4 / (2 - 2)", "At position 3: this divides by zero."],
    ["4 % 0", "At position 3: this divides by zero."],
    ["1 + sqrt(-1)", "At position 5: this has no real value."],
    ["ln(0)", "At position 1: this is too large or has no finite value."],
    ["10 ^ 400", "At position 4: this is too large or has no finite value."],
    ["1e999", "At position 1: this is too large or has no finite value."],
    ["sqrt 4", 'At position 1: "sqrt" needs its arguments in parentheses.'],
    ["sqrt(1, 2)", 'At position 1: "sqrt" takes one argument, but got 2.'],
    ["1 + 😀", 'At position 5: a number is expected, but "😀" was found.'],
    ["min()", 'At position 5: a number is expected, but ")" was found.'],
  ])("%s is refused: %s", (expression, sentence) => {
    expect(() => calc(expression)).toThrow(sentence);
  });

  it.each(["process", "constructor", "__proto__", "toString", "globalThis"])(
    "knows no name but its own: %s",
    (name) => {
      expect(() => calc(`${name}(1)`)).toThrow(`At position 1: "${name}" is not known; known are sqrt, sin`);
    },
  );

  it("bounds nesting, in parentheses, powers and functions alike, and takes any number of signs", () => {
    expect(() => calc("(".repeat(400))).toThrow("nested deeper than 100 levels");
    expect(() => calc(`${"1^".repeat(400)}1`)).toThrow("nested deeper than 100 levels");
    expect(() => calc("abs(".repeat(200))).toThrow("nested deeper than 100 levels");
    expect(calc(`${"(".repeat(90)}7${")".repeat(90)}`)).toBe("7");
    expect(calc(`${"-".repeat(900)}7`)).toBe("7");
  });

  it("agrees with JavaScript on any expression of + - * and parentheses", () => {
    const { tree } = fc.letrec<{ tree: { text: string; value: number } }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.integer({ min: 0, max: 1000 }).map((value) => ({ text: String(value), value })),
        fc.tuple(tie("tree"), fc.constantFrom("+", "-", "*"), tie("tree")).map(([a, operator, b]) => ({
          text: `(${a.text} ${operator} ${b.text})`,
          value: operator === "+" ? a.value + b.value : operator === "-" ? a.value - b.value : a.value * b.value,
        })),
        tie("tree").map((a) => ({ text: `-${a.text}`, value: -a.value })),
      ),
    }));
    fc.assert(
      fc.property(tree, ({ text, value }) => {
        expect(evaluate(text)).toBeCloseTo(value, 6);
      }),
    );
  });

  it("ends in a number or a sentence with a position, whatever the text", () => {
    const piece = fc.constantFrom(
      "1",
      ".",
      "e",
      "(",
      ")",
      "+",
      "-",
      "^",
      "%",
      ",",
      " ",
      "sqrt",
      "min",
      "pi",
      "é",
      "\u0000",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          expect(Number.isFinite(evaluate(pieces.join("")))).toBe(true);
        } catch (error) {
          expect(String(error)).toMatch(/^ToolError: At position \d+: .+\.$/s);
        }
      }),
    );
  });
});
