// The catalog as a person at the command line asks it, through a running app or in a tree of the command's own.
import type { CatalogDoor } from "../../actors/control/catalog-door.js";
import { BanyanError, type Ref } from "../../supervision/index.js";
import type { Catalog } from "./catalog.js";
import { catalogMethods, upkeepMethods } from "./methods.js";
import { wrongParams } from "./wrong-params.js";

/** Reading all files again takes as long as it takes. */
const FOREVER = Number.POSITIVE_INFINITY;

export class CatalogAtHand implements CatalogDoor {
  constructor(private readonly catalog: Ref<Catalog>) {}

  async ask(name: string, params: object): Promise<unknown> {
    const method = [...catalogMethods, ...upkeepMethods].find((each) => each.name === name);
    if (method === undefined) throw new BanyanError("unknown_name", `The catalog has no method ${name}.`);
    const checked = method.params.safeParse(params);
    if (checked.success) return method.run(this.catalog.with({ timeout: FOREVER }), checked.data);
    const [first = "not valid"] = wrongParams(checked.error.issues, params, Object.keys(method.params.shape));
    throw new BanyanError("usage", `Not asked: ${first}.`);
  }
}
