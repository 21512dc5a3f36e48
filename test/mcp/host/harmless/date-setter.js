const UNITS = { day: "Date", month: "Month", year: "FullYear", hour: "Hours" };

export default {
  name: "shift_date",
  description: "Moves a date by a number of days, months, years or hours.",
  input: { type: "object", properties: { date: { type: "string" }, by: { type: "integer" }, unit: { enum: Object.keys(UNITS) } }, required: ["date", "by", "unit"] },
  handler({ date, by, unit }) {
    const at = new Date(date);
    const part = UNITS[unit];
    at["setUTC" + part](at["getUTC" + part]() + by);
    return at.toISOString();
  },
};
