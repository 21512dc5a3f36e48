// What /health answers: how well all of it is, in Markdown.
import type { Health } from "../actors/health/health.js";
import { cell } from "./cell.js";

const MEGABYTE = 1024 * 1024;

/** `now` is in epoch milliseconds. */
export function healthReport(
  { level, score, live, ready, components, vitals, budget, checkedAt }: Health,
  now: number,
): string {
  const checked = checkedAt === undefined ? "not looked at yet" : `looked at ${ago(now - checkedAt)}`;
  const words = [live ? "live" : "not live", ready ? "ready" : "not ready", checked];
  const { rssBytes, heapPercent, loopDelayMs, gcPauseMs } = vitals;
  return [
    `**${level}**, score ${score} of 100 · ${words.join(" · ")}`,
    "",
    `Memory ${Math.round(rssBytes / MEGABYTE)} MB · heap ${heapPercent} % · event loop held up ${loopDelayMs} ms · garbage collector ${gcPauseMs} ms`,
    "",
    `Calls: ${budget.total}, of which ${budget.failed} failed; ${budget.allowed} may (${budget.spent} % of the error budget)`,
    ...(components.length === 0
      ? ["", "Every part is well."]
      : [
          "",
          "| part | level | score | for | why |",
          "| --- | --- | --- | --- | --- |",
          ...components.map(
            ({ name, level: each, score: points, since, details }) =>
              `| ${cell(name)} | ${each} | ${points} | ${span(now - since)} | ${cell(details)} |`,
          ),
        ]),
  ].join("\n");
}

function ago(ms: number): string {
  return ms < 1_000 ? "just now" : `${span(ms)} ago`;
}

function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
