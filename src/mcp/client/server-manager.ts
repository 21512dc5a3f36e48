// The ServerManager: which servers there should be, which there are, and what to do about the difference.
//
// Permanent. Each server has a ServerWrapper under the ServerSupervisor, a sibling of this process, so the servers run on when
// this process crashes: started again, it asks the supervisor which wrappers there are, asks each for its settings and state, and
// takes them over as they are. Every server there should be has a wrapper, also one that is switched off, so nothing else needs
// remembering; one whose wrapper was missing just then is started from the start argument. Traffic does not pass through here:
// `route` gives the address of the wrapper.
import { Condition, type HealthStatus } from "../../actors/health/status.js";
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
import type { NamespacedTool, ToolInfo } from "./mcp-types.js";
import { type ServerConfig, type ServerConfigInput, sameConfig, serverConfigs } from "./server-config.js";
import { type Route, ServerEntry } from "./server-entry.js";
import { eventOf, type ServerEvent, type ServerWatcher, toldOf } from "./server-events.js";
import { isAway, isOnItsWay, isUp, type ServerStatus, type WrapperWatcher } from "./server-status.js";
import { type ServerWrapper, type Surroundings, wrapperSpec } from "./server-wrapper.js";

export type { Route } from "./server-entry.js";

export interface ServerManagerOptions extends Surroundings {
  /** This process's own name: wrappers outlive one incarnation of it. */
  readonly name: Named<ServerManager>;
  /** The supervisor that wrappers run under. */
  readonly wrappers: Ref<unknown>;
  readonly servers: readonly ServerConfigInput[];
}

type Note =
  | { readonly type: "started"; readonly server: string; readonly result: Result<Pid | undefined> }
  | { readonly type: "restart"; readonly server: string }
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
  private readonly condition = new Condition();
  /** Callers of `settled`. */
  private readonly settling: From<undefined>[] = [];
  /** When the last of the servers was set on its way for the first time. */
  private startedAt = performance.now();

  protected override async init(options: ServerManagerOptions): Promise<undefined | Failure<ServerConfigError>> {
    this.options = options;
    const servers = checked(options.servers);
    if (servers instanceof ServerConfigError) return failure(servers);
    this.sendAfter(SETTLE_MS + 1, { type: "start is over" } satisfies Note);
    await this.adopt(servers);
    for (const config of servers) if (!this.entries.has(config.name)) this.add(config);
    this.show();
    return undefined;
  }

  // --- asked by people and programs --------------------------------------------------------------------------------------

  status(): readonly ServerStatus[] {
    return Array.from(this.entries.values(), ({ status }) => status);
  }

  /** A server that is down is a warning: the others and the conversation go on without it. */
  getStatus(): HealthStatus {
    const servers = this.status();
    const away = servers.filter(({ state }) => isAway(state)).map(({ name }) => name);
    if (away.length > 0)
      return this.condition.say("warn", `${away.length} server${away.length > 1 ? "s" : ""} down: ${away.join(", ")}`);
    return this.condition.say(
      "ok",
      `${servers.filter(({ state }) => isUp(state)).length} of ${servers.length} servers up`,
    );
  }

  /** Every tool that can be called now or is expected back, as `server.tool`. */
  tools(): readonly NamespacedTool[] {
    const shown = new Map<string, readonly NamespacedTool[]>();
    for (const { group, tools, status } of this.entries.values()) {
      const { state } = status;
      if (!isUp(state) && !isOnItsWay(state)) continue;
      if (!shown.get(group)?.length) shown.set(group, tools); // of replicas the first that has any
    }
    return [...shown.values()].flat();
  }

  /** Where the tool `server.tool` runs. Waits for a server that is on its way and whose tools are not known yet. */
  route(tool: string): Route | NoReply | Failure<UnknownNameError | ServerUnavailableError> {
    const members = this.members(tool.slice(0, tool.indexOf(".")));
    for (const entry of members) this.wake(entry);
    const found = members.length === 0 ? new UnknownNameError(this.noSuchServer(tool)) : find(members, tool);
    if (found instanceof Error) return failure(found);
    if (found !== undefined) return found;
    members[0]?.waiting.push({ tool, from: this.from() });
    return noReply;
  }

  /** Makes these the servers there should be. Touches only those that are new, gone or changed; refuses all if one is wrong. */
  setServers(configs: readonly ServerConfigInput[]): undefined | Failure<ServerConfigError> {
    const servers = checked(configs);
    if (servers instanceof ServerConfigError) return failure(servers);
    const names = new Set(servers.map(({ name }) => name));
    for (const entry of this.entries.values()) if (!names.has(entry.name)) this.remove(entry);
    for (const config of servers) {
      const entry = this.entries.get(config.name);
      if (entry === undefined) this.add(config);
      else if (!entry.wanted || !sameConfig(entry.config, config)) this.replace(entry, config);
    }
    this.show();
    return undefined;
  }

  connect(server: string): undefined | Failure<UnknownNameError> {
    return this.withEntry(server, (entry) => {
      if (entry.wrapper === undefined) this.start(entry);
      else this.use(entry.wrapper).cast.connect();
    });
  }

  /** Connects now and forgets earlier failures. */
  retry(server: string): undefined | Failure<UnknownNameError> {
    return this.withEntry(server, (entry) => {
      entry.crashes = 0;
      if (entry.wrapper === undefined) this.start(entry);
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
        this.serverStatus(entry.bareStatus("disconnected"));
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

  /** Answers once the start is over: no server is on its way for the first time, or those that still are have had their time.
   * For callers that want every tool there is: lazy servers are connected for it, servers in the background are not waited for. */
  settled(): undefined | NoReply {
    for (const entry of this.entries.values()) this.wake(entry);
    if (!this.isSettling()) return undefined;
    this.settling.push(this.from<undefined>());
    return noReply;
  }

  private isSettling(): boolean {
    if (performance.now() - this.startedAt >= SETTLE_MS) return false;
    return [...this.entries.values()].some(
      ({ told, status, config }) => told === "nothing" && config.start !== "background" && isOnItsWay(status.state),
    );
  }

  /** A lazy server is needed: from now on it is like any other. */
  private wake(entry: ServerEntry): void {
    if (entry.awake) return;
    entry.awake = true;
    entry.status = entry.bareStatus("connecting");
    if (entry.wrapper !== undefined) this.use(entry.wrapper).cast.connect(); // else `started` does
    this.startedAt = performance.now();
    this.sendAfter(SETTLE_MS + 1, { type: "start is over" } satisfies Note);
  }

  private answerSettled(): void {
    if (this.settling.length === 0 || this.isSettling()) return;
    for (const from of this.settling.splice(0)) from.reply(undefined);
  }

  // --- told by wrappers --------------------------------------------------------------------------------------------------

  serverStatus(status: ServerStatus): void {
    const entry = this.entries.get(status.name);
    if (entry === undefined) return;
    entry.status = status;
    const { event, told } = eventOf(entry.told, status);
    entry.told = told;
    if (event !== undefined && !entry.ending) this.tell(event);
    this.answerWaiting(entry);
    this.answerSettled();
    this.show();
  }

  serverTools(server: string, tools: readonly ToolInfo[]): void {
    const entry = this.entries.get(server);
    if (entry === undefined) return;
    entry.setTools(tools);
    announce({ type: "tools", server });
    if (isUp(entry.status.state)) this.tell({ type: "tools-changed", server, at: Date.now(), tools: tools.length });
    this.answerWaiting(entry);
  }

  // --- what happens to wrappers --------------------------------------------------------------------------------------------

  protected override handleInfo(message: unknown): void {
    if (isDown(message)) {
      this.watchers.delete(message.id);
      const entry = [...this.entries.values()].find(({ monitor }) => monitor === message.id);
      if (entry !== undefined) this.wrapperEnded(entry, describeReason(message.reason));
    } else {
      const note = message as Note; // nobody else sends to this process
      if (note.type === "start is over") {
        this.answerSettled();
        return;
      }
      const entry = this.entries.get(note.server);
      if (entry !== undefined && note.type === "restart") this.start(entry);
      else if (entry !== undefined && note.type === "started") this.started(entry, note.result);
    }
    this.show();
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
        entry.awake ||= found.tools.length > 0 || found.status.state !== "disconnected";
        entry.setTools(found.tools);
        this.entries.set(entry.name, entry);
        this.watch(entry, wrapper);
      }),
    );
  }

  private add(config: ServerConfig): void {
    const entry = new ServerEntry(config);
    this.entries.set(config.name, entry);
    this.start(entry);
  }

  private start(entry: ServerEntry): void {
    entry.cancelRestart();
    if (entry.starting || entry.wrapper !== undefined) return;
    entry.starting = true;
    const { name, wrappers, servers: _, ...surroundings } = this.options;
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
      const { start, enabled } = entry.config;
      if (start === "lazy" && enabled && entry.awake) this.use(result.ok as Pid<ServerWrapper>).cast.connect();
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
      for (const { tool, from } of entry.waiting) from.fail(new UnknownNameError(this.noSuchServer(tool)));
      this.tell({ type: "removed", server: entry.name, at: Date.now() });
    } else if (entry.ending) {
      entry.ending = false;
      this.start(entry);
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
    entry.awake ||= config.start !== "lazy";
    entry.wanted = true;
    entry.crashes = 0;
    if (entry.wrapper === undefined && !entry.starting) this.start(entry);
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

  private answerWaiting({ group }: ServerEntry): void {
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
    entry.awake = true; // what a person says of it counts more than its settings
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
    const info = entry.tools.find(({ name }) => name === tool);
    return entry.wrapper === undefined || info === undefined ? [] : [{ entry, info, wrapper: entry.wrapper }];
  });
  const well = having.filter(({ entry }) => isUp(entry.status.state));
  const chosen = well.length > 0 ? well : having;
  const [best] = chosen;
  if (best !== undefined) {
    const targets = chosen.map(({ entry, wrapper }) => ({ server: entry.name, wrapper }));
    const { timeoutMs, routing } = best.entry.config;
    return { info: best.info, wrapper: best.wrapper, targets, timeoutMs, routing };
  }
  if (members.some((entry) => isOnItsWay(entry.status.state) && mayHave(entry, tool))) return undefined;
  const entry = members.find(({ status }) => isUp(status.state)) ?? members[0];
  if (entry === undefined) return new UnknownNameError(`there is no server for "${tool}"`);
  const { name, status, tools } = entry;
  if (!isUp(status.state)) return new ServerUnavailableError(name, status.state, status.reason, status.retryInMs);
  const names = tools.slice(0, NAMES_SHOWN).map(({ tool: each }) => each);
  const more = tools.length > names.length ? ", …" : "";
  return new UnknownNameError(`the server "${name}" has no tool "${tool}"; it has: ${names.join(", ")}${more}`);
}

function mayHave({ tools }: ServerEntry, tool: string): boolean {
  return tools.length === 0 || tools.some(({ name }) => name === tool);
}

function checked(configs: readonly ServerConfigInput[]): ServerConfig[] | ServerConfigError {
  try {
    return serverConfigs(configs);
  } catch (error) {
    if (error instanceof ServerConfigError) return error;
    throw error;
  }
}
