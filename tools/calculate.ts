// Arithmetic by a recursive descent parser over the text itself: no code is ever evaluated, names are looked up in two fixed
// tables, and both the length of the text and the depth of its nesting are bounded, so any input ends in a number or in a
// sentence that says where it went wrong.
//
//   sum     = product (("+" | "-") product)*          product = unary (("*" | "/" | "%") unary)*
//   unary   = ("+" | "-") unary | power               power   = atom ("^" unary)?          right-associative, -2^2 is -4
//   atom    = number | constant | function "(" sum ("," sum)* ")" | "(" sum ")"
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";

const MAX_LENGTH = 1_000;
const MAX_DEPTH = 100;

export const calculate = defineTool({
  name: "calculate",
  description:
    "Work out an arithmetic expression exactly as written and return the number. Use it instead of calculating yourself. " +
    "Operators + - * / ^ and % (remainder, not percent), × ÷ too, parentheses; functions sqrt sin cos tan (radians) log (base 10) " +
    "ln exp abs round floor ceil min max; constants pi and e. Example: sqrt(3^2 + 4^2) * 1.19",
  input: z.strictObject({
    expression: z.string().min(1).max(MAX_LENGTH).describe("The expression, such as (17.5 + 3) * 2^10"),
  }),
  annotations: {
    title: "Calculate",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  handler: ({ expression }) => formatNumber(evaluate(expression)),
});

const CONSTANTS = new Map([
  ["pi", Math.PI],
  ["π", Math.PI],
  ["e", Math.E],
]);

const ONE_ARGUMENT = new Map<string, (x: number) => number>([
  ["sqrt", Math.sqrt],
  ["sin", Math.sin],
  ["cos", Math.cos],
  ["tan", Math.tan],
  ["log", Math.log10],
  ["ln", Math.log],
  ["exp", Math.exp],
  ["abs", Math.abs],
  // Halves go away from zero, as people round; Math.round(-2.5) is -2.
  ["round", (x) => Math.sign(x) * Math.round(Math.abs(x))],
  ["floor", Math.floor],
  ["ceil", Math.ceil],
]);

const MANY_ARGUMENTS = new Map<string, (...all: number[]) => number>([
  ["min", Math.min],
  ["max", Math.max],
]);

const KNOWN = [...ONE_ARGUMENT.keys(), ...MANY_ARGUMENTS.keys(), "pi", "e"].join(", ");

/** The value of an expression; throws a ToolError that names the position, counted from 1. */
export function evaluate(expression: string): number {
  const parser = new Parser(expression);
  const value = parser.sum(0);
  parser.expectEnd();
  return value;
}

/** At most 15 significant digits, which hides 0.1 + 0.2 = 0.30000000000000004 but keeps every exact whole number. */
export function formatNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  const rounded = String(Number(value.toPrecision(15)));
  return Number.isInteger(value) ? `≈ ${rounded}` : rounded;
}

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  sum(depth: number): number {
    if (depth > MAX_DEPTH) this.fail(`the expression is nested deeper than ${MAX_DEPTH} levels`, this.at);
    let value = this.product(depth);
    for (;;) {
      const at = this.at;
      if (this.take("+")) value = this.finite(value + this.product(depth), at);
      else if (this.take("-")) value = this.finite(value - this.product(depth), at);
      else return value;
    }
  }

  expectEnd(): void {
    const next = this.peek();
    if (next === ")") this.fail('this ")" closes nothing', this.at);
    if (next !== "") this.fail(`an operator or the end is expected, but "${next}" was found`, this.at);
  }

  private product(depth: number): number {
    let value = this.unary(depth);
    for (;;) {
      const next = this.peek();
      const at = this.at;
      if (next === "*" || next === "×" || next === "·") {
        this.at++;
        value = this.finite(value * this.unary(depth), at);
      } else if (next === "/" || next === "÷" || next === "%") {
        this.at++;
        const divisor = this.unary(depth);
        if (divisor === 0) this.fail("this divides by zero", at);
        value = this.finite(next === "%" ? value % divisor : value / divisor, at);
      } else {
        return value;
      }
    }
  }

  private unary(depth: number): number {
    // A long row of signs, such as ------1, must not use up the stack.
    let sign = 1;
    for (;;) {
      if (this.take("-")) sign = -sign;
      else if (!this.take("+")) break;
    }
    return sign * this.power(depth);
  }

  private power(depth: number): number {
    const base = this.atom(depth);
    const at = this.at;
    if (!this.take("^")) return base;
    if (depth > MAX_DEPTH) this.fail(`the expression is nested deeper than ${MAX_DEPTH} levels`, at);
    return this.finite(base ** this.unary(depth + 1), at);
  }

  private atom(depth: number): number {
    const next = this.peek();
    const at = this.at;
    if (this.take("(")) return this.closed(this.sum(depth + 1), at);
    const digits = this.match(/(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y);
    if (digits !== undefined) return this.finite(Number(digits), at);
    const name = this.match(/[\p{L}_][\p{L}\d_]*/uy);
    if (name !== undefined) return this.named(name, at, depth);
    return this.fail(`a number is expected, but ${next === "" ? "the expression ends" : `"${next}" was found`}`, at);
  }

  private named(name: string, at: number, depth: number): number {
    const key = name.toLowerCase();
    const constant = CONSTANTS.get(key);
    if (constant !== undefined) return constant;
    const one = ONE_ARGUMENT.get(key);
    const many = MANY_ARGUMENTS.get(key);
    if (!one && !many) this.fail(`"${name}" is not known; known are ${KNOWN}`, at);
    const open = this.at;
    if (!this.take("(")) this.fail(`"${name}" needs its arguments in parentheses`, at);
    const values = [this.sum(depth + 1)];
    while (this.take(",")) values.push(this.sum(depth + 1));
    this.closed(0, open);
    const [first = 0] = values;
    if (many) return this.finite(many(...values), at);
    if (!one || values.length > 1) return this.fail(`"${name}" takes one argument, but got ${values.length}`, at);
    return this.finite(one(first), at);
  }

  private closed(value: number, open: number): number {
    if (!this.take(")")) {
      const next = this.peek();
      this.fail(
        next === "" ? 'this "(" is never closed' : `")" is expected, but "${next}" was found`,
        next ? this.at : open,
      );
    }
    return value;
  }

  private finite(value: number, at: number): number {
    if (Number.isNaN(value)) this.fail("this has no real value", at);
    if (!Number.isFinite(value)) this.fail("this is too large or has no finite value", at);
    return value;
  }

  /** The next character that is no space, or "" at the end. */
  private peek(): string {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
    const code = this.text.codePointAt(this.at);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  private take(character: string): boolean {
    const next = this.peek();
    // The typographic minus comes with numbers copied from a text.
    if (next !== character && !(character === "-" && next === "−")) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private fail(what: string, at: number): never {
    while (/\s/.test(this.text[at] ?? "")) at++;
    throw new ToolError(`At position ${Math.min(at, this.text.length) + 1}: ${what}.`);
  }
}
