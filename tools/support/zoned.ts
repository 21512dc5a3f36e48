// Clock times of a time zone and the instants they stand for, from the zone data that Node carries. When clocks are set forward a time of
// day is left out, when they are set back one comes twice.

/** A date and a time of day, anywhere. */
export interface ClockTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of the zone show at an instant. */
export function clockAt(instant: number, timeZone: string): ClockTime {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const numeric = {
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    } as const;
    format = new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", era: "short", ...numeric });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const year = parts.get("era") === "BC" ? 1 - part("year") : part("year");
  return {
    year,
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

/** Milliseconds as if the clock time were one of UTC. */
export function asUtc({ year, month, day, hour, minute, second }: ClockTime): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1_000;
}

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
export function offsetAt(instant: number, timeZone: string): number {
  const whole = Math.floor(instant / 1_000) * 1_000;
  return asUtc(clockAt(whole, timeZone)) - whole;
}

const DAY_MS = 86_400_000;

/** The instants at which the clocks of the zone show this: mostly one; none where clocks are set forward, two where they are set back. */
export function instantsOf(time: ClockTime, timeZone: string): number[] {
  const local = asUtc(time);
  const offsets = new Set([offsetAt(local - DAY_MS, timeZone), offsetAt(local + DAY_MS, timeZone)]);
  return [...offsets]
    .map((offset) => local - offset)
    .filter((instant) => asUtc(clockAt(instant, timeZone)) === local)
    .sort((a, b) => a - b);
}

/** Reads `2026-03-29`, `2026-03-29 14:30`, `2026-03-29T14:30:15.5`, each with or without `Z` or `+02:00`; undefined for anything else, also for
 * a day that does not exist. */
export function parseTime(
  text: string,
): { readonly clock: ClockTime; readonly offsetMs?: number; readonly hasTime: boolean } | undefined {
  const found =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i.exec(
      text.trim(),
    );
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const clock = { year, month, day, hour, minute, second };
  const real = new Date(asUtc(clock));
  if (hour > 23 || minute > 59 || second > 59 || real.getUTCMonth() + 1 !== month || real.getUTCDate() !== day)
    return undefined;
  const hasTime = found[4] !== undefined;
  const zone = found[7];
  if (zone === undefined) return { clock, hasTime };
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offsetMs = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return { clock, hasTime, offsetMs };
}
