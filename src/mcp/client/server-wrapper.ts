// A ServerWrapper: one configured server as a process, whatever becomes of the server itself. Calls go in, answers come out, any
// number at a time; the ConnectionKeeper sees to it that there is a server to answer them.
//
// Temporary: the ServerManager starts it and starts it again. It recovers its settings from its start argument and everything
// else from the server, by connecting. The list of tools of the last connection is kept while the server is away, so that its
// tools stay known and a call can wait for it. Nothing slow runs in a handler, so a server that hangs holds up nobody.
import { announce } from "../../actors/telemetry/happenings.js";
import {
  type ChildSpec,
  child,
  type ExitReason,
  type Failure,
  type From,
  failure,
  GenServer,
  isExit,
  messageOf,
  type NoReply,
  noReply,
  type Ref,
  type Stop,
  send,
  stop,
} from "../../supervision/index.js";
import { type CallRefusal, Calls, callTime, type Work } from "./calls.js";
import type { Connection } from "./connection.js";
import { ConnectionKeeper, type Note } from "./connection-keeper.js";
import type { ConnectionState } from "./connection-machine.js";
import { requiredPages } from "./elicited-url.js";
import {
  ServerLostError,
  ServerProtocolError,
  ServerUnavailableError,
  ToolChangedError,
  UnknownNameError,
  VisitRequiredError,
} from "./errors.js";
import { fingerprint } from "./fingerprint.js";
import type { OversizeLine } from "./line-splitter.js";
import type { Conversation, LinkSurroundings } from "./link.js";
import type {
  Completion,
  CompletionTarget,
  LogLevel,
  Progress,
  PromptInfo,
  PromptResult,
  ResourceContents,
  ResourceInfo,
  ResourceTemplateInfo,
  Root,
  ServerNotification,
  ToolInfo,
  ToolResult,
} from "./mcp-types.js";
import { isTaken } from "./name-pattern.js";
import type { NotificationHandler } from "./notification-handler.js";
import type { PortOwner } from "./port.js";
import { type Elicitor, Questions } from "./questions.js";
import type { ResourceCache } from "./resource-cache.js";
import { optional } from "./sdk-shapes.js";
import type { ServerConfig } from "./server-config.js";
import { type ServerLists, takenOf } from "./server-lists.js";
import { isOnItsWay, isUp, type ServerStatus, type WrapperWatcher } from "./server-status.js";
import { checked } from "./structured-output.js";

export type { Elicitor } from "./questions.js";

/** Who hears of a call's progress. */
export interface ProgressWatcher {
  toolProgress(callId: string, progress: Progress): void;
}

/** What a wrapper needs besides its server: the same for all. */
export interface Surroundings extends LinkSurroundings {
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly notifications?: Ref<NotificationHandler>;
  readonly resources?: Ref<ResourceCache>;
  /** Absent: servers are told that nobody can fill in forms, and that they may not use a model. */
  readonly elicitor?: Ref<Elicitor>;
  /** The folders servers may work in; absent: they are told that there are none to ask for. */
  readonly roots?: readonly Root[];
}

export interface WrapperOptions extends Surroundings {
  readonly config: ServerConfig;
  readonly watcher: Ref<WrapperWatcher>;
}

export interface ToolCallOptions {
  /** Names the call for `cancel` and for progress; unique among the calls under way. */
  readonly callId?: string | undefined;
  /** Milliseconds for waiting and running together; the server's configured time when absent. Progress begins them anew, up to
   * ten minutes beyond them; the time the user is asked does not count, likewise. Give the call itself more. */
  readonly timeoutMs?: number | undefined;
  readonly progress?: Ref<ProgressWatcher> | undefined;
  /** The span the call is part of, as the W3C writes it; the server is told while traces are exported. */
  readonly traceparent?: string | undefined;
  /** The tool as the caller knows it; if it is another one by the time of the call, it is not run ({@link ToolChangedError}). */
  readonly fingerprint?: string | undefined;
}

export interface ServerDescription {
  readonly config: ServerConfig;
  readonly status: ServerStatus;
  readonly lists: ServerLists;
  /** It was told to end. */
  readonly ending: boolean;
}

/** While the user is asked, a call whose time is over gets this much more, again and again. */
const ASKING = 1_000;
/** Resources of one server that are watched for the cache. */
const MOST_WATCHED = 100;
/** Pause before a server whose lists are still being read is asked again whether it can rest. */
const NOT_LISTED_YET = 250;
const END = "the server's program is gone";
const OVERDUE = "the time of a call may be over";

export function wrapperSpec(options: WrapperOptions): ChildSpec {
  const { name, graceMs } = options.config;
  return child(ServerWrapper, options, { id: `server:${name}`, restart: "temporary", shutdown: 2 * graceMs + 4_000 });
}

export class ServerWrapper extends GenServer<WrapperOptions, ServerStatus> implements PortOwner {
  private options!: WrapperOptions; // set by init, as the next four
  private keeper!: ConnectionKeeper;
  private calls!: Calls;
  private watcher!: Ref<WrapperWatcher>;
  private notifications: Ref<NotificationHandler> | undefined;
  private resources: Ref<ResourceCache> | undefined;
  /** What others want to be told of. */
  private readonly subscriptions = new Set<string>();
  /** What the ResourceCache has and must hear of, the oldest first. */
  private readonly watched = new Set<string>();
  private numbers = 0;
  private questions!: Questions;
  private ending = false;
  private logLevel: LogLevel | undefined;
  private roots: readonly Root[] = [];
  /** It is lazy, and not connected because nothing was asked of it. */
  private asleep = false;
  /** Monotonic; undefined: nothing was asked of it since it was connected. */
  private usedAt: number | undefined;

  protected override init(options: WrapperOptions): void {
    this.trapExit = true;
    this.options = options;
    this.watcher = this.use(options.watcher);
    this.notifications = options.notifications && this.use(options.notifications);
    this.resources = options.resources && this.use(options.resources);
    this.calls = new Calls(options.config.name, (ms) => this.sendAfter(ms, OVERDUE));
    this.questions = new Questions(
      options.config.name,
      () => this.keeper.state === "initializing" || this.calls.anyRuns,
      (text) => this.heard({ type: "fault", text }),
    );
    this.logLevel = options.config.logLevel;
    this.roots = options.roots ?? [];
    const self = this.self<ServerWrapper>();
    this.keeper = new ConnectionKeeper({
      config: options.config,
      surroundings: { ...options, ports: this.use(options.ports) },
      owner: self,
      use: (ref) => this.use(ref),
      tell: (note) => send(self, note),
      after: (ms, note) => this.sendAfter(ms, note),
      conversation: () => this.conversation(),
      onFault: (text) => this.heard({ type: "fault", text }),
      changed: (before) => this.changed(before),
      programGone: () => this.tellStatus(),
      listsChanged: () => this.watcher.cast.serverLists(options.config.name, this.keeper.lists),
      renewed: (connection) => this.subscribeAgain(connection),
      isBusy: () => this.calls.size > 0,
    });
    // However this process ends, nobody waits for an answer of it any more.
    this.signal.addEventListener("abort", () => {
      this.failCalls("its wrapper has ended");
      announce({ type: "connection", server: options.config.name, state: "gone" });
    });
    const { enabled, start, prewarm } = options.config;
    this.asleep = enabled && start === "lazy" && !prewarm;
    if (prewarm) this.usedAt = performance.now(); // so that it rests no sooner than when it is idle
    this.show();
    if (enabled && !this.asleep) this.continueWith("connect");
  }

  protected override handleContinue(): void {
    this.connect();
  }

  protected override handleInfo(message: Note | typeof OVERDUE | typeof END): Stop | undefined {
    if (isExit(message)) return stop("shutdown");
    if (message === END) return stop("normal");
    if (message === OVERDUE) for (const callId of this.calls.overdue()) this.expired(callId);
    else this.keeper.noted(message);
    return undefined;
  }

  protected override async terminate(reason: ExitReason): Promise<void> {
    const why = reason === "shutdown" || reason === "normal" ? "it was stopped" : "its wrapper crashed";
    this.failCalls(why);
    await this.keeper.close(why);
  }

  // --- asked by the manager and by people ------------------------------------------------------------------------------

  describe(): ServerDescription {
    return {
      config: { ...this.options.config, logLevel: this.logLevel },
      status: this.state,
      lists: this.keeper.lists,
      ending: this.ending,
    };
  }

  connect(): void {
    this.asleep = false;
    this.keeper.happen({ type: "connect" });
  }

  /** Connects now and forgets earlier failures. */
  retry(): void {
    this.asleep = false;
    this.keeper.happen({ type: "retry" });
  }

  /** Answers when the server's program is gone. It stays down until `connect` or `retry`. */
  disconnect(): NoReply | undefined {
    const from = this.from<undefined>();
    this.asleep = false;
    this.keeper.happen({ type: "disconnect" });
    void this.keeper.closed.then(() => from.reply(undefined));
    return noReply;
  }

  /**
   * Stops a lazy server that nothing was asked of for `idleStopMs`, or at all since it was connected to read its lists; it is
   * connected again by whatever is asked of it. Answers with the milliseconds until it may be time, or undefined if it has
   * not to be asked again before it is connected again.
   */
  rest(): number | undefined {
    const { start, idleStopMs } = this.options.config;
    if (start !== "lazy" || !isUp(this.keeper.state)) return undefined;
    const idleFor = this.usedAt === undefined ? idleStopMs : performance.now() - this.usedAt;
    if (this.calls.size > 0 || this.subscriptions.size > 0) return idleStopMs;
    if (!this.keeper.isListed) return Math.min(idleStopMs, NOT_LISTED_YET);
    if (idleFor < idleStopMs) return idleStopMs - idleFor;
    this.asleep = true;
    this.usedAt = undefined;
    this.watched.clear();
    this.resources?.cast.invalidate(this.options.config.name);
    this.keeper.happen({ type: "disconnect" });
    return undefined;
  }

  /** Ends the server's program in order, and then this process. */
  end(): void {
    const self = this.self();
    this.ending = true;
    this.keeper.happen({ type: "disconnect" });
    void this.keeper.closed.then(() => send(self, END));
  }

  /** From now on the server is asked for log messages of this level and above. */
  setLogLevel(level: LogLevel | undefined): void {
    this.logLevel = level;
    if (this.keeper.connection !== undefined) this.tellLogLevel(this.keeper.connection);
  }

  /** From now on the server may work in these folders, if it was told of any before. */
  setRoots(roots: readonly Root[]): void {
    this.roots = roots;
    const told = this.keeper.connection?.rootsChanged();
    told?.catch((error: unknown) => this.heard({ type: "fault", text: messageOf(error) }));
  }

  // --- asked by callers --------------------------------------------------------------------------------------------------

  tools(): readonly ToolInfo[] {
    return this.keeper.lists.tools;
  }

  /** Runs a tool. Waits for a server that is on its way, within the same deadline. */
  callTool(
    name: string,
    args: { readonly [key: string]: unknown },
    {
      callId = this.nextId(),
      timeoutMs = callTime(this.options.config.timeoutMs, this.toolOf(name)),
      progress,
      traceparent,
      fingerprint: expected,
    }: ToolCallOptions = {},
  ): ToolResult | NoReply | Failure<CallRefusal> {
    if (!this.takes(name)) return failure(this.notTaken(name));
    const watcher = progress === undefined ? undefined : this.use(progress);
    const annotations = this.toolOf(name)?.annotations;
    const safeToRetry = annotations?.readOnly === true || annotations?.idempotent === true;
    const tell = (to: Ref<ProgressWatcher>) => (made: Progress) => {
      this.calls.moved(callId);
      to.cast.toolProgress(callId, made);
      this.heard({ type: "progress", callId, ...made });
    };
    return this.submit<ToolResult>(callId, {
      what: name,
      timeoutMs,
      safeToRetry,
      from: this.fromAsked(),
      run: (connection, options) => {
        // Only now, when it is sent: a server that was away comes back with the tools it has by then.
        const tool = this.toolOf(name);
        if (expected !== undefined && tool !== undefined && fingerprint(tool) !== expected) {
          return Promise.reject(new ToolChangedError(this.options.config.name, name));
        }
        const answer = connection
          .callTool(name, args, {
            giveUp: options.giveUp,
            safeToRetry,
            traceparent,
            onProgress: watcher && tell(watcher),
            asTask: tool?.asTask,
          })
          .catch((error: unknown) => this.visitFirst(name, error, options.giveUp?.signal));
        const schema = tool?.outputSchema;
        return schema === undefined ? answer : answer.then((result) => checked(result, schema));
      },
    });
  }

  /** The caller, who is told how much of the time was the user's. */
  private fromAsked(): From<ToolResult> {
    const from = this.from<ToolResult>();
    const before = this.questions.askedMs;
    return {
      reply: (result) => {
        const askedMs = Math.round(this.questions.askedMs - before);
        return from.reply(askedMs > 0 ? { ...result, askedMs } : result);
      },
      fail: (error) => from.fail(error),
    };
  }

  private toolOf(name: string): ToolInfo | undefined {
    return this.keeper.lists.tools.find((tool) => tool.name === name);
  }

  /** What the settings leave out is not reached either. */
  private takes(name: string): boolean {
    return isTaken(this.options.config, name);
  }

  private notTaken(name: string): UnknownNameError {
    const { name: server } = this.options.config;
    return new UnknownNameError(`"${name}" of the server "${server}" is left out by its allow and deny settings`);
  }

  /** A tool that cannot run before the user has been to a web page: the user is asked, and whoever called is told to call again. */
  private async visitFirst(tool: string, error: unknown, signal = this.signal): Promise<never> {
    const { elicitor, config } = this.options;
    const pages = error instanceof ServerProtocolError ? requiredPages(error) : [];
    if (pages.length === 0 || elicitor === undefined) throw error;
    const visited: string[] = [];
    for (const page of pages) {
      const { action } = await this.questions.elicit(this.use(elicitor), page, signal);
      if (action !== "accept") throw new VisitRequiredError(config.name, tool, page.url, false);
      visited.push(page.url);
    }
    throw new VisitRequiredError(config.name, tool, visited.join(" and "), true);
  }

  /** The caller of the call gives up; the server is told. */
  cancel(callId: string): void {
    this.calls.cancel(callId);
  }

  listResources(): readonly ResourceInfo[] | NoReply | Failure<CallRefusal> {
    const taken = (items: readonly ResourceInfo[]) => takenOf(items, this.options.config).items;
    return this.ask("resources/list", async (connection) => taken(await connection.listResources()));
  }

  listResourceTemplates(): readonly ResourceTemplateInfo[] | NoReply | Failure<CallRefusal> {
    const taken = (items: readonly ResourceTemplateInfo[]) => takenOf(items, this.options.config).items;
    return this.ask("resources/templates/list", async (connection) => taken(await connection.listResourceTemplates()));
  }

  listPrompts(): readonly PromptInfo[] | NoReply | Failure<CallRefusal> {
    const taken = (items: readonly PromptInfo[]) => takenOf(items, this.options.config).items;
    return this.ask("prompts/list", async (connection) => taken(await connection.listPrompts()));
  }

  /** With `watch` the server is asked to tell when it changes, where it can and as long as it has not too many to tell of; the
   * ResourceCache hears of it. */
  readResource(
    uri: string,
    { watch = false }: { readonly watch?: boolean } = {},
  ): readonly ResourceContents[] | NoReply | Failure<CallRefusal> {
    if (!this.takes(uri)) return failure(this.notTaken(uri));
    if (watch)
      return this.ask(uri, async (connection, options) => {
        await this.watch(uri, connection); // first, so that no change is missed
        return connection.readResource(uri, options);
      });
    return this.ask(uri, (connection, options) => connection.readResource(uri, options));
  }

  getPrompt(name: string, args: Readonly<Record<string, string>>): PromptResult | NoReply | Failure<CallRefusal> {
    if (!this.takes(name)) return failure(this.notTaken(name));
    return this.ask(name, (connection, options) => connection.getPrompt(name, args, options));
  }

  /** What an argument of a prompt or of a resource template may be. */
  complete(
    target: CompletionTarget,
    argument: { readonly name: string; readonly value: string },
    others: Readonly<Record<string, string>>,
  ): Completion | NoReply | Failure<CallRefusal> {
    return this.ask(argument.name, (connection, options) => connection.complete(target, argument, others, options));
  }

  /** The server tells when the resource changes, also after it was connected again. */
  subscribeResource(uri: string): undefined | NoReply | Failure<CallRefusal> {
    if (!this.takes(uri)) return failure(this.notTaken(uri));
    this.subscriptions.add(uri);
    return this.ask(uri, (connection) => connection.subscribe(uri));
  }

  unsubscribeResource(uri: string): undefined | NoReply | Failure<CallRefusal> {
    this.subscriptions.delete(uri);
    if (this.watched.has(uri)) return undefined; // the cache still needs to hear of it
    return this.ask(uri, (connection) => connection.unsubscribe(uri));
  }

  private ask<T>(what: string, run: Work<T>["run"]): NoReply | Failure<CallRefusal> {
    const { timeoutMs } = this.options.config;
    return this.submit<T>(this.nextId(), { what, timeoutMs, safeToRetry: true, from: this.from(), run });
  }

  private async watch(uri: string, connection: Connection): Promise<void> {
    const { name } = this.options.config;
    if (!connection.identity.capabilities.subscribe || this.watched.delete(uri)) {
      if (connection.identity.capabilities.subscribe) this.watched.add(uri); // the newest again
      return;
    }
    this.watched.add(uri);
    const [oldest] = this.watched;
    if (this.watched.size > MOST_WATCHED && oldest !== undefined) {
      this.watched.delete(oldest);
      this.resources?.cast.invalidate(name, oldest);
      if (!this.subscriptions.has(oldest)) void connection.unsubscribe(oldest).catch(() => {});
    }
    // A server that refuses is a resource that is only kept for a while.
    if (!this.subscriptions.has(uri)) await connection.subscribe(uri).catch(() => this.watched.delete(uri));
  }

  private submit<T>(callId: string, work: Work<T>): NoReply | Failure<CallRefusal> {
    this.usedAt = performance.now();
    if (this.asleep) this.connect();
    const { connection } = this.keeper;
    if (connection === undefined) {
      const { state, retryInMs = 0 } = this.keeper.status;
      if (!isOnItsWay(state) || retryInMs > work.timeoutMs) return failure(this.unavailable());
    }
    const refused = this.calls.add(callId, work);
    if (refused !== undefined) return failure(refused);
    if (connection !== undefined) this.calls.start(callId, connection);
    return noReply;
  }

  private expired(callId: string): void {
    if (this.questions.open > 0 && this.calls.extend(callId, ASKING)) return;
    if (this.calls.goOn(callId)) return;
    // A server that let a call's time pass may hang; one that hangs answers no ping.
    if (this.calls.expire(callId, () => this.unavailable())) this.keeper.ping();
  }

  private nextId(): string {
    return `call-${++this.numbers}`;
  }

  // --- told by the Port --------------------------------------------------------------------------------------------------

  portLines(lines: readonly string[], bytes: number): void {
    this.keeper.receive(lines, bytes);
  }

  portOversize(line: OversizeLine): void {
    this.keeper.receiveOversize(line);
  }

  portStderr(lines: readonly string[]): void {
    this.heard({ type: "stderr", lines });
    announce({ type: "server_stderr", server: this.options.config.name, lines });
  }

  portWarning(text: string): void {
    this.heard({ type: "fault", text });
    announce({ type: "server_warning", server: this.options.config.name, text });
  }

  // --- told by the server ------------------------------------------------------------------------------------------------

  private conversation(): Conversation {
    const { questions } = this;
    const { clientInfo, elicitor } = this.options;
    return {
      clientInfo,
      onNotification: (notification) => this.heard(notification),
      ...(elicitor === undefined
        ? {}
        : {
            elicit: (request, signal) => questions.elicit(this.use(elicitor), request, signal),
            sample: (request, signal) => questions.sample(this.use(elicitor), request, signal),
          }),
      ...(this.options.roots === undefined ? {} : { roots: () => this.roots }),
    };
  }

  private heard(notification: ServerNotification): void {
    const { name } = this.options.config;
    this.notifications?.cast.record(name, notification);
    if (notification.type === "tools-changed") this.keeper.mayHaveChanged("tools");
    if (notification.type === "prompts-changed") this.keeper.mayHaveChanged("prompts");
    if (notification.type === "resources-changed") {
      this.keeper.mayHaveChanged("resources");
      this.keeper.mayHaveChanged("templates");
    }
    if (notification.type === "resource-updated") this.resources?.cast.invalidate(name, notification.uri);
  }

  // --- the state has changed -----------------------------------------------------------------------------------------------

  private changed(before: ConnectionState): void {
    const { connection, state } = this.keeper;
    if (connection !== undefined && before === "initializing") {
      this.calls.startAll(connection);
      this.subscribeAgain(connection);
    } else if (!isUp(state) && !isOnItsWay(state)) {
      this.calls.failWaiting(() => this.unavailable());
    }
    this.tellStatus();
    const { name, reason } = this.state;
    announce({ type: "connection", server: name, state, ...optional({ reason }) });
  }

  private tellStatus(): void {
    this.show();
    this.watcher.cast.serverStatus(this.state);
  }

  private show(): void {
    this.state = this.asleep ? { ...this.keeper.status, asleep: true } : this.keeper.status;
    const { name, state, restarts, reason } = this.state;
    const again = restarts === 0 ? "" : `, connected again ${restarts}×`;
    this.setLabel(`${name}: ${state}${again}${reason === undefined ? "" : ` (${reason})`}`);
  }

  /** The server knows nothing of the connection before, and we nothing of what it changed meanwhile. */
  private subscribeAgain(connection: Connection): void {
    this.tellLogLevel(connection);
    this.resources?.cast.invalidate(this.options.config.name);
    for (const uri of new Set([...this.subscriptions, ...this.watched])) {
      connection.subscribe(uri).catch((error: unknown) => this.heard({ type: "fault", text: messageOf(error) }));
    }
  }

  private tellLogLevel(connection: Connection): void {
    if (this.logLevel === undefined) return;
    connection
      .setLogLevel(this.logLevel)
      .catch((error: unknown) => this.heard({ type: "fault", text: messageOf(error) }));
  }

  private unavailable(): ServerUnavailableError {
    const { name, state, reason, retryInMs } = this.keeper.status;
    return new ServerUnavailableError(name, state, reason, retryInMs);
  }

  private failCalls(why: string): void {
    const { name } = this.options.config;
    this.calls.failAll(({ what, safeToRetry }) => new ServerLostError(name, what, why, safeToRetry));
  }
}
