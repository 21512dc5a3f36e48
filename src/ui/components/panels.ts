// The panels above the line being written: every tool call that runs, one line each with its bar, and what the resource cache holds.
import { bytes, duration } from "../figures.js";
import { clip, oneLine, pad, width } from "../text.js";
import type { Theme } from "../theme.js";
import type { View } from "../view-store.js";
import { cacheSummary } from "../views/cache.js";
import { type LiveCall, progressBar, progressOf } from "./tool-card.js";

const INDENT = "  ";
const LISTED = 5;
const BAR = 16;

/** At most `height` lines. */
export function panelsLines(view: View, columns: number, height: number, theme: Theme, now: number): string[] {
  const panels = view.panels ?? [];
  const each = Math.min(LISTED, Math.floor(height / Math.max(1, panels.length)) - 1);
  if (each < 1) return [];
  return panels.flatMap((panel) =>
    panel === "progress" ? progressPanel(view, columns, each, theme, now) : cachePanel(view, columns, each, theme),
  );
}

function progressPanel({ calls }: View, columns: number, height: number, theme: Theme, now: number): string[] {
  const title = `${theme.bold("progress")}  ${theme.muted(calls.length === 0 ? "no tool is running" : `${calls.length} running`)}`;
  const lines = calls
    .slice(0, calls.length > height ? height - 1 : height)
    .map((call) => callLine(call, columns, theme, now));
  const more = calls.length - lines.length;
  return [
    `${INDENT}${title}`,
    ...lines,
    ...(more > 0 ? [`${INDENT}${INDENT}${theme.muted(`${theme.glyphs.more} ${more} more`)}`] : []),
  ];
}

/** `⠋ demo.slow  ━━━━──── 50%  1/s  5 s left  Worked 5 of 10 s` */
function callLine(call: LiveCall, columns: number, theme: Theme, now: number): string {
  const { spinner, ring } = theme.glyphs;
  const running = call.call.status === "running";
  const mark = running ? theme.accent(spinner[Math.floor(now / 120) % spinner.length] ?? "") : theme.muted(ring);
  const { share, done, rate, left, message } = progressOf(call);
  const facts = [done, rate, left === "" ? "" : `${left} left`, running ? message : "waiting"].filter(
    (fact) => fact !== "",
  );
  const name = clip(oneLine(call.call.name), Math.max(8, Math.floor(columns / 3)));
  const size = Math.max(6, Math.min(BAR, columns - width(name) - 24));
  const bar = share === undefined ? "" : `${progressBar(share, size, theme)} `;
  return `${INDENT}${INDENT}${mark} ${theme.bold(name)}  ${bar}${theme.muted(facts.join("  "))}`;
}

function cachePanel({ cache }: View, columns: number, height: number, theme: Theme): string[] {
  const title = `${INDENT}${theme.bold("cache")}  ${theme.muted(cache === undefined ? "looking …" : cacheSummary(cache))}`;
  const lines = (cache?.entries ?? []).slice(0, height).map(({ uri, bytes: size, hits, ageMs }) => {
    const figures = `${bytes(size)}  ${hits} hits  ${duration(ageMs)}`;
    const room = columns - 2 * INDENT.length - width(figures) - 2;
    return `${INDENT}${INDENT}${pad(clip(oneLine(uri), room), room)}  ${theme.muted(figures)}`;
  });
  return [title, ...lines];
}
