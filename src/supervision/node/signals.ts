// Signals of the operating system for an application: the first stops it in order, a second one ends the program at once.
import { constants } from "node:os";
import type { Application } from "../application.js";

export interface SignalOptions {
  /** Default SIGINT and SIGTERM. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Milliseconds until what is left of the tree is killed. Default 15,000. */
  readonly deadline?: number;
}

const DEADLINE_MS = 15_000;

/** Stops the application at the first of the signals and sets the exit code to 128 plus the signal's number, as shells count
 * it; at a second one the program exits with that code at once. Ends by itself with the application. Returns what takes the
 * handlers away. */
export function stopOnSignals(app: Application, options: SignalOptions = {}): () => void {
  const { signals = ["SIGINT", "SIGTERM"], deadline = DEADLINE_MS } = options;
  let stopping = false;
  const handler = (signal: NodeJS.Signals): void => {
    const code = 128 + constants.signals[signal];
    if (stopping) process.exit(code);
    stopping = true;
    process.exitCode = code;
    void app.stop({ deadline });
  };
  for (const signal of signals) process.on(signal, handler);
  const remove = (): void => {
    for (const signal of signals) process.off(signal, handler);
  };
  void app.done.then(remove);
  return remove;
}
