// Blame as the core knows it: an option of an application, and a host that is there once `banyan/node` has been imported. With
// it, an error from a timer, a listener or a forgotten promise is the crash of the process that started it.
import { BanyanError } from "./errors.js";
import type { Runtime } from "./runtime.js";

/** Errors outside any handler, for as long as it is installed. */
export interface BlameHost {
  /** Catches what nobody else does; `stray` is told of errors of no process. `late`: promises are followed only from the first such
   * error on, for which nobody can be blamed. Returns what takes it away. */
  install(runtime: Runtime, stray: (error: unknown, followed: boolean) => void, late: boolean): () => void;
}

let host: BlameHost | undefined;

export function registerBlame(blame: BlameHost): void {
  host = blame;
}

/** Starts blaming in `runtime`; throws `blame_unavailable` where nothing in this program can. */
export function startBlaming(
  runtime: Runtime,
  stray: (error: unknown, followed: boolean) => void,
  late: boolean,
): () => void {
  if (host !== undefined) return host.install(runtime, stray, late);
  throw new BanyanError("blame_unavailable", 'blame needs Node: import "banyan/node" where the program starts');
}
