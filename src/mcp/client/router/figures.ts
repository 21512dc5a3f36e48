// How one tool of one server has done lately: moving averages, in which a call counts for a tenth of what all before it count, and
// the first few for their share. A tool that says what went wrong has answered; an error is a call with no answer.
const SHARE = 0.1;

export class Figures {
  calls = 0;
  errors = 0;
  /** Of calls that were answered, in milliseconds, without the time the user was asked. */
  latencyMs = 0;
  /** By how much they differ from that, on average. */
  deviationMs = 0;
  /** From 0 to 1. */
  errorRate = 0;

  answered(ms: number): void {
    const share = this.count();
    this.deviationMs += share * (Math.abs(ms - this.latencyMs) - this.deviationMs);
    if (this.calls === 1) this.deviationMs = ms / 2; // one call tells nothing of how they differ
    this.latencyMs += share * (ms - this.latencyMs);
    this.errorRate -= share * this.errorRate;
  }

  failed(): void {
    this.errors++;
    this.errorRate += this.count() * (1 - this.errorRate);
  }

  /** Past this a call is slower than almost all of them. */
  get slowMs(): number {
    return this.latencyMs + 4 * this.deviationMs;
  }

  private count(): number {
    this.calls++;
    return Math.max(SHARE, 1 / this.calls);
  }
}
