// How often a supervisor restarts before it gives up, and the error for options it cannot run with. (otp: stdlib, supervisor,
// `sup_flags()`)

/** Elixir's defaults: three restarts in five seconds. */
export const DEFAULT_MAX_RESTARTS = 3;
export const DEFAULT_MAX_SECONDS = 5;

export interface Limits {
  readonly maxRestarts?: number;
  readonly maxSeconds?: number;
}

/** A supervisor was given options it cannot run with. */
export class SupervisorDataError extends Error {
  constructor(
    /** OTP's word: `invalid_strategy`, `invalid_intensity`, `duplicate_child_name`, … */
    readonly code: string,
    readonly detail?: unknown,
  ) {
    super(`a supervisor cannot start: ${code}${detail === undefined ? "" : ` (${String(detail)})`}`);
    this.name = "SupervisorDataError";
  }
}

/** What is wrong with the limits, in OTP's words, or undefined. */
export function limitsError({ maxRestarts, maxSeconds }: Limits): string | undefined {
  if (maxRestarts !== undefined && !(Number.isInteger(maxRestarts) && maxRestarts >= 0)) return "invalid_intensity";
  if (maxSeconds !== undefined && !(Number.isFinite(maxSeconds) && maxSeconds > 0)) return "invalid_period";
  return undefined;
}
