// Whose error is it? AsyncLocalStorage remembers which process started a timer, a promise or a listener, and an error that
// nobody caught becomes the crash of that process. The two handlers of Node's that make this possible are installed with the
// first application that wants them and removed with the last.
import { AsyncLocalStorage } from "node:async_hooks";
import type { BlameHost } from "../blame.js";
import { describeReason } from "../exit-reason.js";
import type { Process } from "../process.js";
import type { Blame } from "../process-host.js";
import type { Runtime } from "../runtime.js";

const current = new AsyncLocalStorage<Process>();

const blame: Blame = {
  run: (process, code) => current.run(process, code),
  listener:
    (process, listener) =>
    (...args) => {
      current.run(process, () => {
        try {
          listener(...args);
        } catch (thrown) {
          process.fail(thrown);
        }
      });
    },
};

type Stray = (error: unknown, followed: boolean) => void;

/** One entry for each application that blames, the newest last. */
const installed: { readonly runtime: Runtime; readonly stray: Stray }[] = [];

function uncaught(error: unknown): void {
  const culprit = current.getStore();
  if (culprit?.alive) {
    culprit.fail(error);
    return;
  }
  if (culprit !== undefined) {
    // It cannot crash any more, but nothing goes wrong unseen.
    const description = `an error of a process that had ended: ${describeReason({ error })}`;
    culprit.runtime.report("warning", culprit, { reason: { error }, description });
    return;
  }
  for (const { runtime, stray } of [...installed]) {
    const followed = runtime.blame !== undefined;
    runtime.blame = blame;
    stray(error, followed);
  }
}

export const blameHost: BlameHost = {
  install(runtime, stray, late) {
    const entry = { runtime, stray };
    if (installed.push(entry) === 1) {
      process.on("uncaughtException", uncaught);
      process.on("unhandledRejection", uncaught);
    }
    if (!late) runtime.blame = blame;
    return () => {
      const at = installed.indexOf(entry);
      if (at === -1) return;
      installed.splice(at, 1);
      if (!installed.some((other) => other.runtime === runtime)) runtime.blame = undefined;
      if (installed.length > 0) return;
      process.off("uncaughtException", uncaught);
      process.off("unhandledRejection", uncaught);
      current.disable();
    };
  },
};
