// Rewrites names and texts in another case, each line by itself.
import { z } from "zod";
import { defineTool } from "./define.js";

const SMALL_WORDS = new Set("a an and as at but by en for if in nor of on or per so the to up via vs yet".split(" "));

const cases = {
  camel: (line: string) =>
    words(line)
      .map((word, i) => (i === 0 ? word : capital(word)))
      .join(""),
  pascal: (line: string) => words(line).map(capital).join(""),
  snake: (line: string) => words(line).join("_"),
  kebab: (line: string) => words(line).join("-"),
  constant: (line: string) => words(line).join("_").toUpperCase(),
  title,
  sentence: (line: string) => line.toLowerCase().replace(/\p{L}/u, (letter) => letter.toUpperCase()),
  upper: (line: string) => line.toUpperCase(),
  lower: (line: string) => line.toLowerCase(),
};

export const changeCase = defineTool({
  name: "change_case",
  description:
    "Change the case of a name or a text: camelCase, PascalCase, snake_case, kebab-case, CONSTANT_CASE, Title Case, Sentence case, " +
    "upper or lower. Several lines are changed each by itself, so a list of names can be given at once. Knows where the words of " +
    "camelCase, acronyms (parseHTTPResponse) and snake_case begin. For other rewriting use regex.",
  input: z.strictObject({
    text: z.string().max(200_000).describe("The text, or one name a line"),
    to: z
      .enum(["camel", "pascal", "snake", "kebab", "constant", "title", "sentence", "upper", "lower"])
      .describe("The case to change it to"),
  }),
  annotations: {
    title: "Change case",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  handler({ text, to }) {
    const change = cases[to];
    return text
      .split(/(\r?\n)/)
      .map((part, i) => (i % 2 === 1 ? part : change(part)))
      .join("");
  },
});

/** The words of a name, in lower case: `parseHTTPResponse2` → parse, http, response2. */
function words(line: string): string[] {
  const apart = line
    .replace(/['’]/g, "")
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2");
  return (apart.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).map((word) => word.toLowerCase());
}

function capital(word: string): string {
  return word.replace(/^./u, (letter) => letter.toUpperCase());
}

/** Every word but the small ones between the first and the last; names such as NASA or iPhone stay as they are. */
function title(line: string): string {
  const found = [...line.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*/gu)];
  const shouted = line === line.toUpperCase();
  let changed = "";
  let at = 0;
  for (const [i, { 0: word, index }] of found.entries()) {
    const plain = shouted || /^\p{L}?[^\p{Lu}]*$/u.test(word) ? word.toLowerCase() : word;
    const small = i > 0 && i < found.length - 1 && SMALL_WORDS.has(plain);
    changed += line.slice(at, index) + (small || /^\p{Ll}+\p{Lu}/u.test(plain) ? plain : capital(plain));
    at = index + word.length;
  }
  return changed + line.slice(at);
}
