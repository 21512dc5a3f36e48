// The same conversation on a terminal that can only print: TERM=dumb, an editor's shell, a braille line. Finished entries are
// printed as plain lines, questions are asked in words, and an answer is a line. Nothing is ever drawn over.
import type { Question } from "../chat/events.js";
import { systemClock } from "./clock.js";
import { argumentLines, asked, choicesOf, questionTitle } from "./components/approval.js";
import * as edit from "./editor.js";
import { entryLines } from "./entries.js";
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
import type { ScreenOptions } from "./screen.js";
import { oneLine, wrap } from "./text.js";
import { ViewStore } from "./view-store.js";

const PROMPT = "> ";

export class PlainScreen {
  readonly store: ViewStore;
  readonly #options: ScreenOptions;
  #printed = 0;
  #question: Question | undefined;
  #form: FormState | undefined;
  #typed = "";
  #prompted = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
    const { theme, draft, clock = systemClock } = options;
    this.store = new ViewStore({ theme, printed: draft.printed, clock });
  }

  start(): void {
    const { stdin } = this.#options;
    stdin.on("data", this.#data);
    stdin.on("end", this.#ended);
    stdin.resume();
    this.store.subscribe(() => this.#changed());
  }

  stop(): void {
    const { stdin } = this.#options;
    stdin.off("data", this.#data);
    stdin.off("end", this.#ended);
    stdin.pause();
    this.store.flush();
    this.store.stop();
  }

  readonly #data = (chunk: string | Uint8Array): void => {
    this.#typed += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    const lines = this.#typed.split(/\r\n|\n|\r/);
    this.#typed = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  };

  readonly #ended = (): void => this.#options.actions.quit();

  #line(line: string): void {
    this.#prompted = false;
    const { actions, draft } = this.#options;
    if (this.#question?.kind === "form") return this.#field(this.#question, line);
    if (this.#question !== undefined) {
      const key = line.trim().toLowerCase()[0];
      const choice = choicesOf(this.#question).find((one) => one.key === key);
      if (choice === undefined) return this.#ask(this.#question);
      return actions.answer(this.#question.id, { kind: "approval", decision: choice.decision });
    }
    if (line.trim() === "") return this.#prompt();
    draft.remember(line);
    actions.submit(line);
  }

  #field(question: Extract<Question, { kind: "form" }>, line: string): void {
    if (this.#form === undefined) return;
    let form = this.#form;
    const field = form.fields[form.at];
    // An empty line keeps what the field holds.
    if (line !== "" && field?.kind === "choices") form = markedBy(form, line);
    else if (line !== "" && (field?.choices.length ?? 0) > 0) form = picked(form, line);
    else if (line !== "") form = edited(form, () => edit.withText(line));
    const next = moved(form, 1);
    const result = next === undefined ? completed(form) : { form: next };
    if ("values" in result) {
      this.#options.actions.answer(question.id, { kind: "form", values: result.values });
      return;
    }
    this.#form = result.form;
    if (result.form.error !== undefined) this.#print(`! ${oneLine(result.form.error.text)}`);
    this.#askField(result.form);
  }

  #changed(): void {
    const { entries, question, status } = this.store.view();
    const { theme } = this.#options;
    const fresh = entries.slice(this.#printed).flatMap((entry) => entryLines(entry, this.#columns, theme));
    this.#printed = entries.length;
    if (fresh.length > 0) this.#print(...fresh);
    if (this.store.pageIsFull) {
      this.store.newPage(false);
      this.#printed = 0;
    }
    if (question?.id !== this.#question?.id) {
      this.#question = question;
      this.#form = question?.kind === "form" ? createForm(question.schema, question.values) : undefined;
      if (question !== undefined) this.#ask(question);
    }
    if (status?.turn === "idle" && question === undefined) this.#prompt();
  }

  #ask(question: Question): void {
    if (question.kind !== "form") {
      const { theme } = this.#options;
      this.#print(
        "",
        questionTitle(question),
        ...wrap(oneLine(question.description), this.#columns),
        ...argumentLines(asked(question), this.#columns, theme),
      );
      const choices = choicesOf(question).map(({ key, label }) => `${key}: ${label.toLowerCase()}`);
      this.#write(`${choices.join(", ")} > `);
    } else {
      this.#print("", oneLine(question.title));
      if (this.#form !== undefined) this.#askField(this.#form);
    }
  }

  #askField(form: FormState): void {
    const field = form.fields[form.at];
    const entered = form.entered[form.at];
    if (field === undefined || entered === undefined) return;
    const choices = field.choices.map((choice) => oneLine(choice.label)).join(", ");
    const held = heldText(field, entered);
    const facts = [
      field.kind === "choices" ? `some of ${choices}` : choices,
      held === undefined || held === "" ? "" : `now: ${oneLine(held)}`,
    ].filter((fact) => fact !== "");
    const about = facts.length === 0 ? "" : ` (${facts.join("; ")})`;
    this.#write(`${oneLine(field.label)}${field.required ? " *" : ""}${about} > `);
  }

  #prompt(): void {
    if (!this.#prompted) this.#write(PROMPT);
    this.#prompted = true;
  }

  #print(...lines: readonly string[]): void {
    this.#write(`${this.#prompted ? "\n" : ""}${lines.join("\n")}\n`);
    this.#prompted = false;
  }

  #write(text: string): void {
    this.#options.stdout.write(text);
  }

  get #columns(): number {
    return this.#options.stdout.columns || 80;
  }
}

function heldText(field: Field, entered: Entered): string | undefined {
  if ("editor" in entered) return entered.editor.text;
  if ("chosen" in entered) return field.choices[entered.chosen]?.label;
  return entered.marked.map((index) => field.choices[index]?.label ?? "").join(", ");
}
