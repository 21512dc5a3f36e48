// How well one part is. Any process may say it of itself with a method `getStatus(): HealthStatus`; the HealthMonitor asks every
// named process that has one.
import { currentRuntime } from "../../supervision/index.js";

export type Level = "ok" | "warn" | "error";

export interface HealthStatus {
  readonly level: Level;
  /** For people, in one line. */
  readonly details: string;
  /** Since when the level is what it is, in epoch milliseconds. */
  readonly since: number;
}

const RANKS: Readonly<Record<Level, number>> = { ok: 0, warn: 1, error: 2 };

/** True when `level` is the worse of the two. */
export function isWorse(level: Level, than: Level): boolean {
  return RANKS[level] > RANKS[than];
}

export function worstOf(levels: Iterable<Level>): Level {
  let worst: Level = "ok";
  for (const level of levels) if (isWorse(level, worst)) worst = level;
  return worst;
}

/** What a process says of itself, so that `since` stays for as long as the level does. */
export class Condition {
  private said: HealthStatus;

  /** Well, until it says something else. */
  constructor(details = "") {
    this.said = { level: "ok", details, since: currentRuntime().epoch };
  }

  get status(): HealthStatus {
    return this.said;
  }

  say(level: Level, details: string): HealthStatus {
    const since = this.said.level === level ? this.said.since : currentRuntime().epoch;
    this.said = { level, details, since };
    return this.said;
  }
}
