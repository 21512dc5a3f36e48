// Shutting one process down as its child spec says. (otp: stdlib, supervisor, `shutdown()`)
import type { Shutdown } from "./child-spec.js";
import type { ExitReason } from "./exit-reason.js";
import type { Process } from "./process.js";
import type { Runtime } from "./runtime.js";

/** Ends a process: the signal, the time it is given, then the kill. Resolves with its reason once it is gone. */
export function endProcess(from: Process, process: Process, shutdown: Shutdown): Promise<ExitReason> {
  if (process.exitReason !== undefined) return Promise.resolve(process.exitReason);
  return new Promise((settle) => {
    let cancel = (): void => {};
    // A monitor as well as the link: a child that has unlinked itself must not hang its supervisor.
    process.addMonitor({
      id: (from.runtime as Runtime).nextNumber(),
      watcher: undefined,
      name: undefined,
      notify: (_, reason) => {
        cancel();
        settle(reason);
      },
    });
    if (shutdown === "brutal_kill") {
      process.exitSignal(from, "kill", false);
      return;
    }
    process.exitSignal(from, "shutdown", false);
    if (shutdown === "infinity") return;
    cancel = from.runtime.clock.setTimer(shutdown, () => process.exitSignal(from, "kill", false));
  });
}
