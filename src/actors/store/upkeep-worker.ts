// Inside the thread: does the one thing it was started for, says what came of it, and ends.
import { parentPort, workerData } from "node:worker_threads";
import { type CareOrder, care, type RepairOrder, repair } from "./upkeep-work.js";

const order = workerData as CareOrder | RepairOrder; // upkeep-thread.ts starts it with nothing else
try {
  parentPort?.postMessage(order.job === "care" ? care(order) : repair(order));
} catch (error) {
  throw native(error);
}

/** SQLite's errors are not JavaScript's own kind, and would arrive outside as objects without a message. */
function native(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message, stack } = error;
  return Object.assign(new Error(message), { stack, ...("code" in error ? { code: error.code } : {}) });
}
