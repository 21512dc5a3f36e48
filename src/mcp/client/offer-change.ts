// What has changed of one list between two looks, by name.
import { isDeepStrictEqual } from "node:util";
import type { NamespacedTool } from "./mcp-types.js";
import { keyOf, type ListKind, type Offer } from "./server-lists.js";
import { definitionOf } from "./tool-diff.js";

/** Names as they are among all servers. */
export interface ListChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

type Item = Offer[ListKind][number];

/** Undefined if both say the same. */
export function listChange(before: readonly Item[], after: readonly Item[]): ListChange | undefined {
  if (before === after) return undefined;
  const old = new Map(before.map((item) => [keyOf(item), item]));
  const added: string[] = [];
  const changed: string[] = [];
  for (const item of after) {
    const key = keyOf(item);
    const known = old.get(key);
    old.delete(key);
    if (known === undefined) added.push(item.name);
    else if (!isSame(known, item)) changed.push(item.name);
  }
  const removed = Array.from(old.values(), ({ name }) => name);
  if (added.length + changed.length + removed.length === 0) return undefined;
  return { added, removed, changed };
}

function isSame(before: Item, after: Item): boolean {
  if (before.prefix !== after.prefix) return false;
  // What a fingerprint is taken of, without taking it: of large tools that takes seconds.
  if (isTool(before) && isTool(after)) {
    return before.revision === after.revision && isDeepStrictEqual(definitionOf(before), definitionOf(after));
  }
  return isDeepStrictEqual(before, after);
}

function isTool(item: Item): item is NamespacedTool {
  return "inputSchema" in item;
}
