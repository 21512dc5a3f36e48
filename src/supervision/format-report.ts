// Supervisor, progress and crash reports as text, for logs: several aligned lines, or one. Kept apart from the reports themselves, so
// that nothing is formatted that nobody reads. (otp: stdlib, supervisor and gen_server, `format_log/2`)
import type { Report } from "./reports.js";

export interface FormatOptions {
  /** One line instead of several. Default false. */
  readonly singleLine?: boolean;
  /** How deep nested values are shown, and how many entries of each; what lies below or beyond is `...`. Default unlimited. */
  readonly depth?: number;
  /** Most characters of the whole text; what is cut ends in `...`. Default unlimited. */
  readonly charsLimit?: number;
}

/** The text of a `supervisor`, `progress` or `crash` report. Fields a report does not have are left out. */
export function formatReport(report: Report, options: FormatOptions = {}): string {
  const { singleLine = false, depth = Number.POSITIVE_INFINITY, charsLimit = Number.POSITIVE_INFINITY } = options;
  const text = singleLine ? oneLine(report, depth) : lines(report, depth);
  return text.length <= charsLimit ? text : `${text.slice(0, Math.max(0, charsLimit - 3))}...`;
}

function lines(report: Report, depth: number): string {
  if (report.kind === "crash") {
    const said = crashFields(report).map(([label, value]): [string, string] => [label, show(value, depth)]);
    return table([["server", titleOf(report)], ...said]);
  }
  const child = childFields(report).map(([key, value]) => `${key}: ${show(value, depth)}`);
  const rows: [string, string][] = [["supervisor", titleOf(report)]];
  if (report.kind === "progress") return table([...rows, ["started", child.join(", ")]]);
  rows.push(["errorContext", String(report.context)]);
  if (report.reason !== undefined) rows.push(["reason", show(report.reason, depth)]);
  if ("message" in report) rows.push(["message", show(report.message, depth)]);
  if (child.length > 0) rows.push(["offender", child.join(", ")]);
  return table(rows);
}

function table(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([label, text]) => `    ${label}: ${text}`).join("\n");
}

function oneLine(report: Report, depth: number): string {
  if (report.kind === "crash") {
    const said = crashFields(report).map(([label, value]) => `${label}: ${show(value, depth)}.`);
    return [`Generic server ${titleOf(report)} terminating.`, ...said].join(" ");
  }
  const who = childFields(report)
    .filter(([key]) => key === "id" || key === "pid" || key === "nbChildren")
    .map(([key, value]) => `${key}=${value}`)
    .reverse()
    .join(",");
  const parts = [`Supervisor: ${titleOf(report)}.`];
  if (report.kind === "progress") return [...parts, `Started: ${who}.`].join(" ");
  parts.push(`Context: ${report.context}.`);
  if (report.reason !== undefined) parts.push(`Reason: ${show(report.reason, depth)}.`);
  if ("message" in report) parts.push(`Message: ${show(report.message, depth)}.`);
  if (who !== "") parts.push(`Offender: ${who}.`);
  return parts.join(" ");
}

/** What a crash report says, the reason first. */
function crashFields({ reason, label, message, state, log }: Report): [string, unknown][] {
  const fields = { Reason: reason, Label: label, "Last message": message, State: state, Log: log };
  return Object.entries(fields).filter(([, value]) => value !== undefined);
}

function titleOf({ name, id }: Report): string {
  return name ?? id;
}

/** The child's fields in the order of the report, without those it has not. */
function childFields({ child }: Report): [string, unknown][] {
  if (typeof child !== "object" || child === null) return [];
  return Object.entries(child).filter(([, value]) => value !== undefined);
}

/** A value on one line, cut at `depth`. A value that contains itself is cut where it comes round again. */
function show(value: unknown, depth: number, above: readonly object[] = []): string {
  if (typeof value === "string") return above.length === 0 ? oneSpace(value) : JSON.stringify(value);
  if (value instanceof Error) return oneSpace(`${value.name}: ${value.message}`);
  if (typeof value !== "object" || value === null) return String(value);
  if (depth <= 0 || above.includes(value)) return "...";
  const entries = Object.entries(value);
  const inside = entries.slice(0, depth).map(([key, entry]) => {
    const shown = show(entry, depth - 1, [...above, value]);
    return Array.isArray(value) ? shown : `${key}: ${shown}`;
  });
  if (entries.length > depth) inside.push("...");
  return Array.isArray(value) ? `[${inside.join(", ")}]` : `{ ${inside.join(", ")} }`;
}

function oneSpace(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
