// The view of what runs: every tool call that has not ended, with its bar, its rate and the time left.
import { type LiveCall, progressBar, progressOf } from "../components/tool-card.js";
import { duration } from "../figures.js";
import { oneLine, wrapExact } from "../text.js";
import type { Theme } from "../theme.js";
import type { ListKind } from "./list-view.js";
import { hangingFact } from "./servers.js";

const BAR = 12;

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
    { title: "BAR", width: BAR, rank: 2, cell: (row, theme) => barOf(row, BAR, theme) },
    { title: "DONE", width: 5, rank: 0, align: "right", cell: (row) => progressOf(row).done },
    { title: "LEFT", width: 9, rank: 1, align: "right", cell: (row) => progressOf(row).left },
    { title: "RATE", width: 7, rank: 3, align: "right", cell: (row) => progressOf(row).rate },
    { title: "FOR", width: 9, rank: 5, align: "right", cell: ({ elapsedMs }) => seconds(elapsedMs) },
    { title: "MESSAGE", width: 24, rank: 4, cell: (row) => progressOf(row).message },
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
    ...hangingFact("for", seconds(row.elapsedMs), columns, theme),
    ...madeLines(row, columns, theme),
    "",
    theme.muted("arguments"),
    ...JSON.stringify(row.call.arguments, undefined, 2)
      .split("\n")
      .flatMap((line) => wrapExact(line, columns)),
  ],
};

function madeLines(row: Row, columns: number, theme: Theme): string[] {
  const { done, rate, left, message } = progressOf(row);
  if (row.call.progress === undefined) return [];
  const facts = [done, rate, left === "" ? "" : `${left} left`].filter((fact) => fact !== "").join("  ");
  return [
    ...hangingFact("progress", `${barOf(row, 2 * BAR, theme)} ${facts}`.trim(), columns, theme),
    ...hangingFact("message", message, columns, theme),
  ];
}

/** Where the total is not known there is no bar to draw, only what goes round. */
function barOf(row: Row, size: number, theme: Theme): string {
  const { share } = progressOf(row);
  if (share !== undefined) return progressBar(share, size, theme);
  const { spinner } = theme.glyphs;
  return row.call.status === "running"
    ? (spinner[Math.floor(row.elapsedMs / 1_000) % spinner.length] ?? "")
    : row.call.status;
}

function seconds(ms: number): string {
  return duration(Math.floor(ms / 1_000) * 1_000);
}
