// Chat: the conversation as it is going on. It takes input, runs one turn at a time in a process of its own, asks the user what
// only the user can answer, and tells its watchers. It knows no screen: the terminal, print mode and others watch alike.
// permanent, essential; what was said comes back from the Session. A turn ends with the chat it belongs to, so a chat that
// starts marks what was under way as interrupted and says so.
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
import { type Session, type StoredMessage, stamp, TakenError, type UserMessage } from "../actors/session.js";
import { type Store, StoreError, type StoreWatcher } from "../actors/store/store.js";
import { redact, redactAll } from "../actors/telemetry/redact.js";
import { Watching } from "../actors/watching.js";
import type { Provider } from "../llm/provider.js";
import type { Aggregator } from "../mcp/client/aggregator.js";
import type { ElicitationAnswer, ElicitationRequest, Progress } from "../mcp/client/mcp-types.js";
import type { Router } from "../mcp/client/router/router.js";
import { eventOf, type ServerEvent, type ServerWatcher } from "../mcp/client/server-events.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import { isAway, type ServerStatus } from "../mcp/client/server-status.js";
import type { Elicitor } from "../mcp/client/server-wrapper.js";
import {
  BanyanError,
  child,
  type Down,
  describeReason,
  exit,
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
import type { CommandContext } from "./command.js";
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
import { describeServerEvent, recoveryNotice } from "./notices.js";
import { Questions } from "./questions.js";
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
  readonly router: Router;
  readonly aggregator: Named<Aggregator>;
  readonly breaker: Named<CircuitBreaker>;
  readonly health: Named<HealthMonitor>;
  /** The dynamic supervisor that turns run under. */
  readonly tasks: Named<unknown>;
  /** The supervisor at the top, for /tree. */
  readonly root: Named<unknown>;
  readonly provider: Provider;
  readonly project: string;
  /** Whose `chat`, `approvals` and `limits` hold, from the next turn on as they are then. */
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
  tokens: { readonly input: number; readonly output: number };
  degraded: readonly string[];
}

/** Most entries a watcher that comes late is given. */
const SNAPSHOT_ITEMS = 1_000;

export class Chat
  extends GenServer<ChatOptions, ChatState>
  implements
    ChatLike,
    TurnOwner,
    AliasWatcher,
    BreakerWatcher,
    ConfigWatcher,
    HealthWatcher,
    ServerWatcher,
    StoreWatcher,
    Elicitor
{
  private options!: ChatOptions; // set by init, as are the four below
  private session!: Ref<Session>;
  private servers!: Ref<ServerManager>;
  private approvals!: Approvals;
  private aliases!: Ref<Aliases>;
  private asking!: Asking;
  private settings!: Settings; // set before any message is handled
  private items: TranscriptItem[] = [];
  private queue: UserMessage[] = [];
  private sessionId = "";
  private hints: readonly CommandHint[] = commands;
  /** The monitor of the turn that runs. */
  private turnMonitor: number | undefined;
  private clock: TurnClock | undefined;
  private readonly watchers = new Map<number, Ref<ChatWatcher>>();
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });
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
    this.aliases = this.use(options.aliases);
    const { allow, store, audit, project } = options;
    this.approvals = new Approvals(allow, this.use(store), this.use(audit), project);
    this.asking = new Asking({
      questions: this.questions,
      approvals: this.approvals,
      interactive: options.interactive,
      notice: (level, text) => this.notice(level, text),
    });
    this.state = {
      turn: undefined,
      breaker: { state: "closed", failures: 0, lastError: undefined, retryAt: undefined },
      servers: [],
      tokens: { input: 0, output: 0 },
      degraded: [],
    };
    // Not here: the supervisor that waits for this may have the store and the session to start again.
    this.continueWith("recover");
  }

  /** Before any message is handled. */
  protected override async handleContinue() {
    for (const path of ["chat", "approvals", "limits"]) {
      this.configChanged(await again(() => this.use(this.options.config).call.subscribe(path, this.self<Chat>())));
    }
    await this.told(() => this.approvals.load());
    const marked = await this.told(() => again(() => this.session.call.markInterrupted()));
    await this.takeSession();
    if (marked !== undefined && marked.length > 0) this.notice("warn", recoveryNotice(marked));
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

  private async takeSession(): Promise<void> {
    const { id, messages, tokens } = await again(() => this.session.call.view());
    this.sessionId = id;
    this.state.tokens = tokens;
    this.items = inOrder(messages).flatMap((message) => itemOf(message) ?? []);
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
    const { store, breaker, health, servers } = this.options;
    const self = this.self<Chat>();
    this.watching.begin(store, async () => {
      for (const notice of (await this.use(store).call.watch(self)).notices) this.storeChanged(notice);
    });
    this.watching.begin(this.options.aliases, async () => this.aliasesChanged(await this.aliases.call.watch(self)));
    this.watching.begin(breaker, async () => this.breakerChanged(await this.use(breaker).call.watch(self)));
    this.watching.begin(health, async () => this.statusChanged(await this.use(health).call.watch(self)));
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
    if (!(await this.keeps(message))) {
      if (!busy) this.emit({ type: "idle" });
    } else if (busy) this.queue.push(message);
    else await this.begin(message);
    this.showStatus();
  }

  /** False when it could not be kept, and so will not be sent. */
  private async keeps(message: UserMessage): Promise<boolean> {
    const kept = await this.told(async () => {
      await again(() => this.session.call.put(message));
      return true;
    });
    return kept === true;
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
    const context: CommandContext = {
      servers: () => again(() => this.servers.call.status()),
      tools: async () => this.options.router.visible(await again(() => this.use(this.options.aggregator).call.tools())),
      tree: () => redactAll(treeOf(this.options.root)),
      health: () => again(() => this.use(this.options.health).call.health()),
      aliases: this.aliases,
      clear: () => this.clear(),
      quit: () => this.emit({ type: "quit" }),
    };
    const text = await command.run(context, rest);
    if (text !== undefined) this.add({ kind: "output", id: stamp().id, title: line, text });
    return true;
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

  private async clear(): Promise<void> {
    if (this.state.turn !== undefined) {
      this.notice("warn", "An answer is being written; press Esc first, then /clear.");
      return;
    }
    const cleared = await this.told(() => again(() => this.session.call.clear()));
    if (cleared === undefined) return;
    await this.takeSession();
    this.emit({ type: "cleared" });
    this.showStatus();
  }

  // --- the turn ----------------------------------------------------------------------------------------------------------

  private async begin(message: UserMessage): Promise<void> {
    this.show(message);
    const { self, session, servers, aggregator, router, breaker, health, provider } = this.options;
    const { chat, limits } = this.settings;
    const clock = new TurnClock(chat.turn_timeout); // the time a question is open does not count
    if (this.questions.open !== undefined) clock.halt();
    this.clock = clock;
    const arg: TurnOptions = {
      chat: self,
      session,
      servers,
      router,
      aggregator,
      breaker,
      health,
      provider,
      clock,
      system: chat.system_prompt,
      maxSteps: chat.max_steps,
      temperature: chat.temperature,
      maxTokens: chat.max_tokens,
      maxResultBytes: limits.tool_result,
      sessionId: this.sessionId,
      requestId: message.id,
    };
    const started = await startChild(
      this.use(this.options.tasks),
      child(Turn, arg, { restart: "temporary", shutdown: 1_000 }),
    );
    if ("ok" in started && started.ok !== undefined) {
      this.state.turn = { pid: started.ok, state: "thinking" };
      this.turnMonitor = this.monitor(started.ok);
      return;
    }
    const why = "error" in started ? started.error : "it chose not to run";
    this.notice("error", `The turn could not be started (${why}); send the message again.`);
    await this.next();
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
    if (await this.keeps(message)) await this.begin(message);
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
    await this.refreshTokens();
    await this.next();
  }

  private async refreshTokens(): Promise<void> {
    this.state.tokens = (await again(() => this.session.call.view())).tokens;
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

  elicit(request: ElicitationRequest & { readonly server: string; readonly id: string }): NoReply | ElicitationAnswer {
    this.asking.elicit(request, this.from<ElicitationAnswer>());
    return noReply;
  }

  /** Who questions of the turn that runs are asked for. */
  private get asker(): string {
    return this.state.turn?.pid.id ?? "";
  }

  elicitationWithdrawn(id: string): void {
    this.questions.withdraw({ id });
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

  async serverEvent(event: ServerEvent): Promise<void> {
    this.tellOf(event);
    // If the manager is just restarting, its own return brings the list.
    const servers = await this.servers.call.status().catch(() => undefined);
    if (servers !== undefined) this.showServers(servers);
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
    const { turn, breaker, servers, tokens, degraded } = this.state;
    const waiting = this.questions.open === undefined ? undefined : "waiting-for-you";
    const retryIn = breaker.retryAt === undefined ? undefined : Math.max(0, breaker.retryAt - Date.now());
    return {
      model: this.options.provider.id,
      turn: waiting ?? turn?.state ?? "idle",
      breaker: breaker.state,
      ...(retryIn === undefined ? {} : { breakerRetryInMs: retryIn }),
      servers: servers.map(({ name, state, tools }) => ({ name, state, tools })),
      tokens,
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
