export default {
  name: "world_clock",
  description: "Tells the time in several time zones at once.",
  input: { type: "object", properties: { zones: { type: "array", items: { type: "string" } }, at: { type: "string" } }, required: ["zones"] },
  handler({ zones, at }) {
    const moment = at ? new Date(at) : new Date();
    return zones.map((timeZone) => {
      const format = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" });
      const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(moment);
      return `${timeZone}: ${format.format(moment)} (${parts.find(({ type }) => type === "timeZoneName")?.value})`;
    });
  },
};
