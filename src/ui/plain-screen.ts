// The same conversation on a terminal that can only print, TERM=dumb or an editor's shell, and for a screen reader. Finished entries
// are printed as plain lines, for a screen reader in words; questions are asked in words, and an answer is a line. Nothing is ever
// drawn over: of what takes its time, a line is printed now and then.
import type { Answer, Question } from "../chat/events.js";
import { type Clock, systemClock } from "./clock.js";
import {
  aboutOf,
  answerOf,
  argumentLines,
  asked,
  changeLines,
  choicesOf,
  placeOf,
  questionTitle,
  type YesOrNo,
} from "./components/approval.js";
import { type Entry, entryLines } from "./entries.js";
import { duration } from "./figures.js";
import { FormByLines } from "./form-by-lines.js";
import type { ScreenOptions } from "./screen.js";
import { spokenCall, spokenLines } from "./spoken.js";
import { oneLine, wrap } from "./text.js";
import type { Theme } from "./theme.js";
import { ViewStore } from "./view-store.js";

const PROMPT = "> ";
/** So often is said what is still under way, in milliseconds. */
const STILL_MS = 5_000;
/** Lines remembered that were typed and may come back as what was said. */
const REMEMBERED = 100;

export class PlainScreen {
  readonly store: ViewStore;
  /** Holds for what is printed from then on. */
  theme: Theme;
  readonly #options: ScreenOptions;
  #printed = 0;
  #question: Question | undefined;
  #form: FormByLines | undefined;
  #typed = "";
  #prompted = false;
  readonly #clock: Clock;
  /** A line was sent, and nothing has come of it yet: the next prompt follows what comes. */
  #sent = false;
  /** What the terminal has shown while it was typed, so that it is not printed again. */
  #echoed: string[] = [];
  #cancelStill: (() => void) | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.theme = options.theme;
    const { theme, draft, clock = systemClock } = options;
    this.#clock = clock;
    this.store = new ViewStore({ theme, printed: draft.printed, clock });
    this.store.onClear = () => {
      this.#printed = 0;
      this.#sent = false;
    };
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
    this.#cancelStill?.();
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
    // What is queued is printed when its turn comes, or nobody knows what is being answered.
    const { isTTY } = this.#options.stdin;
    if (isTTY && this.store.view().status?.turn === "idle") this.#echoed = [...this.#echoed, line].slice(-REMEMBERED);
    this.#sent = true;
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
    const fresh = entries.slice(this.#printed).flatMap((entry) => this.#linesOf(entry));
    this.#printed = entries.length;
    if (fresh.length > 0) this.#print(...fresh);
    if (fresh.length > 0 || question !== undefined || status?.turn !== "idle") this.#sent = false;
    if (this.store.pageIsFull) {
      this.store.newPage();
      this.#printed = 0;
    }
    if (question?.id !== this.#question?.id) {
      this.#question = question;
      this.#form = question?.kind === "form" ? new FormByLines(question.schema, question.values) : undefined;
      if (question !== undefined) this.#ask(question);
    }
    if (status?.turn === "idle" && question === undefined && !this.#sent) this.#prompt();
    this.#watchTurn();
  }

  /** While something is under way, and as long as nobody is asked. */
  #watchTurn(): void {
    const { turnSince, question } = this.store.view();
    if (turnSince === undefined || question !== undefined) {
      this.#cancelStill?.();
      this.#cancelStill = undefined;
      return;
    }
    this.#cancelStill ??= this.#clock.after(STILL_MS, () => {
      this.#cancelStill = undefined;
      this.#sayStill(turnSince);
      this.#watchTurn();
    });
  }

  #sayStill(since: number): void {
    const { calls, tail } = this.store.view();
    const now = this.#clock.now();
    if (calls.length > 0) return this.#print(...calls.map((call) => spokenCall(call, now)));
    this.#print(
      `${tail === undefined ? "Thinking" : "Answering"}, ${duration(Math.floor((now - since) / 1_000) * 1_000)}`,
    );
  }

  #linesOf(entry: Entry): string[] {
    const { theme } = this;
    const shown = this.#isEchoed(entry) ? (entry.kind === "output" ? { ...entry, title: "" } : undefined) : entry;
    if (shown === undefined) return [];
    return theme.spoken ? spokenLines(shown, this.#columns, theme) : entryLines(shown, this.#columns, theme);
  }

  #isEchoed(entry: Entry): boolean {
    const said = entry.kind === "user" ? entry.text : entry.kind === "output" ? entry.title : undefined;
    const at = said === undefined ? -1 : this.#echoed.findIndex((line) => line.trim() === said.trim());
    if (at !== -1) this.#echoed = this.#echoed.toSpliced(at, 1);
    return at !== -1;
  }

  #ask(question: Question): void {
    if (question.kind !== "form") {
      const { theme } = this;
      this.#print(
        "",
        (this.theme.spoken ? "Approval needed: " : "") +
          questionTitle(question) +
          placeOf(this.store.view().status?.asking),
        ...wrap(oneLine(aboutOf(question)), this.#columns),
        ...changeLines(question, this.#columns, theme),
        ...argumentLines(asked(question), this.#columns, theme),
      );
      const choices = spokenChoices(question).map(({ key, label }) => `${key}: ${label.toLowerCase()}`);
      this.#write(`${wrap(choices.join(", "), this.#columns - 3).join("\n")} > `);
    } else {
      this.#print("", oneLine(question.title));
      if (this.#form !== undefined) this.#write(this.#form.prompt);
    }
  }

  #prompt(): void {
    if (!this.#prompted) this.#write(this.theme.spoken ? "Your message: " : PROMPT);
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
