// Which changes of health are worth telling somebody: a part that got worse than was told before, and its recovery. It is read
// off the states as they come, so that who missed some (because the HealthMonitor crashed, say) is told by the next one, and
// nobody is told twice.
import type { ComponentHealth } from "./findings.js";
import type { Health } from "./health.js";
import { isWorse, type Level } from "./status.js";

export interface Alert {
  /** The part; see {@link ComponentHealth}. */
  readonly component: string;
  /** `ok`: it has recovered. */
  readonly level: Level;
  readonly details: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

export class AlertFollower {
  /** The worst that was told of each part since it was well last. */
  private readonly told = new Map<string, Level>();

  update({ components, checkedAt }: Pick<Health, "components" | "checkedAt">): Alert[] {
    if (checkedAt === undefined) return []; // it has just started and knows little: that is no recovery
    const worse = components.filter(({ name, level }) => isWorse(level, this.told.get(name) ?? "ok"));
    const unwell = new Set(components.flatMap(({ name, level }) => (level === "ok" ? [] : [name])));
    const recovered = [...this.told.keys()].filter((name) => !unwell.has(name));
    for (const { name, level } of worse) this.told.set(name, level);
    for (const name of recovered) this.told.delete(name);
    const wellSince = checkedAt;
    return [
      ...worse.map(alertOf),
      ...recovered.map((component) => ({ component, level: "ok" as const, details: "well again", since: wellSince })),
    ];
  }
}

function alertOf({ name, level, details, since }: ComponentHealth): Alert {
  return { component: name, level, details, since };
}
