// convert_time_zone, next_cron, duration.
import { describe, expect, it } from "vitest";
import { convertTimeZone } from "../../tools/convert-time-zone.js";
import { duration } from "../../tools/duration.js";
import { nextCron } from "../../tools/next-cron.js";
import { callTool } from "../support/call-tool.js";

/** How a date is written differs between the zone data of Node's versions. */
const plain = (text: string) => text.replaceAll("day, ", "day ").replaceAll("Calcutta", "Kolkata");

describe("convert_time_zone", () => {
  const convert = (time: string, from: string | undefined, ...to: string[]) =>
    callTool(convertTimeZone, { time, from, to });

  it("heeds summer time on the very date", async () => {
    expect(plain((await convert("2026-03-27 14:30", "Europe/Berlin", "New York", "Asia/Kolkata")).text)).toBe(
      [
        "2026-03-27T14:30:00+01:00  Friday 27 March 2026, 14:30:00 in Europe/Berlin (Central European Standard Time)",
        "2026-03-27T09:30:00-04:00  Friday 27 March 2026, 09:30:00 in America/New_York (Eastern Daylight Time)",
        "2026-03-27T19:00:00+05:30  Friday 27 March 2026, 19:00:00 in Asia/Kolkata (India Standard Time)",
      ].join("\n"),
    );
    expect((await convert("2026-04-27 14:30", "Berlin", "New York")).text).toContain("2026-04-27T08:30:00-04:00");
  });

  it("takes offsets, seconds since 1970, and times of today", async () => {
    expect((await convert("2026-01-01T00:30:00+05:30", "UTC", "UTC")).text).toContain("2025-12-31T19:00:00+00:00");
    expect((await convert("1767225600", "UTC", "Tokyo")).text).toContain("2026-01-01T09:00:00+09:00");
    expect((await convert("14:30", "UTC", "Tokyo")).text).toMatch(/T14:30:00\+00:00.*\n.*T23:30:00\+09:00/);
  });

  it("says that a time is left out or comes twice", async () => {
    expect(await convert("2026-03-29 02:30", "Europe/Berlin", "UTC")).toMatchObject({
      isError: true,
      text: "2026-03-29 02:30 does not exist in Europe/Berlin: the clocks are set forward over it; give a time an hour later.",
    });
    const { texts } = await convert("2026-10-25 02:30", "Europe/Berlin", "UTC");
    expect(texts[0]).toContain("2026-10-25T00:30:00+00:00");
    expect(texts[1]).toMatch(/comes twice.*the other is 2026-10-25T02:30:00\+01:00/);
  });

  it.each(["tomorrow", "2026-02-30", "2026-13-01 10:00", "25:00", "2026-01-01 10:61", ""])(
    "refuses %j",
    async (time) => {
      const result = await convert(time || " ", "UTC", "Tokyo");
      expect(result).toMatchObject({
        isError: true,
        text: expect.stringContaining("is no date and time; write it like"),
      });
    },
  );
});

describe("next_cron", () => {
  const next = (expression: string, more: Record<string, unknown> = {}) =>
    callTool(nextCron, { expression, timezone: "Europe/Berlin", from: "2026-03-27 12:00", ...more });

  it("tells the next times, over a change of clocks too", async () => {
    expect(plain((await next("30 9 * * MON-FRI", { count: 2 })).text)).toBe(
      [
        "2026-03-30T09:30:00+02:00  Monday 30 March 2026, 09:30:00 in Europe/Berlin (Central European Summer Time)",
        "2026-03-31T09:30:00+02:00  Tuesday 31 March 2026, 09:30:00 in Europe/Berlin (Central European Summer Time)",
      ].join("\n"),
    );
    expect((await next("*/20 * * * * *", { count: 1, from: "2026-03-27T12:00:05Z", timezone: "UTC" })).text).toContain(
      "12:00:20",
    );
    expect((await next("@monthly")).text.split("\n")).toHaveLength(5);
  });

  it.each([
    ["61 * * * *", /Invalid value for minute: 61\. The fields are minute 61, hour \*/],
    ["* * * *", /has 4 fields, but five are needed: minute hour day month weekday/],
    ["@sometimes", /is no cron expression/],
    ["a b c d e", /is no cron expression/],
    ["0 0 31 2 *", /never fires/],
  ])("explains what is wrong with %s", async (expression, sentence) => {
    expect((await next(expression)).text).toMatch(sentence);
  });

  it("refuses a start that is no time", async () => {
    expect((await next("@daily", { from: "soon" })).text).toContain("is no time in Europe/Berlin");
  });
});

describe("duration", () => {
  const count = async (args: Record<string, unknown>) =>
    (await callTool(duration, { timezone: "Europe/Berlin", ...args })).text;

  it("tells the span between dates in every way people count", async () => {
    expect(await count({ start: "2024-02-29", end: "2026-03-31" })).toBe(
      [
        "2 years 1 month 2 days (P2Y1M2D)",
        "in all 761 days, or 108.7143 weeks",
        "543 business days, the last day not counted",
      ].join("\n"),
    );
    expect(await count({ start: "2026-03-31", end: "2026-03-31" })).toMatch(/^no time \(PT0S\)/);
    expect(await count({ start: "2026-01-31", end: "2026-03-01" })).toMatch(/^1 month 1 day \(P1M1D\)/);
    expect(await count({ start: "2026-03-02", end: "2026-03-09", holidays: ["2026-03-04", "2026-03-07"] })).toContain(
      "4 business days",
    );
    expect(await count({ start: "2026-03-09", end: "2026-03-02" })).toMatch(/^minus 7 days \(-P7D\)/);
  });

  it("counts hours that have really passed when clocks are set", async () => {
    expect(await count({ start: "2026-03-28 12:00", end: "2026-03-29 12:00" })).toMatch(
      /^1 day \(P1D\)[\s\S]*\n23 hours, 1380 minutes/,
    );
    expect(await count({ start: "2026-03-28T12:00:00Z", end: "2026-03-28T13:30:15Z" })).toMatch(
      /^1 hour 30 minutes 15 seconds \(PT1H30M15S\)/,
    );
  });

  it("adds and subtracts, on the calendar and on the clock", async () => {
    expect(plain(await count({ start: "2026-01-31", span: "1 month" }))).toBe("2026-02-28\nSaturday 28 February 2026");
    expect(await count({ start: "2024-02-29", span: "-P1Y" })).toContain("2023-02-28");
    expect(await count({ start: "2026-03-28 12:00", span: "1 day" })).toContain("2026-03-29T12:00:00+02:00");
    expect(await count({ start: "2026-03-28 12:00", span: "24 hours" })).toContain("2026-03-29T13:00:00+02:00");
    expect(await count({ start: "2026-03-28 02:30", span: "1 day" })).toContain("2026-03-29T03:30:00+02:00");
    expect(
      await count({ start: "2026-04-02", span: "3 business days", holidays: ["2026-04-03", "2026-04-06"] }),
    ).toContain("2026-04-09");
    expect(
      await count({ start: "2026-04-09", span: "-3 working days", holidays: ["2026-04-03", "2026-04-06"] }),
    ).toContain("2026-04-02");
  });

  it("reads spans of every form", async () => {
    expect(await count({ span: "1h30m" })).toBe(
      "1 hour 30 minutes (PT1H30M)\n0.0625 days, 1.5 hours, 90 minutes, 5400 seconds",
    );
    for (const span of ["PT90M", "90 min", "1:30", "1 hour and 30 minutes", "an hour, half an hour", "1.5 hours"]) {
      expect(await count({ span }), span).toContain("90 minutes, 5400 seconds");
    }
    expect(await count({ span: "P1Y2M3DT4H5M6.5S" })).toMatch(
      /^1 year 2 months 3 days 4 hours 5 minutes 6.5 seconds \(P1Y2M3DT4H5M6.5S\)/,
    );
    expect(await count({ span: "-3 weeks 2.5 days" })).toContain("minus 23 days 12 hours (-P23DT12H)");
  });

  it.each([
    [{ span: "soon" }, /is no duration; write it like/],
    [{ span: "P" }, /is no duration/],
    [{ span: "1.5 months" }, /Parts of a year or month/],
    [{ span: "5 business days" }, /give start as well/],
    [{ span: "99999999999 years" }, /too long/],
    [{ start: "2026-01-01", span: "9000 years" }, /beyond the year 9999/],
    [{ start: "2026-01-01", span: "9000000 business days" }, /At most 100000 business days/],
    [{ start: "2026-02-30", end: "2026-03-01" }, /is no date; write it like/],
    [{ start: "2026-01-01" }, /Give start and end/],
    [{ start: "2026-01-01", end: "2026-01-02", span: "1 day" }, /Give start and end/],
  ])("says what is wrong with %j", async (args, sentence) => {
    expect(await count(args)).toMatch(sentence);
  });
});
