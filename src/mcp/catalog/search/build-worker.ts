// Inside the thread: builds what it was started for, hands it over, and ends.
import { parentPort, workerData } from "node:worker_threads";
import { type BuildOrder, build } from "./build.js";

const built = await build(workerData as BuildOrder); // build-thread.ts starts it with nothing else
parentPort?.postMessage(built, [built.search.buffer]);
