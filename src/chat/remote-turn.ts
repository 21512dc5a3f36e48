// A message that somebody has sent into the chat from elsewhere, followed through what the chat tells its watchers: when its turn
// begins, how the answer grows, and how it ends. Pure; others may speak meanwhile, before it and after it.
import type { ChatEvent, TranscriptItem } from "./events.js";

export interface Outcome {
  readonly answer: string;
  /** Why there is no answer, or no whole one. */
  readonly problem?: string;
}

type AnswerItem = Extract<TranscriptItem, { kind: "assistant" }>;

export class SentMessage {
  /** Its turn has begun. */
  begun = false;
  onBegin: () => void = () => {};
  readonly over: Promise<Outcome>;
  private end!: (outcome: Outcome) => void; // set by the promise at once
  private readonly answers = new Map<string, AnswerItem>();
  private problem: string | undefined;
  private isOver = false;

  /** `tell`: what is written so far, each time there is more. */
  constructor(
    private readonly text: string,
    private readonly tell: (soFar: string) => void,
  ) {
    this.over = new Promise((resolve) => (this.end = resolve));
  }

  take(event: ChatEvent): void {
    if (this.isOver) return;
    if (!this.begun) {
      if (event.type !== "item" || event.item.kind !== "user" || event.item.text !== this.text) return;
      this.begun = true;
      this.onBegin();
      return;
    }
    if (event.type === "item" || event.type === "update") this.show(event.item);
    else if (event.type === "delta") this.grow(event.id, event.text);
    else if (event.type === "idle" || event.type === "cleared" || event.type === "quit") this.finish();
  }

  private show(item: TranscriptItem): void {
    if (item.kind === "user")
      this.finish(); // the next that waited
    else if (item.kind === "assistant") {
      this.answers.set(item.id, item);
      if (item.text !== "") this.tell(item.text);
    } else if (item.kind === "notice" && item.level === "error") this.problem = item.text;
  }

  private grow(id: string, more: string): void {
    const answer = this.answers.get(id);
    if (answer === undefined) return;
    const text = answer.text + more;
    this.answers.set(id, { ...answer, text });
    this.tell(text);
  }

  /** What the model says between two rounds of tools is no answer yet: the last counts. */
  private finish(): void {
    this.isOver = true;
    const last = [...this.answers.values()].at(-1);
    if (last?.status === "complete") return this.end({ answer: last.text });
    const problem = this.problem ?? (last === undefined ? "There was no answer." : "The answer was interrupted.");
    this.end({ answer: last?.text ?? "", problem });
  }
}
