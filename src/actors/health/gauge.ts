// A level read off a number, so that it does not flap: it rises with the first sample at a threshold (or the second in a row, where
// one alone means little), and falls only after several in a row that are clearly below the one it stands at.
import { isWorse, type Level } from "./status.js";

/** Clearly below: under this part of the threshold. */
const CLEARLY = 0.8;
/** Samples in a row. */
const CALM = 3;

export interface Thresholds {
  readonly warn: number;
  /** Default: never. */
  readonly error?: number;
  /** Samples in a row at a threshold before it counts. Default 1. */
  readonly patience?: number;
}

export class Gauge {
  level: Level = "ok";
  private calm = 0;
  private high = 0;

  /** Takes in a sample; answers with the level now. */
  read(value: number, { warn, error = Number.POSITIVE_INFINITY, patience = 1 }: Thresholds): Level {
    const now = value >= error ? "error" : value >= warn ? "warn" : "ok";
    this.high = isWorse(now, this.level) ? this.high + 1 : 0;
    if (this.high >= patience) this.moveTo(now);
    else if (value >= (this.level === "error" ? error : warn) * CLEARLY) this.calm = 0;
    else if (++this.calm >= CALM) this.moveTo(now);
    return this.level;
  }

  private moveTo(level: Level): void {
    this.level = level;
    this.calm = 0;
    this.high = 0;
  }
}
