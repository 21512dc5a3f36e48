// A thread inside an isolated process, for one thing: when the parent is gone, so is the process, even if its main thread spins
// and never hears that the channel has closed. The system gives an orphan another parent; that is what it looks for.
import { workerData } from "node:worker_threads";

const LOOK_MS = 200;

setInterval(() => {
  if (process.ppid !== workerData || !runs(process.ppid)) process.kill(process.pid, "SIGKILL");
}, LOOK_MS);

/** Where orphans keep their parent's number (Windows), the parent itself is asked for. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
