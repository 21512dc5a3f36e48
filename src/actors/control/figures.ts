// The tree with what each process takes of the machine. A process inside this program shares its memory with all others, so only
// two kinds have figures of their own: isolated ones, which the framework asks, and those that stand for a program of the
// system, which say so in their label: `pid 123`. They lead a group of their own (see the Port), and the whole group is counted.
import type { TreeNode } from "../../supervision/index.js";
import { type GroupUsage, platform } from "../platform/index.js";
import type { AppFigures } from "./protocol.js";

const LABELLED_PID = /^pid (\d{1,10})$/;

export function appFigures(version: string): AppFigures {
  const { user, system } = process.cpuUsage();
  return {
    pid: process.pid,
    version,
    cwd: process.cwd(),
    startedAt: Math.round(Date.now() - process.uptime() * 1_000),
    rssBytes: process.memoryUsage.rss(),
    cpuMs: Math.round((user + system) / 1_000),
  };
}

export async function withFigures(tree: TreeNode): Promise<TreeNode> {
  const programs = programsOf(tree);
  if (programs.length === 0) return tree;
  const usages = await platform.groupUsages(programs);
  return filled(tree, usages);
}

function programOf({ label }: TreeNode): number | undefined {
  const pid = LABELLED_PID.exec(label ?? "")?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function programsOf(node: TreeNode): number[] {
  const own = programOf(node);
  return [...(own === undefined ? [] : [own]), ...(node.children ?? []).flatMap(programsOf)];
}

function filled(node: TreeNode, usages: ReadonlyMap<number, GroupUsage>): TreeNode {
  const usage = usages.get(programOf(node) ?? 0);
  return {
    ...node,
    ...(usage === undefined ? {} : { memory: usage.rssBytes, cpu: usage.cpuMs }),
    ...(node.children === undefined ? {} : { children: node.children.map((child) => filled(child, usages)) }),
  };
}
