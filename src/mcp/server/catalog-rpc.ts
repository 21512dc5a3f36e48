// The methods of `POST /`: the catalog's, and how everything is.
import { z } from "zod";
import type { Ref } from "../../supervision/index.js";
import type { Catalog } from "../catalog/catalog.js";
import { catalogMethods, type RpcMethod } from "../catalog/methods.js";

export interface RpcDoors {
  readonly catalog: Ref<Catalog>;
  /** As /health tells it. */
  readonly health: () => Promise<object>;
}

const nothing = z.strictObject({});

export const rpcMethods: ReadonlyMap<string, RpcMethod<RpcDoors>> = new Map([
  ...catalogMethods.map(({ name, params, run }): [string, RpcMethod<RpcDoors>] => [
    name,
    { params, run: ({ catalog }, said) => run(catalog, said) },
  ]),
  ["getHealth", { params: nothing, run: ({ health }) => health() }],
]);
