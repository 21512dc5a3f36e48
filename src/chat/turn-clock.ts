// How long a turn may take. The chat stops the clock while a question is open, for the user may take any time to answer.

export class TurnClock {
  private readonly ended = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private left: number;
  private since = 0;

  /** Runs from now on. */
  constructor(
    /** Milliseconds. */
    readonly limitMs: number,
  ) {
    this.left = limitMs;
    this.go();
  }

  /** Fires when the time is over. */
  get signal(): AbortSignal {
    return this.ended.signal;
  }

  /** Goes on; does nothing while it runs. */
  go(): void {
    if (this.timer !== undefined || this.ended.signal.aborted) return;
    this.since = performance.now();
    this.timer = setTimeout(() => this.ended.abort(), this.left);
    this.timer.unref();
  }

  halt(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.left = Math.max(0, this.left - (performance.now() - this.since));
  }
}
