// The turns of the conversation, one at a time, each in a process of its own; what is typed meanwhile waits. A turn answers a
// message, or runs a command that waits for servers: such a command may leave a prompt, which is said when it has ended.
import type { Settings } from "../actors/config/schema.js";
import { type AssistantMessage, stamp, type UserMessage } from "../actors/session/message.js";
import type { ToolCall } from "../llm/provider.js";
import {
  type ChildSpec,
  child,
  type Down,
  describeReason,
  exit,
  type Pid,
  type Ref,
  startChild,
} from "../supervision/index.js";
import type { ChatOptions } from "./chat-options.js";
import type { ChosenModel } from "./chosen-model.js";
import type { ServerCommand } from "./command.js";
import { type CommandResult, CommandRun } from "./command-run.js";
import type { ChatEvent, TurnState } from "./events.js";
import { mentionLimits } from "./mentions/read.js";
import type { OpenSession } from "./open-session.js";
import type { Questions } from "./questions.js";
import type { ShownItems } from "./shown-items.js";
import { Turn, type TurnOptions } from "./turn.js";
import { TurnClock } from "./turn-clock.js";

export interface TurnsHost {
  readonly options: ChatOptions;
  readonly session: OpenSession;
  readonly shown: ShownItems;
  readonly model: ChosenModel;
  readonly questions: Questions;
  /** As they are now. */
  settings(): Settings;
  use<T>(ref: Ref<T>): Ref<T>;
  monitor(ref: Ref<unknown>): number;
  emit(event: ChatEvent): void;
  showStatus(): void;
}

const TURN = { restart: "temporary", shutdown: 1_000 } as const;

export class Turns {
  /** Of the turn that runs. */
  clock: TurnClock | undefined;
  private running: { readonly pid: Pid; readonly monitor: number; readonly state: TurnState } | undefined;
  private readonly waiting: UserMessage[] = [];
  /** What is to follow once the command that asked for it has ended. */
  private following: (() => Promise<void>) | undefined;

  constructor(private readonly host: TurnsHost) {}

  get busy(): boolean {
    return this.running !== undefined;
  }

  get state(): TurnState {
    return this.running?.state ?? "idle";
  }

  /** Who questions of the turn that runs are asked for. */
  get asker(): string {
    return this.running?.pid.id ?? "";
  }

  /** In the order they will be sent. */
  get queued(): readonly string[] {
    return this.waiting.map(({ text }) => text);
  }

  /** Says a message as it is, also one that begins with a slash. What its first `typed` characters mention goes with it. */
  async say(text: string, typed = text.length): Promise<void> {
    const { busy } = this;
    const unread = text.slice(0, typed).includes("@") ? { unread: typed } : {};
    const message: UserMessage = { ...stamp(), role: "user", text, status: busy ? "queued" : "complete", ...unread };
    if (!(await this.host.session.keep(message))) {
      if (!busy) this.host.emit({ type: "idle" });
    } else if (busy) this.waiting.push(message);
    else await this.answer(message);
    this.host.showStatus();
  }

  /** To whoever watches, and to Esc, it is a turn. */
  async run(command: ServerCommand, line: string, rest: string): Promise<void> {
    const { options, shown, model } = this.host;
    if (this.busy) {
      shown.notice("warn", `An answer is being written; press Esc first, or wait, and then /${command.name}.`);
      return;
    }
    this.clock = new TurnClock(this.host.settings().chat.turn_timeout);
    const sizes = mentionLimits(this.host.settings().limits).size;
    const arg = { names: options, command, line, rest, model: model.id, sizes };
    await this.start(child(CommandRun, arg, TURN), "running-tools");
    this.host.showStatus();
  }

  /** A prompt is said, and tools are run, when the command has ended, which is its turn's end. */
  commandDone(line: string, answer: CommandResult): void {
    if (typeof answer === "string") this.host.shown.output(line, answer);
    else if (answer === undefined) this.following = undefined;
    else if ("calls" in answer) this.following = () => this.callTools(line, answer.calls);
    else this.following = () => this.sayPrompt(answer.said);
  }

  moved(state: TurnState): void {
    if (this.running === undefined) return;
    this.running = { ...this.running, state };
    this.host.showStatus();
  }

  /** False when none ran. */
  cancel(): boolean {
    if (this.running === undefined) return false;
    exit(this.host.use(this.running.pid), "shutdown");
    return true;
  }

  /** To be given the end of every process that is monitored. */
  async ended({ id, reason }: Down): Promise<void> {
    if (id !== this.running?.monitor) return;
    const { options, session, shown, questions, use, showStatus } = this.host;
    const { asker } = this;
    this.running = undefined;
    this.clock?.halt();
    this.clock = undefined;
    questions.withdraw({ asker });
    await session.markInterrupted();
    if (reason !== "shutdown") use(options.health).cast.record(reason === "normal", "a turn");
    if (reason === "shutdown") shown.notice("info", "Stopped.");
    else if (reason !== "normal")
      shown.notice("error", `The turn crashed (${describeReason(reason)}); everything before it is kept.`);
    await session.refreshUsage();
    const { following } = this;
    this.following = undefined;
    if (reason === "normal") await following?.();
    if (this.busy) showStatus();
    else await this.next();
  }

  /** With `calls` these are run in the model's place. */
  private async answer(message: UserMessage, calls?: readonly ToolCall[]): Promise<void> {
    const { options, session, shown, model, questions } = this.host;
    shown.show(message);
    const { self, servers, aggregator, router, breaker, health, tasks, models, results } = options;
    const { chat, context, limits, prices } = this.host.settings();
    const clock = new TurnClock(chat.turn_timeout); // the time a question is open does not count
    if (questions.open !== undefined) clock.halt();
    this.clock = clock;
    const arg: TurnOptions = {
      chat: self,
      session: options.session,
      servers,
      router,
      aggregator,
      breaker,
      health,
      tasks,
      provider: model.provider,
      fallback: models.fallback.filter(({ id }) => id !== model.id),
      prices: Object.values(prices),
      clock,
      system: chat.system_prompt,
      context,
      maxSteps: chat.max_steps,
      temperature: chat.temperature,
      maxTokens: chat.max_tokens,
      thinking: chat.thinking,
      maxResultBytes: limits.tool_result,
      results,
      store: options.store,
      resources: options.resources,
      folder: options.project,
      mentions: mentionLimits(limits),
      sessionId: session.id,
      requestId: message.id,
      ...(calls === undefined ? {} : { calls }),
    };
    if (!(await this.start(child(Turn, arg, TURN), "thinking"))) await this.next();
  }

  /** False, and said, when it could not be started. */
  private async start(spec: ChildSpec, state: TurnState): Promise<boolean> {
    const { options, use, monitor, shown } = this.host;
    const started = await startChild(use(options.tasks), spec);
    if ("ok" in started && started.ok !== undefined) {
      this.running = { pid: started.ok, monitor: monitor(started.ok), state };
      return true;
    }
    const why = "error" in started ? started.error : "it chose not to run";
    shown.notice("error", `The turn could not be started (${why}); send the message again.`);
    return false;
  }

  /** Takes up what was typed meanwhile, in order. */
  private async next(): Promise<void> {
    const next = this.waiting.shift();
    if (next === undefined) {
      this.host.showStatus();
      this.host.emit({ type: "idle" });
      return;
    }
    const message: UserMessage = { ...next, status: "complete", at: Date.now() };
    if (await this.host.session.keep(message)) await this.answer(message);
    else await this.next();
    this.host.showStatus();
  }

  /** Tools run by hand: what was typed is kept as the user's word, so that the model knows whose calls they were. */
  private async callTools(line: string, calls: readonly ToolCall[]): Promise<void> {
    const message: UserMessage = { ...stamp(), role: "user", text: line, status: "complete" };
    if (await this.host.session.keep(message)) await this.answer(message, calls);
  }

  /** Messages of a prompt: all are kept and shown, and the model answers the last if it is the user's. */
  private async sayPrompt(messages: readonly (UserMessage | AssistantMessage)[]): Promise<void> {
    const last = messages.at(-1);
    for (const message of messages) {
      if (!(await this.host.session.keep(message))) return;
      if (message.role === "user" && message === last) await this.answer(message);
      else this.host.shown.show(message);
    }
  }
}
