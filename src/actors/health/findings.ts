// What was found out about each part, by where it was seen: a process may have crashed too often and have a full mailbox too. A
// part is as well as the worst that was found.
import { redact } from "../telemetry/redact.js";
import { type Level, worstOf } from "./status.js";

export interface ComponentHealth {
  /** A process by its name, or what the whole program takes: "memory", "heap", "event loop", "garbage collector", "error budget". */
  readonly name: string;
  readonly level: Level;
  readonly details: string;
  /** Epoch milliseconds. */
  readonly since: number;
  /** 100 is well; less for each restart of late; 50 at warn, 0 at error. */
  readonly score: number;
}

export interface Finding {
  readonly level: Level;
  readonly details: string;
  readonly since: number;
  /** Where something is worth knowing although the part is well. */
  readonly score?: number;
}

/** Where it was seen. */
export type Source = "supervisor" | "restarts" | "status" | "gauge";

const SCORES: Readonly<Record<Level, number>> = { ok: 100, warn: 50, error: 0 };

export class Findings {
  private readonly found = new Map<string, Map<Source, Finding>>();

  get(name: string, source: Source): Finding | undefined {
    return this.found.get(name)?.get(source);
  }

  set(name: string, source: Source, finding: Finding): void {
    const sources = this.found.get(name) ?? new Map<Source, Finding>();
    this.found.set(name, sources.set(source, { ...finding, details: redact(finding.details) }));
  }

  clear(name: string, source: Source): void {
    const sources = this.found.get(name);
    sources?.delete(source);
    if (sources?.size === 0) this.found.delete(name);
  }

  /** Those of one source, by name; a copy. */
  of(source: Source): [name: string, finding: Finding][] {
    return [...this.found].flatMap(([name, sources]): [string, Finding][] => {
      const finding = sources.get(source);
      return finding === undefined ? [] : [[name, finding]];
    });
  }

  components(): ComponentHealth[] {
    return Array.from(this.found, ([name, sources]) => {
      const findings = [...sources.values()];
      const level = worstOf(findings.map((finding) => finding.level));
      const worst = findings.filter((finding) => finding.level === level);
      return {
        name,
        level,
        details: worst.map(({ details }) => details).join("; "),
        since: Math.min(...worst.map(({ since }) => since)),
        score: Math.min(SCORES[level], ...findings.map(({ score = 100 }) => score)),
      };
    });
  }
}
