// How a tool call looks: one line that says what runs with what, under it the progress while it runs and the first lines of
// its result when it is done. The same lines serve the live card and the printed one.
import type { ToolCallStatus, ToolCallView } from "../../chat/events.js";
import { duration, quantity } from "../figures.js";
import { clip, oneLine, printable, prose, width } from "../text.js";
import type { Theme } from "../theme.js";

/** A call that has not ended, with what the screen itself measures. */
export interface LiveCall {
  readonly call: ToolCallView;
  /** When the screen first saw it, on its own clock. */
  readonly since: number;
  /** Progress units a second, once there are two reports to tell. */
  readonly rate?: number;
}

const INDENT = "    ";
const RESULT_LINES = 6;
const BAR = 24;

/** A card of a call that has ended. */
export function finishedCardLines(call: ToolCallView, columns: number, theme: Theme): string[] {
  const { glyphs } = theme;
  const marks: { readonly [status in ToolCallStatus]: string } = {
    waiting: theme.muted(glyphs.ring),
    running: theme.accent(glyphs.dot),
    done: theme.ok(glyphs.ok),
    failed: theme.error(glyphs.fail),
    denied: theme.warn(glyphs.fail),
    cancelled: theme.muted(glyphs.fail),
    interrupted: theme.warn("!"),
  };
  const said = call.status === "done" || call.status === "failed" ? "" : call.status;
  const took = call.durationMs === undefined ? "" : duration(call.durationMs);
  const notes = [said, took].filter((note) => note !== "").join(` ${glyphs.note} `);
  return [head(call, marks[call.status], notes, columns, theme), ...resultLines(call, columns, theme)];
}

/** A card of a call that waits or runs, with a spinner and, where the tool reports it, its progress. */
export function liveCardLines(live: LiveCall, columns: number, theme: Theme, now: number): string[] {
  const { call } = live;
  const running = call.status === "running";
  const spinner = theme.glyphs.spinner[Math.floor(now / 120) % theme.glyphs.spinner.length] ?? "";
  const elapsed = now - live.since;
  const notes = running ? (elapsed >= 1_000 ? duration(Math.floor(elapsed / 1_000) * 1_000) : "") : "waiting";
  const mark = running ? theme.accent(spinner) : theme.muted(theme.glyphs.ring);
  const lines = [head(call, mark, notes, columns, theme)];
  if (running && call.progress !== undefined) lines.push(progressLine(live, columns, theme));
  return lines;
}

function head(call: ToolCallView, mark: string, notes: string, columns: number, theme: Theme): string {
  const tail = notes === "" ? "" : `  ${theme.muted(notes)}`;
  const room = columns - 4 - width(tail);
  const name = clip(oneLine(call.name), Math.max(8, room), theme.glyphs.ellipsis);
  const args = clip(shortArguments(call.arguments), room - width(name) - 2, theme.glyphs.ellipsis);
  return `  ${mark} ${theme.bold(name)}${args === "" ? "" : `  ${theme.muted(args)}`}${tail}`;
}

/** No more arguments fit on a line. */
const MOST_NAMED = 100;
const brief = new WeakMap<object, string>();

/** The beginning of its JSON, worked out once: a card is drawn many times a second. */
function briefly(value: unknown): string {
  if (typeof value !== "object" || value === null) return `${value}`;
  const known = brief.get(value) ?? JSON.stringify(value).slice(0, 400);
  brief.set(value, known);
  return known;
}

/** `path=README.md lines=10`: enough to recognise a call by; an approval shows the exact arguments. */
function shortArguments(args: ToolCallView["arguments"]): string {
  return Object.entries(args)
    .slice(0, MOST_NAMED)
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : briefly(value);
      const shown = clip(oneLine(text.slice(0, 400)), 60);
      return `${oneLine(name)}=${/\s/.test(shown) ? `"${shown}"` : shown}`;
    })
    .join(" ");
}

/** How far a call is. */
export interface Made {
  /** From 0 to 1, where the total is known. */
  readonly share: number | undefined;
  /** `50%`, or the count where there is no total. */
  readonly done: string;
  /** `3/s`, once that is known; so is what is left, `12 s`. */
  readonly rate: string;
  readonly left: string;
  readonly message: string;
}

export function progressOf({ call, rate = 0 }: LiveCall): Made {
  const { value = 0, total = 0, message = "" } = call.progress ?? {};
  const share = total > 0 ? Math.min(1, Math.max(0, value / total)) : undefined;
  return {
    share,
    done: call.progress === undefined ? "" : share === undefined ? quantity(value) : `${Math.floor(share * 100)}%`,
    rate: rate > 0 ? `${quantity(rate)}/s` : "",
    left: rate > 0 && value < total ? duration(Math.ceil((total - value) / rate) * 1_000) : "",
    message: oneLine(message),
  };
}

export function progressBar(share: number, size: number, theme: Theme): string {
  const filled = Math.round(share * size);
  return theme.accent(theme.glyphs.filled.repeat(filled)) + theme.muted(theme.glyphs.rule.repeat(size - filled));
}

function progressLine(live: LiveCall, columns: number, theme: Theme): string {
  const { share, done, rate, left, message } = progressOf(live);
  const facts = [share === undefined ? done : done.padStart(4), rate, left === "" ? "" : `${left} left`, message];
  const text = facts.filter((fact) => fact !== "").join("  ");
  if (share === undefined) return INDENT + theme.muted(clip(text, columns - INDENT.length));
  const size = Math.max(6, Math.min(BAR, columns - INDENT.length - 24));
  return `${INDENT}${progressBar(share, size, theme)} ${theme.muted(clip(text, columns - INDENT.length - size - 1))}`;
}

/** The first lines of a result; an error is told whole lines long, for its end is where the mend stands. */
function resultLines(call: ToolCallView, columns: number, theme: Theme): string[] {
  const text = printable(call.result ?? "").trim();
  if (text === "") return [];
  const failed = call.status === "failed";
  const room = columns - INDENT.length;
  const lines = text
    .split("\n")
    .flatMap((line) => (failed ? prose(line, room) : [clip(line, room, theme.glyphs.ellipsis)]));
  const paint = failed ? theme.error : theme.muted;
  const shown = lines.slice(0, RESULT_LINES).map((line) => (line.trim() === "" ? "" : INDENT + paint(line)));
  const hidden = lines.length - shown.length;
  if (hidden > 0) {
    const more = `${theme.glyphs.more} ${hidden} more ${hidden === 1 ? "line" : "lines"}, /result shows all`;
    shown.push(INDENT + theme.muted(clip(more, room)));
  }
  return shown;
}
