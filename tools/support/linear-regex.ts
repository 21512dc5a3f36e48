// Regular expressions by RE2's engine, whose time grows with the text and never explodes: no pattern can hang it. The price are
// lookaround and backreferences, which it has not.
import type { RE2JS } from "re2js";
import { ToolError } from "../define.js";
import { cut } from "./text.js";

export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
  readonly dotAll?: boolean;
}

/** Throws a ToolError for a pattern that is not valid; `field` is how the caller names it. */
export async function compileRegex(
  pattern: string,
  { ignoreCase, multiline, dotAll }: RegexFlags,
  field: string,
): Promise<RE2JS> {
  const { RE2JS, RE2JSException } = await import("re2js");
  const flags =
    (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (multiline ? RE2JS.MULTILINE : 0) | (dotAll ? RE2JS.DOTALL : 0);
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), flags);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    if (/\(\?<?[=!]/.test(pattern)) {
      throw new ToolError(
        "Lookahead and lookbehind are not supported; match what is around too, and put groups about the rest.",
      );
    }
    if (/\\[1-9]|\\k</.test(pattern)) {
      throw new ToolError(
        "Backreferences are not supported; match each form by itself, or find first and compare the groups.",
      );
    }
    const why = error.message.replace(/^error parsing regexp: /, "");
    throw new ToolError(`${field} is not valid (${cut(why, 200)}); correct it.`, { cause: error });
  }
}
