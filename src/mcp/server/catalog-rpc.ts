// The methods of `POST /`: the catalog's, and how everything is.
import { z } from "zod";
import type { Ref } from "../../supervision/index.js";
import type { Catalog } from "../catalog/catalog.js";
import { catalogMethods, type RpcMethod } from "../catalog/methods.js";
import { type ToolAnswer, toolQuery } from "../catalog/queries.js";
import type { Permission } from "./gate/scopes.js";

export interface RpcDoors {
  readonly catalog: Ref<Catalog>;
  /** Of who asks. */
  readonly permission: Permission;
  /** As /health tells it. */
  readonly health: () => Promise<object>;
}

const nothing = z.strictObject({});
/** More than are wanted, for some of what is found may not be the asker's to call. */
const MOST_ASKED = 20;

export const rpcMethods: ReadonlyMap<string, RpcMethod<RpcDoors>> = new Map([
  ...catalogMethods.map(({ name, params, run }): [string, RpcMethod<RpcDoors>] => [
    name,
    { params, run: ({ catalog }, said) => run(catalog, said) },
  ]),
  ["queryTools", { params: toolQuery, run: (doors, said) => permitted(doors, toolQuery.parse(said)) }],
  ["getHealth", { params: nothing, run: ({ health }) => health() }],
]);

/** The tools that may be called, and not a word of others. */
async function permitted({ catalog, permission }: RpcDoors, query: z.output<typeof toolQuery>): Promise<ToolAnswer> {
  if (permission.isWhole) return catalog.call.queryTools(query);
  const { tools, cache_hit, nearest = [] } = await catalog.call.queryTools({ ...query, limit: MOST_ASKED });
  const mayCall = (id: string): boolean => permission.mayCall(id.slice(id.indexOf(":") + 1));
  const found = tools
    .filter(({ id }) => mayCall(id))
    .slice(0, query.limit)
    .map((tool) => (tool.alternates === undefined ? tool : { ...tool, alternates: tool.alternates.filter(mayCall) }));
  return {
    tools: found,
    reasoning: "Looked for among the tools that this key opens.",
    confidence: found[0]?.score ?? 0,
    cache_hit,
    ...(found.length === 0 ? { nearest: nearest.filter(mayCall) } : {}),
  };
}
