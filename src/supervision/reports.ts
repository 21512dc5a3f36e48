// What the framework tells observers, and what it shows of a process. The shapes are stable: logs, screens and tests rely on
// them. Reports are events and nothing more: the framework prints nothing of its own.
import type { Restart, Strategy } from "./child-spec.js";
import type { ExitReason } from "./exit-reason.js";

/**
 * - `crash`: a process ended by a failure of its own. `behaviour`, `state`, `message` (the method in hand), `description`.
 * - `supervisor`: `context` is `child_terminated`, `start_error`, `shutdown` or `shutdown_error`; `child` says which, or of how
 *   many (`nbChildren`) it is an example. Or `unexpected_message` or `unexpected_call`: something reached a supervisor that
 *   it does not know; `message` is that, or the method's name.
 * - `progress`: a supervisor started `child`.
 * - `overflow`: a bounded mailbox refused or dropped a message.
 * - `alert`: somebody should know. A child was parked (`parked` is its id, `child` describes it); an error of no process came up
 *   (`stray`); or an application's own watch says so, with fields of its own.
 * - `warning`: something that works but is hardly meant; `description` says what.
 */
export type ReportName = "crash" | "supervisor" | "progress" | "overflow" | "alert" | "warning";

export interface Report {
  readonly kind: ReportName;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The process reported on; for `supervisor`, `progress` and `alert` the supervisor. */
  readonly id: string;
  readonly name?: string;
  readonly reason?: ExitReason;
  readonly [key: string]: unknown;
}

export type ProcessStatus = "starting" | "running" | "suspended" | "restarting" | "stopped";

export interface ProcessInfo {
  readonly id: string;
  readonly name?: string;
  /** What the process says of itself in a few words. */
  readonly label?: string;
  readonly behaviour: string;
  readonly status: ProcessStatus;
  /** Messages waiting. */
  readonly mailbox: number;
  /** Messages handled so far, the one in hand included. */
  readonly handled: number;
  /** How often its supervisor has started this child again. */
  readonly restarts: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Handlers of dead incarnations that still run. */
  readonly zombies: number;
  /** Bytes, of a process isolated in a thread (its heap and what hangs on it) or a process (its resident set). */
  readonly memory?: number;
  /** Milliseconds of work so far, of an isolated process. */
  readonly cpu?: number;
}

export interface TreeNode extends ProcessInfo {
  readonly strategy?: Strategy | "dynamic";
  readonly restart?: Restart;
  /** Set while the child is parked: past its intensity, waiting to be tried again. */
  readonly parked?: { readonly reason: string; readonly retryAt: number };
  readonly children?: readonly TreeNode[];
}
