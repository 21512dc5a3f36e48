// A thread starts with a fresh set of everything that was closed here, so it is hardened in its turn: whatever its starter says,
// it gets this process's options, harden.js among them, and the same grants.
import threads, { type WorkerOptions } from "node:worker_threads";
import { closeAll, fix, type Holder } from "./close.js";
import { type OwnGrants, VARIABLE } from "./own-grants.js";

/** These hold in all threads, and none may name them again. */
const PROCESS_WIDE = /^--(disallow-code-generation|disable-proto|max-old-space-size)/;

export function guardThreads(grants: OwnGrants): void {
  // The module's exports are an object of functions; its type does not say that they can be replaced.
  const module = threads as unknown as Holder;
  if (!grants.workers) {
    closeAll(module, "worker_threads");
    return;
  }
  const { Worker } = threads;
  const flags = process.execArgv.filter((flag) => !PROCESS_WIDE.test(flag));
  const text = JSON.stringify(grants);
  // No subclass: its parent could be asked for the class it extends.
  function Guarded(file: string | URL, options: WorkerOptions = {}): object {
    const named = typeof options.env === "object" && options.env !== null ? options.env : process.env;
    const safe = { ...options, execArgv: flags, env: { ...named, [VARIABLE]: text } };
    return Reflect.construct(Worker, [file, safe], new.target ?? Guarded);
  }
  Guarded.prototype = Worker.prototype;
  // The prototype's type does not say that its constructor can be replaced.
  fix(Worker.prototype as unknown as Holder, "constructor", Guarded);
  fix(module, "Worker", Guarded);
}
