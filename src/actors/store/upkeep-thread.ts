// Does what upkeep.ts does in a thread of its own, so that the event loop goes on meanwhile.
import { Worker } from "node:worker_threads";
import type { Cared, CareOrder, Repaired, RepairOrder } from "./upkeep-work.js";

const inside = new URL("./upkeep-worker.js", import.meta.url);

/** Rejects with what went wrong, or when the signal fires. */
export function inThread(order: CareOrder, signal: AbortSignal): Promise<Cared>;
export function inThread(order: RepairOrder, signal: AbortSignal): Promise<Repaired>;
export function inThread(order: CareOrder | RepairOrder, signal: AbortSignal): Promise<Cared | Repaired> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(inside, { name: `Store.${order.job}`, workerData: order });
    const abort = (): void => void worker.terminate();
    signal.addEventListener("abort", abort, { once: true });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => {
      signal.removeEventListener("abort", abort);
      reject(new Error("the thread ended before its work was done")); // without effect after an answer
    });
  });
}
