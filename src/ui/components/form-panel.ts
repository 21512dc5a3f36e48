// The panel of a form: one row a field, the focused one editable, what is wrong or what a field means under them.
import { CURSOR } from "../cursor-mark.js";
import type { Entered, Field, FormState } from "../form.js";
import { shown } from "../pastes.js";
import { clip, oneLine, pad, printable, width, wrap } from "../text.js";
import type { Theme } from "../theme.js";

const WIDEST_LABEL = 22;

export function formLines(
  panel: { readonly title: string; readonly form: FormState; readonly focused: boolean; readonly canDecline?: boolean },
  columns: number,
  height: number,
  theme: Theme,
): string[] {
  const { form, focused } = panel;
  const bar = `${theme.warn(theme.glyphs.bar)} `;
  const room = Math.max(8, columns - 2);
  const title = wrap(oneLine(panel.title), room)
    .slice(0, height > 8 ? 3 : 1)
    .map(theme.bold);
  const note = noteLine(form, theme);
  const enter = form.at === form.fields.length - 1 ? "Enter sends" : "Enter next";
  const { kind, choices = [] } = form.fields[form.at] ?? {};
  const mark = kind === "choices" ? "Space marks   " : choices.length > 0 ? "Space chooses   " : "";
  const decline = panel.canDecline ? "Ctrl-X declines   " : "";
  const keys = focused ? `${mark}${enter}   Shift-Tab back   ${decline}Esc dismisses` : "Tab to fill in";
  const space = Math.max(1, height - title.length - 2);
  const from = Math.max(0, Math.min(form.at - Math.floor(space / 2), form.fields.length - space));
  const label = Math.min(
    WIDEST_LABEL,
    Math.floor(room / 2),
    Math.max(...form.fields.map((field) => width(labelOf(field)))),
  );
  const rows = form.fields.slice(from, from + space).map((field, index) => {
    const here = from + index === form.at && focused;
    const mark = here ? theme.accent(theme.glyphs.prompt) : " ";
    const name = pad(clip(labelOf(field), label), label);
    const value = enteredText(field, form.entered[from + index], here, room - label - 4, theme);
    return `${mark} ${here ? theme.bold(name) : theme.muted(name)}  ${value}`;
  });
  return [...title, ...rows, clip(note, room), theme.muted(clip(keys, room))]
    .map((line) => bar + line)
    .slice(0, height);
}

function labelOf(field: Field): string {
  return oneLine(field.label) + (field.required ? " *" : "");
}

function noteLine(form: FormState, theme: Theme): string {
  if (form.error !== undefined) return theme.error(oneLine(form.error.text));
  return theme.muted(oneLine(form.fields[form.at]?.description ?? ""));
}

function enteredText(field: Field, entered: Entered | undefined, here: boolean, room: number, theme: Theme): string {
  if (entered === undefined) return "";
  if ("chosen" in entered) {
    const text = entered.chosen === -1 ? "choose" : oneLine(field.choices[entered.chosen]?.label ?? "");
    const value = clip(text, Math.max(1, room - 4));
    return here ? `${theme.muted("<")} ${theme.accent(value)} ${theme.muted(">")}` : `  ${value}`;
  }
  if ("marked" in entered) return markedText(field, entered, here, room, theme);
  const { text, cursor, pastes } = entered.editor;
  if (!here) return clip(oneLine(text), room);
  const before = shown(printable(text.slice(0, cursor)), pastes).replaceAll("\n", " ");
  const after = shown(printable(text.slice(cursor)), pastes).replaceAll("\n", " ");
  // A long value is shown up to the cursor.
  let start = before;
  while (width(start) > room - 2) start = start.slice(Math.max(1, width(start) - room + 2));
  return `${start}${CURSOR}${clip(after, room - width(start))}`;
}

/** The focused field shows what there is, from the cursor's choice on; the others what is marked. */
function markedText(
  field: Field,
  { marked, at }: Extract<Entered, { marked: readonly number[] }>,
  here: boolean,
  room: number,
  theme: Theme,
): string {
  const label = (index: number): string => oneLine(field.choices[index]?.label ?? "");
  if (!here) return clip(marked.length === 0 ? "choose" : `  ${marked.map(label).join(", ")}`, room);
  const boxes = field.choices.map((_, index) => `${marked.includes(index) ? "[x]" : "[ ]"} ${label(index)}`);
  // As many before the cursor's as fit.
  let from = at;
  while (from > 0 && width(boxes.slice(from - 1, at + 1).join("  ")) <= room) from--;
  const drawn = boxes.slice(from).map((box, index) => (from + index === at ? theme.accent(box) : box));
  return clip(drawn.join("  "), room);
}
