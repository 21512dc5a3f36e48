// Print mode: one message, its answer, no screen. It watches the chat like any other watcher; what it prints can be piped on.
import type { StoredMessage } from "../actors/session/message.js";
import type { Session, Usage } from "../actors/session/session.js";
import {
  BanyanError,
  type Down,
  describeReason,
  GenServer,
  isDown,
  messageOf,
  type Named,
  plainJson,
  type Ref,
} from "../supervision/index.js";
import type { Chat } from "./chat.js";
import type { ChatEvent, ChatWatcher } from "./events.js";

export type PrintFormat = "text" | "json" | "stream-json";

export interface PrintOptions {
  readonly chat: Named<Chat>;
  readonly session: Named<Session>;
  readonly prompt: string;
  /** So much of it, in UTF-16 units, the user typed: what is mentioned there is read. */
  readonly typed: number;
  readonly format: PrintFormat;
  /** Where the answer goes. */
  readonly write: (text: string) => void;
  /** Where warnings go in text form. */
  readonly warn: (text: string) => void;
  /** Called once, when the turn is over. `ok` is false when anything failed. */
  readonly done: (ok: boolean) => void;
}

/** What `--output json` prints. */
interface PrintedResult {
  readonly type: "result";
  readonly ok: boolean;
  readonly sessionId: string;
  readonly model: string;
  readonly answer: string;
  readonly toolCalls: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: { readonly [key: string]: unknown };
    readonly status: string;
    readonly result: string;
    readonly durationMs?: number;
  }[];
  /** `cost` in dollars, where the settings have a price. */
  readonly usage: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly cachedTokens?: number;
    readonly cost?: number;
  };
  readonly problems: readonly string[];
}

interface PrintState {
  readonly problems: string[];
  wroteText: boolean;
}

/** temporary: a print run that crashes has failed, and says so by its exit code. */
export class Printer extends GenServer<PrintOptions, PrintState> implements ChatWatcher {
  private options!: PrintOptions; // set by init, as are the two below
  private chat!: Ref<Chat>;
  private session!: Ref<Session>;
  /** How many messages there were before. */
  private before = 0;
  private finished = false;

  protected override init(options: PrintOptions) {
    this.options = options;
    this.chat = this.use(options.chat).with({ timeout: Number.POSITIVE_INFINITY });
    this.session = this.use(options.session);
    this.state = { problems: [], wroteText: false };
    this.continueWith("ask");
  }

  protected override async handleContinue() {
    this.monitor(this.options.chat);
    try {
      await this.ask();
    } catch (error) {
      await this.broken(messageOf(error));
    }
  }

  /** The chat, or the turn that it ended with, is gone: no answer will come. */
  protected override async handleInfo(message: Down) {
    if (isDown(message)) await this.broken(`The chat crashed (${describeReason(message.reason)})`);
  }

  private async broken(why: string): Promise<void> {
    if (this.finished) return;
    const text = `${why.replace(/\.$/, "")}; no answer will come, so ask again.`;
    this.state.problems.push(text);
    this.note(text);
    await this.finish();
  }

  private async ask(): Promise<void> {
    const { items, status } = await this.chat.call.subscribe(this.self<Printer>());
    const { messages, from } = await this.session.call.view();
    this.before = from + messages.length;
    for (const item of items) if (item.kind === "notice" && item.level !== "info") this.note(item.text);
    if (status.turn !== "idle") throw new BanyanError("busy", "The conversation is busy; try again.");
    const { prompt, typed } = this.options;
    await this.chat.call.prompt(prompt, typed);
  }

  async chatEvent(event: ChatEvent): Promise<void> {
    if (this.finished) return; // the result is the last that is written
    if (this.options.format === "stream-json") this.options.write(`${plainJson(JSON.stringify(event))}\n`);
    if (event.type === "delta" && this.options.format === "text") {
      this.options.write(event.text);
      this.state.wroteText = true;
    }
    if (event.type === "item" && event.item.kind === "notice" && event.item.level !== "info") {
      if (event.item.level === "error") this.state.problems.push(event.item.text);
      this.note(event.item.text);
    }
    if (event.type === "item" && event.item.kind === "attachments") {
      for (const file of event.item.files) if ("problem" in file) this.note(`${file.name}: ${file.problem}`);
    }
    if (event.type === "item" && event.item.kind === "output") this.options.write(`${event.item.text}\n`);
    if (event.type === "idle" || event.type === "quit") await this.finish();
  }

  private note(text: string): void {
    if (this.options.format === "text") this.options.warn(text);
  }

  private async finish(): Promise<void> {
    if (this.finished) return;
    this.finished = true;
    const { id, messages, from, tokens, cached, cost } = await this.session.call.view();
    const result = this.result(id, messages.slice(Math.max(0, this.before - from)), { tokens, cached, cost });
    if (this.options.format === "text") {
      const byHand = !this.state.wroteText && result.answer === ""; // no model says what came of it
      if (this.state.wroteText) this.options.write("\n");
      for (const { status, result: text } of result.toolCalls) {
        if (status === "denied") this.options.warn(text);
        else if (byHand) this.options.write(`${text}\n`);
      }
    } else this.options.write(`${plainJson(JSON.stringify(result, null, this.options.format === "json" ? 2 : 0))}\n`);
    this.options.done(result.ok);
  }

  private result(
    sessionId: string,
    messages: readonly StoredMessage[],
    { tokens, cached, cost }: Usage,
  ): PrintedResult {
    const answers = messages.filter((message) => message.role === "assistant");
    const calls = messages.filter((message) => message.role === "tool");
    const refused = calls.some(({ status }) => status === "denied" || status === "failed");
    const last = answers.at(-1);
    return {
      type: "result",
      ok: this.state.problems.length === 0 && !refused && last?.status !== "failed" && last?.status !== "interrupted",
      sessionId,
      model: last?.model ?? "",
      answer: last?.text ?? "",
      toolCalls: calls.map(({ callId, tool, arguments: args, status, text, durationMs }) => ({
        id: callId,
        name: tool,
        arguments: args,
        status,
        result: text,
        ...(durationMs === undefined ? {} : { durationMs }),
      })),
      usage: {
        inputTokens: tokens.input,
        outputTokens: tokens.output,
        ...(cached > 0 && { cachedTokens: cached }),
        ...(cost > 0 && { cost }),
      },
      problems: this.state.problems,
    };
  }
}
