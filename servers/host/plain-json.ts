// A copy of a value as plain JSON, within bounds. What a tool hands over may be anything: deeper than a stack, in a circle, with
// getters that throw, larger than memory. Nothing of it is kept but strings, numbers, booleans, lists and plain objects.

export interface Bounds {
  /** Characters of all strings and keys. */
  readonly characters: number;
  readonly depth: number;
  readonly values: number;
}

/** The value cannot be sent; the message is a clause that says why. */
export class NotPlainError extends Error {}

/** The copy; throws a NotPlainError. Functions and undefined are left out of objects, as JSON does. */
export function plainJson(value: unknown, { characters, depth, values }: Bounds): unknown {
  let charactersLeft = characters;
  let valuesLeft = values;
  const spend = (text: string) => {
    if ((charactersLeft -= text.length) < 0) throw new NotPlainError(`it holds more than ${characters} characters`);
    return text;
  };
  const copy = (from: unknown, level: number): unknown => {
    if (--valuesLeft < 0) throw new NotPlainError(`it holds more than ${values} values`);
    if (typeof from === "string") return spend(from);
    if (typeof from === "number") return Number.isFinite(from) ? from : null;
    if (typeof from === "boolean" || from === null) return from;
    if (typeof from === "bigint") throw new NotPlainError("it holds a BigInt, which JSON has not; make it a string");
    if (typeof from !== "object") return undefined;
    if (level === depth) throw new NotPlainError(`it is nested more than ${depth} deep, or in a circle`);
    if ("toJSON" in from && typeof from.toJSON === "function") return copy(from.toJSON(), level + 1);
    if (Array.isArray(from)) {
      // Not by its own methods, and only as long as it may be.
      const list: unknown[] = [];
      for (let at = 0; at < from.length; at++) list.push(copy(from[at], level + 1) ?? null);
      return list;
    }
    const object: Record<string, unknown> = {};
    for (const key in from) {
      if (!Object.hasOwn(from, key)) continue;
      const inner = copy((from as Record<string, unknown>)[key], level + 1);
      if (inner !== undefined)
        Object.defineProperty(object, spend(key), {
          value: inner,
          enumerable: true,
          writable: true,
          configurable: true,
        });
    }
    return object;
  };
  return copy(value, 0);
}
