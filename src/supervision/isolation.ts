// Isolation as the core knows it: a field of the child spec, and a host that is there once `banyan/node` has been imported.
// Threads and processes are the host's matter; the core only asks.

import type { Behaviour } from "./behaviour.js";
import type { IsolationSettings } from "./child-spec.js";
import { BanyanError } from "./errors.js";
import type { Process, StartOutcome } from "./process.js";
import type { Runtime, SpawnOptions } from "./runtime.js";

/**
 * Why an isolated process could not be started, reached or kept.
 * - `isolation_unavailable`: nothing in this program isolates; `import "banyan/node"`.
 * - `no_module`, `module_failed`, `not_exported`: the class cannot be loaded elsewhere.
 * - `uncloneable`: an argument, message or reply cannot leave its thread.
 * - `start_timeout`: `init` was not done within `startTimeout`.
 * - `memory_limit`: the resident set grew past `maxMemoryMb`.
 * - `host_exited`: the thread or process ended by itself.
 */
export type IsolationFailure =
  | "isolation_unavailable"
  | "no_module"
  | "module_failed"
  | "not_exported"
  | "uncloneable"
  | "start_timeout"
  | "memory_limit"
  | "host_exited";

export class IsolationError extends BanyanError {
  declare readonly code: IsolationFailure;

  constructor(code: IsolationFailure, message: string, cause?: unknown) {
    super(code, message, { cause });
  }
}

/** A class that may run elsewhere. */
export type IsolatedClass = (new () => Behaviour) & { readonly module?: unknown };

/** What starts a process in a thread or process of its own, with a stand-in for it in `runtime`. */
export type IsolationHost = (
  runtime: Runtime,
  Class: IsolatedClass,
  arg: unknown,
  options: SpawnOptions,
  settings: IsolationSettings,
) => StartOutcome | { taken: Process } | Promise<StartOutcome>;

let host: IsolationHost | undefined;

export function registerIsolation(isolate: IsolationHost): void {
  host = isolate;
}

export const spawnIsolated: IsolationHost = (runtime, Class, arg, options, settings) => {
  if (host !== undefined) return host(runtime, Class, arg, options, settings);
  const message = `${Class.name} asks for a ${settings.isolation} of its own; import "banyan/node" where the program starts`;
  return { error: { error: new IsolationError("isolation_unavailable", message) } };
};
