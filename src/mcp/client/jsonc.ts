// JSON as editors keep it, with comments and trailing commas, of which one member is changed and not a byte of the rest.
import { BanyanError } from "../../supervision/errors.js";

/** As `JSON.stringify` takes it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

interface Member {
  readonly name: string;
  readonly value: Node;
}

interface Node {
  readonly start: number;
  readonly end: number;
  /** Of an object; the last of a name counts. */
  readonly members?: readonly Member[];
}

const DEEPEST = 100;
const STRING = /"(?:[^"\\\n]|\\.)*"/y;
const ATOM = /[^\s,:[\]{}"/]+/y;
const SPACE = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

/** What stands at `path`; undefined if nothing does. Throws `not_jsonc`. */
export function memberOf(text: string, path: readonly string[]): Json | undefined {
  const found = find(parse(text), path);
  return found === undefined ? undefined : jsonOf(text, found);
}

/** The text with `value` at `path`, whose tables are made where there are none. Throws `not_jsonc`, also where something on the way is
 * no table. */
export function withMember(text: string, path: readonly string[], value: Json): string {
  const root = parse(text);
  const there = find(root, path);
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";
  const written = (what: Json, depth: number) =>
    JSON.stringify(what, null, indent).replaceAll("\n", `\n${indent.repeat(depth)}`);
  if (there !== undefined) return text.slice(0, there.start) + written(value, path.length) + text.slice(there.end);
  let depth = 0;
  let table = root;
  for (let next = find(root, path.slice(0, 1)); next !== undefined; next = find(root, path.slice(0, depth + 1))) {
    table = next;
    depth++;
  }
  if (table.members === undefined)
    throw new BanyanError("not_jsonc", `${JSON.stringify(path[depth - 1] ?? "the whole")} is no table`);
  const [name = "", ...inner] = path.slice(depth);
  const made = inner.reduceRight<Json>((within, key) => ({ [key]: within }), value);
  const line = `\n${indent.repeat(depth + 1)}`;
  // First in its table, so that whatever stands at the end of it, comma or comment, need not be understood.
  const rest = text.slice(table.start + 1);
  const after =
    table.members.length > 0 ? (/^[ \t]*(?:\n|\r)/.test(rest) ? "," : `,${line}`) : `\n${indent.repeat(depth)}`;
  const follows = table.members.length > 0 ? rest.replace(/^[ \t]+(?=\S)/, "") : rest.replace(/^\s+(?=\})/, "");
  return `${text.slice(0, table.start + 1)}${line}${JSON.stringify(name)}: ${written(made, depth + 1)}${after}${follows}`;
}

function find(node: Node, [name, ...rest]: readonly string[]): Node | undefined {
  if (name === undefined) return node;
  const member = node.members?.findLast((each) => each.name === name);
  return member === undefined ? undefined : find(member.value, rest);
}

function jsonOf(text: string, node: Node): Json {
  const plain = text.slice(node.start, node.end);
  const bare = plain.replace(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, quoted = "") => quoted);
  return JSON.parse(bare.replace(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[\]}])/g, (_, quoted = "") => quoted)) as Json; // as parsed
}

function parse(text: string): Node {
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  const taken = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) at += found.length;
    return found;
  };
  const wrong = (): BanyanError =>
    new BanyanError("not_jsonc", `line ${text.slice(0, at).split("\n").length} is not valid JSON`);
  const value = (depth: number): Node => {
    taken(SPACE);
    const start = at;
    const open = text[at];
    if (depth > DEEPEST) throw wrong();
    if (open !== "{" && open !== "[") {
      const atom = taken(open === '"' ? STRING : ATOM);
      if (atom === undefined || !isAtom(atom)) throw wrong();
      return { start, end: at };
    }
    const members: Member[] = [];
    at++;
    for (;;) {
      taken(SPACE);
      if (text[at] === (open === "{" ? "}" : "]")) break;
      if (open === "{") {
        const name = taken(STRING);
        if (name === undefined || !isAtom(name)) throw wrong();
        taken(SPACE);
        if (text[at] !== ":") throw wrong();
        at++;
        members.push({ name: JSON.parse(name) as string, value: value(depth + 1) }); // a string, as matched
      } else value(depth + 1);
      taken(SPACE);
      if (text[at] === ",") at++;
      else if (text[at] !== (open === "{" ? "}" : "]")) throw wrong();
    }
    at++;
    return open === "{" ? { start, end: at, members } : { start, end: at };
  };
  const root = value(0);
  taken(SPACE);
  if (at < text.length) throw wrong();
  return root;
}

function isAtom(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
