// Spans of time as people and ISO 8601 write them. Years and months are kept apart from what has a fixed length: how long a month is
// depends on which.
import { ToolError } from "../define.js";

export interface Span {
  readonly months: number;
  readonly days: number;
  readonly ms: number;
  /** Days from Monday to Friday that are no holidays. */
  readonly businessDays: number;
}

const UNITS: readonly (readonly [RegExp, keyof Span, number])[] = [
  [/^(business|working|work) ?days?$/, "businessDays", 1],
  [/^(y|yr|yrs|years?)$/, "months", 12],
  [/^quarters?$/, "months", 3],
  [/^(mo|mos|mon|months?)$/, "months", 1],
  [/^(w|wk|wks|weeks?)$/, "days", 7],
  [/^(d|days?)$/, "days", 1],
  [/^(h|hrs?|hours?)$/, "ms", 3_600_000],
  [/^(m|mins?|minutes?)$/, "ms", 60_000],
  [/^(s|secs?|seconds?)$/, "ms", 1_000],
  [/^(ms|millis|milliseconds?)$/, "ms", 1],
];

const LARGEST = 1e9;

/** Reads `P1Y2M3DT4H5M6S`, `3 weeks 2 days`, `1h30m`, `90 min`, `5 business days`, `1:30:00`; each with a minus before it. */
export function parseSpan(text: string): Span {
  const plain = text.trim().toLowerCase();
  const negative = plain.startsWith("-");
  const body = plain.replace(/^[+-]\s*/, "");
  const span = clockSpan(body) ?? isoSpan(body) ?? wordSpan(body);
  if (span === undefined) {
    throw new ToolError(`"${text}" is no duration; write it like P1DT2H, 3 weeks 2 days, 1h30m or 5 business days.`);
  }
  return negative ? { months: -span.months, days: -span.days, ms: -span.ms, businessDays: -span.businessDays } : span;
}

function clockSpan(text: string): Span | undefined {
  const found = /^(\d{1,6}):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text);
  if (found === null) return undefined;
  const [, hours, minutes, seconds = 0] = found;
  return {
    months: 0,
    days: 0,
    businessDays: 0,
    ms: ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000,
  };
}

function isoSpan(text: string): Span | undefined {
  const number = "(-?\\d+(?:[.,]\\d+)?)";
  const date = `(?:${number}y)?(?:${number}m)?(?:${number}w)?(?:${number}d)?`;
  const time = `(?:t(?=[-\\d])(?:${number}h)?(?:${number}m)?(?:${number}s)?)?`;
  const found = new RegExp(`^p(?=[-\\dt])${date}${time}$`).exec(text);
  if (found === null) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((part) => Number((part ?? "0").replace(",", ".")));
  return whole({
    months: years * 12 + months,
    days: weeks * 7 + days,
    businessDays: 0,
    ms: Math.round(((hours * 60 + minutes) * 60 + seconds) * 1_000),
  });
}

function wordSpan(text: string): Span | undefined {
  const part = /\s*(?:,|and\b)?\s*(an?|half an?|\d+(?:\.\d+)?)\s*((?:business|working|work)\s+days?|[a-z]+)/y;
  const span = { months: 0, days: 0, ms: 0, businessDays: 0 };
  if (text === "") return undefined;
  while (part.lastIndex < text.length) {
    const [, amount = "", word = ""] = part.exec(text) ?? [];
    const unit = UNITS.find(([names]) => names.test(word.replace(/\s+/g, " ")));
    if (unit === undefined) return undefined;
    const [, kind, size] = unit;
    span[kind] += size * (amount.startsWith("half") ? 0.5 : amount.startsWith("a") ? 1 : Number(amount));
  }
  return whole(span);
}

/** Half a day is twelve hours; half a month is nothing one could say. */
function whole(span: Span): Span {
  if (!Number.isInteger(span.months))
    throw new ToolError("Parts of a year or month have no fixed length; give whole months, or days.");
  if (!Number.isInteger(span.businessDays))
    throw new ToolError("Business days are whole; give a whole number of them.");
  const days = Math.trunc(span.days);
  const ms = span.ms + Math.round((span.days - days) * 86_400_000);
  if (Math.abs(span.months) > LARGEST || Math.abs(days) > LARGEST || Math.abs(ms) > LARGEST * 1e6) {
    throw new ToolError("The duration is too long to be counted; give a shorter one.");
  }
  return { ...span, days, ms };
}

/** `P1Y2M3DT4H5M6.5S`. */
export function isoText({ months, days, ms }: Omit<Span, "businessDays">): string {
  const negative = months < 0 || days < 0 || ms < 0;
  const total = Math.abs(ms) / 1_000;
  const date = pieces([
    [Math.trunc(Math.abs(months) / 12), "Y"],
    [Math.abs(months) % 12, "M"],
    [Math.abs(days), "D"],
  ]);
  const seconds = Number((total % 60).toFixed(3));
  const time = pieces([
    [Math.floor(total / 3_600), "H"],
    [Math.floor((total % 3_600) / 60), "M"],
    [seconds, "S"],
  ]);
  return `${negative ? "-" : ""}P${date}${time && `T${time}`}${date || time ? "" : "T0S"}`;
}

function pieces(parts: readonly (readonly [number, string])[]): string {
  return parts.map(([amount, letter]) => (amount === 0 ? "" : `${amount}${letter}`)).join("");
}

/** `1 year 2 months 3 days 4 hours`. */
export function wordText({ months, days, ms }: Omit<Span, "businessDays">): string {
  const negative = months < 0 || days < 0 || ms < 0;
  const total = Math.abs(ms) / 1_000;
  const parts: [number, string][] = [
    [Math.trunc(Math.abs(months) / 12), "year"],
    [Math.abs(months) % 12, "month"],
    [Math.abs(days), "day"],
    [Math.floor(total / 3_600), "hour"],
    [Math.floor((total % 3_600) / 60), "minute"],
    [Number((total % 60).toFixed(3)), "second"],
  ];
  const said = parts
    .filter(([amount]) => amount !== 0)
    .map(([amount, unit]) => `${amount} ${unit}${amount === 1 ? "" : "s"}`);
  return `${negative ? "minus " : ""}${said.join(" ") || "no time"}`;
}
