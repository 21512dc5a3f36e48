// What is wrong with a process at the moment, one entry a subject, and the one line that its `getStatus` answers from it.

import type { HealthStatus } from "./health/status.js";

export class Troubles {
  private readonly open = new Map<string, HealthStatus>();
  private wellSince = Date.now();

  /** The same words again leave the time at which it began. */
  set(subject: string, level: "warn" | "error", details: string): void {
    const known = this.open.get(subject);
    if (known?.level === level && known.details === details) return;
    this.open.set(subject, { level, details, since: Date.now() });
  }

  has(subject: string): boolean {
    return this.open.has(subject);
  }

  over(subject: string): void {
    if (this.open.delete(subject) && this.open.size === 0) this.wellSince = Date.now();
  }

  /** The worst level, with everything that is wrong, the worst first. */
  status(): HealthStatus {
    const all = [...this.open.values()].sort((a, b) => Number(b.level === "error") - Number(a.level === "error"));
    const [worst] = all;
    if (worst === undefined) return { level: "ok", details: "nothing is wrong", since: this.wellSince };
    return { ...worst, details: all.map(({ details }) => details).join("; ") };
  }
}
