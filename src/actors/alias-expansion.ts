// What an alias stands for, worked out: `/name arguments` becomes the lines that are typed in its place. Pure. An expansion may use
// other aliases, so it is bounded in every direction: a circle is an error that names it, and depth, lines and length have limits.
import { BanyanError } from "../supervision/index.js";

/** An alias cannot be defined or expanded; the message says why and what to do. */
export class AliasError extends BanyanError {}

/** What `name` stands for, or undefined when it is no alias. */
export type AliasLookup = (name: string) => string | undefined;

const MAX_DEPTH = 10;
const MAX_LINES = 100;
/** Of all lines together, in UTF-16 units. */
const MAX_LENGTH = 1024 * 1024;

/**
 * The lines that `line` stands for, in order; undefined when it calls no alias. Throws {@link AliasError} for a circle, a missing
 * argument, or an expansion without measure.
 */
export function expandAlias(line: string, lookup: AliasLookup): string[] | undefined {
  if (called(line, lookup) === undefined) return undefined;
  const lines: string[] = [];
  let length = 0;
  const expand = (text: string, path: readonly string[]): void => {
    const call = called(text, lookup);
    if (call === undefined) {
      lines.push(text);
      length += text.length;
      if (lines.length > MAX_LINES || length > MAX_LENGTH) {
        throw new AliasError(
          "alias_too_long",
          `/${path[0]} stands for more than ${MAX_LINES} lines or 1 MB; shorten it.`,
        );
      }
      return;
    }
    const { name, rest, expansion } = call;
    const here = [...path, name];
    if (path.includes(name)) {
      const circle = here.slice(path.indexOf(name)).map((each) => `/${each}`);
      throw new AliasError(
        "alias_cycle",
        `These aliases call each other in a circle: ${circle.join(" → ")}; change one.`,
      );
    }
    if (here.length > MAX_DEPTH) {
      throw new AliasError(
        "alias_too_deep",
        `/${here[0]} calls aliases more than ${MAX_DEPTH} deep; define it plainly.`,
      );
    }
    for (const part of withArguments(name, expansion, rest)) expand(part, here);
  };
  expand(line, []);
  return lines;
}

function called(line: string, lookup: AliasLookup): { name: string; rest: string; expansion: string } | undefined {
  const [, word = "", rest = ""] = /^\/(\S+)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const name = word.toLowerCase();
  const expansion = name === "" ? undefined : lookup(name);
  return expansion === undefined ? undefined : { name, rest, expansion };
}

const PLACEHOLDER = /\$(?:([1-9])|@|\$)/g;

/** The parts of an expansion, each with its arguments. Without a placeholder in any, what was given goes to the end of the last. */
function withArguments(name: string, expansion: string, rest: string): string[] {
  const parts = partsOf(expansion);
  const words = wordsOf(rest);
  const takes = expansion.replaceAll("$$", "").search(/\$[1-9@]/) >= 0;
  const filled = parts.map((part) =>
    part.replace(PLACEHOLDER, (placeholder, digit: string | undefined) => {
      if (placeholder === "$$") return "$";
      if (digit === undefined) return rest;
      const word = words[Number(digit) - 1];
      if (word !== undefined) return word;
      throw new AliasError(
        "alias_argument",
        `/${name} needs at least ${digit} ${digit === "1" ? "word" : "words"} after it: ${part}`,
      );
    }),
  );
  if (takes || rest === "") return filled;
  return filled.map((part, index) => (index === filled.length - 1 ? `${part} ${rest}` : part));
}

/** The lines of an expansion: they end at a line end or at `;;`. */
export function partsOf(expansion: string): string[] {
  return expansion
    .split(/;;|\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Words, and texts in double quotes as one word. */
function wordsOf(rest: string): string[] {
  return Array.from(rest.matchAll(/"([^"]*)"|\S+/g), ([word, quoted]) => quoted ?? word);
}
