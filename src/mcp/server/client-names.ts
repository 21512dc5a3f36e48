// The names a client knows things by. Tools and prompts are `server.name`, or by setting `name` alone where that is one thing's; to a
// client that hands names on to a model whose API allows no dot, the dot is `__`, and whichever it sends is understood. Resources keep their addresses, which links in answers are made of;
// only where two servers have the same one, that of the second goes by `server.address`.
import type { Prefix } from "../client/mcp-types.js";
import { matchesPattern } from "../client/name-pattern.js";
import { keyOf, type Namespaced } from "../client/server-lists.js";

export type Naming = (name: string) => string;

export const undotted: Naming = (name) => name.replaceAll(".", "__");

/** `dotless` are patterns of the names such clients give themselves, in any case. */
export function namingFor(client: string | undefined, dotless: readonly string[]): Naming {
  const said = client?.toLowerCase() ?? "";
  return dotless.some((pattern) => matchesPattern(pattern.toLowerCase(), said)) ? undotted : (name) => name;
}

/** A tool or a prompt, which has a name of its own besides `server.name`. */
interface Named {
  readonly name: string;
  readonly server: string;
  readonly prefix?: Prefix;
  readonly tool?: string;
  readonly ownName?: string;
}

export interface Exposed<T> {
  /** Each with what it goes by, in the order of the list. */
  readonly items: readonly { readonly item: T; readonly name: string }[];
  /** What would go by its plain name, and does not: another has it. */
  readonly refused: readonly string[];
}

const exposures = new WeakMap<object, Map<Prefix, Exposed<Named>>>();

/** What the things of a list go by. With `never` the first that has a name keeps it, later ones are `server.name`; with `on_conflict`
 * all that share it are. A name that has a dot, or reads as another's `server.name`, is never given away plain. */
export function exposed<T extends Named>(list: readonly T[], otherwise: Prefix): Exposed<T> {
  const known = exposures.get(list) ?? new Map<Prefix, Exposed<Named>>();
  exposures.set(list, known);
  const found = known.get(otherwise) ?? exposedNow(list, otherwise);
  known.set(otherwise, found);
  return found as Exposed<T>; // of this very list
}

function exposedNow<T extends Named>(list: readonly T[], otherwise: Prefix): Exposed<T> {
  const full = new Set(list.map(({ name }) => undotted(name)));
  const wanted = new Map<string, { count: number; never?: Named }>();
  const plain = list.map((item) => {
    const own = item.tool ?? item.ownName ?? item.name;
    const mode = item.prefix ?? otherwise;
    if (mode === "always" || own.includes(".") || full.has(own)) return undefined;
    const found = wanted.get(own) ?? { count: 0 };
    found.count++;
    if (mode === "never") found.never ??= item;
    wanted.set(own, found);
    return own;
  });
  const refused: string[] = [];
  const items = list.map((item, at) => {
    const own = plain[at];
    const { count = 0, never } = (own === undefined ? undefined : wanted.get(own)) ?? {};
    const isPlain = own !== undefined && (never === item || (never === undefined && count === 1));
    if (own !== undefined && !isPlain && (item.prefix ?? otherwise) === "never") refused.push(item.name);
    return { item, name: isPlain ? own : item.name };
  });
  return { items, refused };
}

const told = new Set<string>();

/** One sentence about the names in a list that are another's already, if that is news. */
export function nameNews({ refused }: Exposed<Named>): string | undefined {
  const news = refused.filter((name) => !told.has(name));
  for (const name of news) told.add(name);
  if (news.length === 0) return undefined;
  return `clients know ${news.join(", ")} by these names, since another server has the plain one`;
}

/** The one of the list that a client means: by what it goes by, or by `server.name`, with or without the dot. */
export function meant<T extends Named>(list: readonly T[], said: string, otherwise: Prefix): T | undefined {
  return (
    exposed(list, otherwise).items.find(({ name }) => name === said)?.item ??
    list.find(({ name }) => name === said) ??
    list.find(({ name }) => undotted(name) === said)
  );
}

type Addressed = Namespaced<{ readonly name: string; readonly uri?: string; readonly uriTemplate?: string }>;

/** Each with the address it goes by; the first server that has one keeps it as it is. */
export function addressed<T extends Addressed>(
  list: readonly T[],
): readonly { readonly item: T; readonly address: string }[] {
  const owners = new Map<string, string>();
  return list.map((item) => {
    const own = keyOf(item);
    const owner = owners.get(own) ?? item.server;
    owners.set(own, owner);
    return { item, address: owner === item.server ? own : `${item.server}.${own}` };
  });
}

/** Where a resource is read, and by what address there. */
export interface Located {
  readonly server: string;
  readonly uri: string;
}

/** Whose resource this address is: one that is listed, one with its server named first, or one a template makes. */
export function locate(
  address: string,
  resources: readonly Namespaced<{ readonly name: string; readonly uri: string }>[],
  templates: readonly Namespaced<{ readonly name: string; readonly uriTemplate: string }>[],
): Located | undefined {
  const listed = resources.find(({ uri }) => uri === address);
  if (listed !== undefined) return { server: listed.server, uri: address };
  const dot = address.indexOf(".");
  const [server, rest] = [address.slice(0, Math.max(0, dot)), address.slice(dot + 1)];
  if ([...resources, ...templates].some((one) => one.server === server)) return { server, uri: rest };
  // What a template makes is matched part by part: an expression built from strangers' templates could be made to backtrack.
  const made = templates.find(({ uriTemplate }) => matchesPattern(uriTemplate.replaceAll(/\{[^{}]*\}/g, "*"), address));
  return made && { server: made.server, uri: address };
}
