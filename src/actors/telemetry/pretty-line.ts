// A line of the log for people: `12:04:31.123 warn  turn  files.read_text done in 12 ms  requestId=…`. It goes to a terminal, so
// nothing in it acts on one.
import { plainText } from "../../supervision/index.js";

/** The same line as text; what is no JSON comes back as it is. */
export function prettyLine(json: string): string {
  const fields = parsed(json);
  if (fields === undefined) return `${plainText(json)}\n`;
  const { time, level, event, pid: _, ...rest } = fields;
  const told = Object.entries(rest).map(([key, value]) => `${key}=${shown(value)}`);
  const head = [String(time).slice(11, 23), String(level).padEnd(5), String(event)];
  return `${plainText([...head, ...told].join(" ").replaceAll("\n", "⏎"))}\n`;
}

function shown(value: unknown): string {
  return typeof value === "string" && !/[\s"=]/.test(value) ? value : JSON.stringify(value);
}

function parsed(json: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(json) as Record<string, unknown>; // pino writes objects
  } catch {
    return undefined;
  }
}
