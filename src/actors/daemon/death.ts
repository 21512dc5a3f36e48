// How the app of the daemon ended last, as the keeper left it: `RESTARTS CODE SECONDS MEMORY` in one line.
import { readFileSync } from "node:fs";
import { constants } from "node:os";

export interface Death {
  /** How often the keeper has started another since it was started itself. */
  readonly restarts: number;
  /** The exit code; 128 and a signal's number for a signal. */
  readonly code: number;
  /** In milliseconds since the epoch. */
  readonly at: number;
  /** The system killed something for want of memory while it ran. */
  readonly outOfMemory: boolean;
}

export function readDeath(file: string): Death | undefined {
  try {
    return deathIn(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

export function deathIn(text: string): Death | undefined {
  const [, restarts, code, seconds, memory] = /^(\d{1,9}) (\d{1,10}) (\d{1,11}) (yes|no)\n$/.exec(text) ?? [];
  if (restarts === undefined) return undefined;
  const at = Number(seconds) * 1_000;
  return { restarts: Number(restarts), code: Number(code), at, outOfMemory: memory === "yes" };
}

/** Why it ended, as far as one can tell: `killed (SIGKILL); the system ran out of memory meanwhile`. `words` are its last. */
export function whyOf({ code, outOfMemory }: Death, words = ""): string {
  const signal = Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
  const how = signal === undefined ? `it ended with code ${code}` : `it was ended by ${signal}`;
  if (/heap out of memory/.test(words)) return `${how}, for its heap was full`;
  if (signal === "SIGKILL" && outOfMemory) return `${how}; the system ran out of memory meanwhile`;
  return how;
}
