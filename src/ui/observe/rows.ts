// The tree as rows: each with what it takes of the machine since the look before, and only those that the filter leaves.
import type { FollowEvent } from "../../actors/control/protocol.js";
import { condition, type TreeNode, treeLines } from "../../supervision/index.js";

export type Snapshot = Extract<FollowEvent, { event: "snapshot" }>;

export interface Row {
  /** The place in the tree; a restart does not change it. */
  readonly key: string;
  readonly branch: string;
  readonly node: TreeNode;
  readonly condition: string;
  /** Bytes, where the process has memory of its own. */
  readonly memory?: number;
  /** Percent of a core since the look before. */
  readonly cpu?: number;
}

/** The rows of a look at the tree. `filter`: any part of a name, a class, a condition or a label, in any case. */
export function rowsOf(snapshot: Snapshot, previous: Snapshot | undefined, filter: string): Row[] {
  const { tree, app, at } = snapshot;
  const keys = keysOf(tree);
  const before = previous?.app.pid === app.pid ? previous : undefined;
  const times = new Map<string, number>();
  if (before !== undefined) for (const { node } of treeLines(before.tree)) times.set(node.id, node.cpu ?? 0);
  const share = (now: number | undefined, then: number | undefined) =>
    now === undefined || then === undefined || before === undefined || at <= before.at
      ? {}
      : { cpu: Math.max(0, (100 * (now - then)) / (at - before.at)) };
  const kept = filter === "" ? tree : filtered(tree, filter.toLowerCase(), at);
  return treeLines(kept ?? { ...tree, children: [] }).map(({ branch, node }, index): Row => {
    // What no process has of its own is the program's, and the top of the tree stands for it.
    const isTop = index === 0;
    const memory = isTop ? app.rssBytes : node.memory;
    return {
      key: keys.get(node.id + (node.name ?? "")) ?? node.id,
      branch,
      node,
      condition: condition(node, at),
      ...(memory === undefined ? {} : { memory }),
      ...(isTop ? share(app.cpuMs, before?.app.cpuMs) : share(node.cpu, times.get(node.id))),
    };
  });
}

/** A name is a place; what has none is known by its class and its number among its siblings. */
function keysOf(root: TreeNode): Map<string, string> {
  const keys = new Map<string, string>();
  const walk = (node: TreeNode, key: string): void => {
    keys.set(node.id + (node.name ?? ""), key);
    for (const [index, child] of (node.children ?? []).entries()) {
      walk(child, child.name ?? `${key}/${child.behaviour}#${index}`);
    }
  };
  walk(root, root.name ?? root.behaviour);
  return keys;
}

/** The branches that lead to a match. */
function filtered(node: TreeNode, filter: string, now: number): TreeNode | undefined {
  const children = (node.children ?? []).flatMap((child) => filtered(child, filter, now) ?? []);
  const text = [node.name, node.behaviour, node.label, node.id, condition(node, now)].join(" ").toLowerCase();
  if (children.length === 0 && !text.includes(filter)) return undefined;
  return node.children === undefined ? node : { ...node, children };
}
