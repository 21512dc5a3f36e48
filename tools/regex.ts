// Applies one regular expression to one text.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { breather } from "./support/breathe.js";
import { compileRegex } from "./support/linear-regex.js";
import { textOrFile } from "./support/read-text.js";
import { count, cut } from "./support/text.js";

const MAX_CHARACTERS = 200_000;
const MAX_SHOWN = 2_000;
const MAX_OUTPUT = 900_000;
// Steps of the compiled pattern times characters of the text: about a second of work.
const MAX_WORK = 100_000_000;

interface Found {
  readonly from: number;
  readonly to: number;
  /** By number; null where a group took no part. */
  readonly groups: readonly (string | null)[];
  readonly named: Readonly<Record<string, string | null>>;
}

export const regex = defineTool({
  name: "regex",
  description:
    "Apply a regular expression to a text or a text file: test whether it matches, find all matches with their groups and places, " +
    "replace them, or split the text at them. For checking a pattern and for taking texts apart. No lookahead, lookbehind or " +
    "backreferences (RE2). It changes no file. To search many files use search_files; to change a file use edit_file.",
  input: z.strictObject({
    action: z.enum(["test", "find", "replace", "split"]).describe("What to do"),
    pattern: z.string().min(1).max(1_000).describe("The regular expression, without slashes around it"),
    text: z.string().max(MAX_CHARACTERS).optional().describe("The text to apply it to; or give path"),
    path: z.string().min(1).max(4096).optional().describe("A text file of the working folder, instead of text"),
    ignore_case: z.boolean().default(false).describe("Take upper and lower case as equal"),
    multiline: z.boolean().default(false).describe("^ and $ match at every line, not only at the ends of the text"),
    dot_all: z.boolean().default(false).describe("The dot matches line breaks too"),
    replacement: z
      .string()
      .max(10_000)
      .optional()
      .describe("replace: the new text; $1 or $<name> put a group in, $& the whole match, $$ a dollar sign"),
    max_results: z.int().min(1).max(10_000).default(200).describe("Stop after this many matches"),
  }),
  annotations: {
    title: "Regular expression",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler(args, context) {
    const { action, pattern, replacement, max_results: max } = args;
    if (action === "replace" && replacement === undefined) {
      throw new ToolError("replace needs replacement; give an empty one to remove the matches.");
    }
    const text = await textOrFile(args, 4 * MAX_CHARACTERS, context);
    if (text.length > MAX_CHARACTERS) throw new ToolError("The text is over 200,000 characters; give a part of it.");
    const { ignore_case: ignoreCase, multiline, dot_all: dotAll } = args;
    const compiled = await compileRegex(pattern, { ignoreCase, multiline, dotAll }, "The pattern");
    if (compiled.programSize() * text.length > MAX_WORK) {
      throw new ToolError("The pattern is too large for so long a text; simplify it or give a part of the text.");
    }
    if (action === "test") return compiled.test(text) ? "It matches." : "It does not match.";

    const breathe = breather(context.signal);
    const found: Found[] = [];
    const matcher = compiled.matcher(text);
    let more = false;
    while (matcher.find()) {
      await breathe();
      more = found.length === max;
      if (more) break;
      const groups = Array.from({ length: matcher.groupCount() }, (_, i) => matcher.group(i + 1));
      found.push({ from: matcher.start(), to: matcher.end(), groups, named: matcher.getNamedGroups() });
    }
    const summary = `(${count(found.length, "match", "matches")}${more ? ", and there are more: raise max_results" : ""}.)`;
    if (action === "replace") return [replaced(text, found, replacement ?? ""), summary];
    if (found.length === 0) return summary;
    const lines = action === "find" ? described(text, found) : pieces(text, found);
    return [lines.join("\n"), summary];
  },
});

/** One line a match: its place, the match and its groups as JSON strings. */
function described(text: string, found: readonly Found[]): string[] {
  let [line, lineStart, at] = [1, 0, 0];
  return found.map(({ from, to, groups, named }) => {
    for (let next = text.indexOf("\n", at); next !== -1 && next < from; next = text.indexOf("\n", at)) {
      line++;
      lineStart = at = next + 1;
    }
    const show = (part: string | null) => (part === null ? "none" : JSON.stringify(cut(part, MAX_SHOWN)));
    const numbered = groups.map((group, i) => ` $${i + 1}=${show(group)}`);
    const byName = Object.entries(named).map(([name, group]) => ` ${name}=${show(group)}`);
    return `${line}:${from - lineStart + 1}: ${show(text.slice(from, to))}${numbered.join("")}${byName.join("")}`;
  });
}

/** What stands between the matches, a line each as JSON strings. */
function pieces(text: string, found: readonly Found[]): string[] {
  const ends = [...found, { from: text.length, to: text.length }];
  return ends.map(({ from }, i) => JSON.stringify(text.slice(ends[i - 1]?.to ?? 0, from)));
}

function replaced(text: string, found: readonly Found[], replacement: string): string {
  const parts: string[] = [];
  let [at, size] = [0, text.length];
  for (const { from, to, groups, named } of found) {
    const fresh = replacement.replace(/\$(?:([$&])|(\d{1,2})|<([^>]*)>)/g, (whole, sign, number, name) => {
      if (sign !== undefined) return sign === "$" ? "$" : text.slice(from, to);
      if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? "") : unknown(whole);
      const group = groups[Number(number) - 1];
      if (group !== undefined) return group ?? "";
      // As in JavaScript, $10 is $1 and a zero where there are fewer groups.
      const first = groups[Number(number[0]) - 1];
      return first === undefined || number.length === 1 ? unknown(whole) : `${first ?? ""}${number[1]}`;
    });
    size += fresh.length;
    if (size > MAX_OUTPUT)
      throw new ToolError("The result would be too long; give a part of the text, or less replacement.");
    parts.push(text.slice(at, from), fresh);
    at = to;
  }
  return [...parts, text.slice(at)].join("");
}

function unknown(group: string): never {
  throw new ToolError(`The pattern has no group for ${group} in replacement; write $$ for a dollar sign.`);
}
