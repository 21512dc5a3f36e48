// A workflow as a prompt: under which name, what it takes, and its text with that filled in.
import { createHash } from "node:crypto";
import { optional } from "../client/sdk-shapes.js";
import type { CatalogEntry } from "./entry.js";

/** The one argument of every workflow: all that follows its name where it is typed. */
export const ARGUMENTS = "arguments";

const LONGEST_NAME = 100;
const HASH_LENGTH = 6;
const LONGEST_DESCRIPTION = 200;

/** Each workflow under a name that is nobody else's and that every client takes: its own, with the plugin in front where several
 * have it. The same workflows have the same names whatever the order they come in. */
export function promptNames(workflows: readonly CatalogEntry[]): ReadonlyMap<string, CatalogEntry> {
  const counts = new Map<string, number>();
  for (const { name } of workflows) counts.set(plain(name), (counts.get(plain(name)) ?? 0) + 1);
  const named = new Map<string, CatalogEntry>();
  const sorted = [...workflows].sort((one, other) => (one.id < other.id ? -1 : 1));
  for (const workflow of sorted) {
    const own = plain(workflow.name);
    const name = counts.get(own) === 1 ? own : plain(`${workflow.plugin}-${workflow.name}`);
    named.set(named.has(name) ? `${name}-${hashOf(workflow.id)}` : name, workflow);
  }
  return named;
}

/** As MCP lists it. */
export function promptOf(name: string, { description, plugin, arguments: hint }: CatalogEntry) {
  return {
    name,
    title: `${plugin}: ${name}`,
    description: cut(description),
    arguments: [{ name: ARGUMENTS, ...optional({ description: hint }), required: hint?.startsWith("<") ?? false }],
  };
}

/** The text below the frontmatter with `$ARGUMENTS` and `$1` to `$9` filled in; where it names none, what was given stands at its
 * end, as in the hosts these files were written for. */
export function filledIn(source: string, said: string): string {
  const body = source.replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---[^\S\n]*\r?\n?/, "").trim();
  const words = said.match(/"[^"]*"|'[^']*'|\S+/g)?.map((word) => word.replace(/^(["'])(.*)\1$/, "$2")) ?? [];
  let isNamed = false;
  const filled = body.replace(/\$(?:ARGUMENTS\b|([1-9])(?!\d))/g, (_, place: string | undefined) => {
    isNamed = true;
    return place === undefined ? said : (words[Number(place) - 1] ?? "");
  });
  return isNamed || said.trim() === "" ? filled : `${filled}\n\nARGUMENTS: ${said}`;
}

function plain(name: string): string {
  return (
    name
      .trim()
      .replace(/[^A-Za-z0-9_-]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, LONGEST_NAME) || `workflow-${hashOf(name)}`
  );
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}

function cut(text: string): string {
  return text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 1)}…`;
}
