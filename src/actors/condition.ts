// How well a process is, in its own words: what its `getStatus` answers.
import type { HealthStatus, Level } from "./health/status.js";

export type Status = HealthStatus;

/** Keeps since when the level holds. */
export class Condition {
  #status: Status;

  constructor(details: string) {
    this.#status = { level: "ok", details, since: Date.now() };
  }

  get status(): Status {
    return this.#status;
  }

  set(level: Level, details: string): void {
    const { level: before, since } = this.#status;
    this.#status = { level, details, since: level === before ? since : Date.now() };
  }
}
