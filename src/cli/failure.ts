// How a command that failed says so: one sentence on stderr that names the mend, and an exit code scripts can rely on.
import { mendOf } from "../actors/store/sqlite-mends.js";
import { BanyanError, describeReason, type ExitReason, messageOf, StartError } from "../supervision/index.js";
import { exitCodes } from "./options.js";
import { warn } from "./warn.js";

const CODES: Readonly<Record<string, number>> = {
  usage: exitCodes.usage,
  config_invalid: exitCodes.config,
  unknown_setting: exitCodes.usage,
  nothing_running: exitCodes.nothingRunning,
};

/** Prints the error and returns the exit code. A stack is shown only on request. */
export function reportFailure(error: unknown, debug: boolean): number {
  const root = rootCause(error);
  const text = debug && root instanceof Error ? (root.stack ?? root.message) : withMend(root);
  warn(text);
  return root instanceof BanyanError ? (CODES[root.code] ?? exitCodes.failed) : exitCodes.failed;
}

/** What SQLite says names no mend. */
function withMend(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const mend = mendOf(code);
  return mend === undefined ? messageOf(error) : `The database cannot be used: ${mend}.`;
}

/** What lies at the bottom of a start that failed: the error of the child itself, not that its supervisors failed with it. */
export function rootCause(error: unknown): unknown {
  if (!(error instanceof StartError)) return error;
  return error.cause === undefined ? deepest(error.reason) : rootCause(error.cause);
}

/** The error at the bottom of an exit reason. */
export function deepest(reason: ExitReason): unknown {
  if (typeof reason === "string") return new Error(`the app did not start: ${reason}`);
  if ("error" in reason) return rootCause(reason.error);
  const detail = reason.shutdown;
  if (typeof detail === "object" && detail !== null && "reason" in detail) return deepest(detail.reason as ExitReason);
  return new Error(`the app did not start: ${describeReason(reason)}`);
}
