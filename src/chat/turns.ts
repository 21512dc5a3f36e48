// The turns of the conversation, one at a time, each in a process of its own; what is typed meanwhile waits, or runs beside it if it
// is a command. A turn answers a message, or runs a command that waits for servers: such a command may leave a prompt, which is said
// when what runs has ended.
// The message that is answered carries the mark of its turn until that is over. So a turn that was broken off, by its own crash, the
// chat's or the end of the whole program, is found again, and goes on from what is kept of it, so often and no more.
import type { Settings } from "../actors/config/schema.js";
import { type AssistantMessage, stamp, type UserMessage } from "../actors/session/message.js";
import type { ToolCall } from "../llm/provider.js";
import {
  type ChildSpec,
  child,
  type Down,
  describeReason,
  type ExitReason,
  exit,
  type Pid,
  type Ref,
  startChild,
} from "../supervision/index.js";
import type { ChatOptions } from "./chat-options.js";
import type { ChosenModel } from "./chosen-model.js";
import { type CommandResult, CommandRun, type Runnable } from "./command-run.js";
import type { ChatEvent, TurnState } from "./events.js";
import { mentionLimits } from "./mentions/read.js";
import { recoveryNotice, resumedNotice } from "./notices.js";
import type { OpenSession } from "./open-session.js";
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
  /** A turn, or a command that was typed while nothing ran. */
  private running: Running | undefined;
  private readonly waiting: UserMessage[] = [];
  /** Commands that were typed while something else ran, by their monitor. */
  private readonly beside = new Map<number, Pid>();
  /** What is to follow once what runs has ended, because a command asked for it. */
  private readonly following: (() => Promise<void>)[] = [];

  constructor(private readonly host: TurnsHost) {}

  get busy(): boolean {
    return this.running !== undefined;
  }

  get state(): TurnState {
    return this.running?.state ?? "idle";
  }

  /** In the order they will be sent. */
  get queued(): readonly string[] {
    return this.waiting.map(({ text }) => text);
  }

  /** Says a message as it is, also one that begins with a slash. What its first `typed` characters mention goes with it. */
  async say(text: string, typed = text.length): Promise<void> {
    const { busy } = this;
    const unread = text.slice(0, typed).includes("@") ? { unread: typed } : {};
    const said = { ...stamp(), role: "user", text, ...unread } as const;
    const message: UserMessage = busy ? { ...said, status: "queued" } : this.begun({ ...said, status: "complete" });
    if (!(await this.host.session.keep(message))) {
      if (!busy) this.host.emit({ type: "idle" });
    } else if (busy) this.waiting.push(message);
    else await this.answer(message);
    this.host.showStatus();
  }

  /** To whoever watches, and to Esc, it is a turn; while one runs it is run beside it. */
  async run(command: Runnable, line: string, rest: string): Promise<void> {
    const { options, model, shown } = this.host;
    if (this.busy && command.alone) {
      shown.notice("warn", `An answer is being written; press Esc first, or wait, and then /${command.name}.`);
      return;
    }
    const sizes = mentionLimits(this.host.settings().limits).size;
    const arg = { names: options, command, line, rest, model: model.id, sizes };
    const pid = await this.start(child(CommandRun, arg, TURN));
    if (pid === undefined) return;
    if (this.busy) this.beside.set(this.host.monitor(pid), pid);
    else this.follow(pid, "running-tools", this.host.monitor(pid), undefined);
    this.host.showStatus();
  }

  /** A prompt is said, and tools are run, when what runs has ended. */
  commandDone(line: string, answer: CommandResult): void {
    if (typeof answer === "string") this.host.shown.output(line, answer);
    else if (answer === undefined) return;
    else if ("calls" in answer) this.following.push(() => this.callTools(line, answer.calls));
    else this.following.push(() => this.sayPrompt(answer.said));
  }

  /** Answers the last message again. False, and said, when it cannot. */
  async again(): Promise<boolean> {
    const last = await this.host.session.supersede({ itself: false });
    const message = last && this.begun(last);
    if (message === undefined || !(await this.host.session.keep(message))) return false;
    this.host.shown.notice(
      "info",
      "Answering again. The answer before is kept (/history), and the model is not told of it.",
    );
    await this.answer(message);
    this.host.showStatus();
    return true;
  }

  /** Says something else in place of the last message. False, and said, when it cannot. */
  async sayInstead(text: string): Promise<boolean> {
    const message = await this.host.session.supersede({ itself: true });
    if (message === undefined) return false;
    this.host.shown.notice(
      "info",
      "Said again. What was said before is kept (/history), and the model is not told of it.",
    );
    await this.say(text);
    return true;
  }

  /** The message that was queued last, which is not sent any more; undefined if none waits or storage refuses. */
  async takeBack(): Promise<string | undefined> {
    const message = this.waiting.pop();
    if (message === undefined) return undefined;
    if (!(await this.host.session.keep({ ...message, status: "unsent", superseded: true }))) {
      this.waiting.push(message);
      return undefined;
    }
    this.host.showStatus();
    return message.text;
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
    if (this.beside.delete(id)) {
      if (reason !== "normal" && reason !== "shutdown") this.crashed("A command", reason);
      return;
    }
    if (id !== this.running?.monitor) return;
    const { options, session, shown, use } = this.host;
    const { request, cancelled } = this.running;
    this.running = undefined;
    this.clock?.halt();
    this.clock = undefined;
    if (!cancelled) use(options.health).cast.record(reason === "normal", "a turn");
    if (!cancelled && reason !== "normal" && request !== undefined) {
      return this.resume(request, `The turn crashed (${describeReason(reason)}) and goes on`);
    }
    await session.turnEnded();
    if (cancelled) shown.notice("info", "Stopped.");
    else if (reason !== "normal") this.crashed("The command", reason);
    await session.refreshUsage();
    await this.next();
  }

  private crashed(what: string, reason: ExitReason): void {
    this.host.shown.notice("error", `${what} crashed (${describeReason(reason)}); everything before it is kept.`);
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
    const { options, session, shown, model } = this.host;
    shown.show(message);
    const { self, servers, aggregator, router, breaker, health, tasks, models, results } = options;
    const { chat, context, limits, prices } = this.host.settings();
    const clock = this.newClock();
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
      maxTokensOfTurn: chat.turn_tokens,
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
    };
    const pid = await this.start(child(Turn, arg, TURN));
    if (pid !== undefined) return this.follow(pid, "thinking", this.host.monitor(pid), message, clock);
    await session.turnEnded();
    await this.next();
  }

  /** From now on it is what runs. */
  private follow(
    pid: Pid,
    state: TurnState,
    monitor: number,
    request: UserMessage | undefined,
    clock = this.newClock(),
  ): void {
    this.running = { pid, monitor, state, request, cancelled: false };
    this.clock = clock;
  }

  /** The time a question is open does not count. */
  private newClock(): TurnClock {
    const clock = new TurnClock(this.host.settings().chat.turn_timeout);
    if (this.host.questions.open !== undefined) clock.halt();
    return clock;
  }

  /** Undefined, and said, when it could not be started. */
  private async start(spec: ChildSpec): Promise<Pid | undefined> {
    const { options, use, shown } = this.host;
    const started = await startChild(use(options.tasks), spec);
    if ("ok" in started && started.ok !== undefined) return started.ok;
    const why = "error" in started ? started.error : "it chose not to run";
    shown.notice("error", `The turn could not be started (${why}); send the message again.`);
    return undefined;
  }

  /** Takes up what was typed meanwhile, in order. */
  private async next(): Promise<void> {
    const following = this.following.shift();
    if (following !== undefined) {
      await following();
      if (!this.busy) await this.next();
      this.host.showStatus();
      return;
    }
    const next = this.waiting.shift();
    if (next === undefined) {
      const [command] = this.beside;
      if (command === undefined) this.host.emit({ type: "idle" });
      else {
        // What the user still waits for is what Esc stops.
        this.beside.delete(command[0]);
        this.follow(command[1], "running-tools", command[0], undefined);
      }
      this.host.showStatus();
      return;
    }
    const message = this.begun({ ...next, status: "complete", at: Date.now() });
    if (await this.host.session.keep(message)) await this.answer(message);
    else await this.next();
    this.host.showStatus();
  }

  /** Tools run by hand: what was typed is kept as the user's word, so that the model knows whose calls they were. */
  private async callTools(line: string, calls: readonly ToolCall[]): Promise<void> {
    const { session } = this.host;
    const message: UserMessage = { ...stamp(), role: "user", text: line, status: "complete" };
    const toolCalls = calls.map((call) => ({ ...call, arguments: { ...call.arguments } }));
    // As if a model had asked for them, for so the next one is told of them.
    const asked: AssistantMessage = {
      ...stamp(),
      role: "assistant",
      model: "",
      text: "",
      toolCalls,
      status: "complete",
    };
    const begun = this.begun(message);
    for (const each of [message, asked, begun]) if (!(await session.keep(each))) return;
    await this.answer(begun);
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
