// Print mode: one message, its answer, no screen. It watches the chat like any other watcher; what it prints can be piped on.
import { again } from "../actors/again.js";
import type { StoredMessage } from "../actors/session/message.js";
import type { Session, Usage } from "../actors/session/session.js";
import {
  BanyanError,
  CallError,
  type Down,
  GenServer,
  isDown,
  messageOf,
  type Named,
  type Pid,
  plainJson,
  type Ref,
} from "../supervision/index.js";
import type { Chat } from "./chat.js";
import type { ChatEvent, ChatWatcher, TranscriptItem } from "./events.js";
import { Retrace } from "./retrace.js";

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
  /** The model's, or what a command says. */
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

type AnswerItem = Extract<TranscriptItem, { kind: "assistant" }>;

/** The answer that is being written. */
interface WrittenAnswer {
  readonly id: string;
  written: string;
  /** It comes again, after a crash. */
  retrace: Retrace | undefined;
}

interface PrintState {
  readonly problems: string[];
  /** What commands said. */
  readonly outputs: string[];
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
  /** Entries that were there before the prompt. */
  private known: ReadonlySet<string> | undefined;
  private answer: WrittenAnswer | undefined;

  protected override init(options: PrintOptions) {
    this.options = options;
    this.chat = this.use(options.chat).with({ timeout: Number.POSITIVE_INFINITY });
    this.session = this.use(options.session);
    this.state = { problems: [], outputs: [], wroteText: false };
    this.continueWith("ask");
  }

  protected override async handleContinue() {
    this.before = await this.said();
    await this.attempt();
  }

  /** The chat is gone; the one that comes back goes on with the turn, if the prompt had reached it. */
  protected override async handleInfo(message: Down) {
    if (isDown(message)) await this.attempt();
  }

  /** Asks, or follows a turn that goes on. A chat that dies over it is told of by its monitor. */
  private async attempt(): Promise<void> {
    if (this.finished) return;
    try {
      const chat = this.use(await this.present()).with({ timeout: Number.POSITIVE_INFINITY });
      const { items, status } = await chat.call.subscribe(this.self<Printer>());
      this.known ??= new Set(items.map(({ id }) => id));
      for (const item of items) {
        if (item.kind === "notice" && item.level !== "info") this.note(item.text);
        if (item.kind === "assistant") this.update(item);
      }
      const idle = status.turn === "idle";
      const isAsked = (await this.said()) > this.before;
      if (!isAsked && !idle) throw new BanyanError("busy", "The conversation is busy; try again.");
      if (!isAsked) await chat.call.prompt(this.options.prompt, this.options.typed);
      else if (idle) await this.finish();
    } catch (error) {
      if (!(error instanceof CallError)) await this.broken(error);
    }
  }

  /** The chat as it is now, monitored. */
  private async present(): Promise<Pid<Chat>> {
    for (;;) {
      const chat = this.options.chat.whereis();
      if (chat !== undefined) {
        this.monitor(chat);
        return chat;
      }
      await again(() => this.chat.call.getStatus()); // waits for the next one
    }
  }

  private async broken(error: unknown): Promise<void> {
    if (this.finished) return;
    const text = `${messageOf(error).replace(/\.$/, "")}; no answer will come, so ask again.`;
    this.state.problems.push(text);
    this.note(text);
    await this.finish();
  }

  /** How many messages there are. */
  private async said(): Promise<number> {
    const { messages, from } = await again(() => this.session.call.view());
    return from + messages.length;
  }

  async chatEvent(event: ChatEvent): Promise<void> {
    if (this.finished) return; // the result is the last that is written
    if (this.options.format === "stream-json") this.options.write(`${plainJson(JSON.stringify(event))}\n`);
    if ((event.type === "item" || event.type === "update") && event.item.kind === "assistant") this.update(event.item);
    if (event.type === "delta") this.grow(event.id, event.text);
    if (event.type === "item" && event.item.kind === "notice" && event.item.level !== "info") {
      if (event.item.level === "error") this.state.problems.push(event.item.text);
      this.note(event.item.text);
    }
    if (event.type === "item" && event.item.kind === "attachments") {
      for (const file of event.item.files) if ("problem" in file) this.note(`${file.name}: ${file.problem}`);
    }
    if (event.type === "item" && event.item.kind === "output") this.say(event.item.text);
    if (event.type === "idle" || event.type === "quit") await this.finish();
  }

  /** The answer as it is now: new, longer, or written again after a crash. */
  private update({ id, text }: AnswerItem): void {
    if (this.known?.has(id)) return;
    if (this.answer?.id !== id) this.answer = { id, written: "", retrace: undefined };
    const { written } = this.answer;
    const goesOn = text.startsWith(written);
    this.answer.retrace = goesOn ? undefined : new Retrace(written);
    this.grow(id, goesOn ? text.slice(written.length) : text);
  }

  /** What is written cannot be taken back: an answer that comes again in the same words goes on under it. */
  private grow(id: string, delta: string): void {
    const { answer } = this;
    if (answer?.id !== id) return;
    const { retrace } = answer;
    if (retrace === undefined) return this.write(answer, delta);
    const found = retrace.push(delta);
    if (found === undefined) return;
    answer.retrace = undefined;
    if (found === "same") return this.write(answer, retrace.text.slice(answer.written.length));
    this.write(answer, "\n\n");
    answer.written = "";
    this.write(answer, retrace.text);
  }

  private write(answer: WrittenAnswer, text: string): void {
    answer.written += text;
    if (text === "" || this.options.format !== "text") return;
    this.options.write(text);
    this.state.wroteText = true;
  }

  private say(output: string): void {
    this.state.outputs.push(output);
    if (this.options.format === "text") this.options.write(`${output}\n`);
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
    } else {
      const whole = { ...result, answer: result.answer || this.state.outputs.join("\n\n") };
      this.options.write(`${plainJson(JSON.stringify(whole, null, this.options.format === "json" ? 2 : 0))}\n`);
    }
    this.options.done(result.ok);
  }

  private result(
    sessionId: string,
    messages: readonly StoredMessage[],
    { tokens, cached, cost }: Usage,
  ): PrintedResult {
    const answers = messages.filter((message) => message.role === "assistant");
    const calls = messages.filter((message) => message.role === "tool");
    const refused = calls.some(({ status }) => ["denied", "failed", "interrupted"].includes(status));
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
