// The ServerManager: which servers there should be, which there are, and what to do about the difference.
//
// Permanent. Each server has a ServerWrapper under the ServerSupervisor, a sibling of this process, so the servers run on when
// this process crashes: started again, it asks the supervisor which wrappers there are, asks each for its settings and state, and
// takes them over as they are. Every server there should be has a wrapper, also one that is switched off, so nothing else needs
// remembering; one whose wrapper was missing just then is started from the start argument. Only a lazy server that nobody has needed
// has none, so that hundreds of them cost next to nothing. Traffic does not pass through here:
// `route` gives the address of the wrapper.
import { isDeepStrictEqual } from "node:util";
import { Condition, type HealthStatus } from "../../actors/health/status.js";
import type { Store } from "../../actors/store/store.js";
import { announce } from "../../actors/telemetry/happenings.js";
import {
  type Failure,
  type From,
  failure,
  GenServer,
  isDown,
  type Named,
  type NoReply,
  noReply,
  type Pid,
  type Ref,
  send,
} from "../../supervision/index.js";
import { ClientWishes, type Wishes } from "./client-wishes.js";
import { ServerConfigError, type ServerUnavailableError, type UnknownNameError } from "./errors.js";
import type { LazyServerManager } from "./lazy-server-manager.js";
import { ListCache } from "./list-cache.js";
import type { Root } from "./mcp-types.js";
import { optional } from "./sdk-shapes.js";
import {
  type ServerConfig,
  type ServerConfigInput,
  type ServerSource,
  sameConfig,
  serverConfigs,
  serverSources,
} from "./server-config.js";
import { findRoute, ServerEntries } from "./server-entries.js";
import type { Route, ServerEntry } from "./server-entry.js";
import { eventOf, type ServerEvent, type ServerWatcher } from "./server-events.js";
import { noOffer, type Offer, type ServerLists } from "./server-lists.js";
import { healthOf, isOnItsWay, isUp, type ServerStatus, type WrapperWatcher } from "./server-status.js";
import type { ServerWrapper } from "./server-wrapper.js";
import { WrapperCare, type WrapperNote } from "./wrapper-care.js";
import type { Surroundings, WrapperOptions } from "./wrapper-options.js";

export type { Route } from "./server-entry.js";

export interface ServerManagerOptions extends Surroundings {
  /** This process's own name: wrappers outlive one incarnation of it. */
  readonly name: Named<ServerManager>;
  /** The supervisor that wrappers run under. */
  readonly wrappers: Ref<unknown>;
  readonly servers: readonly ServerConfigInput[];
  /** Who besides the settings will say which servers he wants; the start waits for it. */
  readonly expected?: readonly ServerSource[];
  /** Where the lists of lazy servers are remembered; absent: they are not. */
  readonly store?: Ref<Store>;
  /** How long the start may take; a server that is slower comes in later. Default 10 s. */
  readonly settleMs?: number;
  /** Who connects lazy servers that nobody calls, to learn what they offer. */
  readonly lazy?: Ref<LazyServerManager>;
}

/** Who hears what each server offers. */
export interface OfferWatcher {
  /** `live`: the server has said so itself in this run; otherwise it is what it said in an earlier one. */
  offerChanged(server: string, offer: Offer, live: boolean): void;
}

export interface ServerOffer {
  readonly server: string;
  readonly offer: Offer;
  readonly live: boolean;
}

/** A lazy server as the {@link LazyServerManager} sees it. */
export interface LazyServer {
  readonly wrapper: Pid<ServerWrapper>;
  readonly state: ServerStatus["state"];
  /** Nothing is known of it, and somebody wants to know. */
  readonly listsWanted: boolean;
}

type Note = WrapperNote | { readonly type: "remember" } | { readonly type: "start is over" };

const SETTLE_MS = 10_000;

export class ServerManager
  extends GenServer<ServerManagerOptions, { readonly servers: readonly ServerStatus[] }>
  implements WrapperWatcher
{
  private options!: ServerManagerOptions; // set by init
  private readonly entries = new ServerEntries();
  private readonly care = new WrapperCare({
    entries: this.entries,
    wrappers: () => this.use(this.options.wrappers),
    use: (ref) => this.use(ref),
    monitor: (ref) => this.monitor(ref),
    tell: (note) => send(this.self(), note),
    after: (ms, note) => this.sendAfter(ms, note),
    optionsOf: (config) => this.wrapperOptions(config),
    originOf: (config) => this.cache?.originOf(config) ?? "",
    statusChanged: (status) => this.serverStatus(status),
    begun: (entry, again) => this.begun(entry, again),
    running: (entry) => this.running(entry),
    gone: (entry) => this.gone(entry),
  });
  /** Callers of `route`, for a server that may still be wanted. */
  private readonly waitingForSources: ServerEntry["waiting"] = [];
  /** Who of those that are expected has said which servers he wants. */
  private readonly said = new Set<ServerSource>();
  private readonly watchers = new Map<number, Ref<ServerWatcher>>();
  private readonly offerWatchers = new Map<number, Ref<OfferWatcher>>();
  private readonly wishes = new ClientWishes();
  /** Those who have wishes, by their monitors. */
  private readonly clients = new Map<number, string>();
  /** What the watchers have been told last of each server. */
  private readonly toldOffers = new Map<string, Offer>();
  private cache: ListCache | undefined;
  /** What the servers there are were made from, by who wants them; absent: he has not said it to this incarnation yet. */
  private readonly given = new Map<ServerSource, Given>();
  private readonly condition = new Condition();
  /** Callers of `settled`. */
  private settling: { readonly from: From<undefined>; readonly whole: boolean }[] = [];
  /** When the last of the servers was set on its way for the first time. */
  private startedAt = performance.now();
  private settleMs = SETTLE_MS;

  protected override async init(options: ServerManagerOptions): Promise<undefined | Failure<ServerConfigError>> {
    this.options = options;
    const servers = checked(options.servers);
    if (servers instanceof ServerConfigError) return failure(servers);
    const { store, clientInfo } = options;
    this.cache = store && new ListCache(this.use(store), clientInfo.version);
    this.settleMs = options.settleMs ?? SETTLE_MS;
    this.sendAfter(this.settleMs + 1, { type: "start is over" } satisfies Note);
    await this.care.adopt(servers);
    if (this.entries.size === 0)
      for (const source of serverSources) this.given.set(source, givenBy(source, options.servers, servers));
    for (const config of servers) if (this.entries.get(config.name) === undefined) this.care.add(config);
    this.show();
    this.continueWith("remember"); // not here: the supervisor that waits for this may have the store to start again
    return undefined;
  }

  /** Before any message is handled. */
  protected override async handleContinue(): Promise<void> {
    await this.remember();
  }

  // --- asked by people and programs --------------------------------------------------------------------------------------

  status(): readonly ServerStatus[] {
    return this.entries.statuses;
  }

  getStatus(): HealthStatus {
    const { level, details } = healthOf(this.status());
    return this.condition.say(level, details);
  }

  /** Where the tool `server.tool` runs. Waits for a server that is on its way and whose tools are not known yet. */
  route(tool: string): Route | NoReply | Failure<UnknownNameError | ServerUnavailableError> {
    const members = this.entries.members(tool.slice(0, tool.indexOf(".")));
    if (members.length === 0 && this.awaitsSources()) {
      this.waitingForSources.push({ tool, from: this.from() });
      return noReply;
    }
    const found = members.length === 0 ? this.entries.noSuchServer(tool) : findRoute(members, tool);
    if (found instanceof Error) return failure(found);
    if (found !== undefined) return found;
    for (const entry of members) {
      if (entry.isUnknown) this.care.connect(entry);
      else this.care.start(entry);
    }
    members[0]?.waiting.push({ tool, from: this.from() });
    return noReply;
  }

  /** The wrapper of a server, whatever it offers; for those that read its resources. */
  wrapperOf(server: string): Pid<ServerWrapper> | NoReply | Failure<UnknownNameError> {
    const entry = this.entries.get(server);
    if (entry === undefined) return failure(this.entries.noSuchServer(server));
    if (entry.wrapper !== undefined) return entry.wrapper;
    this.care.start(entry);
    entry.waitingForWrapper.push(this.from());
    return noReply;
  }

  /** Makes these the servers that `source` wants; those of others stay. Touches only those that are new, gone or changed; refuses
   * all if one is wrong. */
  async setServers(
    configs: readonly ServerConfigInput[],
    source: ServerSource = "settings",
  ): Promise<undefined | Failure<ServerConfigError>> {
    const isHot = this.said.has(source);
    this.said.add(source);
    const inputs = configs.map((config) => ({ ...config, source }));
    // Right after the start, and for hundreds of servers.
    if (isDeepStrictEqual(inputs, this.given.get(source)?.inputs)) {
      this.answerSettled();
      return undefined;
    }
    const servers = checked(inputs);
    if (servers instanceof ServerConfigError) return failure(servers);
    this.given.set(source, { inputs, servers });
    const wanted = this.wanted();
    for (const entry of this.entries.all)
      if (this.given.has(entry.config.source) && !wanted.has(entry.name)) this.care.remove(entry);
    for (const config of wanted.values()) {
      const entry = this.entries.get(config.name);
      if (entry === undefined) this.care.add(config);
      else if (!entry.wanted || !sameConfig(entry.config, config)) this.care.replace(entry, config);
      else if (entry.config.logLevel !== config.logLevel) {
        entry.config = config;
        if (entry.wrapper !== undefined) this.use(entry.wrapper).cast.setLogLevel(config.logLevel);
      }
    }
    await this.remember();
    // What is added while the app runs is to be seen at once.
    if (this.settling.length > 0 || (isHot && source === "plugins"))
      this.wantLists(this.entries.all.filter(({ config }) => config.source === source));
    this.answerSettled();
    this.show();
    return undefined;
  }

  /** Of two that want a server of one name it is the first's. */
  private wanted(): ReadonlyMap<string, ServerConfig> {
    const wanted = new Map<string, ServerConfig>();
    for (const source of serverSources)
      for (const config of this.given.get(source)?.servers ?? [])
        if (!wanted.has(config.name)) wanted.set(config.name, config);
    return wanted;
  }

  /** Has those asked what they offer that nobody has asked. Answers with how many. */
  private wantLists(entries: readonly ServerEntry[]): number {
    const unknown = entries.filter((entry) => entry.isUnknown && !entry.listsWanted);
    for (const entry of unknown) {
      entry.listsWanted = true;
      this.care.start(entry);
    }
    if (unknown.length > 0 && this.options.lazy !== undefined) this.use(this.options.lazy).cast.look();
    return unknown.length;
  }

  /** From now on servers may work in these folders and those of clients; those that run are told. */
  setRoots(roots: readonly Root[]): void {
    this.tellingWrappers(() => {
      this.options = { ...this.options, roots };
    });
  }

  /** What a client wants of all servers, as long as it lives. */
  wish(client: Ref<unknown>, wishes: Wishes): void {
    const key = `${client}`;
    if (!this.wishes.has(key)) this.clients.set(this.monitor(client), key);
    this.tellingWrappers(() => this.wishes.set(key, wishes));
  }

  /** Tells the wrappers what `change` changes for them. */
  private tellingWrappers(change: () => void): void {
    const before = this.forWrappers();
    change();
    const { roots, logFloor } = this.forWrappers();
    const running = this.entries.all.flatMap(({ wrapper }) => (wrapper === undefined ? [] : this.use(wrapper)));
    if (roots !== undefined && !isDeepStrictEqual(roots, before.roots))
      for (const wrapper of running) wrapper.cast.setRoots(roots);
    if (logFloor !== before.logFloor) for (const wrapper of running) wrapper.cast.setLogFloor(logFloor);
  }

  private forWrappers(): Pick<WrapperOptions, "roots" | "logFloor"> {
    return optional({ roots: this.wishes.roots(this.options.roots), logFloor: this.wishes.logLevel });
  }

  connect(server: string): undefined | Failure<UnknownNameError> {
    return this.withEntry(server, (entry) => this.care.connect(entry));
  }

  /** Connects now and forgets earlier failures. */
  retry(server: string): undefined | Failure<UnknownNameError> {
    return this.withEntry(server, (entry) => this.care.retry(entry));
  }

  /** Answers when the server's program is gone; that takes as long as the server is given. */
  disconnect(server: string): undefined | NoReply | Failure<UnknownNameError> {
    const from = this.from<undefined>();
    const refused = this.withEntry(server, (entry) => {
      void this.care.disconnect(entry).then(() => from.reply(undefined));
    });
    return refused ?? noReply;
  }

  /** Every event from now on is cast to the watcher until it ends; twice is once. Answers with where things stand. */
  subscribe(watcher: Ref<ServerWatcher>): readonly ServerStatus[] {
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return this.status();
  }

  /** What each server offers is cast to the watcher whenever it changes, until it ends; twice is once. Answers with what it is. */
  watchOffers(watcher: Ref<OfferWatcher>): readonly ServerOffer[] {
    const known = [...this.offerWatchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.offerWatchers.set(this.monitor(watcher), this.use(watcher));
    return Array.from(this.entries.groups, (server) => {
      const { offer, live } = this.entries.offerOf(server);
      this.toldOffers.set(server, offer);
      return { server, offer, live };
    });
  }

  lazyServers(): readonly LazyServer[] {
    return this.entries.all.flatMap(({ config, wrapper, status, isUnknown, listsWanted }) => {
      if (config.start !== "lazy" || wrapper === undefined) return [];
      return { wrapper, state: status.state, listsWanted: isUnknown && listsWanted };
    });
  }

  /** Answers once the start is over: no server is on its way for the first time, or those that still are have had their time.
   * For callers that want to know every tool: a lazy server is connected for it only if its tools were never known, and servers
   * in the background are not waited for. `whole`: likewise every resource and prompt, which are asked for after the tools. */
  settled(whole = false): undefined | NoReply {
    if (this.wantLists(this.entries.all) > 0) {
      this.startedAt = performance.now();
      this.sendAfter(this.settleMs + 1, { type: "start is over" } satisfies Note);
    }
    if (!this.isSettling(whole)) return undefined;
    this.settling.push({ from: this.from<undefined>(), whole });
    return noReply;
  }

  private isSettling(whole: boolean): boolean {
    if (performance.now() - this.startedAt >= this.settleMs) return false;
    if (this.awaitsSources()) return true;
    return this.entries.all.some(({ told, status, config, isUnknown, listsWanted, whole: isWhole }) => {
      if (isUnknown) return listsWanted;
      const isWaitedFor = config.start !== "background" && !config.prewarm;
      if (whole && !isWhole && isWaitedFor && isUp(status.state)) return true;
      return told === "nothing" && isWaitedFor && isOnItsWay(status.state);
    });
  }

  /** Somebody has not said yet which servers he wants, and still has time to. */
  private awaitsSources(): boolean {
    const isMissing = this.options.expected?.some((source) => !this.said.has(source)) === true;
    return isMissing && performance.now() - this.startedAt < this.settleMs;
  }

  /** Those that waited for a server to be wanted wait for it now, or hear that there is none. */
  private answerSourced(): void {
    if (this.awaitsSources()) return;
    for (const { tool, from } of this.waitingForSources.splice(0)) {
      const [entry] = this.entries.members(tool.slice(0, tool.indexOf(".")));
      if (entry === undefined) from.fail(this.entries.noSuchServer(tool));
      else {
        entry.waiting.push({ tool, from });
        if (entry.isUnknown) this.care.connect(entry);
        else this.care.start(entry);
        this.answerWaiting(entry);
      }
    }
  }

  private answerSettled(): void {
    this.answerSourced();
    const waiting = this.settling.filter(({ whole }) => this.isSettling(whole));
    for (const one of this.settling) if (!waiting.includes(one)) one.from.reply(undefined);
    this.settling = waiting;
  }

  // --- told by wrappers --------------------------------------------------------------------------------------------------

  serverStatus(status: ServerStatus): void {
    const entry = this.entries.get(status.name);
    if (entry === undefined) return;
    const isNews = entry.status.state !== status.state; // otherwise its program is gone, say
    entry.status = status;
    const { event, told } = eventOf(entry.told, status);
    entry.told = told;
    if (event !== undefined && isNews && !entry.ending) this.tell(event);
    this.tellOffer(entry);
    this.answerWaiting(entry);
    this.answerSettled();
    this.show();
  }

  serverLists(server: string, lists: ServerLists, whole: boolean): void {
    const entry = this.entries.get(server);
    if (entry === undefined || entry.ending) return;
    const before = entry.live ? entry.lists : undefined;
    entry.live = true;
    entry.whole = whole;
    entry.setLists(lists);
    announce({ type: "tools", server });
    this.cache?.save(server, entry.origin, lists, before);
    const tools = lists.tools.length;
    if (isUp(entry.status.state) && lists.tools !== before?.tools)
      this.tell({ type: "tools-changed", server, at: Date.now(), tools });
    this.tellOffer(entry);
    this.answerWaiting(entry);
    if (whole) this.answerSettled();
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (isDown(message)) {
      const client = this.clients.get(message.id);
      if (client !== undefined) this.tellingWrappers(() => this.wishes.delete(client));
      this.clients.delete(message.id);
      this.watchers.delete(message.id);
      this.offerWatchers.delete(message.id);
      this.care.down(message.id, message.reason);
    } else {
      const note = message as Note; // nobody else sends to this process
      if (note.type === "start is over") this.answerSettled();
      else if (note.type === "remember") await this.remember();
      else this.care.noted(note);
    }
  }

  // --- told by the care for wrappers -------------------------------------------------------------------------------------

  private wrapperOptions(config: ServerConfig): WrapperOptions {
    const { name, wrappers: _, servers: __, store, lazy: ___, expected: ____, ...surroundings } = this.options;
    // With one user alone it is always his call that a server asks for.
    const memory =
      store !== undefined && this.cache !== undefined && surroundings.forClients === true
        ? { memory: { store, origin: this.cache.originOf(config) } }
        : {};
    return { ...surroundings, ...this.forWrappers(), ...memory, config, watcher: name };
  }

  private begun(entry: ServerEntry, again: boolean): void {
    this.tellOffer(entry);
    if (!again) return;
    this.show();
    send(this.self(), { type: "remember" } satisfies Note);
  }

  private running(entry: ServerEntry): void {
    if (entry.listsWanted && this.options.lazy !== undefined) this.use(this.options.lazy).cast.look();
    this.answerWaiting(entry);
  }

  private gone(entry: ServerEntry): void {
    this.show();
    this.tellOffer(entry);
    for (const { tool, from } of entry.waiting) from.fail(this.entries.noSuchServer(tool));
    for (const from of entry.waitingForWrapper) from.fail(this.entries.noSuchServer(entry.name));
    this.tell({ type: "removed", server: entry.name, at: Date.now() });
  }

  // --- small things --------------------------------------------------------------------------------------------------------

  private tell(event: ServerEvent): void {
    for (const watcher of this.watchers.values()) watcher.cast.serverEvent(event);
  }

  private tellOffer({ group }: ServerEntry): void {
    const { offer, live } = this.entries.offerOf(group);
    if (offer === (this.toldOffers.get(group) ?? noOffer)) return;
    this.toldOffers.set(group, offer);
    for (const watcher of this.offerWatchers.values()) watcher.cast.offerChanged(group, offer, live);
  }

  /** Looks up what lazy servers offered when they were last asked. */
  private async remember(): Promise<void> {
    const unknown = this.entries.all.filter((entry) => entry.isUnknown);
    if (this.cache === undefined || unknown.length === 0) return;
    const found = await this.cache.load(unknown.map(({ origin }) => origin));
    for (const entry of unknown) {
      const lists = found.get(entry.origin);
      if (lists === undefined) continue;
      entry.setLists(lists);
      this.tellOffer(entry);
      this.answerWaiting(entry);
    }
  }

  private answerWaiting({ group, wrapper, waitingForWrapper }: ServerEntry): void {
    if (wrapper !== undefined) for (const from of waitingForWrapper.splice(0)) from.reply(wrapper);
    const members = this.entries.members(group);
    for (const entry of members) {
      for (const waiter of entry.waiting.splice(0)) {
        const found = findRoute(members, waiter.tool);
        if (found === undefined) entry.waiting.push(waiter);
        else if (found instanceof Error) waiter.from.fail(found);
        else waiter.from.reply(found);
      }
    }
  }

  private withEntry(server: string, act: (entry: ServerEntry) => void): undefined | Failure<UnknownNameError> {
    const entry = this.entries.get(server);
    if (entry === undefined) return failure(this.entries.noSuchServer(server));
    act(entry);
    return undefined;
  }

  private show(): void {
    this.state = { servers: this.status() };
  }
}

interface Given {
  readonly inputs: readonly ServerConfigInput[];
  readonly servers: readonly ServerConfig[];
}

function givenBy(source: ServerSource, inputs: readonly ServerConfigInput[], servers: readonly ServerConfig[]): Given {
  return {
    inputs: inputs.flatMap((input) => ((input.source ?? "settings") === source ? [{ ...input, source }] : [])),
    servers: servers.filter((server) => server.source === source),
  };
}

function checked(configs: readonly ServerConfigInput[]): ServerConfig[] | ServerConfigError {
  try {
    return serverConfigs(configs);
  } catch (error) {
    if (error instanceof ServerConfigError) return error;
    throw error;
  }
}
