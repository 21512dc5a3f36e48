// What a question leaves behind is dead when it is answered, and a server answers for weeks: its heap need not wait for garbage of several
// times what lives. V8 looks these two up at the end of a collection, so that they count from when they are set; they are the process's.
import { setFlagsFromString } from "node:v8";

export function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=50");
  keepYoungSmall();
  // A thread that starts sets what it finds too low to be usual back to the default, for all threads.
  process.on("worker", (worker) => worker.once("online", keepYoungSmall));
}

/** What is new stays in the room there is for it at the beginning, a megabyte, where it would be given 16 and more. */
function keepYoungSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
