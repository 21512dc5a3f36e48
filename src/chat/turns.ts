// The turns of the conversation, one at a time, each in a process of its own; what is typed meanwhile waits. A turn answers a
// message, or runs a command that waits for servers: such a command may leave a prompt, which is said when it has ended.
// The message that is answered carries the mark of its turn until that is over. So a turn that was broken off, by its own crash, the
// chat's or the end of the whole program, is found again, and goes on from what is kept of it, so often and no more.
import type { Settings } from "../actors/config/schema.js";
import { type AssistantMessage, stamp, type UserMessage } from "../actors/session/message.js";
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
import type { ServerCommand, ServerCommandAnswer } from "./command.js";
import { CommandRun } from "./command-run.js";
import type { ChatEvent, TurnState } from "./events.js";
import { recoveryNotice, resumedNotice } from "./notices.js";
import type { OpenSession } from "./open-session.js";
import { promptMessages } from "./prompt-messages.js";
import type { Questions } from "./questions.js";
import type { ShownItems } from "./shown-items.js";
import { MOST_RESUMED, standingOf, unfinished } from "./standing.js";
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

interface Running {
  readonly pid: Pid;
  readonly monitor: number;
  readonly state: TurnState;
  /** The message that is answered; none of a command. */
  readonly request: UserMessage | undefined;
  readonly cancelled: boolean;
}

const TURN = { restart: "temporary", shutdown: 1_000 } as const;

export class Turns {
  /** Of the turn that runs. */
  clock: TurnClock | undefined;
  private running: Running | undefined;
  private readonly waiting: UserMessage[] = [];
  /** What a prompt is to say once the command that asked for it has ended. */
  private prompted: (UserMessage | AssistantMessage)[] = [];

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

  /** Says a message as it is, also one that begins with a slash. */
  async say(text: string): Promise<void> {
    const { busy } = this;
    const said = { ...stamp(), role: "user", text } as const;
    const message: UserMessage = busy ? { ...said, status: "queued" } : this.begun({ ...said, status: "complete" });
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
    const arg = { names: options, command, line, rest, model: model.id };
    await this.start(child(CommandRun, arg, TURN), "running-tools", undefined);
    this.host.showStatus();
  }

  /** A prompt is said when the command has ended, which is its turn's end. */
  commandDone(line: string, answer: ServerCommandAnswer): void {
    if (typeof answer === "string") this.host.shown.output(line, answer);
    else if (answer !== undefined) this.prompted = promptMessages(answer.prompt, answer.messages);
  }

  moved(state: TurnState): void {
    if (this.running === undefined) return;
    this.running = { ...this.running, state };
    this.host.showStatus();
  }

  /** False when none ran. */
  cancel(): boolean {
    if (this.running === undefined) return false;
    this.running = { ...this.running, cancelled: true };
    exit(this.host.use(this.running.pid), "shutdown");
    return true;
  }

  /** To be given the end of every process that is monitored. */
  async ended({ id, reason }: Down): Promise<void> {
    if (id !== this.running?.monitor) return;
    const { options, session, shown, questions, use, showStatus } = this.host;
    const { asker } = this;
    const { request, cancelled } = this.running;
    this.running = undefined;
    this.clock?.halt();
    this.clock = undefined;
    questions.withdraw({ asker });
    if (!cancelled) use(options.health).cast.record(reason === "normal", "a turn");
    if (!cancelled && reason !== "normal" && request !== undefined) {
      return this.resume(request, `The turn crashed (${describeReason(reason)}) and goes on`);
    }
    await session.turnEnded();
    if (cancelled) shown.notice("info", "Stopped.");
    else if (reason !== "normal") shown.notice("error", `The command crashed (${describeReason(reason)}).`);
    await session.refreshUsage();
    const prompted = this.prompted.splice(0);
    if (reason === "normal" && prompted.length > 0) await this.sayPrompt(prompted);
    if (this.busy) showStatus();
    else await this.next();
  }

  /** Goes on with what was under way when the writer of the session died, and says so; or marks it where nobody could be asked
   * about it. */
  async recover(): Promise<void> {
    const { options, session, shown } = this.host;
    const { request, queued } = unfinished(await session.messages());
    // A run of one answer has a message of its own to send.
    const goesOn = options.interactive || request?.turn?.run === options.run;
    if (!goesOn || (request === undefined && queued.length === 0)) {
      const marked = await session.markInterrupted();
      if (marked.length > 0) shown.notice("warn", recoveryNotice(marked));
      return;
    }
    this.waiting.push(...queued);
    if (request !== undefined) return this.resume(request, "Recovered after an interruption");
    await session.turnEnded();
    const one = queued.length === 1;
    shown.notice(
      "warn",
      `Recovered after an interruption: ${queued.length} queued ${one ? "message is" : "messages are"} sent now.`,
    );
    await this.next();
  }

  /** From what is kept of it. `why` begins the line that tells the user. */
  private async resume(request: UserMessage, why: string): Promise<void> {
    const { session, shown } = this.host;
    const resumed = (request.turn?.resumed ?? 0) + 1;
    const standing = standingOf(await session.messages(), request.id);
    const message: UserMessage = { ...request, turn: { run: this.host.options.run, resumed } };
    if (resumed <= MOST_RESUMED && (await session.keep(message))) {
      shown.notice("warn", resumedNotice(why, standing, this.waiting.length));
      await this.answer(message);
      return;
    }
    await session.turnEnded();
    if (resumed > MOST_RESUMED) {
      shown.notice(
        "error",
        `The turn was broken off ${resumed} times and is not taken up again; what it had done is kept, say "go on" to continue.`,
      );
    }
    await this.next();
  }

  /** With the mark of its turn. */
  private begun(message: UserMessage): UserMessage {
    return { ...message, turn: { run: this.host.options.run, resumed: 0 } };
  }

  private async answer(message: UserMessage): Promise<void> {
    const { options, session, shown, model, questions } = this.host;
    shown.show(message);
    const { self, servers, aggregator, router, breaker, health, tasks, models, results } = options;
    const { chat, limits, prices } = this.host.settings();
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
      maxSteps: chat.max_steps,
      temperature: chat.temperature,
      maxTokens: chat.max_tokens,
      thinking: chat.thinking,
      maxResultBytes: limits.tool_result,
      results,
      sessionId: session.id,
      requestId: message.id,
    };
    if (await this.start(child(Turn, arg, TURN), "thinking", message)) return;
    await this.host.session.turnEnded();
    await this.next();
  }

  /** False, and said, when it could not be started. */
  private async start(spec: ChildSpec, state: TurnState, request: UserMessage | undefined): Promise<boolean> {
    const { options, use, monitor, shown } = this.host;
    const started = await startChild(use(options.tasks), spec);
    if ("ok" in started && started.ok !== undefined) {
      this.running = { pid: started.ok, monitor: monitor(started.ok), state, request, cancelled: false };
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
    const message = this.begun({ ...next, status: "complete", at: Date.now() });
    if (await this.host.session.keep(message)) await this.answer(message);
    else await this.next();
    this.host.showStatus();
  }

  /** Messages of a prompt: all are kept and shown, and the model answers the last if it is the user's. */
  private async sayPrompt(messages: readonly (UserMessage | AssistantMessage)[]): Promise<void> {
    const last = messages.at(-1);
    for (const said of messages) {
      const message = said.role === "user" && said === last ? this.begun(said) : said;
      if (!(await this.host.session.keep(message))) return;
      if (message.role === "user" && said === last) await this.answer(message);
      else this.host.shown.show(message);
    }
  }
}
