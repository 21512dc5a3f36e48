// The names a client knows things by. Tools and prompts are `server.name`; to a client that hands names on to a model whose API allows
// no dot, the dot is `__`, and whichever it sends is understood. Resources keep their addresses, which links in answers are made of;
// only where two servers have the same one, that of the second goes by `server.address`.
import { matchesPattern } from "../client/name-pattern.js";
import { keyOf, type Namespaced } from "../client/server-lists.js";

export type Naming = (name: string) => string;

export const undotted: Naming = (name) => name.replaceAll(".", "__");

/** `dotless` are patterns of the names such clients give themselves, in any case. */
export function namingFor(client: string | undefined, dotless: readonly string[]): Naming {
  const said = client?.toLowerCase() ?? "";
  return dotless.some((pattern) => matchesPattern(pattern.toLowerCase(), said)) ? undotted : (name) => name;
}

/** The one of the list that a client means. */
export function meant<T extends { readonly name: string }>(list: readonly T[], said: string): T | undefined {
  return list.find(({ name }) => name === said) ?? list.find(({ name }) => undotted(name) === said);
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
