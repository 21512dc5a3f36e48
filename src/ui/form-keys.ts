// What keys do in a form's panel: a text field has the keys of every line, a choice has arrows and Space, and Enter in the last
// field sends.
import type { Question } from "../chat/events.js";
import { paste } from "./editor.js";
import { completed, edited, type FormState, moved, picked, toggled, turned } from "./form.js";
import type { PanelOutcome } from "./interaction-state.js";
import type { Input } from "./keys.js";
import { lineKey } from "./line-keys.js";

export function formKey(
  { canDecline }: Extract<Question, { kind: "form" }>,
  form: FormState,
  input: Input,
): PanelOutcome {
  if (canDecline && input.type === "key" && input.ctrl && input.name === "x") return { answer: { kind: "declined" } };
  const field = form.fields[form.at];
  const chooses = field !== undefined && field.choices.length > 0;
  if (input.type !== "key") {
    if (!chooses) return { set: { form: edited(form, (editor) => paste(editor, input.text)) } };
    const spaced = field.kind === "choices" ? toggled(form) : turned(form, 1);
    return { set: { form: input.text === " " ? spaced : picked(form, input.text) } };
  }
  if (input.name === "enter" && !input.alt && !input.shift) {
    const next = moved(form, 1);
    if (next !== undefined) return { set: { form: next } };
    const result = completed(form);
    return "form" in result ? { set: { form: result.form } } : { answer: { kind: "form", values: result.values } };
  }
  if (input.name === "tab" || input.name === "up" || input.name === "down") {
    const next = moved(form, input.name === "up" || input.shift ? -1 : 1);
    if (next !== undefined) return { set: { form: next } };
    return input.name === "tab" ? { leave: true } : {};
  }
  if (chooses) {
    const step = input.name === "left" ? -1 : input.name === "right" ? 1 : undefined;
    return step === undefined ? {} : { set: { form: turned(form, step) } };
  }
  return { set: { form: edited(form, (editor) => lineKey(editor, input) ?? editor) } };
}
