// A thread of its own: a worker with its own heap. It stops a loop that never ends and a heap that grows; its Buffers and other
// memory outside the heap are the program's, and only a process of its own can be held to those.
import { Worker } from "node:worker_threads";
import { IsolationError } from "../isolation.js";
import { inside, type StartHost } from "./host.js";
import type { Wire } from "./wire.js";

export const startThread: StartHost = (name, { maxHeapMb }, events) => {
  const worker = new Worker(inside, {
    name,
    ...(maxHeapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } }),
  });
  let failure: unknown;
  worker.on("message", (batch: readonly Wire[]) => events.received(batch));
  // Past its heap limit this is ERR_WORKER_OUT_OF_MEMORY.
  worker.on("error", (error: unknown) => {
    failure ??= error;
  });
  worker.on("exit", (code) => {
    failure ??= new IsolationError("host_exited", `the thread of ${name} ended by itself with exit code ${code}`);
    events.exited({ error: failure });
  });
  return {
    post: (batch, transfers) => worker.postMessage(batch, transfers),
    check: (wire) => void structuredClone(wire),
    kill: () => void worker.terminate(),
    figures: () => ({ cpu: Math.round(worker.performance.eventLoopUtilization().active) }),
  };
};
