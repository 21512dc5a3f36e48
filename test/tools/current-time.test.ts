import { describe, expect, it } from "vitest";
import { describeTime, findZone } from "../../tools/current-time.js";

const winter = new Date("2026-01-15T23:30:05Z");
const summer = new Date("2026-07-15T23:30:05Z");

describe("current_time", () => {
  it("gives ISO 8601 with the zone's offset of that day, and a readable line", () => {
    expect(describeTime(winter, "Europe/Berlin")).toBe(
      "2026-01-16T00:30:05+01:00\nFriday, 16 January 2026, 00:30:05 in Europe/Berlin (Central European Standard Time)",
    );
    expect(describeTime(summer, "Europe/Berlin").split("\n")[0]).toBe("2026-07-16T01:30:05+02:00");
    expect(describeTime(summer, "America/New_York").split("\n")[0]).toBe("2026-07-15T19:30:05-04:00");
    expect(describeTime(summer, "Asia/Kathmandu").split("\n")[0]).toBe("2026-07-16T05:15:05+05:45");
    expect(describeTime(summer, "UTC").split("\n")[0]).toBe("2026-07-15T23:30:05+00:00");
  });

  it("keeps the instant: its ISO line parses back to the time it was made from", () => {
    for (const zone of Intl.supportedValuesOf("timeZone")) {
      const [iso = ""] = describeTime(summer, zone).split("\n");
      expect(new Date(iso).getTime(), zone).toBe(summer.getTime());
    }
  });

  it.each([
    ["Tokyo", "Asia/Tokyo"],
    ["tokyo", "Asia/Tokyo"],
    [" New  York ", "America/New_York"],
    ["Buenos Aires", "America/Buenos_Aires"],
    ["Europe/Paris", "Europe/Paris"],
    ["europe/paris", "Europe/Paris"],
    ["UTC", "UTC"],
  ])("%j is the zone %s", (name, zone) => {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
    expect(findZone(name)).toBe(timeZone);
  });

  it("finds a city by its old name and by its new one", () => {
    expect(findZone("Kolkata")).toBe(findZone("Calcutta"));
  });

  it("names near zones when it knows none", () => {
    expect(() => findZone("Berl")).toThrow(
      'No time zone is named "Berl"; give an IANA name such as Asia/Tokyo or a larger city nearby. Near it are Europe/Berlin.',
    );
    expect(() => findZone("Xyzzy")).toThrow(/^No time zone is named "Xyzzy"; .* nearby\.$/);
  });
});
