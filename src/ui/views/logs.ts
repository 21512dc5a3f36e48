// The view of the log: its end as it grows, narrowed by level, searched; inside a line, all that it tells.
import { fieldsText, type LoggedLine } from "../../actors/telemetry/log-tail.js";
import { LOG_LEVELS } from "../../actors/telemetry/log-writer.js";
import { oneLine, prose, wrapExact } from "../text.js";
import type { Theme } from "../theme.js";
import type { ListKind } from "./list-view.js";
import { hangingFact } from "./servers.js";

const ORDER: readonly string[] = LOG_LEVELS;

export const logsKind: ListKind<readonly LoggedLine[], LoggedLine> = {
  empty: "Nothing is logged today.",
  follows: true,
  subject: {
    title: "TIME     LEVEL EVENT",
    of: (line) => `${timeOf(line)} ${line.level.padEnd(5)} ${line.event}  ${fieldsText(line.fields)}`,
  },
  columns: [],
  narrowings: [
    {
      key: "l",
      label: "level",
      options: () => ORDER,
      keeps: ({ level }, least) => ORDER.indexOf(level) >= ORDER.indexOf(least),
    },
  ],
  actions: [],
  rows: (lines) => lines,
  keyOf: ({ number }) => `${number}`,
  textOf: ({ level, event, fields }) => `${level} ${event} ${fieldsText(fields)}`,
  summary: (lines) => `the last ${lines.length} lines of the log`,
  detail: ({ time, level, event, fields }, columns, theme) => [
    ...hangingFact("time", time, columns, theme),
    ...hangingFact("level", level, columns, theme),
    ...hangingFact("event", oneLine(event), columns, theme),
    ...Object.entries(fields).flatMap(([name, value]) => fieldLines(name, value, columns, theme)),
  ],
};

function timeOf({ time }: LoggedLine): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? "" : at.toTimeString().slice(0, 8);
}

function fieldLines(name: string, value: unknown, columns: number, theme: Theme): string[] {
  const text = typeof value === "string" ? value : (JSON.stringify(value, undefined, 2) ?? "");
  if (!text.includes("\n")) return hangingFact(oneLine(name), oneLine(text), columns, theme);
  const lines = text.split("\n").flatMap((line) => wrapExact(`  ${oneLine(line)}`, columns));
  return [...prose(theme.muted(oneLine(name)), columns), ...lines];
}
