// The questions only the user can answer, one open at a time, in the order they were asked. Each knows whom to tell; a
// question whose asker has gone is withdrawn and its answer, if one still comes, ignored.
import type { Answer, Question } from "./events.js";

export interface Asked {
  readonly question: Question;
  answered(answer: Answer): void;
  /** Something was decided meanwhile: true when that has answered this question, too, and its asker was told. */
  settled?(): boolean;
}

export interface QuestionsListener {
  /** It has come to the front. */
  opened(question: Question): void;
  /** It has left the front. */
  closed(id: string): void;
  /** One more waits behind the front. */
  waits(): void;
}

export class Questions {
  private readonly waiting: Asked[] = [];

  /** How many were answered or withdrawn since there was none. */
  private gone = 0;

  constructor(private readonly listener: QuestionsListener) {}

  get open(): Question | undefined {
    return this.waiting[0]?.question;
  }

  /** Which of how many is open, from 1, where there are several. */
  get place(): { readonly at: number; readonly of: number } | undefined {
    const of = this.gone + this.waiting.length;
    return this.waiting.length === 0 || of === 1 ? undefined : { at: this.gone + 1, of };
  }

  ask(asked: Asked): void {
    this.waiting.push(asked);
    if (this.waiting.length === 1) this.listener.opened(asked.question);
    else this.listener.waits();
  }

  /** To be called when something was decided that may answer other questions, too. */
  review(): void {
    this.remove((asked) => asked.settled?.() === true);
  }

  /** The user answers; false if the question is not open. */
  answer(id: string, answer: Answer): boolean {
    const [first] = this.waiting;
    if (first?.question.id !== id) return false;
    this.remove((asked) => asked === first);
    first.answered(answer);
    return true;
  }

  /** Takes the question back: whoever asked it does not wait any more. */
  withdraw(id: string): void {
    this.remove((asked) => asked.question.id === id);
  }

  private remove(test: (asked: Asked) => boolean): void {
    const before = this.open;
    for (let i = this.waiting.length - 1; i >= 0; i--) {
      const asked = this.waiting[i];
      if (asked === undefined || !test(asked)) continue;
      this.waiting.splice(i, 1);
      this.gone++;
    }
    if (this.waiting.length === 0) this.gone = 0;
    const after = this.open;
    if (before === after) return;
    if (before !== undefined) this.listener.closed(before.id);
    if (after !== undefined) this.listener.opened(after);
  }
}
