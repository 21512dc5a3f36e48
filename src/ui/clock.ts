// Time as the screen knows it, so that a test can let it pass as it likes.

export interface Clock {
  now(): number;
  /** Calls `fn` in `ms` milliseconds; the answer cancels. */
  after(ms: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};
