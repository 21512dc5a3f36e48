// Spans between dates, and dates a span away. Dates are counted on the calendar, times of day on the clock of one zone: a day later it is the
// same time of day, even if clocks are set in between.
import { z } from "zod";
import { describeTime, findZone } from "./current-time.js";
import { defineTool, ToolError } from "./define.js";
import { isoText, parseSpan, type Span, wordText } from "./support/span.js";
import { asUtc, type ClockTime, clockAt, instantsOf, parseTime } from "./support/zoned.js";

const DAY_MS = 86_400_000;
const MOST_BUSINESS_DAYS = 100_000;
const moment = z.string().min(1).max(60);

export const duration = defineTool({
  name: "duration",
  description:
    "Count with dates and spans of time: the span between two dates (calendar, total days, hours, business days), a date plus or minus a span, or what a span " +
    "such as P1DT2H or 90 min amounts to. Give start and end; or start and span; or span alone. Business days are Monday to Friday " +
    "without the holidays you give. For time zones use convert_time_zone.",
  input: z.strictObject({
    start: moment.optional().describe("A date or time, such as 2026-03-29, 2026-03-29 14:30, or now"),
    end: moment.optional().describe("The other date, for the span between them"),
    span: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe("A span to add, such as P1M2DT3H, 3 weeks 2 days, 5 business days; with - before it to subtract"),
    timezone: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .optional()
      .describe("The zone of times without offset (default: this machine's)"),
    holidays: z
      .array(z.string().regex(/^\d{4}-\d\d-\d\d$/))
      .max(500)
      .default([])
      .describe("Dates that are no business days"),
  }),
  annotations: {
    title: "Count with dates",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  handler({ start, end, span, timezone, holidays }) {
    const zone = timezone === undefined ? new Intl.DateTimeFormat().resolvedOptions().timeZone : findZone(timezone);
    const free = new Set(holidays);
    if (start !== undefined && end !== undefined && span === undefined) {
      return between(read(start, zone), read(end, zone), zone, free);
    }
    if (start !== undefined && span !== undefined && end === undefined)
      return moved(read(start, zone), parseSpan(span), zone, free);
    if (span !== undefined && start === undefined && end === undefined) return amount(parseSpan(span));
    throw new ToolError("Give start and end for the span between them, start and span for a date, or span alone.");
  },
});

interface Moment {
  readonly instant: number;
  /** On the clock of the zone. */
  readonly clock: ClockTime;
  readonly hasTime: boolean;
}

function read(text: string, zone: string): Moment {
  if (text.trim().toLowerCase() === "now") {
    const instant = Math.floor(Date.now() / 1_000) * 1_000;
    return { instant, clock: clockAt(instant, zone), hasTime: true };
  }
  const parsed = parseTime(text);
  if (parsed === undefined) throw new ToolError(`"${text}" is no date; write it like 2026-03-29 or 2026-03-29 14:30.`);
  const { clock, offsetMs, hasTime } = parsed;
  if (offsetMs === undefined) return { instant: instantOf(clock, zone), clock, hasTime };
  const instant = asUtc(clock) - offsetMs;
  return { instant, clock: clockAt(instant, zone), hasTime };
}

/** A time that clocks leave out is taken as far behind the gap as it is in it. */
function instantOf(clock: ClockTime, zone: string): number {
  const [instant] = instantsOf(clock, zone);
  if (instant !== undefined) return instant;
  const [hourBefore = asUtc(clock)] = instantsOf(fromUtc(asUtc(clock) - DAY_MS / 24), zone);
  return hourBefore + DAY_MS / 24;
}

function fromUtc(ms: number): ClockTime {
  return clockAt(ms, "UTC");
}

function between(a: Moment, b: Moment, zone: string, holidays: ReadonlySet<string>): string {
  const [first, last] = a.instant <= b.instant ? [a, b] : [b, a];
  let months = (last.clock.year - first.clock.year) * 12 + last.clock.month - first.clock.month;
  if (asUtc(plusMonths(first.clock, months)) > asUtc(last.clock)) months--;
  const rest = asUtc(last.clock) - asUtc(plusMonths(first.clock, months));
  const span = { months, days: Math.floor(rest / DAY_MS), ms: rest % DAY_MS };
  const elapsed = last.instant - first.instant;
  const dates = !a.hasTime && !b.hasTime;
  const days = dates ? Math.round((asUtc(last.clock) - asUtc(first.clock)) / DAY_MS) : elapsed / DAY_MS;
  const lines = [
    `${a.instant > b.instant ? "minus " : ""}${wordText(span)} (${a.instant > b.instant ? "-" : ""}${isoText(span)})`,
    `in all ${tidy(days)} days, or ${tidy(days / 7)} weeks`,
    `${businessDays(first.clock, last.clock, holidays)} business days, the last day not counted`,
  ];
  if (!dates)
    lines.push(
      `${tidy(elapsed / 3_600_000)} hours, ${tidy(elapsed / 60_000)} minutes, ${tidy(elapsed / 1_000)} seconds, in ${zone}`,
    );
  return lines.join("\n");
}

function moved(start: Moment, span: Span, zone: string, holidays: ReadonlySet<string>): string {
  const month = plusMonths(start.clock, span.months);
  let clock = fromUtc(asUtc(month) + span.days * DAY_MS);
  if (span.businessDays !== 0) clock = plusBusinessDays(clock, span.businessDays, holidays);
  if (Math.abs(clock.year) > 9_999 || Number.isNaN(clock.year))
    throw new ToolError("The result lies beyond the year 9999; give a shorter span.");
  if (!start.hasTime && span.ms === 0) {
    const day = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", dateStyle: "full" }).format(asUtc(clock));
    return `${dateText(clock)}\n${day}`;
  }
  const end = new Date(instantOf(clock, zone) + span.ms);
  if (Number.isNaN(end.getTime()) || end.getUTCFullYear() > 9_999)
    throw new ToolError("The result lies beyond the year 9999; give a shorter span.");
  return describeTime(end, zone);
}

function amount(span: Span): string {
  const { businessDays, ...fixed } = span;
  if (businessDays !== 0)
    throw new ToolError("How long business days are depends on the calendar; give start as well.");
  const lines = [`${wordText(fixed)} (${isoText(fixed)})`];
  if (fixed.months !== 0) return `${lines[0]}\n(In days only from a start: months differ in length.)`;
  const ms = fixed.days * DAY_MS + fixed.ms;
  lines.push(
    `${tidy(ms / DAY_MS)} days, ${tidy(ms / 3_600_000)} hours, ${tidy(ms / 60_000)} minutes, ${tidy(ms / 1_000)} seconds`,
  );
  return lines.join("\n");
}

/** The same day of another month, or its last day where it has no such day. */
function plusMonths(clock: ClockTime, months: number): ClockTime {
  const total = clock.year * 12 + clock.month - 1 + months;
  const [year, month] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  const last = new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate();
  return { ...clock, year, month, day: Math.min(clock.day, last) };
}

function isBusinessDay(ms: number, holidays: ReadonlySet<string>): boolean {
  const weekday = new Date(ms).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.has(new Date(ms).toISOString().slice(0, 10));
}

function plusBusinessDays(clock: ClockTime, days: number, holidays: ReadonlySet<string>): ClockTime {
  if (Math.abs(days) > MOST_BUSINESS_DAYS)
    throw new ToolError(`At most ${MOST_BUSINESS_DAYS} business days are counted; give fewer.`);
  let at = asUtc(clock);
  for (let left = Math.abs(days); left > 0; ) {
    at += Math.sign(days) * DAY_MS;
    if (isBusinessDay(at, holidays)) left--;
  }
  return fromUtc(at);
}

/** Whole weeks have five of them, so only the rest is looked at day by day. */
function businessDays(first: ClockTime, last: ClockTime, holidays: ReadonlySet<string>): number {
  const day = ({ year, month, day }: ClockTime) => asUtc({ year, month, day, hour: 0, minute: 0, second: 0 });
  const [from, to] = [day(first), day(last)];
  const weeks = Math.floor((to - from) / (7 * DAY_MS));
  let total = weeks * 5;
  for (let at = from + weeks * 7 * DAY_MS; at < to; at += DAY_MS) if (isBusinessDay(at, new Set())) total++;
  for (const holiday of holidays) {
    const at = Date.parse(holiday);
    if (at >= from && at < to && isBusinessDay(at, new Set())) total--;
  }
  return total;
}

function dateText({ year, month, day }: ClockTime): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function tidy(value: number): string {
  return String(Number(value.toFixed(4)));
}
