// Chat: the conversation as it is going on. It takes input, runs one turn at a time in a process of its own, asks the user what
// only the user can answer, and tells its watchers. It knows no screen: the terminal, print mode and others watch alike.
// permanent, essential; what was said comes back from the Session. A turn ends with the chat it belongs to, so a chat that
// starts goes on with the one that was under way, and says so.
import { isDeepStrictEqual } from "node:util";
import { again } from "../actors/again.js";
import type { Alias, AliasWatcher } from "../actors/aliases.js";
import type { BreakerStatus, BreakerWatcher } from "../actors/circuit-breaker.js";
import type { Settings } from "../actors/config/schema.js";
import type { ConfigWatcher } from "../actors/config/subscriptions.js";
import type { Health, HealthWatcher } from "../actors/health/health.js";
import { Condition, type HealthStatus } from "../actors/health/status.js";
import type { StoredMessage } from "../actors/session/message.js";
import type { StoreWatcher } from "../actors/store/store.js";
import { Watching } from "../actors/watching.js";
import type { Provider } from "../llm/provider.js";
import type { CapabilityChange, CapabilityWatcher, DescribedTool } from "../mcp/client/aggregator.js";
import type {
  ElicitationAnswer,
  ElicitationRequest,
  Progress,
  SamplingAnswer,
  SamplingRequest,
} from "../mcp/client/mcp-types.js";
import type { NotificationBatch, NotificationBatchWatcher } from "../mcp/client/notification-handler.js";
import type { AskedBy, Elicitor } from "../mcp/client/questions.js";
import type { ServerEvent, ServerWatcher } from "../mcp/client/server-events.js";
import type { ToolChange } from "../mcp/client/tool-pins.js";
import { GenServer, isDown, isExit, type NoReply, noReply, type Ref, send } from "../supervision/index.js";
import { Approvals } from "./approvals.js";
import { Asking, type FormValues } from "./asking.js";
import type { ChatOptions } from "./chat-options.js";
import { ChosenModel } from "./chosen-model.js";
import { unknownCommand } from "./command-help.js";
import type { CommandOwner, CommandResult } from "./command-run.js";
import { commandHints, commands, reservedNames } from "./commands.js";
import { ContextMeter } from "./context/meter.js";
import type {
  Answer,
  ChatEvent,
  ChatLike,
  ChatSnapshot,
  ChatStatus,
  ChatWatcher,
  CommandHint,
  NoticeLevel,
  TurnState,
  WatcherAbilities,
} from "./events.js";
import { completeLine } from "./line-completion.js";
import { promptHints } from "./named-prompts.js";
import { Neighbours } from "./neighbours.js";
import { OpenSession } from "./open-session.js";
import { Questions } from "./questions.js";
import { Samplings } from "./samplings.js";
import { ServerQuestions } from "./server-questions.js";
import { ShownItems } from "./shown-items.js";
import type { Approval, ApprovalRequest, FormRequest, GoOnRequest, TurnOwner } from "./turn-owner.js";
import { Turns } from "./turns.js";
import { TypedCommands } from "./typed-commands.js";

/** How long what servers tell is gathered, in milliseconds. */
const GATHERED_MS = 250;

export class Chat
  extends GenServer<ChatOptions, ChatStatus>
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
  private options!: ChatOptions; // set by init, as are the nine below
  private session!: OpenSession;
  private model!: ChosenModel;
  private approvals!: Approvals;
  private turns!: Turns;
  private typed!: TypedCommands;
  private asking!: Asking;
  private serverQuestions!: ServerQuestions;
  private samplings!: Samplings;
  private meter!: ContextMeter;
  private neighbours!: Neighbours;
  private settings!: Settings; // set before any message is handled
  private hints: readonly CommandHint[] = commandHints;
  private aliasHints: readonly CommandHint[] = [];
  private prompts: readonly CommandHint[] = [];
  private readonly watchers = new Map<number, Ref<ChatWatcher>>();
  /** Those of the watchers that open views. */
  private readonly viewers = new Set<number>();
  private readonly shown = new ShownItems((event) => this.emit(event));
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });
  private readonly condition = new Condition();
  private readonly questions = new Questions({
    opened: (question) => {
      this.turns.clock?.halt();
      this.emit({ type: "question", question });
      this.showStatus();
    },
    closed: (id) => {
      this.turns.clock?.go(); // if another question follows, it opens at once and halts it again
      this.emit({ type: "question-closed", id });
      this.showStatus();
    },
    waits: () => this.showStatus(),
  });

  protected override init(options: ChatOptions): void {
    this.trapExit = true; // a turn is linked to its chat, and its end is not the chat's
    this.options = options;
    const { allow, project, interactive, provider, models, run } = options;
    const { questions, shown } = this;
    const store = this.use(options.store);
    const audit = this.use(options.audit);
    const notice = (level: NoticeLevel, text: string): void => shown.notice(level, text);
    const model = new ChosenModel({ provider, models, store, run, notice });
    const approvals = new Approvals({
      ...{ flags: allow, store, audit, project, run },
      session: () => this.session.id,
    });
    const session = new OpenSession(this.use(options.session), shown);
    const host = {
      options,
      session,
      shown,
      model,
      questions,
      settings: () => this.settings,
      use: <T>(ref: Ref<T>) => this.use(ref),
      monitor: (ref: Ref<unknown>) => this.monitor(ref),
      emit: (event: ChatEvent) => this.emit(event),
      toViewers: (event: ChatEvent) => this.toViewers(event),
      showStatus: () => this.showStatus(),
    };
    this.model = model;
    this.approvals = approvals;
    this.session = session;
    this.turns = new Turns(host);
    this.typed = new TypedCommands({ ...host, turns: this.turns, approvals, submit: (line) => this.submit(line) });
    this.samplings = new Samplings(host);
    this.meter = new ContextMeter(host);
    this.neighbours = new Neighbours({ names: options, approvals, notice });
    const accepted = (tool: string): void => this.use(options.aggregator).cast.accepted(tool);
    this.asking = new Asking({ questions, approvals, interactive, notice, accepted });
    this.serverQuestions = new ServerQuestions({
      questions,
      approvals,
      audit,
      interactive,
      notice,
      model: () => model.id,
      sample: (request, from) => void this.samplings.start(request, from),
    });
    this.state = this.status();
    // Not here: the supervisor that waits for this may have the store and the session to start again.
    this.continueWith("recover");
  }

  /** Before any message is handled. */
  protected override async handleContinue() {
    for (const path of ["chat", "context", "approvals", "limits", "prices"]) {
      this.configChanged(await again(() => this.use(this.options.config).call.subscribe(path, this.self<Chat>())));
    }
    await this.session.told(() => this.approvals.load());
    await this.session.told(() => this.model.recall());
    await this.session.begin();
    await this.turns.recover();
    this.watchNeighbours();
    this.meter.refresh();
  }

  // --- watchers ----------------------------------------------------------------------------------------------------------

  /** Subscribing twice is subscribing once. */
  subscribe(watcher: Ref<ChatWatcher>, { views = false }: WatcherAbilities = {}): ChatSnapshot {
    const known = [...this.watchers].find(([, other]) => `${other}` === `${watcher}`);
    const id = known?.[0] ?? this.monitor(watcher);
    this.watchers.set(id, this.use(watcher));
    if (views) this.viewers.add(id);
    return {
      sessionId: this.session.id,
      items: this.shown.latest,
      question: this.questions.open,
      status: this.status(),
      commands: this.hints,
    };
  }

  protected override async handleInfo(message: unknown) {
    if (isExit(message) || (await this.watching.took(message)) || !isDown(message)) return;
    this.watchers.delete(message.id);
    this.viewers.delete(message.id);
    await this.turns.ended(message);
    this.meter.refresh();
  }

  getStatus(): HealthStatus {
    const waiting = this.turns.queued.length;
    return this.condition.say("ok", `${this.turns.state}${waiting > 0 ? `, ${waiting} messages wait` : ""}`);
  }

  private status(): ChatStatus {
    const { breaker, servers, unwell } = this.neighbours;
    const { tokens, cost } = this.session.usage;
    const waiting = this.questions.open === undefined ? undefined : "waiting-for-you";
    const retryIn = breaker.retryAt === undefined ? undefined : Math.max(0, breaker.retryAt - Date.now());
    return {
      model: this.model.id,
      turn: waiting ?? this.turns.state,
      breaker: breaker.state,
      ...(retryIn === undefined ? {} : { breakerRetryInMs: retryIn }),
      servers: servers.map(({ name, state, tools }) => ({ name, state, tools })),
      tokens,
      ...(cost > 0 && { cost }),
      context: this.meter.value,
      degraded: unwell,
      queued: this.turns.queued,
      ...(this.questions.place && { asking: this.questions.place }),
    };
  }

  private showStatus(): void {
    this.state = this.status();
    this.emit({ type: "status", status: this.state });
  }

  /** False when nobody shows views. */
  private toViewers(event: ChatEvent): boolean {
    for (const id of this.viewers) this.watchers.get(id)?.cast.chatEvent(event);
    return this.viewers.size > 0;
  }

  private emit(event: ChatEvent): void {
    for (const watcher of this.watchers.values()) watcher.cast.chatEvent(event);
  }

  // --- input -------------------------------------------------------------------------------------------------------------

  async submit(text: string): Promise<void> {
    const line = text.trim();
    if (line === "") return;
    if (!line.startsWith("/")) await this.say(text);
    else if (await this.typed.run(line)) this.meter.refresh();
    else this.shown.notice("warn", await unknownCommand(commands, line));
  }

  /** For one prompt without a screen: what is no command is a message, a path for example. What its first `typed` characters mention
   * is read; the rest was piped in. Ends with an `idle` event. */
  async prompt(text: string, typed: number): Promise<void> {
    const line = text.trim();
    if (!line.startsWith("/") || !(await this.typed.run(line))) await this.turns.say(text, typed);
    if (!this.turns.busy) this.emit({ type: "idle" });
  }

  /** Says a message as it is, also one that begins with a slash. */
  async say(text: string): Promise<void> {
    await this.turns.say(text);
  }

  complete(line: string): NoReply | readonly CommandHint[] {
    const from = this.from<readonly CommandHint[]>();
    // Beside the mailbox, for a server may be slow; a line that cannot be completed is no trouble.
    completeLine(line, { names: this.options, use: (ref) => this.use(ref) }).then(
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
    return this.turns.cancel();
  }

  async takeBack(): Promise<void> {
    const text = await this.turns.takeBack();
    if (text !== undefined) this.emit({ type: "draft", text });
  }

  // --- told by the turn --------------------------------------------------------------------------------------------------

  turnState(state: TurnState): void {
    this.turns.moved(state);
  }

  turnMessage(message: StoredMessage): void {
    this.shown.show(message);
    if (message.role === "tool" || message.role === "summary") this.meter.refresh();
    if (message.role === "assistant" && message.status === "streaming") this.turns.moved("answering");
  }

  turnDelta(id: string, text: string): void {
    this.shown.grow(id, text);
  }

  toolProgress(callId: string, progress: Progress): void {
    this.shown.progress(callId, progress);
  }

  note(level: NoticeLevel, text: string): void {
    this.shown.notice(level, text);
  }

  commandDone(line: string, answer: CommandResult): void {
    this.turns.commandDone(line, answer);
  }

  resourceSubscribed(server: string, uri: string, wanted: boolean): void {
    this.neighbours.resourceSubscribed(server, uri, wanted);
  }

  /** From the next message on. */
  async chooseModel(provider: Provider): Promise<void> {
    this.model.provider = provider;
    this.neighbours.forgetBreaker();
    this.use(this.options.breaker).cast.reset();
    this.watchKeeper();
    this.meter.refresh();
    this.showStatus();
    await this.session.told(() => this.model.keep());
  }

  // --- questions ---------------------------------------------------------------------------------------------------------

  approve(request: ApprovalRequest): NoReply | Approval {
    this.whileWanted(request.callId);
    this.asking.approve(request, this.from<Approval>());
    return noReply;
  }

  isAllowed({ name: tool, annotations, fingerprint, change }: DescribedTool): boolean {
    return this.approvals.allows({
      tool,
      readOnly: annotations.readOnly,
      fingerprint,
      changed: change !== undefined,
    });
  }

  fillForm(request: FormRequest): NoReply | FormValues {
    this.whileWanted(request.id);
    this.asking.fillForm(request, this.from<FormValues>());
    return noReply;
  }

  mayGoOn(request: GoOnRequest): NoReply | boolean {
    this.whileWanted(request.id);
    this.asking.mayGoOn(request, this.from<boolean>());
    return noReply;
  }

  /** The question is taken back when whoever asks in the call in hand does not wait any more. */
  private whileWanted(id: string): void {
    this.callSignal.addEventListener("abort", () => this.questions.withdraw(id), { once: true });
  }

  elicit(request: ElicitationRequest & AskedBy): NoReply | ElicitationAnswer {
    this.serverQuestions.elicit(request, this.from<ElicitationAnswer>());
    return noReply;
  }

  sample(request: SamplingRequest & AskedBy): NoReply | SamplingAnswer {
    this.serverQuestions.sample(request, this.from<SamplingAnswer>());
    return noReply;
  }

  elicitationWithdrawn(id: string): void {
    this.questions.withdraw(id);
    this.samplings.withdraw(id);
  }

  // --- told by the neighbours --------------------------------------------------------------------------------------------

  private watchNeighbours(): void {
    const { store, aliases, breaker, health, servers, aggregator, notifications } = this.options;
    const self = this.self<Chat>();
    this.watching.begin(store, async () => {
      for (const notice of (await this.use(store).call.watch(self)).notices) this.storeChanged(notice);
    });
    this.watching.begin(aliases, async () => this.aliasesChanged(await this.use(aliases).call.watch(self)));
    this.watching.begin(breaker, async () => this.breakerChanged(await this.use(breaker).call.watch(self)));
    this.watching.begin(health, async () => this.statusChanged(await this.use(health).call.watch(self)));
    this.watching.begin(aggregator, async () => {
      this.toolsDiffer(await this.use(aggregator).call.subscribe(self));
      await this.readPrompts();
    });
    this.watching.begin(notifications, () => this.hearServers());
    this.watchKeeper();
    this.watching.begin(servers, async () => {
      this.neighbours.foundServers(await this.use(servers).call.subscribe(self));
      this.showStatus();
    });
  }

  private hearServers(): Promise<void> {
    const categories = this.settings.chat.told;
    const self = this.self<Chat>();
    return this.use(this.options.notifications).call.subscribeBatched(self, { categories }, GATHERED_MS);
  }

  /** The keeper that comes back knows no model. */
  private watchKeeper(): void {
    const { keeper } = this.options;
    if (keeper === undefined) return;
    const model = this.model.nameAtOllama;
    this.watching.begin(keeper, async () => this.use(keeper).call.keep(model));
  }

  configChanged(settings: Settings): void {
    const before = this.settings as Settings | undefined; // none the first time
    this.settings = settings;
    // If the handler is just restarting, its own return has it done again.
    if (before !== undefined && !isDeepStrictEqual(before.chat.told, settings.chat.told)) {
      this.hearServers().catch(() => {});
    }
    const { allow, allow_read_only } = settings.approvals;
    this.approvals.setPolicy({ allow, allowReadOnly: allow_read_only });
  }

  storeChanged(notice: string): void {
    if (!this.shown.hasNotice(notice)) this.shown.notice("warn", notice);
  }

  aliasesChanged(aliases: readonly Alias[]): void {
    const own = new Map(aliases.map(({ name, expansion }) => [name, { name, summary: expansion }] as const));
    this.aliasHints = [...own.values()];
    this.showHints();
  }

  private async readPrompts(): Promise<void> {
    const taken = new Set([...reservedNames, ...this.aliasHints.map(({ name }) => name)]);
    this.prompts = promptHints(await this.use(this.options.aggregator).call.prompts(), taken);
    this.showHints();
  }

  private showHints(): void {
    this.hints = [...commandHints, ...this.aliasHints, ...this.prompts];
    this.emit({ type: "commands", commands: this.hints });
  }

  breakerChanged(breaker: BreakerStatus): void {
    this.neighbours.breakerChanged(breaker);
    this.showStatus();
  }

  statusChanged(health: Health): void {
    this.neighbours.healthChanged(health);
    this.showStatus();
  }

  /** Lists are read anew for every turn. */
  async capabilitiesChanged(change: CapabilityChange): Promise<void> {
    this.meter.refresh();
    if (change.prompts !== undefined) await this.readPrompts().catch(() => {}); // one that is restarting is read when it is back
  }

  toolsDiffer(changes: readonly ToolChange[]): void {
    this.neighbours.toolsDiffer(changes);
  }

  async serverEvent(event: ServerEvent): Promise<void> {
    this.neighbours.serverEvent(event);
    // If the manager is just restarting, its own return brings the list.
    const servers = await this.use(this.options.servers)
      .call.status()
      .catch(() => undefined);
    if (servers === undefined) return;
    this.neighbours.servers = servers;
    this.showStatus();
  }

  notifiedTogether({ recorded }: NotificationBatch): void {
    this.neighbours.notified(recorded);
  }
}
