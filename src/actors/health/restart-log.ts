// Who was restarted how often of late. Bounded: of each part so many restarts are remembered, and a part that is quiet is forgotten.

const MOST = 100;

interface Restart {
  readonly at: number;
  readonly epoch: number;
  readonly why: string;
}

export interface RecentRestarts {
  readonly name: string;
  readonly count: number;
  /** Why, the last time. */
  readonly last: string;
  /** When the first of them was, in epoch milliseconds. */
  readonly since: number;
}

export class RestartLog {
  private readonly parts = new Map<string, readonly Restart[]>();

  constructor(private readonly windowMs: number) {}

  add(name: string, restart: Restart): void {
    this.parts.set(name, [...(this.parts.get(name) ?? []), restart].slice(-MOST));
  }

  recent(now: number): RecentRestarts[] {
    return [...this.parts].flatMap(([name, restarts]) => {
      const recent = restarts.filter(({ at }) => now - at < this.windowMs);
      const [first] = recent;
      const last = recent.at(-1);
      if (first === undefined || last === undefined) {
        this.parts.delete(name);
        return [];
      }
      this.parts.set(name, recent);
      return [{ name, count: recent.length, last: last.why, since: first.epoch }];
    });
  }
}
