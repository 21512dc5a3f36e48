// A time in one zone as it is in others. A time that the clocks leave out or show twice is said to be that.
import { z } from "zod";
import { describeTime, findZone } from "./current-time.js";
import { defineTool, ToolError } from "./define.js";
import { asUtc, clockAt, instantsOf, parseTime } from "./support/zoned.js";

const zone = z.string().trim().min(1).max(100);

export const convertTimeZone = defineTool({
  name: "convert_time_zone",
  description:
    "Convert a date and time from one time zone to others, heeding daylight saving time on that very date. Use it for meetings and time stamps; for the " +
    "time now use current_time, for spans between times duration. A time without a date is today's. Zones are IANA names such as " +
    "Europe/Berlin or large cities.",
  input: z.strictObject({
    time: z
      .string()
      .min(1)
      .max(60)
      .describe("Such as 2026-03-29 14:30, 14:30, 2026-03-29T14:30:00+02:00, or seconds since 1970 such as 1774794600"),
    from: zone
      .optional()
      .describe("The zone the time is in (default: this machine's); not needed where the time has an offset"),
    to: z.array(zone).min(1).max(20).describe("The zones to convert it to, such as [Asia/Tokyo, New York]"),
  }),
  annotations: {
    title: "Convert between time zones",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  handler({ time, from, to }) {
    const source = from === undefined ? new Intl.DateTimeFormat().resolvedOptions().timeZone : findZone(from);
    const zones = to.map(findZone);
    const { instant, remark } = instantOf(time, source);
    const lines = [source, ...zones].map((timeZone) => {
      const [iso = "", said = ""] = describeTime(new Date(instant), timeZone).split("\n");
      return `${iso}  ${said}`;
    });
    return remark === undefined ? lines.join("\n") : [lines.join("\n"), `(${remark})`];
  },
});

function instantOf(text: string, timeZone: string): { instant: number; remark?: string } {
  const seconds = /^\d{9,13}$/.exec(text.trim());
  if (seconds) return { instant: Number(text) * (text.trim().length > 11 ? 1 : 1_000) };
  const alone = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text.trim());
  const { year, month, day } = clockAt(Date.now(), timeZone);
  const today = `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  const parsed = parseTime(alone ? `${today} ${text.trim()}` : text);
  if (parsed === undefined) throw new ToolError(`"${text}" is no date and time; write it like 2026-03-29 14:30.`);
  if (parsed.offsetMs !== undefined) return { instant: asUtc(parsed.clock) - parsed.offsetMs };
  const [first, second] = instantsOf(parsed.clock, timeZone);
  if (first === undefined) {
    throw new ToolError(
      `${text} does not exist in ${timeZone}: the clocks are set forward over it; give a time an hour later.`,
    );
  }
  if (second === undefined) return { instant: first };
  const later = describeTime(new Date(second), timeZone).split("\n")[0];
  return {
    instant: first,
    remark: `${text} comes twice in ${timeZone}, where clocks are set back; this is the first, the other is ${later}`,
  };
}
