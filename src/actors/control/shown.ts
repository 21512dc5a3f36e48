// States and reports as they may leave the process: plain data of a bounded size and depth, without what a key calls a secret.
import { describeReason, messageOf, type Report } from "../../supervision/index.js";
import { redact } from "../telemetry/redact.js";
import type { ToldReport } from "./protocol.js";

const SECRET = /token|secret|password|passphrase|api_?-?key|authorization|credential|cookie/i;
/** Figures about tokens are none. */
const COUNTED = /^(?:max_?|input_?|output_?)?tokens?(?:_?(?:used|count|in|out))?$/i;
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 2_000;
/** Values in all. */
const MAX_VALUES = 5_000;

/** The value as plain data that JSON can carry. */
export function shown(value: unknown): unknown {
  return show(value, { left: MAX_VALUES }, MAX_DEPTH, []);
}

export function toldReport(report: Report): ToldReport {
  const { kind, at, id, name, reason, state: _state, log: _log, ...fields } = report;
  const told = shown(fields);
  return {
    ...(typeof told === "object" ? told : {}),
    kind,
    at,
    id,
    ...(name === undefined ? {} : { name }),
    ...(reason === undefined ? {} : { reason: cut(describeReason(reason)) }),
  };
}

function show(value: unknown, budget: { left: number }, depth: number, above: readonly object[]): unknown {
  if (--budget.left < 0) return "…";
  switch (typeof value) {
    case "string":
      return cut(value);
    case "number":
    case "boolean":
    case "undefined":
      return value;
    case "object":
      return value === null ? null : showObject(value, budget, depth, above);
    default:
      return typeof value === "function" ? "(function)" : String(value);
  }
}

function showObject(value: object, budget: { left: number }, depth: number, above: readonly object[]): unknown {
  if (value instanceof Error) return cut(messageOf(value));
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  // An address of a process: its stubs are made on use, so it is not looked into.
  if ("call" in value && "cast" in value) return String(value);
  if (depth === 0 || above.includes(value)) return "…";
  const inner = (item: unknown) => show(item, budget, depth - 1, [...above, value]);
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value];
    const first = items.slice(0, MAX_ITEMS).map(inner);
    return items.length > MAX_ITEMS ? [...first, `… ${items.length - MAX_ITEMS} more`] : first;
  }
  const all = value instanceof Map ? [...value] : Object.entries(value);
  const entries = all.slice(0, MAX_ITEMS).map(([key, item]): [string, unknown] => {
    const name = String(key);
    return [name, isSecret(name, item) ? "(hidden)" : inner(item)];
  });
  if (all.length > MAX_ITEMS) entries.push(["…", `${all.length - MAX_ITEMS} more`]);
  return Object.fromEntries(entries);
}

/** Secrets are looked for before the text is cut: half a key looks like none. */
function cut(text: string): string {
  const clean = redact(text);
  return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT)}…` : clean;
}

function isSecret(key: string, value: unknown): boolean {
  return SECRET.test(key) && !(COUNTED.test(key) && typeof value !== "string");
}
