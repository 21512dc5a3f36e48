// An answer while it is being written: on disk before its first word is shown, then again every so often and at its end, so
// that a killed process leaves what the reader had seen but for the last moment.
import type { AssistantMessage, StoredMessage } from "../actors/session.js";
import type { ToolCall } from "../llm/provider.js";
import type { Ref } from "../supervision/index.js";

/** Milliseconds between two writes of a growing answer. */
const SAVE_EVERY_MS = 300;

interface Watcher {
  turnMessage(message: StoredMessage): void;
  turnDelta(id: string, text: string): void;
}

export class GrowingAnswer {
  readonly calls: ToolCall[] = [];
  private text = "";
  private savedAt: number | undefined;

  constructor(
    private readonly message: AssistantMessage,
    private readonly watcher: Ref<Watcher>,
    private readonly save: (message: AssistantMessage) => Promise<void>,
  ) {}

  /** True once anything of it is shown. */
  get begun(): boolean {
    return this.savedAt !== undefined;
  }

  async append(delta: string): Promise<void> {
    if (!this.begun) {
      await this.keep("streaming");
      this.watcher.cast.turnMessage(this.snapshot("streaming"));
    }
    this.text += delta;
    this.watcher.cast.turnDelta(this.message.id, delta);
    if (performance.now() - (this.savedAt ?? 0) > SAVE_EVERY_MS) await this.keep("streaming");
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
    return { ...this.message, text: this.text, toolCalls, status };
  }
}
