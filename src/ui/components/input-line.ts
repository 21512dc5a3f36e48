// The line being written, with the terminal's cursor in it, and under it the slash commands that fit what is typed, or what the
// history is searched for.

import type { CommandHint } from "../../chat/events.js";
import { CURSOR } from "../cursor-mark.js";
import { rowsAround } from "../editor-rows.js";
import type { EditorState } from "../editor-state.js";
import type { HistorySearch } from "../history-search.js";
import type { Completion } from "../interaction-state.js";
import { type Pastes, shown } from "../pastes.js";
import { clip, oneLine, pad, width } from "../text.js";
import type { Theme } from "../theme.js";

/** Cells the input's rows do not have: the gutter, and the cursor behind a full row. */
export const INPUT_MARGIN = 3;
const PLACEHOLDER = "Ask anything, / for commands";
const ELSEWHERE = "Tab to write here";
/** Commands listed at once. */
const LISTED = 6;

export function inputLines(
  input: { readonly editor: EditorState; readonly focused: boolean },
  columns: number,
  height: number,
  theme: Theme,
): string[] {
  const { editor, focused } = input;
  const mark = focused ? theme.accent(theme.glyphs.prompt) : theme.muted(theme.glyphs.prompt);
  if (editor.text === "") {
    const hint = clip(focused ? PLACEHOLDER : ELSEWHERE, columns - INPUT_MARGIN);
    return [`${mark} ${focused ? CURSOR : ""}${theme.muted(hint)}`];
  }
  const { rows, cursorRow, above, below } = rowsAround(editor, Math.max(1, columns - INPUT_MARGIN), height);
  return rows.map((row, index) => {
    const last = index === rows.length - 1;
    const side =
      index === 0
        ? above
          ? theme.muted(theme.glyphs.up)
          : mark
        : last && below
          ? theme.muted(theme.glyphs.down)
          : " ";
    const text = editor.text.slice(row.start, row.end);
    const drawn =
      focused && index === cursorRow
        ? withCursor(text, editor.cursor - row.start, editor.pastes)
        : shown(text, editor.pastes);
    return `${side} ${drawn}`;
  });
}

/** The text with the mark for the cursor in it. */
export function withCursor(text: string, cursor: number, pastes: Pastes): string {
  return shown(text.slice(0, cursor), pastes) + CURSOR + shown(text.slice(cursor), pastes);
}

export function completionLines(completion: Completion, columns: number, height: number, theme: Theme): string[] {
  const { items, selected } = completion;
  const rows = Math.min(LISTED, height, items.length);
  if (rows <= 0) return [];
  const from = Math.max(0, Math.min(selected - Math.floor(rows / 2), items.length - rows));
  const visible = items.slice(from, from + rows);
  const label = Math.min(Math.floor(columns / 2), Math.max(...items.map((item) => width(labelOf(item)))));
  return visible.map((item, index) => {
    const marked = from + index === selected;
    const name = pad(clip(labelOf(item), label), label);
    const summary = clip(oneLine(item.summary), columns - label - 6);
    return `  ${marked ? theme.accent(theme.bold(name)) : name}  ${theme.muted(summary)}`;
  });
}

function labelOf({ name, label }: CommandHint): string {
  return oneLine(label ?? `/${name}`);
}

export function searchLine({ query, found }: HistorySearch, columns: number, theme: Theme): string {
  const hint = found ? "Ctrl-R for older ones, Enter sends, Esc goes back" : "nothing older contains this";
  return clip(`  ${theme.accent("search:")} ${oneLine(query)}  ${theme.muted(hint)}`, columns);
}
