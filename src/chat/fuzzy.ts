// What fits letters typed in order, best first, as fzf ranks it.
import * as fzf from "fzf";

interface Finder {
  readonly Fzf: new <T>(
    items: readonly T[],
    options: { readonly selector: (item: T) => string; readonly casing: "case-insensitive" },
  ) => { find(query: string): readonly { readonly item: T }[] };
}

// Its own types import each other without file endings, which is not resolved here, so they come to nothing.
const { Fzf } = fzf as unknown as Finder;

/** All of them, in their order, when nothing is typed. */
export function fuzzy<T>(items: readonly T[], typed: string, textOf: (item: T) => string): readonly T[] {
  return new Fzf(items, { selector: textOf, casing: "case-insensitive" }).find(typed).map(({ item }) => item);
}
