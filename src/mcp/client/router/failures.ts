// What a failed call means to the Router: whether it was sent, whether it may be sent again, and whose fault it was.
import { BreakerOpenError } from "../../../actors/circuit-breaker.js";
import { CallError, messageOf } from "../../../supervision/index.js";
import { CallTimeoutError, GONE, ServerLostError, ServerOverloadedError, ServerUnavailableError } from "../errors.js";

/** The typed error of a call whose wrapper was not there, or crashed under it; any other error is what it is. */
export function explain(error: unknown, server: string, tool: string, safeToRetry: boolean): Error {
  if (!(error instanceof CallError)) return error instanceof Error ? error : new Error(messageOf(error));
  if (error.code === "noproc") return new ServerUnavailableError(server, GONE, "it is being started again", 0);
  return new ServerLostError(server, tool, "its wrapper crashed", safeToRetry);
}

/** Its wrapper was not there: another is being started. */
export function isGone({ state }: ServerUnavailableError): boolean {
  return state === GONE;
}

/** Nothing was sent, or what was sent does no harm twice. */
export function mayBeRepeated(error: Error): boolean {
  return (
    error instanceof BreakerOpenError ||
    error instanceof ServerUnavailableError ||
    error instanceof ServerOverloadedError ||
    (error instanceof ServerLostError && error.safeToRetry)
  );
}

/** There was no answer, and the server is why. */
export function isTheServers(error: Error): boolean {
  return error instanceof ServerLostError || error instanceof CallTimeoutError;
}
