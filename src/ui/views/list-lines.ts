// A list view as lines: one about all of it, the list or the row that is looked into, and one for keys.
import { duration } from "../figures.js";
import type { Size } from "../layout.js";
import { cellsOf, columnsThatFit, GAP, scrolled, titlesOf, windowAround } from "../list-lines.js";
import { clip, oneLine, pad } from "../text.js";
import type { Theme } from "../theme.js";
import type { ListState } from "./list-view.js";

/** The first column needs this much to say something. */
const NARROWEST_SUBJECT = 14;
/** What is older than this, in milliseconds, is not the present any more. */
const STALE_MS = 5_000;

/** `scrolledTo` hears how far the inside of a row could be scrolled at most. */
export function listLines<Look, Row>(
  state: ListState<Look, Row>,
  { columns, rows }: Size,
  theme: Theme,
  now: number,
  scrolledTo: (scroll: number) => void,
): readonly string[] {
  const head = headLine(state, theme, now);
  const foot = footLine(state, theme);
  const height = Math.max(1, rows - 2);
  const row = state.rows.find((one) => state.kind.keyOf(one) === state.inside);
  const body =
    row === undefined
      ? tableLines(state, { columns, rows: height }, theme)
      : scrolled(state.kind.detail(row, columns, theme), state.scroll, height, scrolledTo);
  const blank = Array.from({ length: Math.max(0, height - body.length) }, () => "");
  return [head, ...body.slice(0, height), ...blank, foot].map((line) => clip(line, columns));
}

function headLine<Look, Row>(
  { kind, look, all, at, failed, rows }: ListState<Look, Row>,
  theme: Theme,
  now: number,
): string {
  const dot = theme.muted(` ${theme.glyphs.note} `);
  if (failed !== undefined) return theme.error(oneLine(failed));
  if (look === undefined) return theme.muted("Looking …");
  const age = now - at;
  return [
    ...(age > STALE_MS ? [theme.error(`no answer for ${duration(age)}`)] : []),
    theme.muted(kind.summary(look)),
    ...(rows.length < all.length ? [theme.accent(`${rows.length} of ${all.length} shown`)] : []),
  ].join(dot);
}

function footLine<Look, Row>(state: ListState<Look, Row>, theme: Theme): string {
  const { kind, question, typing, filter, note, inside, options } = state;
  if (question !== undefined) return theme.warn(`${oneLine(question.text)} `) + theme.bold("y/n");
  if (typing)
    return `${theme.accent("/")}${oneLine(filter)}${theme.inverse(" ")}  ${theme.muted("Enter keeps it, Esc shows all")}`;
  if (note !== undefined) return (note.bad ? theme.error : theme.ok)(oneLine(note.text));
  const narrowed = kind.narrowings.flatMap(({ key, label }) => {
    const option = options.get(key);
    return option === undefined ? [] : [theme.accent(`${label}: ${oneLine(option)}`)];
  });
  const searched = filter === "" ? [] : [theme.accent(`"${oneLine(filter)}"`)];
  const actions = kind.actions.map(({ key, label }) => `${key} ${label}`);
  const narrowings = kind.narrowings.map(({ key, label }) => `${key} ${label}`);
  const keys =
    inside === undefined
      ? ["Esc back", "Enter details", ...actions, "/ search", ...narrowings]
      : ["Esc back", "↑↓ scroll", ...actions];
  return [...narrowed, ...searched, ...keys.map((key) => theme.muted(key))].join(theme.muted(` ${theme.glyphs.note} `));
}

function tableLines<Look, Row>(
  { kind, look, all, rows, selected }: ListState<Look, Row>,
  { columns, rows: height }: Size,
  theme: Theme,
): string[] {
  if (rows.length === 0) {
    if (look === undefined) return [];
    return [theme.muted(all.length === 0 ? kind.empty : "Nothing fits; Esc shows all.")];
  }
  const shown = columnsThatFit(kind.columns, columns - NARROWEST_SUBJECT);
  const subjectWidth = columns - shown.reduce((sum, { width }) => sum + GAP + width, 0);
  const at = Math.max(
    0,
    rows.findIndex((row) => kind.keyOf(row) === selected),
  );
  const lines = windowAround(rows, at, height - 1).map((row) => {
    const marked = kind.keyOf(row) === selected;
    const subject = pad(clip(oneLine(kind.subject.of(row)), subjectWidth), subjectWidth);
    const line = subject + cellsOf(shown, row, marked, theme);
    return marked ? theme.inverse(pad(line, columns)) : line;
  });
  return [theme.muted(pad(kind.subject.title, subjectWidth) + titlesOf(shown)), ...lines];
}
