// Inside the thread: does the one thing it was started for, says what came of it, and ends.
import { parentPort, workerData } from "node:worker_threads";
import { type CareOrder, care, type RepairOrder, repair } from "./upkeep-work.js";

const order = workerData as CareOrder | RepairOrder; // upkeep-thread.ts starts it with nothing else
parentPort?.postMessage(order.job === "care" ? care(order) : repair(order));
