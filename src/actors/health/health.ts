// How well the app is as a whole: what the HealthMonitor tells.
import type { BudgetState } from "./error-budget.js";
import type { ComponentHealth } from "./findings.js";
import type { Level } from "./status.js";
import type { Vitals } from "./vitals.js";

export interface Health {
  readonly level: Level;
  /** 0 to 100: that of its worst part. */
  readonly score: number;
  /** The tree runs. */
  readonly live: boolean;
  /** Every critical part runs and none is at error. */
  readonly ready: boolean;
  /** Every part of which there is something to say; the others are well. */
  readonly components: readonly ComponentHealth[];
  readonly vitals: Vitals;
  readonly budget: BudgetState;
  /** When every part was asked last, in epoch milliseconds; undefined before the first time. */
  readonly checkedAt: number | undefined;
}

export interface HealthWatcher {
  /** Told at every change of a part, and after the first look. What is worth an alert in it, an AlertFollower says. */
  statusChanged(health: Health): void;
}
