// The supervision tree as plain JSON, and as text: what the terminal, the command line and the web page draw.

import type { Restart } from "./child-spec.js";
import { plainText } from "./plain-text.js";
import { type Pid, pidOf, type Ref, reserved, resolveRef } from "./ref.js";
import type { ProcessInfo, TreeNode } from "./reports.js";
import { SupervisorCore } from "./supervisor-core.js";

/** The tree below a supervisor as it stands now; undefined if it has ended. */
export function treeOf(supervisor: Ref<unknown>): TreeNode | undefined {
  const process = resolveRef(supervisor);
  if (process === undefined || !process.alive) return undefined;
  return process.behaviour instanceof SupervisorCore ? process.behaviour.snapshot() : process.inspect();
}

/** Kills a supervisor and everything below it, whatever each is doing. */
export function killTree(supervisor: Ref<unknown>): void {
  const process = resolveRef(supervisor);
  if (process === undefined) return;
  for (const each of [...SupervisorCore.processesOf(process)]) each.exitSignal(undefined, "kill", false);
}

/** What a process shows of itself; undefined if there is none. */
export function inspect(ref: Ref<unknown>): ProcessInfo | undefined {
  return resolveRef(ref)?.inspect();
}

/** What the process is linked to, by name or by class and id, those it started last; none if there is no process. */
export function linksOf(ref: Ref<unknown>): readonly string[] {
  return resolveRef(ref)?.linked.map(({ title }) => title) ?? [];
}

/** True when the process now behind the address has this method in its protocol. False of an isolated one: its class is elsewhere. */
export function hasMethod(ref: Ref<unknown>, method: string): boolean {
  const behaviour = resolveRef(ref)?.behaviour;
  if (behaviour === undefined || reserved.has(method)) return false;
  // The protocol is the methods of a class, which no index signature describes.
  const methods = Object.getPrototypeOf(behaviour) as Record<string, unknown>;
  return typeof methods[method] === "function";
}

/** A child's place under its supervisor, which outlives the processes that fill it. Its fields tell how it is when they are read. */
export interface Place {
  readonly supervisor: Pid;
  /** The id in its child spec. */
  readonly id: string;
  readonly restart: Restart;
  /** Who fills the place; undefined while nobody does. */
  readonly pid: Pid | undefined;
  readonly node: TreeNode;
}

/** Finds a child below `root` by its process id, its name or, when neither fits, the id in its spec. */
export function placeOf(root: Ref<unknown>, wanted: string): Place | undefined {
  const top = resolveRef(root);
  if (top === undefined) return undefined;
  const found =
    SupervisorCore.find(top, ({ process, name }) => process?.id === wanted || name === wanted) ??
    SupervisorCore.find(top, ({ spec }) => spec.id === wanted);
  if (found === undefined) return undefined;
  const [supervisor, record] = found;
  return {
    supervisor: pidOf(supervisor),
    id: record.spec.id,
    restart: record.spec.restart ?? "permanent",
    get pid() {
      return record.process === undefined ? undefined : pidOf(record.process);
    },
    get node() {
      return SupervisorCore.childNode(record);
    },
  };
}

/** One line of a drawn tree: the branch and the node it leads to. */
export interface TreeLine {
  readonly branch: string;
  readonly node: TreeNode;
}

export function treeLines(root: TreeNode): TreeLine[] {
  const lines: TreeLine[] = [{ branch: "", node: root }];
  const walk = (node: TreeNode, indent: string): void => {
    const { children = [] } = node;
    for (const [index, child] of children.entries()) {
      const last = index === children.length - 1;
      lines.push({ branch: `${indent}${last ? "└─ " : "├─ "}`, node: child });
      walk(child, `${indent}${last ? "   " : "│  "}`);
    }
  };
  walk(root, "");
  return lines;
}

/** A short word for how a node is: its status, or that it is parked, and until when. `now` is in epoch milliseconds. */
export function condition(node: TreeNode, now: number): string {
  if (node.parked === undefined) return node.status;
  const seconds = Math.max(0, Math.ceil((node.parked.retryAt - now) / 1000));
  return `parked (${node.parked.reason}), tried again in ${seconds} s`;
}

/** The tree as aligned text: name, pid, condition, restarts, mailbox, and what each process says of itself. Nothing in it acts on
 * a terminal, whoever gave the names, labels and reasons. */
export function renderTree(root: TreeNode, now: number = Date.now()): string {
  const lines = treeLines(root).map(({ branch, node }) => ({
    label: branch + onLine(node.name ?? node.behaviour),
    node,
  }));
  const width = Math.max(...lines.map(({ label }) => label.length));
  const pidWidth = Math.max(...lines.map(({ node }) => node.id.length));
  return lines
    .map(({ label, node }) => {
      const facts = [
        node.strategy,
        condition(node, now),
        node.restarts > 0 ? `restarts ${node.restarts}` : undefined,
        node.mailbox > 0 ? `mailbox ${node.mailbox}` : undefined,
        node.zombies > 0 ? `zombies ${node.zombies}` : undefined,
        node.label,
      ];
      const shown = facts.flatMap((fact) => (fact === undefined ? [] : [onLine(fact)])).join("  ");
      return `${label.padEnd(width)}  ${node.id.padEnd(pidWidth)}  ${shown}`;
    })
    .join("\n");
}

function onLine(text: string): string {
  return plainText(text).replace(/\s+/g, " ");
}
