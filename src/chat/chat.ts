// Chat: the conversation as it is going on. It takes input, runs one turn at a time in a process of its own, asks the user what
// only the user can answer, and tells its watchers. It knows no screen: the terminal, print mode and others watch alike.
// permanent, essential; what was said comes back from the Session. A turn ends with the chat it belongs to, so a chat that
// starts marks what was under way as interrupted and says so.
import { z } from "zod";
import { again } from "../actors/again.js";
import type { Alias, Aliases, AliasWatcher } from "../actors/aliases.js";
import type { Audit } from "../actors/audit/audit.js";
import type { BreakerStatus, BreakerWatcher, CircuitBreaker } from "../actors/circuit-breaker.js";
import type { Config } from "../actors/config/config.js";
import type { Settings } from "../actors/config/schema.js";
import type { ConfigWatcher } from "../actors/config/subscriptions.js";
import { AlertFollower } from "../actors/health/alerts.js";
import type { Health, HealthWatcher } from "../actors/health/health.js";
import type { HealthMonitor } from "../actors/health/health-monitor.js";
import { Condition, type HealthStatus, type Level } from "../actors/health/status.js";
import { keepState, recallState } from "../actors/kept-state.js";
import type { OllamaKeeper } from "../actors/ollama-keeper.js";
import { type AssistantMessage, type StoredMessage, stamp, type UserMessage } from "../actors/session/message.js";
import type { Session, Usage } from "../actors/session/session.js";
import { TakenError } from "../actors/session/stored-sessions.js";
import { type Store, StoreError, type StoreWatcher } from "../actors/store/store.js";
import { redact, redactAll } from "../actors/telemetry/redact.js";
import { Watching } from "../actors/watching.js";
import type { Models } from "../llm/models.js";
import type { Provider } from "../llm/provider.js";
import type { Aggregator, CapabilityWatcher } from "../mcp/client/aggregator.js";
import type {
  ElicitationAnswer,
  ElicitationRequest,
  Progress,
  SamplingAnswer,
  SamplingRequest,
} from "../mcp/client/mcp-types.js";
import type {
  NotificationBatch,
  NotificationBatchWatcher,
  NotificationHandler,
} from "../mcp/client/notification-handler.js";
import type { AskedBy } from "../mcp/client/questions.js";
import type { ResourceCache } from "../mcp/client/resource-cache.js";
import { eventOf, type ServerEvent, type ServerWatcher } from "../mcp/client/server-events.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import { isAway, type ServerStatus } from "../mcp/client/server-status.js";
import type { Elicitor } from "../mcp/client/server-wrapper.js";
import type { ToolChange } from "../mcp/client/tool-pins.js";
import {
  BanyanError,
  type ChildSpec,
  child,
  type Down,
  describeReason,
  exit,
  type From,
  GenServer,
  isDown,
  isExit,
  messageOf,
  type Named,
  type NoReply,
  noReply,
  type Pid,
  type Ref,
  send,
  startChild,
  treeOf,
} from "../supervision/index.js";
import { Approvals } from "./approvals.js";
import { Asking, type FormValues } from "./asking.js";
import { ChangeNotices } from "./change-notices.js";
import type { CommandContext, ServerCommand, ServerCommandAnswer } from "./command.js";
import { type CommandOwner, CommandRun } from "./command-run.js";
import { commands, parseCommand, unknownCommand } from "./commands.js";
import type {
  Answer,
  ChatEvent,
  ChatLike,
  ChatSnapshot,
  ChatStatus,
  ChatWatcher,
  CommandHint,
  NoticeLevel,
  TranscriptItem,
  TurnState,
} from "./events.js";
import { completeLine } from "./line-completion.js";
import { describeNotifications, describeServerEvent, recoveryNotice } from "./notices.js";
import { promptMessages } from "./prompt-messages.js";
import { Questions } from "./questions.js";
import { Sampling } from "./sampling.js";
import { ServerQuestions } from "./server-questions.js";
import type { SessionContext } from "./session-commands.js";
import { inOrder, itemOf } from "./transcript.js";
import {
  type Approval,
  type ApprovalRequest,
  type FormRequest,
  Turn,
  type TurnOptions,
  type TurnOwner,
} from "./turn.js";
import { TurnClock } from "./turn-clock.js";

export interface ChatOptions {
  readonly self: Named<Chat>;
  readonly session: Named<Session>;
  readonly store: Named<Store>;
  readonly audit: Named<Audit>;
  readonly aliases: Named<Aliases>;
  readonly servers: Named<ServerManager>;
  readonly notifications: Named<NotificationHandler>;
  readonly aggregator: Named<Aggregator>;
  readonly resources: Named<ResourceCache>;
  readonly breaker: Named<CircuitBreaker>;
  readonly health: Named<HealthMonitor>;
  /** The dynamic supervisor that turns run under. */
  readonly tasks: Named<unknown>;
  /** The supervisor at the top, for /tree. */
  readonly root: Named<unknown>;
  /** Who answers, until the user takes another. */
  readonly provider: Provider;
  readonly models: Models;
  /** Keeps an Ollama model loaded; none where there is only one answer to give. */
  readonly keeper: Named<OllamaKeeper> | undefined;
  /** This run of the app. */
  readonly run: string;
  readonly project: string;
  /** The folder for what tools answer that is no text. */
  readonly results: string;
  /** Whose `chat`, `approvals`, `limits` and `prices` hold, from the next turn on as they are then. */
  readonly config: Named<Config>;
  /** Tools that may run without asking, besides those the settings allow. */
  readonly allow: readonly string[];
  /** False: nobody can be asked; what would need a question is refused with a word. */
  readonly interactive: boolean;
}

interface ChatState {
  turn: { readonly pid: Pid; readonly state: TurnState } | undefined;
  breaker: BreakerStatus;
  servers: readonly ServerStatus[];
  usage: Usage;
  degraded: readonly string[];
}

/** Under which the chosen model is kept. */
const MODEL_KEY = "chat:model";
/** Most entries a watcher that comes late is given. */
const SNAPSHOT_ITEMS = 1_000;
/** What servers tell that the user may hear of, and how long it is gathered, in milliseconds. */
const TOLD = ["resource-updated", "elicitation-complete", "log"] as const;
const GATHERED_MS = 250;
const TURN = { restart: "temporary", shutdown: 1_000 } as const;
/** Most tokens of an answer for a server, where the settings say nothing of answers. */
const SAMPLED_TOKENS = 4_096;

export class Chat
  extends GenServer<ChatOptions, ChatState>
  implements
    ChatLike,
    TurnOwner,
    CommandOwner,
    AliasWatcher,
    BreakerWatcher,
    CapabilityWatcher,
    ConfigWatcher,
    HealthWatcher,
    NotificationBatchWatcher,
    ServerWatcher,
    StoreWatcher,
    Elicitor
{
  private options!: ChatOptions; // set by init, as are the five below
  private session!: Ref<Session>;
  private servers!: Ref<ServerManager>;
  private provider!: Provider;
  private approvals!: Approvals;
  private aliases!: Ref<Aliases>;
  private asking!: Asking;
  private serverQuestions!: ServerQuestions;
  private settings!: Settings; // set before any message is handled
  private items: TranscriptItem[] = [];
  private queue: UserMessage[] = [];
  private sessionId = "";
  private hints: readonly CommandHint[] = commands;
  /** What a prompt is to say once the command that asked for it has ended. */
  private prompted: (UserMessage | AssistantMessage)[] = [];
  /** The monitor of the turn that runs. */
  private turnMonitor: number | undefined;
  private clock: TurnClock | undefined;
  /** The resources whose changes the user wants to hear of, as `server uri`. */
  private readonly subscribed = new Set<string>();
  private readonly watchers = new Map<number, Ref<ChatWatcher>>();
  /** The model's answers for servers that are under way, by the id of the question. */
  private readonly samplings = new Map<string, Pid>();
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });
  private readonly changeNotices = new ChangeNotices();
  private readonly alerts = new AlertFollower();
  private readonly condition = new Condition();
  private readonly questions = new Questions({
    opened: (question) => {
      this.clock?.halt();
      this.emit({ type: "question", question });
      this.showStatus();
    },
    closed: (id) => {
      this.clock?.go(); // if another question follows, it opens at once and halts it again
      this.emit({ type: "question-closed", id });
      this.showStatus();
    },
  });

  protected override async init(options: ChatOptions) {
    this.trapExit = true; // a turn is linked to its chat, and its end is not the chat's
    this.options = options;
    this.session = this.use(options.session);
    this.servers = this.use(options.servers);
    this.provider = options.provider;
    this.aliases = this.use(options.aliases);
    const { allow, store, project, interactive } = options;
    const audit = this.use(options.audit);
    this.approvals = new Approvals(allow, this.use(store), audit, project);
    const notice = (level: NoticeLevel, text: string): void => this.notice(level, text);
    const { questions, approvals } = this;
    const accepted = (tool: string): void => this.use(options.aggregator).cast.accepted(tool);
    this.asking = new Asking({ questions, approvals, interactive, notice, accepted });
    this.serverQuestions = new ServerQuestions({
      questions,
      approvals,
      audit,
      interactive,
      notice,
      model: () => this.provider.id,
      sample: (request, from) => void this.startSampling(request, from),
    });
    this.state = {
      turn: undefined,
      breaker: { state: "closed", failures: 0, lastError: undefined, retryAt: undefined },
      servers: [],
      usage: { tokens: { input: 0, output: 0 }, cost: 0 },
      degraded: [],
    };
    // Not here: the supervisor that waits for this may have the store and the session to start again.
    this.continueWith("recover");
  }

  /** Before any message is handled. */
  protected override async handleContinue() {
    for (const path of ["chat", "approvals", "limits", "prices"]) {
      this.configChanged(await again(() => this.use(this.options.config).call.subscribe(path, this.self<Chat>())));
    }
    await this.told(() => this.approvals.load());
    await this.told(() => this.recallModel());
    await this.takeSession();
    this.watchNeighbours();
  }

  /** What storage refuses is said in one line and the conversation goes on; undefined then. */
  private async told<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof TakenError)) throw error;
      const text = messageOf(error);
      const last = this.items.at(-1); // a turn that was refused has said the same just now
      if (last?.kind !== "notice" || last.text !== text) this.notice("error", text);
      return undefined;
    }
  }

  /** Begins with the session as it stands; what was under way when its writer died is marked, and said. */
  private async takeSession(): Promise<void> {
    const marked = await this.told(() => again(() => this.session.call.markInterrupted()));
    const { id, messages, tokens, cost } = await again(() => this.session.call.view());
    this.sessionId = id;
    this.state.usage = { tokens, cost };
    this.items = inOrder(messages).flatMap((message) => itemOf(message) ?? []);
    if (marked !== undefined && marked.length > 0) this.notice("warn", recoveryNotice(marked));
  }

  // --- watchers ----------------------------------------------------------------------------------------------------------

  /** Subscribing twice is subscribing once. */
  subscribe(watcher: Ref<ChatWatcher>): ChatSnapshot {
    const known = [...this.watchers].find(([, other]) => `${other}` === `${watcher}`);
    if (known === undefined) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return {
      sessionId: this.sessionId,
      items: this.items.slice(-SNAPSHOT_ITEMS),
      question: this.questions.open,
      status: this.status(),
      commands: this.hints,
    };
  }

  protected override async handleInfo(message: unknown) {
    if (isExit(message) || (await this.watching.took(message)) || !isDown(message)) return;
    this.watchers.delete(message.id);
    if (message.id === this.turnMonitor) await this.turnEnded(message);
  }

  private watchNeighbours(): void {
    const { store, breaker, health, servers, aggregator, notifications } = this.options;
    const self = this.self<Chat>();
    this.watching.begin(store, async () => {
      for (const notice of (await this.use(store).call.watch(self)).notices) this.storeChanged(notice);
    });
    this.watching.begin(this.options.aliases, async () => this.aliasesChanged(await this.aliases.call.watch(self)));
    this.watching.begin(breaker, async () => this.breakerChanged(await this.use(breaker).call.watch(self)));
    this.watching.begin(health, async () => this.statusChanged(await this.use(health).call.watch(self)));
    this.watching.begin(aggregator, async () => this.toolsDiffer(await this.use(aggregator).call.subscribe(self)));
    this.watching.begin(notifications, () =>
      this.use(notifications).call.subscribeBatched(self, { categories: TOLD }, GATHERED_MS),
    );
    this.watchKeeper();
    this.watching.begin(servers, async () => this.foundServers(await this.use(servers).call.subscribe(self)));
  }

  getStatus(): HealthStatus {
    const waiting = this.queue.length;
    const turn = this.state.turn === undefined ? "idle" : this.state.turn.state;
    return this.condition.say("ok", `${turn}${waiting > 0 ? `, ${waiting} messages wait` : ""}`);
  }

  private emit(event: ChatEvent): void {
    for (const watcher of this.watchers.values()) watcher.cast.chatEvent(event);
  }

  // --- input -------------------------------------------------------------------------------------------------------------

  async submit(text: string): Promise<void> {
    const line = text.trim();
    if (line === "") return;
    if (!line.startsWith("/")) await this.say(text);
    else if (!(await this.command(line))) this.notice("warn", unknownCommand(line));
  }

  /** For one prompt without a screen: what is no command is a message, a path for example. Ends with an `idle` event. */
  async prompt(text: string): Promise<void> {
    const line = text.trim();
    if (!line.startsWith("/") || !(await this.command(line))) await this.say(text);
    if (this.state.turn === undefined) this.emit({ type: "idle" });
  }

  /** Says a message as it is, also one that begins with a slash. */
  async say(text: string): Promise<void> {
    const busy = this.state.turn !== undefined;
    const message: UserMessage = { ...stamp(), role: "user", text, status: busy ? "queued" : "complete" };
    if (!(await this.kept(message))) {
      if (!busy) this.emit({ type: "idle" });
    } else if (busy) this.queue.push(message);
    else await this.begin(message);
    this.showStatus();
  }

  /** False when it could not be kept, and so will not be sent. */
  private async kept(message: UserMessage | AssistantMessage): Promise<boolean> {
    const kept = await this.told(async () => {
      await again(() => this.session.call.put(message));
      return true;
    });
    return kept === true;
  }

  complete(line: string): NoReply | readonly CommandHint[] {
    const from = this.from<readonly CommandHint[]>();
    const { aggregator } = this.options;
    // Beside the mailbox, for a server may be slow; a line that cannot be completed is no trouble.
    completeLine(line, this.use(aggregator), this.servers).then(
      (hints) => from.reply(hints),
      () => from.reply([]),
    );
    return noReply;
  }

  answer(id: string, answer: Answer): void {
    this.questions.answer(id, answer);
  }

  /** Stops the turn; what is queued stays and goes on next. */
  cancel(): boolean {
    if (this.state.turn === undefined) return false;
    exit(this.use(this.state.turn.pid), "shutdown");
    return true;
  }

  /** Runs a command or what an alias stands for; false when the line is neither. */
  private async command(line: string): Promise<boolean> {
    const parsed = parseCommand(line);
    if (parsed === undefined) return this.alias(line);
    const { command, rest } = parsed;
    if ("ask" in command) {
      await this.startCommand(command, line, rest);
      return true;
    }
    const context: CommandContext = {
      servers: () => again(() => this.servers.call.status()),
      tools: () => again(() => this.use(this.options.aggregator).call.tools()),
      tree: () => redactAll(treeOf(this.options.root)),
      health: () => again(() => this.use(this.options.health).call.health()),
      aliases: this.aliases,
      usage: () => this.state.usage,
      thinking: () => this.lastThinking(),
      sessions: this.sessionContext,
      clear: async () => void (await this.switchSession("/clear", () => this.session.call.clear())),
      notifications: this.use(this.options.notifications),
      quit: () => this.emit({ type: "quit" }),
    };
    const text = await command.run(context, rest);
    if (text !== undefined) this.add({ kind: "output", id: stamp().id, title: line, text });
    return true;
  }

  private lastThinking(): string | undefined {
    const last = this.items.findLast((item) => item.kind === "assistant" && item.thinking !== undefined);
    return last?.kind === "assistant" ? last.thinking : undefined;
  }

  // --- the model ---------------------------------------------------------------------------------------------------------

  /** From the next message on; kept, so that a chat that crashed goes on with it. */
  async chooseModel(provider: Provider): Promise<void> {
    this.provider = provider;
    this.state.breaker = { ...this.state.breaker, state: "closed" }; // what the other one did is no news of this one
    this.use(this.options.breaker).cast.reset();
    this.watchKeeper();
    this.showStatus();
    const { store, run } = this.options;
    await this.told(() => keepState(this.use(store), run, MODEL_KEY, { model: provider.id }));
  }

  private async recallModel(): Promise<void> {
    const { store, run, models } = this.options;
    const kept = await recallState(this.use(store), run, MODEL_KEY, z.object({ model: z.string() }));
    if (kept === undefined || kept.model === this.provider.id) return;
    try {
      this.provider = await models.choose(kept.model);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      this.notice("warn", `${this.provider.id} answers again: ${messageOf(error)}`);
    }
  }

  /** The keeper that comes back knows no model. */
  private watchKeeper(): void {
    const { keeper } = this.options;
    if (keeper === undefined) return;
    const [, model] = /^ollama:(.+)$/.exec(this.provider.id) ?? [];
    this.watching.begin(keeper, async () => this.use(keeper).call.keep(model));
  }

  /** To whoever watches, and to Esc, it is a turn. */
  private async startCommand(command: ServerCommand, line: string, rest: string): Promise<void> {
    if (this.state.turn !== undefined) {
      this.notice("warn", `An answer is being written; press Esc first, or wait, and then /${command.name}.`);
      return;
    }
    const { self: chat, servers, aggregator, resources, models, project: folder } = this.options;
    const model = this.provider.id;
    this.clock = new TurnClock(this.settings.chat.turn_timeout);
    await this.startTurn(
      child(CommandRun, { chat, servers, aggregator, resources, command, line, rest, folder, models, model }, TURN),
      "running-tools",
    );
    this.showStatus();
  }

  resourceSubscribed(server: string, uri: string, wanted: boolean): void {
    if (wanted) this.subscribed.add(`${server} ${uri}`);
    else this.subscribed.delete(`${server} ${uri}`);
  }

  /** A prompt is said when the command has ended, which is its turn's end. */
  commandDone(line: string, answer: ServerCommandAnswer): void {
    if (typeof answer === "string") this.add({ kind: "output", id: stamp().id, title: line, text: answer });
    else if (answer !== undefined) this.prompted = promptMessages(answer.prompt, answer.messages);
  }

  /** Messages of a prompt: all are kept and shown, and the model answers the last if it is the user's. */
  private async sayPrompt(messages: readonly (UserMessage | AssistantMessage)[]): Promise<void> {
    const last = messages.at(-1);
    for (const message of messages) {
      if (!(await this.kept(message))) return;
      if (message.role === "user" && message === last) await this.begin(message);
      else this.show(message);
    }
  }

  /** What an alias stands for, as if it had been typed line by line. */
  private async alias(line: string): Promise<boolean> {
    let lines: string[] | undefined;
    try {
      lines = await again(() => this.aliases.call.expand(line));
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      this.notice("error", messageOf(error));
      return true;
    }
    // Nothing in them is an alias any more.
    for (const each of lines ?? []) await this.submit(each);
    return lines !== undefined;
  }

  private get sessionContext(): SessionContext {
    return {
      session: this.session,
      database: this.use(this.options.store),
      project: this.options.project,
      busy: this.state.turn !== undefined,
      goOnWith: (reference) => this.switchSession("/resume", () => this.session.call.resume(reference)),
    };
  }

  /** Another session takes the place of this one, and its end is shown. False, and said, when it could not. */
  private async switchSession(command: string, take: () => Promise<unknown>): Promise<boolean> {
    if (this.state.turn !== undefined) {
      this.notice("warn", `An answer is being written; press Esc first, then ${command}.`);
      return false;
    }
    const taken = await this.told(async () => {
      await again(take);
      return true;
    });
    if (taken === undefined) return false;
    await this.takeSession();
    this.emit({ type: "cleared" });
    for (const item of this.items.slice(-SNAPSHOT_ITEMS)) this.emit({ type: "item", item });
    this.showStatus();
    return true;
  }

  // --- the turn ----------------------------------------------------------------------------------------------------------

  private async begin(message: UserMessage): Promise<void> {
    this.show(message);
    const { self, session, servers, aggregator, breaker, health, models } = this.options;
    const { chat, limits, prices } = this.settings;
    const clock = new TurnClock(chat.turn_timeout); // the time a question is open does not count
    if (this.questions.open !== undefined) clock.halt();
    this.clock = clock;
    const arg: TurnOptions = {
      chat: self,
      session,
      servers,
      aggregator,
      breaker,
      health,
      provider: this.provider,
      fallback: models.fallback.filter(({ id }) => id !== this.provider.id),
      prices: Object.values(prices),
      clock,
      system: chat.system_prompt,
      maxSteps: chat.max_steps,
      temperature: chat.temperature,
      maxTokens: chat.max_tokens,
      thinking: chat.thinking,
      maxResultBytes: limits.tool_result,
      results: this.options.results,
      sessionId: this.sessionId,
      requestId: message.id,
    };
    if (!(await this.startTurn(child(Turn, arg, TURN), "thinking"))) await this.next();
  }

  /** False, and said, when it could not be started. */
  private async startTurn(spec: ChildSpec, state: TurnState): Promise<boolean> {
    const started = await startChild(this.use(this.options.tasks), spec);
    if ("ok" in started && started.ok !== undefined) {
      this.state.turn = { pid: started.ok, state };
      this.turnMonitor = this.monitor(started.ok);
      return true;
    }
    const why = "error" in started ? started.error : "it chose not to run";
    this.notice("error", `The turn could not be started (${why}); send the message again.`);
    return false;
  }

  /** Takes up what was typed meanwhile, in order. */
  private async next(): Promise<void> {
    const next = this.queue.shift();
    if (next === undefined) {
      this.showStatus();
      this.emit({ type: "idle" });
      return;
    }
    const message: UserMessage = { ...next, status: "complete", at: Date.now() };
    if (await this.kept(message)) await this.begin(message);
    else await this.next();
    this.showStatus();
  }

  private async turnEnded({ reason }: Down): Promise<void> {
    const { asker } = this;
    this.state.turn = undefined;
    this.turnMonitor = undefined;
    this.clock?.halt();
    this.clock = undefined;
    this.questions.withdraw({ asker });
    await this.told(async () => {
      const marked = await again(() => this.session.call.markInterrupted());
      for (const message of marked) if (message.role !== "user") this.show(message);
    });
    if (reason !== "shutdown") this.use(this.options.health).cast.record(reason === "normal", "a turn");
    if (reason === "shutdown") this.notice("info", "Stopped.");
    else if (reason !== "normal")
      this.notice("error", `The turn crashed (${describeReason(reason)}); everything before it is kept.`);
    await this.refreshUsage();
    const prompted = this.prompted.splice(0);
    if (reason === "normal" && prompted.length > 0) await this.sayPrompt(prompted);
    if (this.state.turn === undefined) await this.next();
    else this.showStatus();
  }

  private async refreshUsage(): Promise<void> {
    this.state.usage = await again(() => this.session.call.usage());
  }

  turnState(state: TurnState): void {
    if (this.state.turn === undefined) return;
    this.state.turn = { ...this.state.turn, state };
    this.showStatus();
  }

  turnMessage(message: StoredMessage): void {
    this.show(message);
    if (message.role === "assistant" && message.status === "streaming") this.turnState("answering");
  }

  turnDelta(id: string, text: string): void {
    const at = this.items.findLastIndex((item) => item.id === id);
    const item = this.items[at];
    if (item?.kind !== "assistant") return;
    this.items[at] = { ...item, text: item.text + text };
    this.emit({ type: "delta", id, text });
  }

  note(level: NoticeLevel, text: string): void {
    this.notice(level, text);
  }

  toolProgress(callId: string, { progress, total, message }: Progress): void {
    const item = this.items.findLast(({ id }) => id === callId);
    if (item?.kind !== "tool" || item.call.status !== "running") return;
    const made = {
      value: progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    };
    this.change({ ...item, call: { ...item.call, progress: made } });
  }

  // --- questions ---------------------------------------------------------------------------------------------------------

  approve(request: ApprovalRequest): NoReply | Approval {
    this.asking.approve(request, this.asker, this.from<Approval>());
    return noReply;
  }

  fillForm(request: FormRequest): NoReply | FormValues {
    this.asking.fillForm(request, this.asker, this.from<FormValues>());
    return noReply;
  }

  elicit(request: ElicitationRequest & AskedBy): NoReply | ElicitationAnswer {
    this.serverQuestions.elicit(request, this.from<ElicitationAnswer>());
    return noReply;
  }

  sample(request: SamplingRequest & AskedBy): NoReply | SamplingAnswer {
    this.serverQuestions.sample(request, this.from<SamplingAnswer>());
    return noReply;
  }

  private async startSampling(request: SamplingRequest & AskedBy, from: From<SamplingAnswer>): Promise<void> {
    const { self: chat, breaker, session } = this.options;
    const { provider } = this;
    const prices = Object.values(this.settings.prices);
    const { max_tokens: maxTokens = SAMPLED_TOKENS, turn_timeout: timeoutMs } = this.settings.chat;
    const options = { request, from, provider, prices, breaker, session, chat, maxTokens, timeoutMs };
    const spec = child(Sampling, options, { restart: "temporary", shutdown: 1_000 });
    const started = await startChild(this.use(this.options.tasks), spec);
    if (!("ok" in started) || started.ok === undefined) {
      from.reply({ allowed: false, reason: "the model cannot be asked now" });
      return;
    }
    this.samplings.set(request.id, started.ok);
    void started.ok.down.then(() => this.samplings.delete(request.id));
  }

  /** Who questions of the turn that runs are asked for. */
  private get asker(): string {
    return this.state.turn?.pid.id ?? "";
  }

  elicitationWithdrawn(id: string): void {
    this.questions.withdraw({ id });
    const sampling = this.samplings.get(id);
    if (sampling !== undefined) exit(this.use(sampling), "shutdown");
  }

  // --- what the neighbours tell --------------------------------------------------------------------------------------------

  configChanged(settings: Settings): void {
    this.settings = settings;
    const { allow, allow_read_only } = settings.approvals;
    this.approvals.setPolicy({ allow, allowReadOnly: allow_read_only });
  }

  storeChanged(notice: string): void {
    if (!this.items.some((item) => item.kind === "notice" && item.text === notice)) this.notice("warn", notice);
  }

  aliasesChanged(aliases: readonly Alias[]): void {
    const own = new Map(aliases.map(({ name, expansion }) => [name, { name, summary: expansion }] as const));
    this.hints = [...commands, ...own.values()].map(({ name, summary }) => ({ name, summary }));
    this.emit({ type: "commands", commands: this.hints });
  }

  breakerChanged(breaker: BreakerStatus): void {
    const before = this.state.breaker.state;
    this.state.breaker = breaker;
    if (before !== "open" && breaker.state === "open") {
      this.notice("warn", `The model is left alone for a while: it failed ${breaker.failures} times in a row.`);
    } else if (before !== "closed" && breaker.state === "closed") this.notice("info", "The model answers again.");
    this.showStatus();
  }

  statusChanged(health: Health): void {
    const unwell = health.components.filter(({ name, level }) => level !== "ok" && !this.tellsOfItself(name, level));
    this.state.degraded = unwell.map(({ name }) => name);
    for (const { component, level, details } of this.alerts.update(health)) {
      if (this.tellsOfItself(component, level)) continue;
      this.notice(level === "ok" ? "info" : "warn", `${component}: ${details}. Type /status for more.`);
    }
    this.showStatus();
  }

  /** What the Store says, and what the breaker and the servers warn of, they tell the chat themselves, sooner and better. */
  private tellsOfItself(name: string, level: Level): boolean {
    const { store, breaker, servers } = this.options;
    return name === store.name || (level !== "error" && (name === breaker.name || name === servers.name));
  }

  /** Lists are read anew for every turn. */
  capabilitiesChanged(): void {}

  toolsDiffer(changes: readonly ToolChange[]): void {
    const allowed = (tool: string): boolean => this.approvals.allowsAnyVersion(tool);
    for (const text of this.changeNotices.take(changes, allowed)) this.notice("warn", text);
  }

  async serverEvent(event: ServerEvent): Promise<void> {
    this.tellOf(event);
    // If the manager is just restarting, its own return brings the list.
    const servers = await this.servers.call.status().catch(() => undefined);
    if (servers !== undefined) this.showServers(servers);
  }

  notifiedTogether({ recorded }: NotificationBatch): void {
    for (const { level, text } of describeNotifications(recorded, this.subscribed)) this.notice(level, text);
  }

  /** Where they stand when the chat begins to watch: what befell them before that is told now, and not again. */
  private foundServers(servers: readonly ServerStatus[]): void {
    const known = new Map(this.state.servers.map(({ name, state }) => [name, state]));
    for (const status of servers) {
      const { event } = eventOf("nothing", status);
      if (event !== undefined && isAway(status.state) && known.get(status.name) !== status.state) this.tellOf(event);
    }
    this.showServers(servers);
  }

  private tellOf(event: ServerEvent): void {
    const told = describeServerEvent(event);
    if (told !== undefined) this.notice(told.level, told.text);
  }

  private showServers(servers: readonly ServerStatus[]): void {
    this.state.servers = servers;
    this.showStatus();
  }

  // --- showing -----------------------------------------------------------------------------------------------------------

  private status(): ChatStatus {
    const { turn, breaker, servers, usage, degraded } = this.state;
    const waiting = this.questions.open === undefined ? undefined : "waiting-for-you";
    const retryIn = breaker.retryAt === undefined ? undefined : Math.max(0, breaker.retryAt - Date.now());
    return {
      model: this.provider.id,
      turn: waiting ?? turn?.state ?? "idle",
      breaker: breaker.state,
      ...(retryIn === undefined ? {} : { breakerRetryInMs: retryIn }),
      servers: servers.map(({ name, state, tools }) => ({ name, state, tools })),
      tokens: usage.tokens,
      ...(usage.cost > 0 && { cost: usage.cost }),
      degraded,
      queued: this.queue.map(({ text }) => text),
    };
  }

  private showStatus(): void {
    this.emit({ type: "status", status: this.status() });
  }

  private show(message: StoredMessage): void {
    const item = itemOf(message);
    if (item === undefined) return;
    if (this.items.some(({ id }) => id === item.id)) this.change(item);
    else this.add(item);
  }

  private add(item: TranscriptItem): void {
    this.items.push(item);
    this.emit({ type: "item", item });
  }

  private change(item: TranscriptItem): void {
    const at = this.items.findLastIndex(({ id }) => id === item.id);
    if (at < 0) return;
    this.items[at] = item;
    this.emit({ type: "update", item });
  }

  private notice(level: NoticeLevel, text: string): void {
    this.add({ kind: "notice", id: stamp().id, level, text: redact(text) });
  }
}
