// A form asked in words, a line for each field: for terminals that can only print, and for commands without a screen.
import type { JsonSchema } from "../llm/provider.js";
import { startWith } from "./editor-state.js";
import {
  completed,
  createForm,
  type Entered,
  edited,
  type Field,
  type FormState,
  markedBy,
  moved,
  picked,
} from "./form.js";
import { oneLine } from "./text.js";

export class FormByLines {
  private form: FormState;

  constructor(schema: JsonSchema, values: { readonly [key: string]: unknown }) {
    this.form = createForm(schema, values);
  }

  /** What to ask next; nothing for a form without fields. */
  get prompt(): string {
    const field = this.form.fields[this.form.at];
    const entered = this.form.entered[this.form.at];
    if (field === undefined || entered === undefined) return "";
    const choices = field.choices.map((choice) => oneLine(choice.label)).join(", ");
    const held = heldText(field, entered);
    const facts = [
      field.kind === "choices" ? `some of ${choices}` : choices,
      held === "" ? "" : `now: ${oneLine(held)}`,
    ];
    const about = facts.filter((fact) => fact !== "").join("; ");
    return `${oneLine(field.label)}${field.required ? " *" : ""}${about === "" ? "" : ` (${about})`} > `;
  }

  /** Takes the answer to the prompt; an empty one keeps what the field holds. Returns the values once all is asked, and what is wrong
   * if something is: the prompt is for that field then. */
  take(line: string): { readonly values?: { readonly [key: string]: unknown }; readonly problem?: string } {
    const field = this.form.fields[this.form.at];
    if (line !== "" && field?.kind === "choices") this.form = markedBy(this.form, line);
    else if (line !== "" && (field?.choices.length ?? 0) > 0) this.form = picked(this.form, line);
    else if (line !== "") this.form = edited(this.form, () => startWith(line));
    const next = moved(this.form, 1);
    const result = next === undefined ? completed(this.form) : { form: next };
    if ("values" in result) return result;
    this.form = result.form;
    return result.form.error === undefined ? {} : { problem: oneLine(result.form.error.text) };
  }
}

function heldText(field: Field, entered: Entered): string {
  if ("editor" in entered) return entered.editor.text;
  if ("chosen" in entered) return field.choices[entered.chosen]?.label ?? "";
  return entered.marked.map((index) => field.choices[index]?.label ?? "").join(", ");
}
