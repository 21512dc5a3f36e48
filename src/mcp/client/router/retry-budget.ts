// How many more calls than were asked for a server may be sent: retries and hedges. Each call pays a part of one in, each retry
// takes a whole one out, so that a server in trouble gets at most a tenth more than its callers ask for, and not a storm.
const PER_CALL = 0.1;
const MOST = 10;

export class RetryBudget {
  #left = MOST;

  called(): void {
    if (this.#left < MOST) this.#left = Math.min(MOST, this.#left + PER_CALL);
  }

  /** False: there is none left. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
