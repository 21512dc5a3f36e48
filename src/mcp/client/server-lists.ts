// What a server has to offer: its four lists, as it names things itself and as they are named among all servers. A list is replaced,
// never changed, so that whoever keeps one sees by its identity alone whether it is still the same.
import type { NamespacedTool, Prefix, PromptInfo, ResourceInfo, ResourceTemplateInfo, ToolInfo } from "./mcp-types.js";
import { isTaken, type OfferFilter } from "./name-pattern.js";
import { optional } from "./sdk-shapes.js";

export interface ServerLists {
  readonly tools: readonly ToolInfo[];
  readonly resources: readonly ResourceInfo[];
  readonly templates: readonly ResourceTemplateInfo[];
  readonly prompts: readonly PromptInfo[];
}

export type ListKind = keyof ServerLists;

export const listKinds = ["tools", "resources", "templates", "prompts"] as const satisfies readonly ListKind[];

export const noLists: ServerLists = { tools: [], resources: [], templates: [], prompts: [] };

/** Something under the name it has among all servers: `server.name`. */
export type Namespaced<T> = T & {
  readonly server: string;
  /** As its server's settings have it. */
  readonly prefix?: Prefix;
  /** The server's own name for it. */
  readonly ownName: string;
};

/** One server's lists under the names they have among all, in the order of these. */
export interface Offer {
  readonly tools: readonly NamespacedTool[];
  readonly resources: readonly Namespaced<ResourceInfo>[];
  readonly templates: readonly Namespaced<ResourceTemplateInfo>[];
  readonly prompts: readonly Namespaced<PromptInfo>[];
}

export const noOffer: Offer = noLists as Offer; // nothing in them needs a name

/** What one thing of a list is known by: a name, or the address of what need have no name of its own. */
export function keyOf(item: { readonly name: string; readonly uri?: string; readonly uriTemplate?: string }): string {
  return item.uri ?? item.uriTemplate ?? item.name;
}

export interface Taken<T> {
  readonly items: readonly T[];
  /** Names that stand more than once: the first is taken. */
  readonly repeated: readonly string[];
}

/** What is taken of a list: what the filter lets through, and of each name the first. */
export function takenOf<T extends { readonly name: string }>(list: readonly T[], filter: OfferFilter): Taken<T> {
  const items = new Map<string, T>();
  const repeated: string[] = [];
  for (const item of list) {
    const key = keyOf(item);
    if (!isTaken(filter, key)) continue;
    if (items.has(key)) repeated.push(key);
    else items.set(key, item);
  }
  return { items: [...items.values()], repeated };
}

/** The offer that these lists make; what has not changed since `before` is the same array as then.
 * `version`: of the server, and so of its tools. */
export function offerOf(
  server: string,
  lists: ServerLists,
  before?: { lists: ServerLists; offer: Offer },
  { version, prefix }: { readonly version?: string | undefined; readonly prefix?: Prefix | undefined } = {},
): Offer {
  const shown = optional({ prefix });
  const same = (kind: ListKind): boolean => before !== undefined && before.lists[kind] === lists[kind];
  const named = <T extends { readonly name: string }>(list: readonly T[]): Namespaced<T>[] =>
    list
      .map((item) => ({ ...item, name: `${server}.${item.name}`, server, ownName: item.name, ...shown }))
      .sort((a, b) => compare(keyOf(a), keyOf(b)));
  return {
    tools:
      before !== undefined && same("tools")
        ? before.offer.tools
        : lists.tools
            .map((tool) => ({
              ...optional({ revision: version }),
              ...tool,
              ...{ name: `${server}.${tool.name}`, server, tool: tool.name, ...shown },
            }))
            .sort((a, b) => compare(a.name, b.name)),
    resources: before !== undefined && same("resources") ? before.offer.resources : named(lists.resources),
    templates: before !== undefined && same("templates") ? before.offer.templates : named(lists.templates),
    prompts: before !== undefined && same("prompts") ? before.offer.prompts : named(lists.prompts),
  };
}

/** By the codes of their characters: the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
