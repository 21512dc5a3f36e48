// A glob as a regular expression: `*` and `?` stay within one name, `**` crosses folders, `{a,b}` chooses, `[a-z]` is a set.
// Without a slash it is matched against names alone, so `*.ts` finds every TypeScript file at any depth.
import { ToolError } from "../define.js";
import { compileRegex } from "./linear-regex.js";

export interface Glob {
  /** Source of a regular expression for the whole name or path, with `/` between names. */
  readonly source: string;
  readonly wholePath: boolean;
}

export function parseGlob(glob: string): Glob {
  const pattern = glob.replace(/^\.?\//, "");
  let source = "";
  let braces = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? "";
    if (character === "*" && pattern[at + 1] === "*") {
      while (pattern[at + 1] === "*") at++;
      const folders = pattern[at + 1] === "/";
      if (folders) at++;
      source += folders ? "(?:[^/]+/)*" : ".*";
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "{") {
      braces++;
      source += "(?:";
    } else if (character === "}" && braces > 0) {
      braces--;
      source += ")";
    } else if (character === "," && braces > 0) source += "|";
    else if (character === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end === -1) throw new ToolError(`The glob "${glob}" has a "[" that is never closed; add "]".`);
      const set = pattern.slice(at + 1, end).replace(/[\\[\]^]/g, "\\$&");
      // No set crosses folders; said without a lookahead, which linear engines lack.
      source += /^(?:!|\\\^)/.test(set) ? `[^/${set.replace(/^(?:!|\\\^)/, "")}]` : `[${set.replaceAll("/", "")}]`;
      at = end;
    } else source += character.replace(/[\\^$.|+()\]}]/g, "\\$&");
  }
  if (braces > 0) throw new ToolError(`The glob "${glob}" has a "{" that is never closed; add "}".`);
  return { source: `^(?:${source})$`, wholePath: pattern.includes("/") };
}

/** Whether a path is meant, with `/` between names; by an engine that no glob can hang. */
export async function globTest(glob: string): Promise<(path: string) => boolean> {
  const { source, wholePath } = parseGlob(glob);
  const compiled = await compileRegex(source, { dotAll: true }, "glob");
  return (path) => compiled.test(wholePath ? path : path.slice(path.lastIndexOf("/") + 1));
}
