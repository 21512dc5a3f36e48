// A form as plain state: the fields of a flat JSON schema, what is typed into them, and whether that is valid. A field whose type
// is none of the simple ones is typed as JSON, so that every tool's arguments can be given.
import type { JsonSchema } from "../llm/provider.js";
import { type EditorState, startWith } from "./editor-state.js";

export type FieldKind = "text" | "number" | "boolean" | "choice" | "choices" | "json";

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly schema: JsonSchema;
  /** What may be chosen, of a `choice`, of `choices` or a `boolean`. */
  readonly choices: readonly { readonly value: unknown; readonly label: string }[];
}

/** What a field holds: text being edited, which choice is taken (-1: none), or which choices are marked and where the cursor is
 * among them. */
export type Entered =
  | { readonly editor: EditorState }
  | { readonly chosen: number }
  | { readonly marked: readonly number[]; readonly at: number };

export interface FormState {
  readonly fields: readonly Field[];
  readonly entered: readonly Entered[];
  /** Which field has the focus. */
  readonly at: number;
  readonly error: { readonly field: number; readonly text: string } | undefined;
}

/** More fields than this are not asked for. */
const MOST_FIELDS = 100;

export function createForm(schema: JsonSchema, values: { readonly [key: string]: unknown }): FormState {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const fields = Object.entries(properties)
    .slice(0, MOST_FIELDS)
    .map(([name, property]) => field(name, isRecord(property) ? property : {}, required.includes(name)));
  const entered = fields.map((own) => initial(own, values[own.name] ?? own.schema.default));
  const missing = fields.findIndex((own, index) => own.required && isBlank(entered[index]));
  return { fields, entered, at: Math.max(0, missing), error: undefined };
}

/** The focus one field on or back; undefined past either end. */
export function moved(form: FormState, step: -1 | 1): FormState | undefined {
  const at = form.at + step;
  return at < 0 || at >= form.fields.length ? undefined : { ...form, at };
}

/** The focused text field with its text changed; a form on a choice stays as it is. */
export function edited(form: FormState, change: (editor: EditorState) => EditorState): FormState {
  const entered = form.entered[form.at];
  if (entered === undefined || !("editor" in entered)) return form;
  return withEntered(form, { editor: change(entered.editor) });
}

/** The focused choice one on or back, around the ends. An optional one can be left open. Among many the cursor moves. */
export function turned(form: FormState, step: -1 | 1): FormState {
  const own = form.fields[form.at];
  const entered = form.entered[form.at];
  if (own === undefined || entered === undefined || "editor" in entered) return form;
  if ("marked" in entered) {
    const at = (entered.at + step + own.choices.length) % own.choices.length;
    return withEntered(form, { ...entered, at });
  }
  const lowest = own.required ? 0 : -1;
  const count = own.choices.length - lowest;
  const chosen = ((((entered.chosen - lowest + step) % count) + count) % count) + lowest;
  return withEntered(form, { chosen: entered.chosen < lowest ? (step === 1 ? 0 : own.choices.length - 1) : chosen });
}

/** The focused choice set to the first one that begins with `letter`; among many the cursor goes there. */
export function picked(form: FormState, letter: string): FormState {
  const found = indexOf(form.fields[form.at], letter);
  const entered = form.entered[form.at];
  if (found === -1 || entered === undefined) return form;
  return withEntered(form, "marked" in entered ? { ...entered, at: found } : { chosen: found });
}

/** The choice under the cursor marked, or not any more. */
export function toggled(form: FormState): FormState {
  const entered = form.entered[form.at];
  if (entered === undefined || !("marked" in entered)) return form;
  const { marked, at } = entered;
  return withEntered(form, { at, marked: marked.includes(at) ? marked.filter((one) => one !== at) : [...marked, at] });
}

/** Exactly the choices marked whose beginnings stand in the text, with commas between them. */
export function markedBy(form: FormState, text: string): FormState {
  const words = text.split(",").map((word) => word.trim());
  const found = words.filter((word) => word !== "").map((word) => indexOf(form.fields[form.at], word));
  return found.includes(-1) ? form : withEntered(form, { marked: [...new Set(found)], at: 0 });
}

function indexOf(own: Field | undefined, beginning: string): number {
  const wanted = beginning.toLowerCase();
  return own?.choices.findIndex(({ label }) => label.toLowerCase().startsWith(wanted)) ?? -1;
}

/** The values, or the form with the focus on the first field that is wrong and what is wrong with it. */
export function completed(form: FormState): { values: { [key: string]: unknown } } | { form: FormState } {
  const values: { [key: string]: unknown } = {};
  for (const [index, own] of form.fields.entries()) {
    const entered = form.entered[index];
    if (entered === undefined || (isBlank(entered) && !(own.required && own.kind === "choices"))) {
      if (own.required) return wrong(form, index, "is required");
      continue;
    }
    const result = valueIn(own, entered);
    if ("problem" in result) return wrong(form, index, result.problem);
    values[own.name] = result.value;
  }
  return { values };
}

function valueIn(own: Field, entered: Entered): Parsed {
  if ("editor" in entered) return parsed(own, entered.editor.text);
  if ("chosen" in entered) return { value: own.choices[entered.chosen]?.value };
  const { minItems, maxItems } = own.schema;
  const { length } = entered.marked;
  if (typeof minItems === "number" && length < minItems) return { problem: `needs at least ${minItems}` };
  if (typeof maxItems === "number" && length > maxItems) return { problem: `takes at most ${maxItems}` };
  return { value: own.choices.filter((_, index) => entered.marked.includes(index)).map(({ value }) => value) };
}

function wrong(form: FormState, index: number, problem: string): { form: FormState } {
  const label = form.fields[index]?.label ?? "";
  return { form: { ...form, at: index, error: { field: index, text: `${label} ${problem}` } } };
}

function withEntered(form: FormState, entered: Entered): FormState {
  return { ...form, entered: form.entered.map((old, index) => (index === form.at ? entered : old)), error: undefined };
}

function field(name: string, schema: JsonSchema, required: boolean): Field {
  const many = schema.type === "array" && isRecord(schema.items) ? choicesOf(schema.items) : [];
  const choices = many.length > 0 ? many : choicesOf(schema);
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  const kinds: { readonly [type: string]: FieldKind } = {
    string: "text",
    number: "number",
    integer: "number",
    boolean: "boolean",
  };
  return {
    name,
    label: textOf(schema.title) || name,
    description: textOf(schema.description),
    kind:
      choices.length === 0 || type === "boolean"
        ? ((typeof type === "string" && Object.hasOwn(kinds, type) ? kinds[type] : undefined) ?? "json")
        : many.length > 0
          ? "choices"
          : "choice",
    required,
    schema,
    choices,
  };
}

function choicesOf(schema: JsonSchema): Field["choices"] {
  if (schema.type === "boolean") {
    return [
      { value: true, label: "yes" },
      { value: false, label: "no" },
    ];
  }
  const titled = [schema.oneOf, schema.anyOf].find(
    (list): list is JsonSchema[] =>
      Array.isArray(list) && list.length > 0 && list.every((one) => isRecord(one) && "const" in one),
  );
  if (titled !== undefined) {
    return titled.map((one) => ({ value: one.const, label: textOf(one.title) || labelOf(one.const) }));
  }
  if (!Array.isArray(schema.enum)) return [];
  const names = Array.isArray(schema.enumNames) ? schema.enumNames : [];
  return schema.enum.map((value: unknown, index) => ({ value, label: textOf(names[index]) || labelOf(value) }));
}

/** The schema is a stranger's: an object of it may have a `toString` that is no function. */
function labelOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function initial(own: Field, value: unknown): Entered {
  if (own.kind === "choices") {
    const values: readonly unknown[] = Array.isArray(value) ? value : [];
    const marked = own.choices.flatMap((choice, index) => (values.includes(choice.value) ? [index] : []));
    return { marked, at: 0 };
  }
  if (own.choices.length > 0) return { chosen: own.choices.findIndex((choice) => choice.value === value) };
  const text = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return { editor: startWith(text) };
}

function isBlank(entered: Entered | undefined): boolean {
  if (entered === undefined) return true;
  if ("marked" in entered) return entered.marked.length === 0;
  return "chosen" in entered ? entered.chosen === -1 : entered.editor.text.trim() === "";
}

type Parsed = { readonly value: unknown } | { readonly problem: string };

function parsed(own: Field, text: string): Parsed {
  switch (own.kind) {
    case "number":
      return parsedNumber(own.schema, text.trim());
    case "json":
      try {
        return { value: JSON.parse(text) };
      } catch {
        return { problem: 'must be JSON, for example [1, 2] or {"a": true}' };
      }
    default:
      return parsedText(own.schema, text);
  }
}

function parsedNumber(schema: JsonSchema, text: string): Parsed {
  const value = Number(text);
  if (!Number.isFinite(value)) return { problem: "must be a number" };
  if (schema.type === "integer" && !Number.isInteger(value)) return { problem: "must be a whole number" };
  const { minimum, maximum } = schema;
  if (typeof minimum === "number" && value < minimum) return { problem: `must be at least ${minimum}` };
  if (typeof maximum === "number" && value > maximum) return { problem: `must be at most ${maximum}` };
  return { value };
}

const FORMATS: { readonly [format: string]: { readonly holds: (text: string) => boolean; readonly problem: string } } =
  {
    email: { holds: (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text), problem: "must be an e-mail address" },
    uri: { holds: (text) => URL.canParse(text), problem: "must be a full address such as https://example.org" },
    date: {
      holds: isDate,
      problem: "must be a date such as 2026-01-31",
    },
    "date-time": {
      holds: (text) =>
        isDate(text.slice(0, 10)) &&
        /^.{10}T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i.test(text) &&
        !Number.isNaN(Date.parse(text)),
      problem: "must be a time such as 2026-01-31T12:00:00Z",
    },
  };

/** A day that the calendar has. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function parsedText(schema: JsonSchema, text: string): Parsed {
  const { minLength, maxLength, format } = schema;
  const length = [...text].length;
  if (typeof minLength === "number" && length < minLength) return { problem: `needs at least ${minLength} characters` };
  if (typeof maxLength === "number" && length > maxLength) return { problem: `takes at most ${maxLength} characters` };
  const known = FORMATS[`${format}`];
  return known === undefined || known.holds(text) ? { value: text } : { problem: known.problem };
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
