// The live part as one list of lines that is never as tall as the terminal, where Ink would wipe the screen at every frame, and never
// wider. The input and the status line always have their place; then comes what asks something, then what runs, and the growing
// answer takes what is left.
import { approvalLines } from "./components/approval.js";
import { formLines } from "./components/form-panel.js";
import { completionLines, inputLines, searchLine } from "./components/input-line.js";
import { liveAnswerLines } from "./components/live-answer.js";
import { panelsLines } from "./components/panels.js";
import { statusLine } from "./components/status-line.js";
import { liveCardLines } from "./components/tool-card.js";
import { GUTTER } from "./entries.js";
import type { InteractionState } from "./interaction-state.js";
import { clip, oneLine } from "./text.js";
import type { Theme } from "./theme.js";
import type { View } from "./view-store.js";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Messages listed that wait to be sent. */
const LISTED_QUEUE = 3;

export function liveLines(view: View, state: InteractionState, size: Size, theme: Theme, now: number): string[] {
  const { columns } = size;
  const height = Math.max(3, size.rows - 1);
  let left = height;
  const take = (lines: string[]): string[] => {
    const fitting = lines.slice(0, Math.max(0, left));
    left -= fitting.length;
    return fitting;
  };
  const status = take([statusLine(view, state, columns, theme, now)]);
  const focused = state.mode.front === "input" || state.mode.front === "search";
  const inputHeight = Math.max(1, Math.min(10, Math.floor(height / 3)));
  const input = take(inputLines({ editor: state.editor, focused, search: state.search }, columns, inputHeight, theme));
  const rule = height >= 8 ? take([theme.muted(theme.glyphs.rule.repeat(columns))]) : [];
  const under =
    state.search !== undefined
      ? take([searchLine(state.search, columns, theme)])
      : state.completion !== undefined
        ? take(completionLines(state.completion, columns, left - 1, theme))
        : [];
  const panel = take(panelLines(view, state, columns, left - (height >= 12 ? 2 : 0), theme));
  const air = height >= 12 ? take([""]) : [];
  const queue = take(queueLines(view, columns, Math.min(LISTED_QUEUE, left - 1), theme));
  const panels = take(panelsLines(view, columns, Math.floor(left / 2), theme, now));
  // What the panel tells of the calls is not told twice.
  const cards = view.panels?.includes("progress") && panels.length > 0 ? { ...view, calls: [] } : view;
  const calls = take(callLines(cards, columns, Math.min(left, Math.max(4, Math.floor(left / 2))), theme, now));
  const tail = view.tail === undefined ? [] : take(liveAnswerLines(view.tail, columns, left, theme));
  return [...tail, ...calls, ...panel, ...queue, ...air, ...panels, ...rule, ...input, ...under, ...status].map(
    (line) => clip(line, columns),
  );
}

function panelLines(view: View, state: InteractionState, columns: number, height: number, theme: Theme): string[] {
  const { question } = view;
  if (question === undefined || height <= 0) return [];
  const focused = state.mode.front === "question";
  const room = height > 6 ? height - 1 : height;
  const lines =
    question.kind !== "form"
      ? approvalLines(
          {
            ...{ question, focused, choice: state.choice, scroll: state.scroll, wording: state.wording },
            asking: view.status?.asking,
          },
          columns,
          room,
          theme,
        )
      : state.form === undefined
        ? []
        : formLines(
            { title: question.title, form: state.form, focused, canDecline: question.canDecline === true },
            columns,
            room,
            theme,
          );
  return room < height ? ["", ...lines] : lines;
}

function queueLines(view: View, columns: number, height: number, theme: Theme): string[] {
  const queued = view.status?.queued ?? [];
  return queued.slice(0, Math.max(0, height)).map((text) => {
    const mark = theme.muted(theme.glyphs.more);
    return `${mark} ${theme.muted(clip(oneLine(text), columns - GUTTER.length))}`;
  });
}

function callLines(view: View, columns: number, height: number, theme: Theme, now: number): string[] {
  if (view.calls.length === 0 || height <= 0) return [];
  const cards = view.calls.map((call) => liveCardLines(call, columns, theme, now));
  const gap = height > 3 && (view.tail !== undefined || view.entries.at(-1)?.kind !== "tool") ? [""] : [];
  const lines = [...gap];
  for (const [index, card] of cards.entries()) {
    const more = cards.length - index;
    if (lines.length + card.length > height - (more > 1 ? 1 : 0)) {
      lines.push(`${GUTTER}${theme.muted(`${theme.glyphs.more} ${more} more running`)}`);
      break;
    }
    lines.push(...card);
  }
  return lines.slice(0, height);
}
