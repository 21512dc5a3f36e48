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
  type Down,
  type ExitReason,
  type Failure,
  failure,
  GenServer,
  isDown,
  isExit,
  type NoReply,
  noReply,
  type Ref,
  type Stop,
  send,
  stop,
} from "../../supervision/index.js";
import { Askers } from "./askers.js";
import { AskingMemory } from "./asking-memory.js";
import { type CallRefusal, Calls, type Work } from "./calls.js";
import type { Connection, NamedCallOptions } from "./connection.js";
import { ConnectionKeeper, type Note } from "./connection-keeper.js";
import type { ConnectionState } from "./connection-machine.js";
import { GONE, ServerLostError, ServerOverloadedError, ServerUnavailableError, UnknownNameError } from "./errors.js";
import type { OversizeLine } from "./line-splitter.js";
import type {
  Completion,
  CompletionTarget,
  LogLevel,
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
import { OurSide } from "./our-side.js";
import type { PortOwner } from "./port.js";
import { type Asked, type Elicitor, OWN_USER, Questions } from "./questions.js";
import type { ResourceCache } from "./resource-cache.js";
import { optional } from "./sdk-shapes.js";
import type { ServerConfig } from "./server-config.js";
import { type ServerLists, takenOf } from "./server-lists.js";
import { isOnItsWay, isUp, type ServerStatus, type WrapperWatcher } from "./server-status.js";
import { Subscriptions } from "./subscriptions.js";
import { type CallerOptions, type ToolCallOptions, ToolWork } from "./tool-work.js";
import type { WrapperOptions } from "./wrapper-options.js";

export interface ServerDescription {
  readonly config: ServerConfig;
  readonly status: ServerStatus;
  readonly lists: ServerLists;
  /** It was told to end. */
  readonly ending: boolean;
}

/** While the user is asked, a call whose time is over gets this much more, again and again. */
const ASKING = 1_000;
/** Pause before a server whose lists are still being read is asked again whether it can rest. */
const NOT_LISTED_YET = 250;
/** Resources and completions go by one name each, for there are too many to try each one apart. */
const [READ, GET_PROMPT, COMPLETE] = ["resources/read", "prompts/get", "completion/complete"];
const END = "the server's program is gone";
const DRAINED = "its calls are over, or their time is";
const OVERDUE = "the time of a call may be over";
const WAITED = "a question or a call has waited for so long";
const KEEP = "it was learned which tools ask";
type Word = typeof OVERDUE | typeof WAITED | typeof END | typeof DRAINED | typeof KEEP;

export function wrapperSpec(options: WrapperOptions): ChildSpec {
  const { name, graceMs } = options.config;
  return child(ServerWrapper, options, { id: `server:${name}`, restart: "temporary", shutdown: 2 * graceMs + 4_000 });
}

export class ServerWrapper extends GenServer<WrapperOptions, ServerStatus> implements PortOwner {
  private options!: WrapperOptions; // set by init, as the next ten
  private keeper!: ConnectionKeeper;
  private calls!: Calls;
  private watcher!: Ref<WrapperWatcher>;
  private notifications: Ref<NotificationHandler> | undefined;
  private resources: Ref<ResourceCache> | undefined;
  private subscriptions!: Subscriptions;
  private askers!: Askers<Asked>;
  private questions!: Questions;
  private toolWork!: ToolWork;
  private ourSide!: OurSide;
  private memory: AskingMemory | undefined;
  /** Those who are told of changes of resources, by what they are called, with their monitors. */
  private readonly subscribers = new Map<string, number>();
  private readonly parties = new WeakMap<Ref<Elicitor>, Asked>();
  private numbers = 0;
  private ending = false;
  private drained = false;
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
    this.calls = new Calls(
      options.config.name,
      (ms) => this.sendAfter(ms, OVERDUE),
      (id, how) => {
        this.askers.leave(id, how);
        this.memory?.callOver();
      },
    );
    const elicitor = options.elicitor && this.use(options.elicitor);
    const onFault = (text: string): void => this.heard({ type: "fault", text });
    this.askers = new Askers({
      now: () => performance.now(),
      wake: (ms) => void this.sendAfter(ms, WAITED),
      admit: (id) => this.admitted(id),
    });
    const { memory } = options;
    this.memory =
      memory &&
      new AskingMemory({
        ...{ store: this.use(memory.store), origin: memory.origin, server: options.config.name, askers: this.askers },
        later: (ms) => void this.sendAfter(ms, KEEP),
      });
    this.questions = new Questions({
      server: options.config.name,
      askers: this.askers,
      elicitor,
      isAtWork: () => this.keeper.state === "initializing" || this.calls.anyRuns,
      asked: (party, ms) => this.toolWork.asked(party, ms),
      report: onFault,
    });
    this.subscriptions = new Subscriptions({ server: options.config.name, cache: this.resources, onFault });
    this.toolWork = new ToolWork({
      config: options.config,
      calls: this.calls,
      questions: this.questions,
      elicitor,
      signal: this.signal,
      tool: (name) => this.keeper.lists.tools.find((tool) => tool.name === name),
      heard: (notification) => this.heard(notification),
    });
    this.ourSide = new OurSide({
      options,
      questions: this.questions,
      heard: (notification) => this.heard(notification),
    });
    const self = this.self<ServerWrapper>();
    this.keeper = new ConnectionKeeper({
      config: options.config,
      surroundings: { ...options, ports: this.use(options.ports) },
      owner: self,
      use: (ref) => this.use(ref),
      tell: (note) => send(self, note),
      after: (ms, note) => this.sendAfter(ms, note),
      conversation: () => this.ourSide.conversation(),
      onFault,
      changed: (before) => this.changed(before),
      programGone: () => this.tellStatus(),
      listsChanged: () => this.watcher.cast.serverLists(options.config.name, this.keeper.lists, this.keeper.isListed),
      renewed: (connection) => this.renew(connection),
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

  protected override handleInfo(message: Note | Word | Down): Stop | undefined {
    if (isExit(message)) return stop("shutdown");
    if (message === END) return stop("normal");
    if (message === DRAINED) {
      if (!this.drained) this.endNow();
      return undefined;
    }
    if (message === OVERDUE) for (const callId of this.calls.overdue()) this.expired(callId);
    else if (message === WAITED) this.askers.due();
    else if (message === KEEP) this.memory?.keep();
    else if (isDown(message)) this.subscriberGone(message.id);
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
      config: { ...this.options.config, logLevel: this.ourSide.logLevel },
      status: this.state,
      lists: this.keeper.lists,
      ending: this.ending,
    };
  }

  /** `inUse`: it rests no sooner than when it has not been used for its time. */
  connect(inUse = false): void {
    this.asleep = false;
    if (inUse) this.usedAt = performance.now();
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
    if (this.calls.size > 0 || !this.subscriptions.isEmpty) return idleStopMs;
    if (!this.keeper.isListed) return Math.min(idleStopMs, NOT_LISTED_YET);
    if (idleFor < idleStopMs) return idleStopMs - idleFor;
    this.asleep = true;
    this.usedAt = undefined;
    this.subscriptions.unwatch();
    this.keeper.happen({ type: "disconnect" });
    return undefined;
  }

  /** Ends the server's program in order, and then this process. Calls under way are given `drainMs` before that. */
  end(drainMs = 0): void {
    this.ending = true;
    if (drainMs === 0 || this.calls.size === 0) return this.endNow();
    const self = this.self();
    void this.calls.whenEmpty().then(() => send(self, DRAINED));
    this.sendAfter(drainMs, DRAINED);
  }

  private endNow(): void {
    const self = this.self();
    this.drained = true;
    this.keeper.happen({ type: "disconnect" });
    void this.keeper.closed.then(() => send(self, END));
  }

  /** From now on the server is asked for log messages of this level and above. */
  setLogLevel(level: LogLevel | undefined): void {
    this.ourSide.setLogLevel(level, this.keeper.connection);
  }

  /** Clients of ours want its log messages from this level on, whatever the settings want. */
  setLogFloor(floor: LogLevel | undefined): void {
    this.ourSide.setLogFloor(floor, this.keeper.connection);
  }

  /** From now on the server may work in these folders, if it was told of any before. */
  setRoots(roots: readonly Root[]): void {
    this.ourSide.setRoots(roots, this.keeper.connection);
  }

  // --- asked by callers --------------------------------------------------------------------------------------------------

  tools(): readonly ToolInfo[] {
    return this.keeper.lists.tools;
  }

  /** Runs a tool. Waits for a server that is on its way, within the same deadline. */
  callTool(
    name: string,
    args: { readonly [key: string]: unknown },
    options: ToolCallOptions = {},
  ): ToolResult | NoReply | Failure<CallRefusal> {
    if (!this.takes(name)) return failure(this.notTaken(name));
    const { callId = this.nextId(), progress, elicitor, timeoutMs, traceparent, fingerprint } = options;
    const party = elicitor === undefined ? OWN_USER : this.partyOf(elicitor);
    const [watcher, from] = [progress && this.use(progress), this.from<ToolResult>()];
    // Each field by its name: to spread an object takes longer than all else here.
    const call = { callId, party, name, args, timeoutMs, traceparent, fingerprint, progress: watcher, from };
    return this.submit(callId, this.toolWork.of(call), () => {
      this.toolWork.begun(callId, party);
      return this.askers.enter(callId, party, name);
    });
  }

  /** Clients make thousands of calls a second, each by the same ref. */
  private partyOf(elicitor: Ref<Elicitor>): Asked {
    let party = this.parties.get(elicitor);
    if (party === undefined) {
      party = { key: `${elicitor}`, elicitor: this.use(elicitor) };
      this.parties.set(elicitor, party);
    }
    return party;
  }

  /** What the settings leave out is not reached either. */
  private takes(name: string): boolean {
    return isTaken(this.options.config, name);
  }

  private notTaken(name: string): UnknownNameError {
    const { name: server } = this.options.config;
    return new UnknownNameError(`"${name}" of the server "${server}" is left out by its allow and deny settings`);
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
    { watch = false, reader }: { readonly watch?: boolean; readonly reader?: CallerOptions } = {},
  ): readonly ResourceContents[] | NoReply | Failure<CallRefusal> {
    if (!this.takes(uri)) return failure(this.notTaken(uri));
    return this.askFor(READ, uri, reader, async (connection, options) => {
      if (watch) await this.subscriptions.watch(uri, connection); // first, so that no change is missed
      return connection.readResource(uri, options);
    });
  }

  getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    caller?: CallerOptions,
  ): PromptResult | NoReply | Failure<CallRefusal> {
    if (!this.takes(name)) return failure(this.notTaken(name));
    return this.askFor(`${GET_PROMPT} ${name}`, name, caller, (connection, options) =>
      connection.getPrompt(name, args, options),
    );
  }

  /** What an argument of a prompt or of a resource template may be. */
  complete(
    target: CompletionTarget,
    argument: { readonly name: string; readonly value: string },
    others: Readonly<Record<string, string>>,
    caller?: CallerOptions,
  ): Completion | NoReply | Failure<CallRefusal> {
    return this.askFor(COMPLETE, argument.name, caller, (connection, options) =>
      connection.complete(target, argument, others, options),
    );
  }

  /** The server tells when the resource changes, also after it was connected again; as long as `subscriber` lives, if there is one,
   * and as often as others want it too it is asked once. */
  subscribeResource(uri: string, subscriber?: Ref<unknown>): undefined | NoReply | Failure<CallRefusal> {
    if (!this.takes(uri)) return failure(this.notTaken(uri));
    const isNew = this.subscriptions.add(uri, subscriberKey(subscriber));
    if (subscriber !== undefined && !this.subscribers.has(`${subscriber}`))
      this.subscribers.set(`${subscriber}`, this.monitor(subscriber));
    if (!isNew) return undefined;
    const undo = (error: unknown): never => {
      this.subscriptions.remove(uri, subscriberKey(subscriber));
      throw error;
    };
    return this.ask(uri, (connection) => connection.subscribe(uri).catch(undo));
  }

  unsubscribeResource(uri: string, subscriber?: Ref<unknown>): undefined | NoReply | Failure<CallRefusal> {
    if (!this.subscriptions.remove(uri, subscriberKey(subscriber))) return undefined;
    return this.ask(uri, (connection) => connection.unsubscribe(uri));
  }

  private subscriberGone(monitor: number): void {
    const [key] = [...this.subscribers].find(([, id]) => id === monitor) ?? [];
    if (key === undefined) return;
    this.subscribers.delete(key);
    const { connection } = this.keeper;
    for (const uri of this.subscriptions.removeAllOf(key)) connection?.unsubscribe(uri).catch(() => {}); // it is gone, too
  }

  /** Something during which the server may ask whoever asked for it, as in the call of a tool; `kind` goes by a tool's name there. */
  private askFor<T>(
    kind: string,
    what: string,
    { callId = this.nextId(), elicitor }: Partial<CallerOptions> = {},
    run: (connection: Connection, options: NamedCallOptions) => Promise<T>,
  ): NoReply | Failure<CallRefusal> {
    const { timeoutMs } = this.options.config;
    const party = elicitor === undefined ? OWN_USER : this.partyOf(elicitor);
    const from = this.from<T>();
    const ended = (): void => this.toolWork.ended(callId);
    const work: Work<T> = {
      ...{ what, timeoutMs, safeToRetry: true },
      from: {
        reply: (value) => {
          ended();
          return from.reply(value);
        },
        fail: (error) => {
          ended();
          return from.fail(error);
        },
      },
      run: (connection, options) => run(connection, { ...options, callId }),
    };
    return this.submit(callId, work, () => {
      this.toolWork.begun(callId, party);
      return this.askers.enter(callId, party, kind);
    });
  }

  private ask<T>(what: string, run: Work<T>["run"]): NoReply | Failure<CallRefusal> {
    const { timeoutMs } = this.options.config;
    return this.submit<T>(this.nextId(), { what, timeoutMs, safeToRetry: true, from: this.from(), run });
  }

  /** `enters`: whether it may be sent now, and need not wait in line. */
  private submit<T>(callId: string, work: Work<T>, enters = (): boolean => true): NoReply | Failure<CallRefusal> {
    this.usedAt = performance.now();
    if (this.asleep) this.connect();
    const { connection } = this.keeper;
    if (connection === undefined) {
      const { state, retryInMs = 0 } = this.keeper.status;
      if (!isOnItsWay(state) || retryInMs > work.timeoutMs) return failure(this.unavailable());
    }
    const refused = this.calls.add(callId, work, enters);
    if (refused !== undefined) return failure(refused);
    if (connection !== undefined) this.calls.start(callId, connection);
    return noReply;
  }

  private admitted(callId: string): void {
    const { connection } = this.keeper;
    this.toolWork.admitted(callId);
    this.calls.admit(callId);
    if (connection !== undefined) this.calls.start(callId, connection);
  }

  private expired(callId: string): void {
    const party = this.toolWork.partyOf(callId);
    const inLine = !this.calls.isAdmitted(callId);
    const isWaitedFor = inLine || (party !== undefined && this.questions.isOpen(party));
    if (isWaitedFor && this.calls.extend(callId, ASKING)) return;
    if (this.calls.goOn(callId)) return;
    if (inLine) return void this.calls.expire(callId, () => this.crowded());
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

  private heard(notification: ServerNotification): void {
    const { name } = this.options.config;
    this.notifications?.cast.record(name, notification);
    if (notification.type === "log") this.toolWork.logged(notification.callId);
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
    if (isOnItsWay(state)) this.memory?.recall();
    if (connection === undefined) this.askers.lost();
    if (connection !== undefined && before === "initializing") {
      this.askers.setExact(connection.isExact);
      this.calls.startAll(connection);
      this.renew(connection);
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

  /** The server remembers nothing of what was asked of it before. */
  private renew(connection: Connection): void {
    this.ourSide.tellLogLevel(connection);
    this.subscriptions.renew(connection);
  }

  private unavailable(): ServerUnavailableError {
    const { name, state, reason, retryInMs } = this.keeper.status;
    if (this.ending) return new ServerUnavailableError(name, GONE, "another takes its place", 0);
    return new ServerUnavailableError(name, state, reason, retryInMs);
  }

  private crowded(): ServerOverloadedError {
    return new ServerOverloadedError(this.options.config.name, "others' calls that it asks questions for did not end");
  }

  private failCalls(why: string): void {
    const { name } = this.options.config;
    this.calls.failAll(({ what, safeToRetry }) => new ServerLostError(name, what, why, safeToRetry));
  }
}

/** This program's user has none. */
function subscriberKey(subscriber: Ref<unknown> | undefined): string {
  return subscriber === undefined ? "" : `${subscriber}`;
}
