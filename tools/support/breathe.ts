// Long work in small slices: the process answers others between them, and hears there that its caller has gone.
import { setImmediate } from "node:timers/promises";

const SLICE_MS = 15;

/** A function to await between steps: it returns at once until a slice is over, then lets everything else have its turn. */
export function breather(signal: AbortSignal): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < SLICE_MS) return;
    await setImmediate();
    signal.throwIfAborted();
    began = performance.now();
  };
}
