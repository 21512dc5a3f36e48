// The same conversation on a terminal that can only print: TERM=dumb, an editor's shell, a braille line. Finished entries are
// printed as plain lines, questions are asked in words, and an answer is a line. Nothing is ever drawn over.
import type { Answer, Question } from "../chat/events.js";
import { systemClock } from "./clock.js";
import {
  answerOf,
  argumentLines,
  asked,
  changeLines,
  choicesOf,
  placeOf,
  questionTitle,
  type YesOrNo,
} from "./components/approval.js";
import { entryLines } from "./entries.js";
import { FormByLines } from "./form-by-lines.js";
import type { ScreenOptions } from "./screen.js";
import { oneLine, wrap } from "./text.js";
import { ViewStore } from "./view-store.js";

const PROMPT = "> ";

export class PlainScreen {
  readonly store: ViewStore;
  readonly #options: ScreenOptions;
  #printed = 0;
  #question: Question | undefined;
  #form: FormByLines | undefined;
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

  /** Where a line cannot be changed, it is printed to be written again. */
  write(text: string): void {
    this.#print(
      "write this again, changed:",
      ...text.split("\n").flatMap((line) => wrap(oneLine(line), this.#columns)),
    );
    this.#prompt();
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
      const answer = spokenAnswer(this.#question, line);
      return answer === undefined ? this.#ask(this.#question) : actions.answer(this.#question.id, answer);
    }
    if (line.trim() === "") return this.#prompt();
    draft.remember(line);
    actions.submit(line);
  }

  #field(question: Extract<Question, { kind: "form" }>, line: string): void {
    if (this.#form === undefined) return;
    const { values, problem } = this.#form.take(line);
    if (values !== undefined) return this.#options.actions.answer(question.id, { kind: "form", values });
    if (problem !== undefined) this.#print(`! ${problem}`);
    this.#write(this.#form.prompt);
  }

  #changed(): void {
    const { entries, question, status } = this.store.view();
    const { theme } = this.#options;
    const fresh = entries.slice(this.#printed).flatMap((entry) => entryLines(entry, this.#columns, theme));
    this.#printed = entries.length;
    if (fresh.length > 0) this.#print(...fresh);
    if (this.store.pageIsFull) {
      this.store.newPage();
      this.#printed = 0;
    }
    if (question?.id !== this.#question?.id) {
      this.#question = question;
      this.#form = question?.kind === "form" ? new FormByLines(question.schema, question.values) : undefined;
      if (question !== undefined) this.#ask(question);
    }
    if (status?.turn === "idle" && question === undefined) this.#prompt();
  }

  #ask(question: Question): void {
    if (question.kind !== "form") {
      const { theme } = this.#options;
      this.#print(
        "",
        questionTitle(question) + placeOf(this.store.view().status?.asking),
        ...wrap(oneLine(question.description), this.#columns),
        ...changeLines(question, this.#columns, theme),
        ...argumentLines(asked(question), this.#columns, theme),
      );
      const choices = spokenChoices(question).map(({ key, label }) => `${key}: ${label.toLowerCase()}`);
      this.#write(`${choices.join(", ")} > `);
    } else {
      this.#print("", oneLine(question.title));
      if (this.#form !== undefined) this.#write(this.#form.prompt);
    }
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

/** The choices in words: what would be written with one follows its key on the same line. */
function spokenChoices(question: YesOrNo): { readonly key: string; readonly label: string }[] {
  const choices = choicesOf(question).filter(({ decision, writes }) => decision !== "deny" || writes === undefined);
  if (question.kind !== "approval") return [...choices];
  return choices.map(({ decision, key, label }) => {
    const also = decision === "pattern" ? " [pattern]" : decision === "deny" ? " [why]" : "";
    return { key: `${key}${also}`, label };
  });
}

/** Undefined for a line that is no clear answer: a sentence that happens to begin with a key is none. */
function spokenAnswer(question: YesOrNo, line: string): Answer | undefined {
  const [, word = "", written = ""] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? [];
  const said = word.toLowerCase();
  const choice = choicesOf(question).find(
    ({ key, short }) => said === key || said === short.toLowerCase() || said === FULL[key],
  );
  if (choice === undefined) return undefined;
  const takesWords = choice.decision === "pattern" || choice.decision === "deny";
  if (written !== "" && !takesWords) return undefined;
  return answerOf(choice, written.trim() || (choice.writes?.first ?? ""));
}

/** Keys as people spell them out. */
const FULL: { readonly [key: string]: string } = { y: "yes", n: "no" };
