// How long to wait before a failed model call is tried again: exponential backoff with full jitter, so that many clients of
// a recovering server do not return in step. A server that names a wait (Retry-After) is believed, up to a cap.

export interface RetryPolicy {
  /** Attempts in all, the first one included. Default 4. */
  readonly maxAttempts?: number;
  /** The ceiling of the first wait, in milliseconds; it doubles with every attempt. Default 500. */
  readonly baseMs?: number;
  /** No backoff is longer than this many milliseconds. Default 10,000. */
  readonly maxMs?: number;
  /** A server may ask for at most this many milliseconds; one that asks for more is not waited for. Default 60,000. */
  readonly maxRetryAfterMs?: number;
}

/** What is known of the failure; a `ProviderError` fits. */
export interface RetryableFailure {
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
}

/**
 * Milliseconds to wait before the next attempt, or undefined when there shall be none: the failure does not pass, the
 * attempts are used up, or the server asks for a longer wait than anyone would sit through.
 *
 * @param failure how the last attempt failed
 * @param attempt the number of the attempt to come; the first retry is 2
 * @param random a source of numbers from 0 up to 1
 */
export function retryDelayMs(
  failure: RetryableFailure,
  attempt: number,
  policy: RetryPolicy = {},
  random: () => number = Math.random,
): number | undefined {
  const { maxAttempts = 4, baseMs = 500, maxMs = 10_000, maxRetryAfterMs = 60_000 } = policy;
  if (!failure.retryable || attempt > maxAttempts) return undefined;
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt - 2));
  const jittered = Math.round(random() * ceiling);
  if (failure.retryAfterMs === undefined) return jittered;
  if (failure.retryAfterMs > maxRetryAfterMs) return undefined;
  // The jitter comes on top: all who were told the same second would otherwise return in it.
  return failure.retryAfterMs + Math.round(random() * baseMs);
}
