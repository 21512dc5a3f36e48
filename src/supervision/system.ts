// Looking into a running process, whatever its behaviour: each request takes its place in the mailbox, so what was sent
// before it has been handled, and it is served while the process is suspended too. (otp: stdlib, sys)

import { type Status, stateOf } from "./behaviour.js";
import type { ExitReason } from "./exit-reason.js";
import { CallError, SystemRequest } from "./messages.js";
import { isThenable, type Process, runningProcess } from "./process.js";
import { callerOf, monitor, type Pid, pidOf, type Ref, resolveRef } from "./ref.js";
import type { ProcessInfo } from "./reports.js";

/** Serves a request in its place in the mailbox. */
export function request<T>(ref: Ref<unknown>, serve: (process: Process) => T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const process = resolveRef(ref);
    if (process === undefined) {
      reject(CallError.noproc(String(ref)));
      return;
    }
    const refuse = (): void => reject(CallError.noproc(process.title));
    process.push(
      new SystemRequest(() => {
        try {
          resolve(serve(process));
        } catch (thrown) {
          reject(thrown);
        }
      }, refuse),
    );
  });
}

/** What a process is and does, its state as the class's `formatStatus` shows it. */
export interface ProcessStatusReport extends ProcessInfo, Pick<Status, "state" | "log"> {
  /** The supervisor. */
  readonly parent: Pid | undefined;
}

/** Status, parent and state of a process. The state and the log pass through `formatStatus`; `getState` shows it as it is. */
export function getStatus(ref: Ref<unknown>): Promise<ProcessStatusReport> {
  return request(ref, (process) => ({
    ...process.inspect(),
    parent: process.parent === undefined ? undefined : pidOf(process.parent),
    ...process.formatted({}),
  }));
}

/** The state itself, not a copy. */
export function getState(ref: Ref<unknown>): Promise<unknown> {
  return request(ref, (process) => process.behaviour?.[stateOf]);
}

/** Puts `fn(state)` in the state's place and returns it. If `fn` throws the state stays and the promise rejects. */
export function replaceState(ref: Ref<unknown>, fn: (state: unknown) => unknown): Promise<unknown> {
  return request(ref, ({ behaviour }) => {
    if (behaviour === undefined) return undefined;
    const put = (state: unknown): unknown => {
      behaviour[stateOf] = fn(state);
      return behaviour[stateOf];
    };
    // The state of an isolated process comes from there.
    const state = behaviour[stateOf];
    return isThenable(state) ? state.then(put) : put(state);
  });
}

/** Stops handling messages; they wait. Exit signals and the requests of this file still work. */
export function suspend(ref: Ref<unknown>): Promise<void> {
  return request(ref, (process) => process.suspend());
}

export function resume(ref: Ref<unknown>): Promise<void> {
  return request(ref, (process) => process.resume());
}

/** Stops a process from outside: `terminate` runs, and the promise resolves once it is gone. Rejects with a CallError when
 * there is no such process, when it ends for another reason, after `timeout` milliseconds (the process goes on), and with
 * `calling_self` in the process itself, whose handlers return `stop(reason)` instead. (otp: gen_server, `stop/3`) */
export function stopProcess(
  ref: Ref<unknown>,
  reason: ExitReason = "normal",
  timeout = Number.POSITIVE_INFINITY,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!(timeout >= 0)) throw new TypeError(`a time-out is a number of milliseconds, not ${timeout}`);
    const process = resolveRef(ref);
    if (process !== undefined && (callerOf(ref) === process || process === runningProcess())) {
      reject(new CallError("calling_self", `${process.title} cannot wait for its own end; return stop()`, "normal"));
      return;
    }
    if (process === undefined || !process.alive) {
      reject(CallError.noproc(process?.title ?? String(ref)));
      return;
    }
    let cancel = (): void => {};
    const forget = monitor(ref, (actual) => {
      cancel();
      if (actual === reason) resolve();
      else reject(CallError.exited(process.title, actual));
    });
    if (timeout !== Number.POSITIVE_INFINITY) {
      cancel = process.runtime.clock.setTimer(timeout, () => {
        forget();
        reject(new CallError("timeout", `${process.title} did not stop in ${timeout} ms`, "timeout"));
      });
    }
    process.push(new SystemRequest(() => process.stop(reason, undefined, undefined)));
  });
}
