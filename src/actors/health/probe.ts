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

const statusSchema = z.object({
  level: z.enum(["ok", "warn", "error"]),
  details: z.string(),
  since: z.number(),
});

const LONGEST_DETAILS = 300;

/** The names of the running processes below `node` that can be asked. */
export function askable(node: TreeNode, except: string): string[] {
  const { name, status, children = [] } = node;
  const runs = status === "running" || status === "suspended";
  const itself = name !== undefined && name !== except && runs && hasMethod(named(name), "getStatus") ? [name] : [];
  return [...itself, ...children.flatMap((child) => askable(child, except))];
}

export async function askStatus(name: string, timeoutMs: number): Promise<Answer> {
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
