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
  describeReason,
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
  type Result,
  send,
  startChild,
  whichChildren,
} from "../../supervision/index.js";
import { backoffMs, STABLE_MS } from "./connection-machine.js";
import { ServerConfigError, ServerUnavailableError, UnknownNameError } from "./errors.js";
import type { LazyServerManager } from "./lazy-server-manager.js";
import { ListCache } from "./list-cache.js";
import type { Root } from "./mcp-types.js";
import { type ServerConfig, type ServerConfigInput, sameConfig, serverConfigs } from "./server-config.js";
import { type Route, ServerEntry } from "./server-entry.js";
import { eventOf, type ServerEvent, type ServerWatcher, toldOf } from "./server-events.js";
import { noOffer, type Offer, type ServerLists } from "./server-lists.js";
import { isAway, isOnItsWay, isUp, type ServerStatus, type WrapperWatcher } from "./server-status.js";
import { type ServerWrapper, type Surroundings, wrapperSpec } from "./server-wrapper.js";

export type { Route } from "./server-entry.js";

export interface ServerManagerOptions extends Surroundings {
  /** This process's own name: wrappers outlive one incarnation of it. */
  readonly name: Named<ServerManager>;
  /** The supervisor that wrappers run under. */
  readonly wrappers: Ref<unknown>;
  readonly servers: readonly ServerConfigInput[];
  /** Where the lists of lazy servers are remembered; absent: they are not. */
  readonly store?: Ref<Store>;
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

type Note =
  | { readonly type: "started"; readonly server: string; readonly result: Result<Pid | undefined> }
  | { readonly type: "restart"; readonly server: string }
  | { readonly type: "remember" }
  | { readonly type: "start is over" };

const DESCRIBE_TIMEOUT = 2_000;
/** How long the start may take; a server that is slower comes in later. */
const SETTLE_MS = 10_000;
const FOREVER = Number.POSITIVE_INFINITY;
const NAMES_SHOWN = 8;

export class ServerManager
  extends GenServer<ServerManagerOptions, { readonly servers: readonly ServerStatus[] }>
  implements WrapperWatcher
{
  private options!: ServerManagerOptions; // set by init
  private readonly entries = new Map<string, ServerEntry>();
  private readonly watchers = new Map<number, Ref<ServerWatcher>>();
  private readonly offerWatchers = new Map<number, Ref<OfferWatcher>>();
  /** What the watchers have been told last of each server. */
  private readonly toldOffers = new Map<string, Offer>();
  private cache: ListCache | undefined;
  /** What the servers there are were made from. */
  private given: readonly ServerConfigInput[] | undefined;
  private readonly condition = new Condition();
  /** Callers of `settled`. */
  private readonly settling: From<undefined>[] = [];
  /** When the last of the servers was set on its way for the first time. */
  private startedAt = performance.now();

  protected override async init(options: ServerManagerOptions): Promise<undefined | Failure<ServerConfigError>> {
    this.options = options;
    const servers = checked(options.servers);
    if (servers instanceof ServerConfigError) return failure(servers);
    const { store, clientInfo } = options;
    this.cache = store && new ListCache(this.use(store), clientInfo.version);
    this.sendAfter(SETTLE_MS + 1, { type: "start is over" } satisfies Note);
    await this.adopt(servers);
    if (this.entries.size === 0) this.given = options.servers;
    for (const config of servers) if (!this.entries.has(config.name)) this.add(config);
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
    return Array.from(this.entries.values(), ({ status }) => status);
  }

  /** A server that is down is a warning: the others and the conversation go on without it. */
  getStatus(): HealthStatus {
    const servers = this.status();
    const unwell = [
      ["down", servers.filter(({ state }) => isAway(state))],
      ["not answering", servers.filter(({ state }) => state === "degraded")],
    ] as const;
    const told = unwell.flatMap(([how, some]) =>
      some.length === 0 ? [] : [`${countOf(some)} ${how}: ${namesOf(some)}`],
    );
    if (told.length > 0) return this.condition.say("warn", told.join("; "));
    return this.condition.say(
      "ok",
      `${servers.filter(({ state }) => isUp(state)).length} of ${servers.length} servers up`,
    );
  }

  /** Where the tool `server.tool` runs. Waits for a server that is on its way and whose tools are not known yet. */
  route(tool: string): Route | NoReply | Failure<UnknownNameError | ServerUnavailableError> {
    const members = this.members(tool.slice(0, tool.indexOf(".")));
    const found = members.length === 0 ? new UnknownNameError(this.noSuchServer(tool)) : find(members, tool);
    if (found instanceof Error) return failure(found);
    if (found !== undefined) return found;
    for (const entry of members) {
      if (entry.isUnknown) this.wake(entry);
      else this.start(entry);
    }
    members[0]?.waiting.push({ tool, from: this.from() });
    return noReply;
  }

  /** The wrapper of a server, whatever it offers; for those that read its resources. */
  wrapperOf(server: string): Pid<ServerWrapper> | NoReply | Failure<UnknownNameError> {
    const entry = this.entries.get(server);
    if (entry === undefined) return failure(new UnknownNameError(this.noSuchServer(server)));
    if (entry.wrapper !== undefined) return entry.wrapper;
    this.start(entry);
    entry.waitingForWrapper.push(this.from());
    return noReply;
  }

  /** Makes these the servers there should be. Touches only those that are new, gone or changed; refuses all if one is wrong. */
  async setServers(configs: readonly ServerConfigInput[]): Promise<undefined | Failure<ServerConfigError>> {
    if (isDeepStrictEqual(configs, this.given)) return undefined; // right after the start, and for hundreds of servers
    const servers = checked(configs);
    if (servers instanceof ServerConfigError) return failure(servers);
    this.given = configs;
    const names = new Set(servers.map(({ name }) => name));
    for (const entry of this.entries.values()) if (!names.has(entry.name)) this.remove(entry);
    for (const config of servers) {
      const entry = this.entries.get(config.name);
      if (entry === undefined) this.add(config);
      else if (!entry.wanted || !sameConfig(entry.config, config)) this.replace(entry, config);
      else if (entry.config.logLevel !== config.logLevel) {
        entry.config = config;
        if (entry.wrapper !== undefined) this.use(entry.wrapper).cast.setLogLevel(config.logLevel);
      }
    }
    await this.remember();
    this.show();
    return undefined;
  }

  /** From now on servers may work in these folders; those that run are told. */
  setRoots(roots: readonly Root[]): void {
    if (isDeepStrictEqual(roots, this.options.roots)) return;
    this.options = { ...this.options, roots };
    for (const { wrapper } of this.entries.values()) if (wrapper !== undefined) this.use(wrapper).cast.setRoots(roots);
  }

  connect(server: string): undefined | Failure<UnknownNameError> {
    return this.withEntry(server, (entry) => this.wake(entry));
  }

  /** Connects now and forgets earlier failures. */
  retry(server: string): undefined | Failure<UnknownNameError> {
    return this.withEntry(server, (entry) => {
      entry.crashes = 0;
      if (entry.wrapper === undefined) this.wake(entry);
      else this.use(entry.wrapper).cast.retry();
    });
  }

  /** Answers when the server's program is gone; that takes as long as the server is given. */
  disconnect(server: string): undefined | NoReply | Failure<UnknownNameError> {
    const from = this.from<undefined>();
    const done = (): void => void from.reply(undefined);
    const refused = this.withEntry(server, (entry) => {
      entry.cancelRestart();
      if (entry.wrapper === undefined) {
        entry.wish = "disconnect";
        this.serverStatus(entry.bareStatus("disconnected"));
        this.start(entry); // who remembers it, if this process crashes
        done();
      } else {
        this.use(entry.wrapper).with({ timeout: FOREVER }).call.disconnect().then(done, done);
      }
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
    const groups = new Set(Array.from(this.entries.values(), ({ group }) => group));
    return Array.from(groups, (server) => {
      const { offer, live } = this.offerOf(server);
      this.toldOffers.set(server, offer);
      return { server, offer, live };
    });
  }

  lazyServers(): readonly LazyServer[] {
    return [...this.entries.values()].flatMap(({ config, wrapper, status, isUnknown, listsWanted }) => {
      if (config.start !== "lazy" || wrapper === undefined) return [];
      return { wrapper, state: status.state, listsWanted: isUnknown && listsWanted };
    });
  }

  /** Answers once the start is over: no server is on its way for the first time, or those that still are have had their time.
   * For callers that want to know every tool: a lazy server is connected for it only if its tools were never known, and servers
   * in the background are not waited for. */
  settled(): undefined | NoReply {
    const unknown = [...this.entries.values()].filter((entry) => entry.isUnknown && !entry.listsWanted);
    for (const entry of unknown) {
      entry.listsWanted = true;
      this.start(entry);
    }
    if (unknown.length > 0) {
      this.startedAt = performance.now();
      this.sendAfter(SETTLE_MS + 1, { type: "start is over" } satisfies Note);
      if (this.options.lazy !== undefined) this.use(this.options.lazy).cast.look();
    }
    if (!this.isSettling()) return undefined;
    this.settling.push(this.from<undefined>());
    return noReply;
  }

  private isSettling(): boolean {
    if (performance.now() - this.startedAt >= SETTLE_MS) return false;
    return [...this.entries.values()].some(({ told, status, config, isUnknown, listsWanted }) => {
      if (isUnknown) return listsWanted;
      const isWaitedFor = config.start !== "background" && !config.prewarm;
      return told === "nothing" && isWaitedFor && isOnItsWay(status.state);
    });
  }

  private wake(entry: ServerEntry): void {
    if (entry.wrapper !== undefined) this.use(entry.wrapper).cast.connect();
    else {
      entry.wish = "connect";
      this.start(entry);
    }
  }

  private answerSettled(): void {
    if (this.settling.length === 0 || this.isSettling()) return;
    for (const from of this.settling.splice(0)) from.reply(undefined);
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

  serverLists(server: string, lists: ServerLists): void {
    const entry = this.entries.get(server);
    if (entry === undefined || entry.ending) return;
    const before = entry.live ? entry.lists : undefined;
    entry.live = true;
    entry.setLists(lists);
    announce({ type: "tools", server });
    this.cache?.save(server, entry.origin, lists, before);
    const tools = lists.tools.length;
    if (isUp(entry.status.state) && lists.tools !== before?.tools)
      this.tell({ type: "tools-changed", server, at: Date.now(), tools });
    this.tellOffer(entry);
    this.answerWaiting(entry);
  }

  // --- what happens to wrappers --------------------------------------------------------------------------------------------

  protected override async handleInfo(message: unknown): Promise<void> {
    if (isDown(message)) {
      this.watchers.delete(message.id);
      this.offerWatchers.delete(message.id);
      const entry = [...this.entries.values()].find(({ monitor }) => monitor === message.id);
      if (entry !== undefined) this.wrapperEnded(entry, describeReason(message.reason));
    } else {
      const note = message as Note; // nobody else sends to this process
      if (note.type === "start is over") {
        this.answerSettled();
        return;
      }
      if (note.type === "remember") return await this.remember();
      const entry = this.entries.get(note.server);
      if (entry !== undefined && note.type === "restart") this.start(entry);
      else if (entry !== undefined && note.type === "started") this.started(entry, note.result);
    }
  }

  /** Takes over the wrappers that run, as they are. One that ends while it is asked is not there. */
  private async adopt(servers: readonly ServerConfig[]): Promise<void> {
    const children = await whichChildren(this.use(this.options.wrappers));
    await Promise.allSettled(
      children.map(async ({ pid }) => {
        if (pid === undefined || pid === "restarting") return;
        const wrapper = pid as Pid<ServerWrapper>; // this supervisor has no others
        const found = await this.use(wrapper).with({ timeout: DESCRIBE_TIMEOUT }).call.describe();
        const wanted = servers.find(({ name }) => name === found.config.name);
        const entry = new ServerEntry(found.ending ? (wanted ?? found.config) : found.config);
        entry.wanted = !found.ending || wanted !== undefined;
        entry.ending = found.ending;
        entry.status = found.status;
        entry.told = toldOf(found.status);
        entry.origin = this.cache?.originOf(entry.config) ?? "";
        if (found.status.asleep !== true) {
          entry.setLists(found.lists);
          entry.live = true;
        }
        this.entries.set(entry.name, entry);
        this.watch(entry, wrapper);
      }),
    );
  }

  private add(config: ServerConfig): void {
    const entry = new ServerEntry(config);
    this.entries.set(config.name, entry);
    this.begin(entry);
  }

  /** As its settings have it: a lazy server is not needed yet. */
  private begin(entry: ServerEntry): void {
    entry.origin = this.cache?.originOf(entry.config) ?? "";
    entry.status = entry.firstStatus();
    if (entry.status.asleep !== true) this.start(entry);
    this.tellOffer(entry);
  }

  private start(entry: ServerEntry): void {
    entry.cancelRestart();
    if (entry.starting || entry.wrapper !== undefined) return;
    entry.starting = true;
    const { name, wrappers, servers: _, store: __, lazy: ___, ...surroundings } = this.options;
    const self = this.self<ServerManager>();
    const server = entry.name;
    void startChild(this.use(wrappers), wrapperSpec({ ...surroundings, config: entry.config, watcher: name })).then(
      (result) => send(self, { type: "started", server, result } satisfies Note),
    );
  }

  private started(entry: ServerEntry, result: Result<Pid | undefined>): void {
    entry.starting = false;
    if ("error" in result || result.ok === undefined) {
      this.wrapperEnded(entry, "error" in result ? `it could not be started (${result.error})` : "it did not start");
      return;
    }
    this.watch(entry, result.ok as Pid<ServerWrapper>); // the spec says so
    // Changed or removed while it was being started.
    if (entry.ending) this.end(entry);
    else {
      const wrapper = this.use(result.ok as Pid<ServerWrapper>);
      if (entry.wish === "connect") wrapper.cast.connect();
      else if (entry.wish === "disconnect") void wrapper.call.disconnect().catch(() => {});
      else if (entry.config.start === "lazy" && entry.status.asleep !== true) this.serverStatus(entry.firstStatus());
      entry.wish = undefined;
      if (entry.listsWanted && this.options.lazy !== undefined) this.use(this.options.lazy).cast.look();
      this.answerWaiting(entry);
    }
  }

  private watch(entry: ServerEntry, wrapper: Pid<ServerWrapper>): void {
    entry.wrapper = wrapper;
    entry.monitor = this.monitor(wrapper);
    entry.startedAt = performance.now();
  }

  private wrapperEnded(entry: ServerEntry, reason: string): void {
    entry.wrapper = undefined;
    entry.monitor = undefined;
    if (!entry.wanted) {
      this.entries.delete(entry.name);
      this.show();
      this.tellOffer(entry);
      for (const { tool, from } of entry.waiting) from.fail(new UnknownNameError(this.noSuchServer(tool)));
      for (const from of entry.waitingForWrapper) from.fail(new UnknownNameError(this.noSuchServer(entry.name)));
      this.tell({ type: "removed", server: entry.name, at: Date.now() });
    } else if (entry.ending) {
      entry.ending = false;
      this.begin(entry);
      this.show();
      send(this.self(), { type: "remember" } satisfies Note);
    } else {
      this.wrapperCrashed(entry, `its wrapper ended: ${reason}`);
    }
  }

  /** A wrapper that crashes again and again is parked like a server that does. */
  private wrapperCrashed(entry: ServerEntry, reason: string): void {
    const { maxRestarts, restartDelayMs } = entry.config;
    if (performance.now() - entry.startedAt >= STABLE_MS) entry.crashes = 0;
    if (entry.crashes >= maxRestarts) {
      this.serverStatus(entry.bareStatus("parked", { reason, attempts: entry.crashes }));
      return;
    }
    const attempts = ++entry.crashes;
    const retryInMs = backoffMs(restartDelayMs, attempts, Math.random());
    entry.cancelRestart = this.sendAfter(retryInMs, { type: "restart", server: entry.name } satisfies Note);
    this.serverStatus(entry.bareStatus("backoff", { reason, retryInMs, attempts }));
  }

  private replace(entry: ServerEntry, config: ServerConfig): void {
    entry.config = config;
    if (config.start === "lazy") entry.forgetLists();
    entry.wish = undefined;
    entry.listsWanted = false;
    entry.wanted = true;
    entry.crashes = 0;
    if (entry.wrapper === undefined && !entry.starting) this.begin(entry);
    else this.end(entry);
  }

  private remove(entry: ServerEntry): void {
    entry.wanted = false;
    entry.cancelRestart();
    if (entry.wrapper === undefined && !entry.starting) this.wrapperEnded(entry, "removed");
    else this.end(entry);
  }

  private end(entry: ServerEntry): void {
    entry.ending = true;
    if (entry.wrapper !== undefined) this.use(entry.wrapper).cast.end();
  }

  // --- small things --------------------------------------------------------------------------------------------------------

  private tell(event: ServerEvent): void {
    for (const watcher of this.watchers.values()) watcher.cast.serverEvent(event);
  }

  /** The server and its replicas. */
  private members(group: string): ServerEntry[] {
    return [...this.entries.values()].filter((entry) => entry.group === group);
  }

  /** Replicas offer the same: the first that can be reached speaks for all, under the name of their server. */
  private offerOf(group: string): { readonly offer: Offer; readonly live: boolean } {
    const members = this.members(group);
    const speaker = members.find(({ reachable }) => reachable !== noOffer) ?? members[0];
    return { offer: speaker?.reachable ?? noOffer, live: speaker?.live ?? false };
  }

  private tellOffer({ group }: ServerEntry): void {
    const { offer, live } = this.offerOf(group);
    if (offer === (this.toldOffers.get(group) ?? noOffer)) return;
    this.toldOffers.set(group, offer);
    for (const watcher of this.offerWatchers.values()) watcher.cast.offerChanged(group, offer, live);
  }

  /** Looks up what lazy servers offered when they were last asked. */
  private async remember(): Promise<void> {
    const unknown = [...this.entries.values()].filter((entry) => entry.isUnknown);
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
    const members = this.members(group);
    for (const entry of members) {
      for (const waiter of entry.waiting.splice(0)) {
        const found = find(members, waiter.tool);
        if (found === undefined) entry.waiting.push(waiter);
        else if (found instanceof Error) waiter.from.fail(found);
        else waiter.from.reply(found);
      }
    }
  }

  private withEntry(server: string, act: (entry: ServerEntry) => void): undefined | Failure<UnknownNameError> {
    const entry = this.entries.get(server);
    if (entry === undefined) return failure(new UnknownNameError(this.noSuchServer(server)));
    act(entry);
    return undefined;
  }

  private noSuchServer(name: string): string {
    const names = [...this.entries.keys()].join(", ");
    return `there is no server for "${name}"; ${names === "" ? "none is configured" : `the servers are: ${names}`}`;
  }

  private show(): void {
    this.state = { servers: this.status() };
  }
}

/** Where a tool runs that a server and its replicas, of which there is at least one, have. Undefined: it is worth waiting. */
function find(
  members: readonly ServerEntry[],
  tool: string,
): Route | UnknownNameError | ServerUnavailableError | undefined {
  const having = members.flatMap((entry) => {
    const info = entry.offer.tools.find(({ name }) => name === tool);
    return entry.wrapper === undefined || info === undefined ? [] : [{ entry, info, wrapper: entry.wrapper }];
  });
  const well = having.filter(({ entry: { status } }) => isUp(status.state) || status.asleep === true);
  const chosen = well.length > 0 ? well : having;
  const [best] = chosen;
  if (best !== undefined) {
    const targets = chosen.map(({ entry, wrapper }) => ({ server: entry.name, wrapper }));
    const { timeoutMs, routing } = best.entry.config;
    return { info: best.info, wrapper: best.wrapper, targets, timeoutMs, routing };
  }
  if (members.some((entry) => mayStillHave(entry, tool))) return undefined;
  const entry = members.find(({ status }) => isUp(status.state)) ?? members[0];
  if (entry === undefined) return new UnknownNameError(`there is no server for "${tool}"`);
  const { name: server, status, offer } = entry;
  if (!isUp(status.state) && !isOnItsWay(status.state) && status.asleep !== true)
    return new ServerUnavailableError(server, status.state, status.reason, status.retryInMs);
  const names = offer.tools.slice(0, NAMES_SHOWN).map(({ tool: name }) => name);
  const more = offer.tools.length > names.length ? ", …" : "";
  return new UnknownNameError(`the server "${server}" has no tool "${tool}"; it has: ${names.join(", ")}${more}`);
}

/** It comes, and either has the tool or has not told yet. */
function mayStillHave({ status, lists, offer }: ServerEntry, tool: string): boolean {
  if (!isOnItsWay(status.state) && status.asleep !== true) return false;
  return lists === undefined || offer.tools.some(({ name }) => name === tool);
}

function countOf(servers: readonly ServerStatus[]): string {
  return `${servers.length} server${servers.length > 1 ? "s" : ""}`;
}

function namesOf(servers: readonly ServerStatus[]): string {
  return servers.map(({ name }) => name).join(", ");
}

function checked(configs: readonly ServerConfigInput[]): ServerConfig[] | ServerConfigError {
  try {
    return serverConfigs(configs);
  } catch (error) {
    if (error instanceof ServerConfigError) return error;
    throw error;
  }
}
