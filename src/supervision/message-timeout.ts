// The message time-out of a GenServer: it fires as the plain message "timeout" once the process has been idle for its time.
// Any message of the mailbox cancels it; a request of the system does not, but starts the time over, and while the process is
// suspended it stands still. (otp: stdlib, gen_server, "Time-Outs")
import type { Clock } from "./clock.js";
import { Info, type Message } from "./messages.js";
import type { Observer } from "./process-events.js";

/** What the time-out must know of its process. */
export interface Idler {
  readonly runtime: { readonly clock: Clock };
  readonly status: string;
  readonly mailboxLength: number;
  observe(observer: Observer): () => void;
  addCleanup(fn: () => void): () => void;
  push(message: Message): void;
}

/** The message that says so. */
export const TIMEOUT = "timeout";

/** Starts the time of a process that is idle from now on. */
export function startMessageTimeout(process: Idler, ms: number): void {
  let cancel = (): void => {};
  const end = (): void => {
    cancel();
    unobserve();
    forget();
  };
  const start = (): void => {
    cancel = process.runtime.clock.setTimer(ms, () => {
      end();
      // A message that waits was there before the time was up.
      if (process.mailboxLength === 0) process.push(new Info(TIMEOUT));
    });
  };
  const unobserve = process.observe((event) => {
    if (event.type !== "system") return end();
    cancel();
    if (process.status === "running") start();
  });
  const forget = process.addCleanup(() => cancel());
  start();
}
