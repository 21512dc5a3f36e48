// Finds arithmetic in a message: `6*7`, `2 + 3 * (4 - 1)`, `sqrt(16)`, `6 × 7`, `12 divided by 4`, `15% of 80`. It only reads
// how far the arithmetic goes and writes it with plain signs; working it out is a tool's business.

export interface Expression {
  readonly end: number;
  /** With `*`, `/`, `-` and `^` for whatever was written. */
  readonly text: string;
}

const NUMBER = /\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*[a-wyz_])/iy;
const NAME = /[a-z][a-z0-9]*/iy;
const BLANK = /\s*/y;
const PERCENT_OF = /\s*%\s*of\b/iy;
const DEEPEST = 40;

const OPERATORS: readonly (readonly [RegExp, string])[] = [
  [/\s*\*\*\s*/y, "**"],
  [/\s*[*×·∙]\s*/y, "*"],
  [/\s*[/÷]\s*/y, "/"],
  [/\s*\+\s*/y, "+"],
  [/\s*[-−–]\s*/y, "-"],
  [/\s*\^\s*/y, "^"],
  [/\s*%\s*/y, "%"],
  [/\s*x\s*(?=[\d(])/iy, "*"],
  [/\s+(?:times|multiplied by)\s+/iy, "*"],
  [/\s+(?:divided by|over)\s+/iy, "/"],
  [/\s+plus\s+/iy, "+"],
  [/\s+minus\s+/iy, "-"],
  [/\s+(?:mod|modulo)\s+/iy, "%"],
  [/\s+to the power of\s+/iy, "^"],
];
const FUNCTIONS = new Set([...Object.getOwnPropertyNames(Math).map((name) => name.toLowerCase()), "ln"]);

/** The arithmetic that begins at `start`, if any does. A number alone is none. */
export function expressionAt(message: string, start: number): Expression | undefined {
  const found = sum(message, start, 0);
  if (found === undefined || found.operations === 0) return undefined;
  // What goes on as a word, a path or a date was no arithmetic.
  if (/^(?:[\w/]|[.-]\w)/.test(message.slice(found.end))) return undefined;
  return { end: found.end, text: found.text };
}

interface Part {
  readonly end: number;
  readonly text: string;
  readonly operations: number;
}

function sum(message: string, start: number, depth: number): Part | undefined {
  let left = operand(message, start, depth);
  while (left !== undefined) {
    const operator = operatorAt(message, left.end);
    const right = operator && operand(message, operator.end, depth);
    if (operator === undefined || right === undefined) return left;
    const text = `${left.text}${operator.text}${right.text}`;
    left = { end: right.end, text, operations: left.operations + right.operations + 1 };
  }
  return undefined;
}

function operand(message: string, start: number, depth: number): Part | undefined {
  if (depth > DEEPEST) return undefined;
  const sign = /^[-+−]/.test(message.slice(start, start + 1)) ? 1 : 0;
  const text = sign === 1 && message[start] !== "+" ? "-" : "";
  const at = start + sign;

  const number = matchAt(NUMBER, message, at);
  if (number !== undefined) return { end: at + number.length, text: text + number, operations: 0 };
  if (message[at] === "(") return inParentheses(message, at, depth, text);
  const name = matchAt(NAME, message, at);
  if (name === undefined || !FUNCTIONS.has(name.toLowerCase())) return undefined;
  if (message[at + name.length] === "(") return inParentheses(message, at + name.length, depth, text + name);
  // A constant stands alone; `e` and the like only count inside a longer expression.
  return /^(?:pi|e)$/i.test(name) ? { end: at + name.length, text: text + name, operations: 0 } : undefined;
}

/** `( … )`, with commas for functions; counts as an operation when a function is called. */
function inParentheses(message: string, open: number, depth: number, before: string): Part | undefined {
  let at = open + 1;
  let text = `${before}(`;
  let operations = /[a-z]$/i.test(before) ? 1 : 0;
  for (;;) {
    const inner = sum(message, at + (matchAt(BLANK, message, at)?.length ?? 0), depth + 1);
    if (inner === undefined) return undefined;
    text += inner.text;
    operations += inner.operations;
    at = inner.end + (matchAt(BLANK, message, inner.end)?.length ?? 0);
    const next = message[at];
    if (next === ")") return { end: at + 1, text: `${text})`, operations };
    if (next !== "," || operations === 0) return undefined;
    text += ", ";
    at += 1;
  }
}

function operatorAt(message: string, at: number): { end: number; text: string } | undefined {
  const percent = matchAt(PERCENT_OF, message, at);
  if (percent !== undefined) {
    const end = at + percent.length + (matchAt(BLANK, message, at + percent.length)?.length ?? 0);
    return { end, text: "/100*" };
  }
  for (const [pattern, sign] of OPERATORS) {
    const written = matchAt(pattern, message, at);
    if (written === undefined) continue;
    // Blanks are kept as they were, so that a plain expression comes out as it was written.
    const text = /^\s/.test(written) || /\s$/.test(written) ? ` ${sign} ` : sign;
    return { end: at + written.length, text };
  }
  return undefined;
}

function matchAt(sticky: RegExp, message: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(message)?.[0];
}
