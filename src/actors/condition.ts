// How well a process is, in its own words: what its `getStatus` answers.
import { currentRuntime } from "../supervision/index.js";
import type { HealthStatus, Level } from "./health/status.js";

export type Status = HealthStatus;

/** Keeps since when the level holds. */
export class Condition {
  #status: Status;

  constructor(details = "nothing is wrong") {
    this.#status = { level: "ok", details, since: currentRuntime().epoch };
  }

  get status(): Status {
    return this.#status;
  }

  /** Answers with the status then. */
  set(level: Level, details: string): Status {
    const { level: before, since } = this.#status;
    this.#status = { level, details, since: level === before ? since : currentRuntime().epoch };
    return this.#status;
  }
}
