// Starts a thread that nobody watches.
import { Worker } from "node:worker_threads";

export default {
  name: "worker_thread",
  description: "Starts a thread that nobody watches",
  input: { type: "object" },
  handler: ({ mark }) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(`require("fs").writeFileSync(${JSON.stringify(mark)}, "x")`, { eval: true });
      worker.on("exit", () => resolve("ran"));
      worker.on("error", reject);
    }),
};
