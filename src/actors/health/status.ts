// How well one part is. Any process may say it of itself with a method `getStatus(): HealthStatus`; the HealthMonitor asks every
// named process that has one.
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
