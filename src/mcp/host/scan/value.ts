// A value as the scan knows it, and what follows from it without looking at the code: sums, members' names, what is kept of many.
import { isBuiltin } from "node:module";
import { foldBinary, isText, type Known } from "./fold.js";
import { globalObjects, hiddenNames } from "./names.js";
import type { Node } from "./syntax.js";

export type Value =
  | { readonly is: "known"; readonly value: Known; readonly assembled: boolean }
  /** Text of which only the ends are known. */
  | { readonly is: "part"; readonly start: string; readonly end: string }
  /** A number, a boolean, a symbol of our own: harmless as a member's name. */
  | { readonly is: "number" }
  | { readonly is: "list"; readonly items: readonly (readonly Value[])[] }
  | { readonly is: "object"; readonly node: Extract<Node, { type: "ObjectExpression" }> }
  | { readonly is: "function"; readonly node: Node | undefined }
  /** Something built in or imported, such as `process.env` or `node:crypto.createHash`. */
  | { readonly is: "path"; readonly path: string }
  /** `steps`: how many members with unknown names were read on the way here; more than `called`: one of those was called. */
  | { readonly is: "unknown"; readonly steps: number };

/** `steps` of what came out of calling a twice computed member. */
export const called = 100;

export const unknown: Value = { is: "unknown", steps: 0 };
export const number: Value = { is: "number" };
/** An expression is followed to no more values than this. */
export const maxValues = 12;

export function plain(value: Known, assembled = false): Value {
  return { is: "known", value, assembled };
}

/** A member's name, as the runtime would write it. */
export function memberName(value: Known): string {
  return Array.isArray(value)
    ? value.map((one) => (one === null || one === undefined ? "" : memberName(one))).join(",")
    : String(value);
}

/** One of each, in all ways, as long as they are few. */
export function combinations(choices: readonly (readonly Value[])[]): Value[][] {
  let found: Value[][] = [[]];
  for (const choice of choices.slice(0, 2_000)) {
    if (found.length * choice.length > 24) return [];
    found =
      choice.length === 1 && choice[0] !== undefined
        ? found
        : found.flatMap((way) => choice.map((value) => [...way, value]));
    if (choice.length === 1 && choice[0] !== undefined) for (const way of found) way.push(choice[0]);
  }
  return found;
}

export function one(values: readonly Value[]): Value | undefined {
  return values.length === 1 ? values[0] : undefined;
}

export function whole(values: readonly (Value | undefined)[]): Known[] | undefined {
  const all: Known[] = [];
  for (const value of values) {
    if (value?.is !== "known") return undefined;
    all.push(value.value);
  }
  return all;
}

/** A list as one known value, where all of its items are known. */
export function known(list: Extract<Value, { is: "list" }>): Value | undefined {
  const items: Known[] = [];
  let assembled = false;
  for (const item of list.items) {
    const value = one(item);
    if (value?.is !== "known") return undefined;
    items.push(value.value);
    assembled ||= value.assembled;
  }
  return plain(items, assembled);
}

/** Text that came out of other text is assembled, unless one of its parts already showed it in full. */
export function derived(value: Known, from: readonly Known[], assembled: boolean): Value {
  if (!isText(value)) return plain(value, assembled);
  return plain(value, assembled || !from.some((part) => shows(part, value)));
}

function shows(part: Known, text: string): boolean {
  if (isText(part)) return part.includes(text);
  return Array.isArray(part) && part.some((item) => shows(item, text));
}

export function sum(a: Value, b: Value): Value {
  if (a.is === "known" && b.is === "known") {
    const folded = foldBinary("+", a.value, b.value);
    if (folded !== undefined) return derived(folded.value, [a.value, b.value], a.assembled || b.assembled);
  }
  if (a.is === "number" && (b.is === "number" || (b.is === "known" && typeof b.value === "number"))) return number;
  if (b.is === "number" && a.is === "known" && typeof a.value === "number") return number;
  const start = a.is === "known" && isText(a.value) ? a.value : a.is === "part" ? a.start : "";
  const end = b.is === "known" && isText(b.value) ? b.value : b.is === "part" ? b.end : "";
  if (start !== "" || end !== "") return { is: "part", start, end };
  return unknown;
}

export function elements(values: readonly Value[]): readonly Value[] {
  const found: Value[] = [];
  for (const value of values) {
    if (value.is === "list") found.push(...value.items.flat());
    else if (value.is === "known" && Array.isArray(value.value))
      for (const item of value.value) found.push(plain(item, value.assembled));
    else if (value.is === "known" && isText(value.value)) found.push({ is: "number" });
    else found.push(unknown);
  }
  return found;
}

/** What a call gives, as far as it matters: whether a twice computed member was called. */
export function resultOf(targets: readonly Value[]): Value {
  return targets.some((value) => value.is === "unknown" && value.steps >= 2)
    ? { is: "unknown", steps: called }
    : unknown;
}

export function literal(node: Extract<Node, { type: "Literal" }>): Value {
  if ("regex" in node) return unknown;
  if ("bigint" in node) return number;
  const { value } = node;
  return plain(value, typeof value === "string" && escaped(node.raw ?? ""));
}

/** Letters written as codes, which hides them. */
export function escaped(raw: string): boolean {
  return /\\(x[2-7]|u00[2-7]|u\{0*[2-7][\da-f]\}|[0-7]{2})/i.test(raw);
}

/** A method that text and lists have of their own is a function; anything else is not known. */
export function inherited(value: Known | object, name: string): Value {
  return typeof Reflect.get(Object(value), name) === "function" ? { is: "function", node: undefined } : unknown;
}

export function joined(base: string, name: string): string {
  if (base === "globalThis") return globalObjects.has(name) ? "globalThis" : name;
  return globalName(`${base}.${name}`.slice(0, 300));
}

/** Modules export some global names again. */
function globalName(path: string): string {
  return path.replace(
    /^node:(?:buffer|timers|url|perf_hooks|util|stream\/web)\.(?=[A-Z]|performance|set|clear)(?!Slow)/,
    "",
  );
}

export function imported(module: string, name: string): Value {
  if (!isBuiltin(module)) return unknown;
  const path = module.startsWith("node:") ? module : `node:${module}`;
  return { is: "path", path: name === "*" || name === "default" ? path : globalName(`${path}.${name}`) };
}

/** No more than a few values: of many, it is only said that one of them is unknown. Dangerous ones are kept longest. */
export function distinct(values: readonly Value[]): readonly Value[] {
  if (values.length < 2) return values;
  const seen = new Map<string, Value>();
  for (const value of values) seen.set(signature(value), value);
  if (seen.size <= maxValues) return [...seen.values()];
  const kept = [...seen.values()].filter(
    (value) =>
      value.is === "path" ||
      value.is === "function" ||
      (value.is === "known" && (value.assembled || (isText(value.value) && hiddenNames.has(value.value)))),
  );
  return [...kept.slice(0, maxValues), unknown];
}

const identities = new WeakMap<object, number>();
let nextIdentity = 1;

function signature(value: Value): string {
  switch (value.is) {
    case "known":
      return `k${value.assembled}${JSON.stringify(value.value) ?? "undefined"}`;
    case "part":
      return `p${JSON.stringify([value.start, value.end])}`;
    case "path":
      return `g${value.path}`;
    case "unknown":
      return `u${value.steps}`;
    case "number":
      return "n";
    default: {
      const about = value.is === "list" ? value.items : (value.node ?? identities);
      const id = identities.get(about) ?? nextIdentity++;
      identities.set(about, id);
      return `${value.is[0]}${id}`;
    }
  }
}
