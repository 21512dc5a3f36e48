// What a model wrote as the arguments of a tool call is text, and now and then it is no JSON object: cut short by the token
// limit, or simply wrong. Such a call must not run, and failing the whole turn would take from the model the chance to mend
// it. So the call is passed on with its text under one reserved key. Whoever runs tools asks `argumentsProblem` first and, if
// there is one, answers the call with that sentence as an error; the model reads it and tries again. The record stays plain
// JSON, so it can be stored, shown, and sent back to any API.
import type { ToolCall } from "./provider.js";

/** The one key of arguments that could not be read; its value is the text the model wrote. */
export const UNREADABLE_ARGUMENTS = "unreadable_arguments";

const LONGEST_KEPT = 16_384;
/** Longer arguments, in UTF-16 units, nobody reads before a yes. */
const LONGEST = 1_048_576;

/** Reads a model's arguments. Nothing, and `null`, count as no arguments; all else that is no object is kept as unreadable. */
export function readToolArguments(text: string): ToolCall["arguments"] {
  if (text.trim() === "") return {};
  if (text.length > LONGEST) return { [UNREADABLE_ARGUMENTS]: text.slice(0, LONGEST_KEPT) };
  try {
    const value: unknown = JSON.parse(text);
    if (value === null) return {};
    // The check leaves exactly what JSON calls an object.
    if (typeof value === "object" && !Array.isArray(value)) return value as ToolCall["arguments"];
  } catch {
    // Falls through: the text is kept for the model to see.
  }
  return { [UNREADABLE_ARGUMENTS]: text.slice(0, LONGEST_KEPT) };
}

/** The sentence to answer a call with instead of running it, or undefined when its arguments could be read. */
export function argumentsProblem(call: ToolCall): string | undefined {
  const text = call.arguments[UNREADABLE_ARGUMENTS];
  if (typeof text !== "string" || Object.keys(call.arguments).length !== 1) return undefined;
  return `The arguments of this call to ${call.name} are not a JSON object, so it was not run: call it again with one, of at most 1 MB.`;
}
