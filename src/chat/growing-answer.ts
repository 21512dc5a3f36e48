// An answer while it is being written: on disk before its first word is shown, then again every so often and at its end, so
// that a killed process leaves what the reader had seen but for the last moment.
import type { AssistantMessage, StoredMessage } from "../actors/session/message.js";
import type { Thought, ToolCall } from "../llm/provider.js";
import { BanyanError, type Ref } from "../supervision/index.js";

/** Milliseconds between two writes of a growing answer, and more the longer it is: every write is the whole of it. */
const SAVE_EVERY_MS = 300;
const CHARACTERS_PER_MS = 200;
/** Longest answer, in characters. */
const MAX_CHARACTERS = 1024 * 1024;

interface Watcher {
  turnMessage(message: StoredMessage): void;
  turnDelta(id: string, text: string): void;
}

export class GrowingAnswer {
  readonly calls: ToolCall[] = [];
  /** What the model thought, whole; while it still thinks, as far as it has come. */
  readonly thoughts: Thought[] = [];
  private thinking = "";
  private text = "";
  private savedAt: number | undefined;

  constructor(
    private readonly message: AssistantMessage,
    private readonly watcher: Ref<Watcher>,
    private readonly save: (message: AssistantMessage) => Promise<void>,
  ) {}

  /** Whose answer it is, `provider:model`. */
  get model(): string {
    return this.message.model;
  }

  /** True once anything of it is shown. */
  get begun(): boolean {
    return this.savedAt !== undefined;
  }

  /** Throws when the answer is longer than anybody will read: a model that repeats itself does not end by itself. */
  async append(delta: string): Promise<void> {
    if (this.text.length + delta.length > MAX_CHARACTERS) {
      throw new BanyanError("answer_too_long", "The answer grew over 1 MB and was stopped; ask for it in parts.", {
        kind: "module",
      });
    }
    if (!this.begun) {
      await this.keep("streaming");
      this.watcher.cast.turnMessage(this.snapshot("streaming"));
    }
    this.text += delta;
    this.watcher.cast.turnDelta(this.message.id, delta);
    const pause = SAVE_EVERY_MS + this.text.length / CHARACTERS_PER_MS;
    if (performance.now() - (this.savedAt ?? 0) > pause) await this.keep("streaming");
  }

  /** Thoughts alone are not shown yet: what follows them is. */
  think(delta: string): void {
    if (this.thinking.length < MAX_CHARACTERS) this.thinking += delta;
  }

  /** An answer of neither words nor calls leaves no message. */
  async end(status: "complete" | "failed" | "interrupted"): Promise<void> {
    if (!this.begun && this.calls.length === 0) return;
    await this.keep(status);
    this.watcher.cast.turnMessage(this.snapshot(status));
  }

  private keep(status: AssistantMessage["status"]): Promise<void> {
    this.savedAt = performance.now();
    return this.save(this.snapshot(status));
  }

  private snapshot(status: AssistantMessage["status"]): AssistantMessage {
    const toolCalls = this.calls.map((call) => ({ ...call, arguments: { ...call.arguments } }));
    const begun = this.thinking === "" ? [] : [{ text: this.thinking }];
    const thoughts = this.thoughts.length > 0 ? [...this.thoughts] : begun;
    return {
      ...this.message,
      text: this.text,
      toolCalls,
      ...(thoughts.length > 0 && { thoughts: thoughts.map(asStored) }),
      status,
    };
  }
}

function asStored({ text, proof }: Thought) {
  if (proof === undefined) return { text };
  return {
    text,
    proof: Object.fromEntries(Object.entries(proof).map(([provider, values]) => [provider, { ...values }])),
  };
}
