// A tool call that runs as a task: begun, asked after until it is over, and fetched. The SDK calls its part in this experimental
// and keeps what it learns of tools in itself; here are the four requests and nothing else. To whoever called it is a call like
// any other: its status is told as progress, and an abort reaches the task.
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallToolRequest,
  CallToolResultSchema,
  CancelTaskResultSchema,
  type ClientRequest,
  CreateTaskResultSchema,
  GetTaskResultSchema,
  type Task,
} from "@modelcontextprotocol/sdk/types.js";
import type { z } from "zod";
import { ServerProtocolError } from "./errors.js";

export interface TaskCallOptions {
  readonly server: string;
  readonly params: CallToolRequest["params"];
  readonly signal: AbortSignal | undefined;
  /** Sends a request of the call; it is rejected when the signal is aborted. */
  ask<S extends z.ZodType>(request: ClientRequest, schema: S): Promise<z.output<S>>;
  /** Sends one whatever has become of the call. */
  tell(request: ClientRequest, schema: z.ZodType): void;
  /** The status is another one than before. */
  onStatus(task: Task): void;
}

/** How long the server is to keep the result, in milliseconds. */
const KEPT = 600_000;
/** Between two looks, in milliseconds, where the server names no time or a foolish one. */
const USUAL = 1_000;
const [SHORTEST, LONGEST] = [50, 5_000];

export async function runAsTask(options: TaskCallOptions): Promise<z.output<typeof CallToolResultSchema>> {
  const { server, params, signal, ask, tell, onStatus } = options;
  let { task } = await ask(
    { method: "tools/call", params: { ...params, task: { ttl: KEPT } } },
    CreateTaskResultSchema,
  );
  const { taskId } = task;
  const cancel = (): void => tell({ method: "tasks/cancel", params: { taskId } }, CancelTaskResultSchema);
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  try {
    onStatus(task);
    while (task.status === "working") {
      const pause = Math.min(LONGEST, Math.max(SHORTEST, task.pollInterval ?? USUAL));
      await sleep(pause, undefined, signal === undefined ? {} : { signal });
      const before = task;
      task = await ask({ method: "tasks/get", params: { taskId } }, GetTaskResultSchema);
      if (task.status !== before.status || task.statusMessage !== before.statusMessage) onStatus(task);
    }
    if (task.status === "cancelled") {
      throw new ServerProtocolError(`the server "${server}" cancelled "${params.name}": ${task.statusMessage ?? ""}`);
    }
    // Answered when the task is over; one that needs the user's input asks for it meanwhile.
    return await ask({ method: "tasks/result", params: { taskId } }, CallToolResultSchema);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
