// The line being written, with the terminal's cursor in it, and under it the slash commands that fit what is typed, or what the
// history is searched for.

import type { CommandHint } from "../../chat/events.js";
import { CURSOR } from "../cursor-mark.js";
import { rowsAround } from "../editor-rows.js";
import type { EditorState } from "../editor-state.js";
import { type HistorySearch, matchIn } from "../history-search.js";
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
  input: { readonly editor: EditorState; readonly focused: boolean; readonly search?: HistorySearch | undefined },
  columns: number,
  height: number,
  theme: Theme,
): string[] {
  const { focused, search } = input;
  const match = search && matchIn(input.editor.text, search);
  // While the history is searched, one types under the line, and of the line what was found is to be seen.
  const editor = match === undefined ? input.editor : { ...input.editor, cursor: match.from };
  const mark = focused ? theme.accent(theme.glyphs.prompt) : theme.muted(theme.glyphs.prompt);
  if (editor.text === "") {
    const hint = clip(focused ? PLACEHOLDER : ELSEWHERE, columns - INPUT_MARGIN);
    return [`${mark} ${focused && search === undefined ? CURSOR : ""}${theme.muted(hint)}`];
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
      focused && search === undefined && index === cursorRow
        ? withCursor(text, editor.cursor - row.start, editor.pastes)
        : match === undefined
          ? shown(text, editor.pastes)
          : withMatch(text, match.from - row.start, match.to - row.start, editor.pastes, theme);
    return `${side} ${drawn}`;
  });
}

/** The text with what lies between the two places marked. */
function withMatch(text: string, from: number, to: number, pastes: Pastes, theme: Theme): string {
  const [start, stop] = [Math.max(0, from), Math.max(0, to)];
  const [before, match, after] = [text.slice(0, start), text.slice(start, stop), text.slice(stop)];
  return shown(before, pastes) + (match === "" ? "" : theme.inverse(shown(match, pastes))) + shown(after, pastes);
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
  const hint = found ? "Ctrl-R older, Ctrl-S newer, Enter sends, Esc goes back" : "nothing more contains this";
  return clip(`  ${theme.accent("search:")} ${oneLine(query)}${CURSOR}  ${theme.muted(hint)}`, columns);
}
