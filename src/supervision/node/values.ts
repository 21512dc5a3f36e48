// What a structured clone cannot carry, made so that it can: refs become numbers or names, errors keep their name, message,
// code, cause, stack and own fields. A value that holds neither is left as it is and is not copied here.
import { BanyanError } from "../errors.js";
import { IsolationError } from "../isolation.js";
import { CallError } from "../messages.js";
import type { Process } from "../process.js";
import { isRef, type Ref, resolveRef } from "../ref.js";
import { takeMark } from "./transfer.js";

/** Turns processes into numbers and back. */
export interface Addresses {
  out(process: Process): number;
  in(address: number, behaviourName: string): Ref<unknown>;
  named(name: string): Ref<unknown>;
}

/** A value ready for a structured clone. `special` is true where {@link decode} has something to do. */
export interface Encoded {
  readonly value: unknown;
  readonly special: boolean;
  readonly transfers: readonly ArrayBuffer[];
}

// No field of anybody's begins with a NUL.
const REF = "\0ref";
const NAME = "\0name";
const ERROR = "\0error";

const NOTHING: readonly ArrayBuffer[] = [];

export function encode(value: unknown, addresses: Addresses): Encoded {
  const found: Found = { special: false, seen: undefined, transfers: NOTHING };
  scan(value, found);
  const ready = found.special ? copy(value, new Map(), addresses) : value;
  return { value: ready, special: found.special, transfers: found.transfers };
}

interface Found {
  special: boolean;
  seen: Set<object> | undefined;
  transfers: readonly ArrayBuffer[];
}

/** Looks for what needs encoding, and for buffers to move. */
function scan(value: unknown, found: Found): void {
  if (typeof value !== "object" || value === null) return;
  const seen = (found.seen ??= new Set());
  if (seen.has(value)) return;
  seen.add(value);
  if (isRef(value) || value instanceof Error) found.special = true;
  else if (ArrayBuffer.isView(value)) scan(value.buffer, found);
  else if (value instanceof ArrayBuffer) {
    if (takeMark(value)) found.transfers = [...found.transfers, value];
  } else if (Array.isArray(value) || value instanceof Set) for (const item of value) scan(item, found);
  else if (value instanceof Map) {
    for (const [key, item] of value) {
      scan(key, found);
      scan(item, found);
    }
  } else for (const item of Object.values(value)) scan(item, found);
}

function copy(value: unknown, done: Map<object, unknown>, addresses: Addresses): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  const put = <T extends object>(made: T): T => {
    done.set(value, made);
    return made;
  };
  const inner = (item: unknown): unknown => copy(item, done, addresses);
  if (isRef(value)) return put(encodeRef(value, addresses));
  if (value instanceof Error) return encodeError(value, put({}), inner);
  if (Array.isArray(value)) {
    const items: unknown[] = put([]);
    for (const item of value) items.push(inner(item));
    return items;
  }
  if (value instanceof Map) {
    const map = put(new Map<unknown, unknown>());
    for (const [key, item] of value) map.set(inner(key), inner(item));
    return map;
  }
  if (value instanceof Set) {
    const set = put(new Set<unknown>());
    for (const item of value) set.add(inner(item));
    return set;
  }
  if (Object.prototype.toString.call(value) !== "[object Object]") return value; // dates, buffers and their like
  const fields: Record<string, unknown> = put({});
  for (const [key, item] of Object.entries(value)) fields[key] = inner(item);
  return fields;
}

function encodeRef(ref: Ref<unknown>, addresses: Addresses): object {
  if ("name" in ref) return { [NAME]: ref.name };
  const process = resolveRef(ref);
  if (process === undefined) throw new TypeError("a Pid always has its process"); // unreachable: only names may lack one
  return { [REF]: addresses.out(process), is: process.behaviourName };
}

function encodeError(error: Error, made: Record<string, unknown>, inner: (value: unknown) => unknown): object {
  made[ERROR] = [CallError, IsolationError, BanyanError].find((own) => error instanceof own)?.name ?? error.name;
  made.name = error.name;
  made.message = error.message;
  made.stack = error.stack;
  if ("cause" in error) made.cause = inner(error.cause);
  if (error instanceof AggregateError) made.errors = inner(error.errors);
  const fields: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(error)) {
    const ready = inner(field);
    if (isCloneable(ready)) fields[key] = ready;
  }
  made.fields = fields;
  return made;
}

/** An error's own field (a socket, a function) must not keep the error itself from arriving. */
function isCloneable(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "function" && typeof value !== "symbol";
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** The value as it was sent. Works in place: what arrived belongs to nobody else. */
export function decode(value: unknown, addresses: Addresses): unknown {
  return restore(value, new Map(), addresses);
}

function restore(value: unknown, done: Map<object, unknown>, addresses: Addresses): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (done.has(value)) return done.get(value);
  const inner = (item: unknown): unknown => restore(item, done, addresses);
  if (value instanceof Map) {
    done.set(value, value);
    const entries = [...value];
    value.clear();
    for (const [key, item] of entries) value.set(inner(key), inner(item));
    return value;
  }
  if (value instanceof Set) {
    done.set(value, value);
    const items = [...value];
    value.clear();
    for (const item of items) value.add(inner(item));
    return value;
  }
  const fields = value as Record<string, unknown>; // an array's indices are its keys
  if (typeof fields[REF] === "number") {
    const ref = addresses.in(fields[REF], String(fields.is));
    done.set(value, ref);
    return ref;
  }
  if (typeof fields[NAME] === "string") {
    const ref = addresses.named(fields[NAME]);
    done.set(value, ref);
    return ref;
  }
  if (typeof fields[ERROR] === "string") {
    const error = new Error(String(fields.message));
    done.set(value, error);
    restoreError(error, fields, inner);
    return error;
  }
  done.set(value, value);
  for (const key of Object.keys(fields)) {
    const before = fields[key];
    const after = inner(before);
    if (after !== before) fields[key] = after;
  }
  return value;
}

const classes: Readonly<Record<string, { readonly prototype: object }>> = {
  CallError,
  IsolationError,
  BanyanError,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Gives the error the class it had, where that class is one that both sides know. */
function restoreError(error: Error, from: Record<string, unknown>, inner: (value: unknown) => unknown): void {
  const known = classes[String(from[ERROR])];
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  const hidden = (value: unknown): PropertyDescriptor => ({ value, writable: true, configurable: true });
  if (error.name !== from.name) Object.defineProperty(error, "name", hidden(from.name));
  Object.defineProperty(error, "stack", hidden(from.stack));
  if ("cause" in from) Object.defineProperty(error, "cause", hidden(inner(from.cause)));
  if ("errors" in from) Object.defineProperty(error, "errors", hidden(inner(from.errors)));
  Object.assign(error, inner(from.fields));
}
