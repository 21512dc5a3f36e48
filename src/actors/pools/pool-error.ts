import { BanyanError } from "../../supervision/index.js";

/** Why a request got no answer. All pass with time but the last. */
export type PoolFailure =
  /** Every connection is in use and as many requests wait as may. */
  | "pool_full"
  /** No answer began in time. */
  | "pool_timeout"
  /** The origin cannot be reached, or broke off before its answer began; `cause` says how. */
  | "pool_unreachable"
  /** The answer broke off, or was not read for so long that it was given up. */
  | "pool_cut"
  /** The pool's process ended meanwhile. */
  | "pool_lost"
  /** What was asked for is no request. */
  | "pool_request";

/** A request through a connection pool failed. */
export class PoolError extends BanyanError {
  declare readonly code: PoolFailure;

  constructor(code: PoolFailure, message: string, cause?: unknown) {
    super(code, message, { kind: "routing", cause });
  }
}
