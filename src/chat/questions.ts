// The questions only the user can answer, one open at a time, in the order they were asked. Each knows whom to tell; a
// question whose asker has gone is withdrawn and its answer, if one still comes, ignored.
import type { Answer, Question } from "./events.js";

export interface Asked {
  readonly question: Question;
  /** Who asked, so that all of one asker can be withdrawn together. */
  readonly asker: string;
  answered(answer: Answer): void;
}

export class Questions {
  private readonly waiting: Asked[] = [];

  /** `opened` and `closed` are told as questions come to and leave the front. */
  constructor(private readonly listener: { opened(question: Question): void; closed(id: string): void }) {}

  get open(): Question | undefined {
    return this.waiting[0]?.question;
  }

  ask(asked: Asked): void {
    this.waiting.push(asked);
    if (this.waiting.length === 1) this.listener.opened(asked.question);
  }

  /** The user answers; false if the question is not open. */
  answer(id: string, answer: Answer): boolean {
    const [first] = this.waiting;
    if (first?.question.id !== id) return false;
    this.remove((asked) => asked === first);
    first.answered(answer);
    return true;
  }

  /** Takes back the question with this id, or all of this asker. */
  withdraw(which: { readonly id: string } | { readonly asker: string }): void {
    this.remove((asked) => ("id" in which ? asked.question.id === which.id : asked.asker === which.asker));
  }

  private remove(test: (asked: Asked) => boolean): void {
    const before = this.open;
    for (let i = this.waiting.length - 1; i >= 0; i--) {
      const asked = this.waiting[i];
      if (asked !== undefined && test(asked)) this.waiting.splice(i, 1);
    }
    const after = this.open;
    if (before === after) return;
    if (before !== undefined) this.listener.closed(before.id);
    if (after !== undefined) this.listener.opened(after);
  }
}
