// The models a chat can have, beside the one it was begun with: those that stand in for it, all there are, and any by its name.
import { listModels, type ModelList } from "./model-list.js";
import type { Provider } from "./provider.js";
import { named, type SelectOptions } from "./select.js";

export interface Models {
  /** Who answers in the place of the chosen one while it cannot, in this order. */
  readonly fallback: readonly Provider[];
  /** Never rejects. */
  list(): Promise<readonly ModelList[]>;
  /** Rejects with a `BanyanError` that says what can be had instead. */
  choose(name: string): Promise<Provider>;
}

export function modelsOf(options: SelectOptions, fallback: readonly Provider[]): Models {
  return { fallback, list: () => listModels(options), choose: (name) => named(name, options) };
}
