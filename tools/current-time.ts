// The time anywhere, from the time zone data that Node carries. A city is looked for by asking Intl for "Area/City" with every
// area it knows: that finds Kolkata as well as Calcutta, because Intl accepts old and new names alike though it lists only one.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";

export const currentTime = defineTool({
  name: "current_time",
  description:
    "Tell the current date and time, with weekday and UTC offset, here or in a time zone. Use it whenever an answer depends on " +
    "today's date or the time of day. The zone is an IANA name such as Europe/Berlin, or a large city such as Tokyo.",
  input: z.strictObject({
    timezone: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .optional()
      .describe("IANA time zone or city, such as America/New_York or Tokyo (default: this machine's zone)"),
  }),
  annotations: {
    title: "Current time",
    readOnlyHint: true,
    idempotentHint: false,
    destructiveHint: false,
    openWorldHint: false,
  },
  handler: ({ timezone }) => describeTime(new Date(), timezone === undefined ? machineZone() : findZone(timezone)),
});

function machineZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The IANA zone for a zone name or a city; throws a ToolError that shows names that come near. */
export function findZone(name: string): string {
  const wanted = name.trim().replace(/\s+/g, "_");
  const zones = Intl.supportedValuesOf("timeZone");
  const areas = new Set(zones.map((zone) => zone.slice(0, zone.lastIndexOf("/"))));
  for (const candidate of [wanted, ...[...areas].map((area) => `${area}/${wanted}`)]) {
    const zone = canonical(candidate);
    if (zone !== undefined) return zone;
  }
  const near = zones.filter((zone) => zone.toLowerCase().includes(wanted.toLowerCase().slice(0, 4))).slice(0, 5);
  const hint = near.length > 0 ? ` Near it are ${near.join(", ")}.` : "";
  throw new ToolError(
    `No time zone is named "${name}"; give an IANA name such as Asia/Tokyo or a larger city nearby.${hint}`,
  );
}

function canonical(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined; // Intl's way to say that it knows no such zone
  }
}

/** Two lines: ISO 8601 with the zone's offset, and the same for people. */
export function describeTime(now: Date, timeZone: string): string {
  const part = Object.fromEntries(
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      timeZoneName: "longOffset",
    })
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const offset = part.timeZoneName?.replace("GMT", "") || "+00:00";
  const iso = `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}${offset}`;
  const day = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "full" }).format(now);
  const zone = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "long" })
    .formatToParts(now)
    .find(({ type }) => type === "timeZoneName")?.value;
  return `${iso}\n${day}, ${part.hour}:${part.minute}:${part.second} in ${timeZone} (${zone})`;
}
