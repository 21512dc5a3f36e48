// What the catalog refuses, for its caller.
import { BanyanError } from "../../supervision/index.js";

/** `code` is `invalid_params`, `catalog_off` or `no_index`; `issues` says what is wrong with which of the params, in a sentence each. */
export class CatalogError extends BanyanError {
  constructor(
    code: "invalid_params" | "catalog_off" | "no_index",
    message: string,
    readonly issues: readonly { readonly path: string; readonly message: string }[] = [],
  ) {
    super(code, message);
  }
}
