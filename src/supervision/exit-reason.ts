// Why a process ended. OTP's rule decides everything below: `normal`, `shutdown` and `{ shutdown: detail }` are clean, all
// else is a failure (otp: supervisor, "Restart strategy"; gen_server, "terminate").
import { messageOf } from "./errors.js";

export type ExitReason =
  | "normal"
  | "shutdown"
  | "kill"
  | "killed"
  | "noproc"
  | "timeout"
  | "wedged"
  | { readonly shutdown: unknown }
  | { readonly error: unknown };

/** True for the reasons that a transient child is not restarted for and that nobody reports. */
export function isClean(reason: ExitReason): boolean {
  return reason === "normal" || reason === "shutdown" || (typeof reason === "object" && "shutdown" in reason);
}

/** The reason in a few words, for people. */
export function describeReason(reason: ExitReason): string {
  if (typeof reason === "string") return reason;
  if ("error" in reason) return messageOf(reason.error);
  return `shutdown: ${typeof reason.shutdown === "string" ? reason.shutdown : safeJson(reason.shutdown)}`;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return messageOf(value);
  }
}
