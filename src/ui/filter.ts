// The line by which a list that fills the terminal is filtered while it is typed.
import type { Input } from "./keys.js";

/** In UTF-16 units. */
const LONGEST = 100;

/** What a key or a text makes of the filter; nothing for a key that is none of its own. */
export function typedInFilter(filter: string, input: Input): { readonly filter?: string; readonly typing?: false } {
  if (input.type !== "key") return { filter: (filter + input.text.replace(/\s+/g, " ")).slice(0, LONGEST) };
  const { name, ctrl } = input;
  if (name === "enter") return { typing: false };
  if (name === "escape") return { typing: false, filter: "" };
  if (name === "backspace") return { filter: [...filter].slice(0, -1).join("") };
  return name === "u" && ctrl ? { filter: "" } : {};
}
