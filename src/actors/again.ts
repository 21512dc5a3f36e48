// A call to a process that may crash under it. A name outlives its process, so an idempotent call is simply made again: it
// waits at the name until the next incarnation runs. Never for a call that must not happen twice.
import { CallError } from "../supervision/index.js";

/** Makes the call, and makes it again (up to `tries` times in all) when the process called crashed or was ending under it. */
export async function again<T>(call: () => Promise<T>, tries = 3): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const crashed = error instanceof CallError && (error.code === "exited" || error.code === "noproc");
      if (!crashed || attempt >= tries) throw error;
    }
  }
}
