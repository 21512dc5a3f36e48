// The view of what runs: every tool call that has not ended, with its bar, its rate and the time left.
import { type LiveCall, progressText } from "../components/tool-card.js";
import { duration } from "../figures.js";
import { oneLine, wrapExact } from "../text.js";
import type { ListKind } from "./list-view.js";
import { hangingFact } from "./servers.js";

export interface ProgressLook {
  readonly calls: readonly LiveCall[];
  readonly now: number;
}

interface Row extends LiveCall {
  readonly elapsedMs: number;
}

export const progressKind: ListKind<ProgressLook, Row> = {
  empty: "No tool is running.",
  subject: { title: "TOOL", of: ({ call }) => call.name },
  columns: [
    {
      title: "PROGRESS",
      width: 34,
      rank: 0,
      cell: (row, theme) => (row.call.progress === undefined ? row.call.status : progressText(row, 12, theme)),
    },
    {
      title: "FOR",
      width: 8,
      rank: 1,
      align: "right",
      cell: ({ elapsedMs }) => duration(Math.floor(elapsedMs / 1_000) * 1_000),
    },
    { title: "MESSAGE", width: 30, rank: 2, cell: ({ call }) => oneLine(call.progress?.message ?? "") },
  ],
  narrowings: [],
  actions: [],
  rows: ({ calls, now }) => calls.map((call) => ({ ...call, elapsedMs: Math.max(0, now - call.since) })),
  keyOf: ({ call }) => call.id,
  textOf: ({ call }) => `${call.name} ${call.progress?.message ?? ""}`,
  summary: ({ calls }) => `${calls.length} running`,
  detail: (row, columns, theme) => [
    ...hangingFact("tool", oneLine(row.call.name), columns, theme),
    ...hangingFact("status", row.call.status, columns, theme),
    ...hangingFact("for", duration(row.elapsedMs), columns, theme),
    ...(row.call.progress === undefined ? [] : hangingFact("progress", progressText(row, 24, theme), columns, theme)),
    ...hangingFact("message", oneLine(row.call.progress?.message ?? ""), columns, theme),
    "",
    theme.muted("arguments"),
    ...JSON.stringify(row.call.arguments, undefined, 2)
      .split("\n")
      .flatMap((line) => wrapExact(line, columns)),
  ],
};
