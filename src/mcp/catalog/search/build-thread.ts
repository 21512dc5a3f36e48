// Builds in a thread of its own, so that the event loop goes on meanwhile, and what reading took is given back with the thread.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { BuildOrder, Built } from "./build.js";

/** Compiled, this file lies in dist/; as source it lies in src/, beside dist/. */
const inside = [
  new URL("./build-worker.js", import.meta.url),
  new URL("../../../../dist/mcp/catalog/search/build-worker.js", import.meta.url),
];

/** Rejects with what went wrong. */
export function buildInThread(order: BuildOrder): Promise<Built> {
  return new Promise((resolve, reject) => {
    const script = inside.find((url) => existsSync(fileURLToPath(url)));
    if (script === undefined)
      throw new Error("the program that builds the catalog is not there: npm run build makes it");
    const worker = new Worker(script, { name: "Catalog.build", workerData: order });
    worker.unref(); // nobody waits for an index who does not wait for this promise
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread ended before the index was built"))); // without effect after an answer
  });
}
