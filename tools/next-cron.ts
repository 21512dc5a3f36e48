// When a cron expression fires next.
import { z } from "zod";
import { describeTime, findZone } from "./current-time.js";
import { defineTool, ToolError } from "./define.js";
import { asUtc, instantsOf, parseTime } from "./support/zoned.js";

const FIELDS = ["second", "minute", "hour", "day of the month", "month", "day of the week"];

export const nextCron = defineTool({
  name: "next_cron",
  description:
    "Tell when a cron expression fires next, in any time zone, or what is wrong with it. Five fields (minute hour day month weekday), six with seconds " +
    "first, names (MON, JAN), steps, ranges, L, and @daily and the like. Use it to check a schedule before it is set up. Where both " +
    "day and weekday are given, one of them is enough, as cron does it.",
  input: z.strictObject({
    expression: z.string().trim().min(1).max(200).describe("Such as 30 9 * * MON-FRI or @hourly"),
    timezone: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .optional()
      .describe("The zone its times are in (default: this machine's)"),
    from: z
      .string()
      .max(60)
      .optional()
      .describe("Count from this time on, such as 2026-03-29 14:30 in that zone (default: now)"),
    count: z.int().min(1).max(50).default(5).describe("How many times to tell"),
  }),
  annotations: {
    title: "Next times of a cron expression",
    readOnlyHint: true,
    idempotentHint: false,
    destructiveHint: false,
    openWorldHint: false,
  },
  async handler({ expression, timezone, from, count }) {
    const zone = timezone === undefined ? new Intl.DateTimeFormat().resolvedOptions().timeZone : findZone(timezone);
    const start = from === undefined ? Date.now() : startOf(from, zone);
    const { Cron } = await import("croner");
    let times: Date[];
    try {
      // Without a function to call it sets no timer.
      times = new Cron(expression, { timezone: zone }).nextRuns(count, new Date(start));
    } catch (error) {
      throw new ToolError(explained(expression, error));
    }
    if (times.length === 0) return `(${expression} never fires: no such day exists.)`;
    return times.map((time) => describeTime(time, zone).split("\n").join("  ")).join("\n");
  },
});

function startOf(text: string, zone: string): number {
  const parsed = parseTime(text);
  const [first] = parsed === undefined ? [] : instantsOf(parsed.clock, zone);
  if (parsed === undefined || (parsed.offsetMs === undefined && first === undefined)) {
    throw new ToolError(`"${text}" is no time in ${zone}; write it like 2026-03-29 14:30.`);
  }
  return parsed.offsetMs === undefined ? (first ?? 0) : asUtc(parsed.clock) - parsed.offsetMs;
}

/** The library names the field by a word of its own; people count fields. */
function explained(expression: string, error: unknown): string {
  const fields = expression.split(/\s+/);
  if (!expression.startsWith("@") && (fields.length < 5 || fields.length > 7)) {
    return `"${expression}" has ${fields.length} ${fields.length === 1 ? "field" : "fields"}, but five are needed: minute hour day month weekday, such as 30 9 * * MON-FRI.`;
  }
  const why = (error instanceof Error ? error.message : String(error)).replace(/^CronPattern: /, "").replace(/\.$/, "");
  const names = fields.length === 5 ? FIELDS.slice(1) : FIELDS;
  const order = expression.startsWith("@")
    ? ""
    : ` The fields are ${names.map((name, at) => `${name} ${fields[at]}`).join(", ")}.`;
  return `"${expression}" is no cron expression: ${why}.${order}`;
}
