// Talking to a supervisor from anywhere. Every answer is `{ ok }` or `{ error }` with OTP's word for it; a supervisor that
// does not exist answers `noproc`. These calls wait as long as the supervisor needs: starting and stopping are serial.
import type { ChildSpec } from "./child-spec.js";
import { CallError, type CallFailure } from "./messages.js";
import type { Pid, Ref } from "./ref.js";
import type { Result } from "./result.js";
import type { ChildCounts, ChildRow, StartResult, Supervisor } from "./supervisor.js";

/** The supervisor did not answer: there is none (`noproc`), or the call ended for its caller (`timeout`, `cycle`, …). */
type NoProc = { readonly error: CallFailure; readonly detail?: unknown };

type Administration = Pick<
  Supervisor,
  | "startChild"
  | "terminateChild"
  | "restartChild"
  | "deleteChild"
  | "getChildSpec"
  | "whichChild"
  | "whichChildren"
  | "countChildren"
>;

/** The patient twin of each ref once used here: who starts many children asks with the same ref each time. */
const patient = new WeakMap<Ref<unknown>, Ref<Administration>["call"]>();

function calls(supervisor: Ref<unknown>): Ref<Administration>["call"] {
  const known = patient.get(supervisor);
  if (known !== undefined) return known;
  // Both kinds of supervisor have these methods; what other process a ref leads to cannot be seen in its type.
  const { call } = (supervisor as Ref<Administration>).with({ timeout: Number.POSITIVE_INFINITY });
  patient.set(supervisor, call);
  return call;
}

function answered<R extends Result<unknown>>(call: Promise<R>): Promise<R | NoProc> {
  return call.catch(noProcess);
}

function noProcess(thrown: unknown): NoProc {
  if (thrown instanceof CallError) {
    return { error: thrown.code === "exited" ? "noproc" : thrown.code, detail: thrown.reason };
  }
  throw thrown;
}

/** Starts a child and waits until it runs. `ok` is undefined when the child chose to be ignored. `already_started` has the
 * pid as `detail`, `start_failed` the exit reason; other errors are OTP's words for a spec that makes no sense. */
export function startChild(supervisor: Ref<unknown>, spec: ChildSpec): Promise<StartResult> {
  return answered(calls(supervisor).startChild(spec));
}

/** Shuts a child down and waits until it is gone. Its spec stays unless it is temporary or dynamic. */
export function terminateChild(
  supervisor: Ref<unknown>,
  idOrPid: string | Pid,
): Promise<Result<true, "not_found" | CallFailure>> {
  return answered(calls(supervisor).terminateChild(idOrPid));
}

/** Starts a stopped child again, or a parked one before its time. A dynamic supervisor answers `simple_one_for_one`. */
export function restartChild(supervisor: Ref<unknown>, id: string): Promise<StartResult> {
  return answered(calls(supervisor).restartChild(id));
}

/** Forgets a stopped child. A dynamic supervisor answers `simple_one_for_one`. */
export function deleteChild(
  supervisor: Ref<unknown>,
  id: string,
): Promise<Result<true, "not_found" | "running" | "restarting" | CallFailure>> {
  return answered(calls(supervisor).deleteChild(id));
}

/** The child's spec with all defaults. That of a temporary child tells what it is but cannot start it again: its start argument
 * is not kept. */
export function getChildSpec(
  supervisor: Ref<unknown>,
  idOrPid: string | Pid,
): Promise<Result<ChildSpec, "not_found" | CallFailure>> {
  return answered(calls(supervisor).getChildSpec(idOrPid));
}

/** One child's row: its pid is undefined while it is stopped and `restarting` while it is tried again. A dynamic supervisor
 * knows its children by pid alone and answers `simple_one_for_one` to an id. */
export function whichChild(supervisor: Ref<unknown>, idOrPid: string | Pid): Promise<Result<ChildRow>> {
  return answered(calls(supervisor).whichChild(idOrPid));
}

/** The children, newest first. Rejects with a CallError if there is no such supervisor. */
export function whichChildren(supervisor: Ref<unknown>): Promise<ChildRow[]> {
  return calls(supervisor).whichChildren();
}

export function countChildren(supervisor: Ref<unknown>): Promise<ChildCounts> {
  return calls(supervisor).countChildren();
}
