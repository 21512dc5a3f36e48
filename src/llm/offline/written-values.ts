// Turns what was written for an argument into the type its schema wants.
import type { Argument } from "./tool-profile.js";

/** The value in the argument's type, or undefined when it cannot be one. */
export function coerce(value: unknown, argument: Argument): unknown {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  switch (argument.kind) {
    case "number": {
      const number = Number(text);
      const fits = text.trim() !== "" && Number.isFinite(number) && (!argument.integer || Number.isInteger(number));
      return fits ? number : undefined;
    }
    case "boolean":
      return asBoolean(text);
    case "enum":
      return argument.choices.find((choice) => String(choice).toLowerCase() === text.toLowerCase());
    case "list":
      return Array.isArray(value) ? value : text.split(",").map((item) => item.trim());
    case "structure":
      return typeof value === "object" ? value : undefined;
    default:
      return text;
  }
}

export function asBoolean(text: string): boolean | undefined {
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  return /^(false|no|off|0)$/i.test(text) ? false : undefined;
}

/** `sortBy`, `sort_by` and `sort-by` are the same key. */
export function squeeze(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}

/** Where a form stands in a text as words of its own, or -1. Both are in lower case. */
export function findWords(text: string, form: string): number {
  if (form === "") return -1;
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
    const before = text[at - 1] ?? " ";
    const after = text[at + form.length] ?? " ";
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return at;
  }
  return -1;
}
