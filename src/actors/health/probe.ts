// Asking processes how they are. A process that has no `getStatus` is not asked; one that has it and does not answer in time is
// not well, whatever it would have said.
import { z } from "zod";
import { CallError, hasMethod, named, plainText, type TreeNode } from "../../supervision/index.js";
import type { HealthStatus } from "./status.js";

interface Asked {
  getStatus(): HealthStatus;
}

export interface Answer {
  readonly name: string;
  /** Undefined: it ended meanwhile, and its supervisor tells of that. */
  readonly status: Omit<HealthStatus, "since"> | HealthStatus | undefined;
}

export interface Answers {
  readonly answers: readonly Answer[];
  /** The names of all that have a place in the tree, whether they run or not, and of those that should have one. */
  readonly there: ReadonlySet<string>;
}

export interface AskOptions {
  /** The name of the process that asks. */
  readonly except: string;
  /** Names that must have a place in the tree. */
  readonly critical: readonly string[];
  /** How long each may take. */
  readonly timeoutMs: number;
}

const statusSchema = z.object({
  level: z.enum(["ok", "warn", "error"]),
  details: z.string(),
  since: z.number(),
});

const LONGEST_DETAILS = 300;

/** Asks every named process of the tree that can say how it is, all at once. */
export async function askAll(tree: TreeNode, { except, critical, timeoutMs }: AskOptions): Promise<Answers> {
  const nodes = namedNodes(tree);
  const names = nodes.filter((node) => node.name !== except && isAskable(node)).map(({ name }) => name);
  const answers = await Promise.all(names.map((name) => askStatus(name, timeoutMs)));
  const there = new Set(nodes.map(({ name }) => name));
  // Of what is missing while the tree is being started or stopped, the supervisor may not run.
  const missing = stands(tree) ? critical.filter((name) => !there.has(name)) : [];
  // Most likely the name is written wrong.
  const status = { level: "error", details: "there is no such part; see health.critical in the settings" } as const;
  for (const name of critical) there.add(name);
  return { answers: [...answers, ...missing.map((name) => ({ name, status }))], there };
}

type NamedNode = TreeNode & { readonly name: string };

function namedNodes(node: TreeNode): NamedNode[] {
  const { name, children = [] } = node;
  return [...(name === undefined ? [] : [{ ...node, name }]), ...children.flatMap(namedNodes)];
}

function stands({ status, children = [] }: TreeNode): boolean {
  return (status === "running" || status === "suspended") && children.every(stands);
}

function isAskable({ name, status }: NamedNode): boolean {
  return (status === "running" || status === "suspended") && hasMethod(named(name), "getStatus");
}

async function askStatus(name: string, timeoutMs: number): Promise<Answer> {
  // Not bound to the asker, which does not wait: a process that is asking the asker something is no cycle, and answers soon.
  const asked = named<Asked>(name).with({ timeout: timeoutMs, whileRestarting: "noproc" });
  try {
    const answer = statusSchema.safeParse(await asked.call.getStatus());
    if (!answer.success) return { name, status: { level: "error", details: "its getStatus answers in a wrong shape" } };
    return { name, status: { ...answer.data, details: oneLine(answer.data.details) } };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (error.code === "timeout") return { name, status: { level: "error", details: "does not answer" } };
    if (error.code === "overflow")
      return { name, status: { level: "error", details: "does not answer: its mailbox is full" } };
    return { name, status: undefined };
  }
}

/** It may quote a server's last words. */
export function oneLine(text: string): string {
  return plainText(text.slice(0, 10 * LONGEST_DETAILS))
    .replace(/\s+/g, " ")
    .slice(0, LONGEST_DETAILS);
}
