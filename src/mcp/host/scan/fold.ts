// What text expressions come to: `"con" + "structor"`, `["e", "val"].join("")`, `atob("…")`. Only methods of strings and arrays are worked
// out, on values that are known in full, so nothing of the scanned code ever runs here.

/** A value that is known in full. */
export type Known = string | number | boolean | null | undefined | readonly Known[];

/** Answers of the folder are no longer than this. */
const maxText = 20_000;

export function isText(value: Known): value is string {
  return typeof value === "string";
}

const textMethods = new Set([
  "at",
  "charAt",
  "charCodeAt",
  "codePointAt",
  "concat",
  "normalize",
  "padEnd",
  "padStart",
  "repeat",
  "slice",
  "split",
  "substr",
  "substring",
  "toLowerCase",
  "toString",
  "toUpperCase",
  "trim",
  "trimEnd",
  "trimStart",
  "valueOf",
  "replace",
  "replaceAll",
  "indexOf",
]);
const listMethods = new Set([
  "at",
  "concat",
  "flat",
  "join",
  "reverse",
  "slice",
  "toReversed",
  "toSorted",
  "toString",
  "sort",
  "filter",
  "indexOf",
]);
const numberMethods = new Set(["toString"]);

/** What `base.method(...args)` comes to; undefined: it is not known. */
export function foldMethod(base: Known, method: string, args: readonly Known[]): { value: Known } | undefined {
  if (isText(base) && textMethods.has(method)) {
    if (method === "repeat" || method.startsWith("pad")) {
      const size = Number(args[0]);
      if (!(size <= (method === "repeat" ? maxText / Math.max(1, base.length) : maxText))) return undefined;
    }
    return attempt(() => Reflect.apply(Reflect.get(String.prototype, method), base, args));
  }
  if (Array.isArray(base) && listMethods.has(method)) {
    if (method === "filter" && args.length > 0) return undefined;
    const copy = [...base];
    return attempt(() => Reflect.apply(Reflect.get(Array.prototype, method), copy, args));
  }
  if (typeof base === "number" && numberMethods.has(method))
    return attempt(() => Reflect.apply(Reflect.get(Number.prototype, method), base, args));
  return undefined;
}

const functions: Readonly<Record<string, (...args: readonly Known[]) => unknown>> = {
  "String.fromCharCode": (...codes) => String.fromCharCode(...codes.map(Number)),
  "String.fromCodePoint": (...codes) => String.fromCodePoint(...codes.map(Number)),
  String: (value) => String(value),
  Number: (value) => Number(value),
  parseInt: (text, radix) => Number.parseInt(String(text), radix === undefined ? undefined : Number(radix)),
  "Number.parseInt": (text, radix) => Number.parseInt(String(text), radix === undefined ? undefined : Number(radix)),
  parseFloat: (text) => Number.parseFloat(String(text)),
  atob: (text) => atob(String(text)),
  btoa: (text) => btoa(String(text)),
  decodeURIComponent: (text) => decodeURIComponent(String(text)),
  decodeURI: (text) => decodeURI(String(text)),
  encodeURIComponent: (text) => encodeURIComponent(String(text)),
  unescape: (text) =>
    String(text).replace(/%u([\da-f]{4})|%([\da-f]{2})/gi, (_, long: string | undefined, short: string | undefined) =>
      String.fromCharCode(Number.parseInt(long ?? short ?? "0", 16)),
    ),
  "Array.of": (...items) => items,
  "JSON.parse": (text) => JSON.parse(String(text)),
  "JSON.stringify": (value) => JSON.stringify(value),
};

/** What a call of a built-in function comes to, such as `String.fromCharCode(101)`. */
export function foldFunction(path: string, args: readonly Known[]): { value: Known } | undefined {
  const fn = Object.hasOwn(functions, path) ? functions[path] : undefined;
  return fn === undefined ? undefined : attempt(() => fn(...args));
}

/** `Buffer.from(text, encoding)` and `new TextDecoder().decode(bytes)`, as the text they hold. */
export function bytesAsText(content: Known, encoding: Known): string | undefined {
  try {
    if (Array.isArray(content)) return Buffer.from(content.map(Number)).toString("utf8");
    if (!isText(content)) return undefined;
    const kind = isText(encoding) && Buffer.isEncoding(encoding) ? encoding : "utf8";
    return Buffer.from(content, kind).toString("utf8");
  } catch {
    return undefined;
  }
}

export function foldBinary(operator: string, left: Known, right: Known): { value: Known } | undefined {
  if (operator === "+") {
    if (typeof left === "number" && typeof right === "number") return { value: left + right };
    return attempt(() => `${text(left)}${text(right)}`);
  }
  const a = Number(left);
  const b = Number(right);
  switch (operator) {
    case "-":
      return { value: a - b };
    case "*":
      return { value: a * b };
    case "/":
      return { value: a / b };
    case "%":
      return { value: a % b };
    case "**":
      return { value: a ** b };
    case "^":
      return { value: a ^ b };
    case "|":
      return { value: a | b };
    case "&":
      return { value: a & b };
    case "<<":
      return { value: a << b };
    case ">>":
      return { value: a >> b };
    case ">>>":
      return { value: a >>> b };
    default:
      return undefined;
  }
}

export function foldUnary(operator: string, value: Known): { value: Known } | undefined {
  switch (operator) {
    case "!":
      return { value: !value };
    case "+":
      return { value: Number(text(value)) };
    case "-":
      return { value: -Number(text(value)) };
    case "~":
      return { value: ~Number(text(value)) };
    case "void":
      return { value: undefined };
    default:
      return undefined;
  }
}

function text(value: Known): string {
  return Array.isArray(value)
    ? value.map((one) => (one === null || one === undefined ? "" : text(one))).join(",")
    : String(value);
}

function attempt(work: () => unknown): { value: Known } | undefined {
  try {
    const value = work();
    if (!isKnown(value, 0) || (isText(value) && value.length > maxText)) return undefined;
    return { value };
  } catch {
    return undefined; // it would throw when it runs, too
  }
}

function isKnown(value: unknown, depth: number): value is Known {
  if (value === null || value === undefined) return true;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return true;
  return depth < 4 && Array.isArray(value) && value.length <= 2_000 && value.every((one) => isKnown(one, depth + 1));
}
