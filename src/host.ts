// Banyan inside another program (`import { createHost } from "banyan/host"`): the tree of `banyan serve` with nobody who listens. It
// takes no signals, never ends the program, writes nothing to stdout or stderr, and reads no settings but those it is given.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { ConfigListener } from "./actors/config/config.js";
import { type LoadRequest, loadConfig } from "./actors/config/load.js";
import { ConfigError } from "./actors/config/problems.js";
import type { Settings, SettingsInput } from "./actors/config/schema.js";
import type { Health } from "./actors/health/health.js";
import { resolvePaths } from "./actors/paths.js";
import { keepSecretsOf } from "./actors/telemetry/redact.js";
import { names } from "./application.js";
import type { Catalog } from "./mcp/catalog/catalog.js";
import { configuredServers } from "./mcp/client/configured-servers.js";
import { ManualCalls } from "./mcp/client/manual-calls.js";
import type { NamespacedTool, Progress, ToolResult } from "./mcp/client/mcp-types.js";
import { Router } from "./mcp/client/router/router.js";
import type { ServerStatus } from "./mcp/client/server-status.js";
import { ClientSession } from "./mcp/server/client-session.js";
import { Gate } from "./mcp/server/gate/gate.js";
import { gateLimits } from "./mcp/server/gate/gate-limits.js";
import { KEYLESS } from "./mcp/server/gate/principal.js";
import { overTransport } from "./mcp/server/over-transport.js";
import { servedBy, startServing } from "./serve-application.js";
import {
  type Application,
  BanyanError,
  child,
  describeReason,
  GenServer,
  type Pid,
  type Ref,
  startChild,
  whereis,
} from "./supervision/index.js";

export type { Health, NamespacedTool, Progress, ServerStatus, SettingsInput, ToolResult };
export { BanyanError, ConfigError };

export interface HostOptions {
  /** The settings, as config.toml has them; those left out have their defaults. Secrets stand as `${env:NAME}`. No settings file
   * is read, nor the environment. Default: none. */
  readonly config?: SettingsInput;
  /** The folder for everything that is kept: database, logs. Default: those of `banyan` for this user. */
  readonly home?: string;
  /** The folder that all is about. Default: the working directory. */
  readonly project?: string;
  /** Told what people should know: a setting that cannot be followed, a plugin that waits for approval. */
  readonly onNote?: (level: "info" | "warn", text: string) => void;
}

export interface CallOptions {
  /** Gives up; the tool's server is told. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface StopOptions {
  /** Milliseconds until all is over, by force at the end: three quarters of it for calls under way. Default 10,000. */
  readonly deadlineMs?: number;
}

/**
 * Checks the settings and makes a host, which does nothing until it is started. Throws a {@link ConfigError} with everything that is
 * wrong with the settings.
 */
export async function createHost(options: HostOptions = {}): Promise<Host> {
  const request: LoadRequest = { files: [], values: { ...options.config } };
  const loaded = await loadConfig(request);
  if ("error" in loaded) throw new ConfigError(loaded.error);
  return new Host(options, request, loaded.ok);
}

type LoadedSettings = Extract<Awaited<ReturnType<typeof loadConfig>>, { readonly ok: unknown }>["ok"];

const STOP_MS = 10_000;
const OF_IT_FOR_CALLS = 0.75;
const AT_LEAST_MS = 100;
const NOTHING = (): void => {};
/** Of any host of this program: their processes get their names one after another. */
let startingNow = false;

export class Host {
  private app: Application | undefined;
  private starting: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  private readonly router = new Router(names.servers);
  private readonly calls = new ManualCalls(names.servers, names.aggregator, this.router);
  private readonly gate: Gate;
  private readonly sessions = new Set<Pid<ClientSession>>();
  private readonly underWay = new Set<Promise<unknown>>();

  /** @internal */
  constructor(
    private readonly options: HostOptions,
    private readonly request: LoadRequest,
    private readonly loaded: LoadedSettings,
  ) {
    this.gate = new Gate(gateLimits(loaded.config.server));
  }

  /**
   * Starts everything; resolves once it runs. Rejects with `host_running` where another host or Banyan itself runs in this program: its
   * processes go by names, of which there is one set a program.
   */
  async start(): Promise<void> {
    if (this.starting !== undefined || this.stopping !== undefined)
      throw new BanyanError("host_started", "The host was started or stopped before; create another.");
    if (startingNow || whereis(names.root) !== undefined)
      throw new BanyanError("host_running", "Another host runs in this program; stop it first.");
    startingNow = true;
    this.starting = this.startNow().finally(() => {
      startingNow = false;
      if (this.app === undefined) this.starting = undefined; // it may be tried again
    });
    return this.starting;
  }

  private async startNow(): Promise<void> {
    const { home, project = process.cwd(), onNote = NOTHING } = this.options;
    keepSecretsOf(process.env);
    const paths = resolvePaths({ home, env: process.env, platform: process.platform, cwd: process.cwd() });
    const { pools } = this.loaded.config;
    const serversOf = (now: Settings) => configuredServers({ ...now, pools }, process.env);
    const { request, loaded } = this;
    const app = await startServing(
      {
        ...{ paths, loaded, request, serversOf, project, longLived: true, version: ownVersion() },
        ...{ toolHostAlone: false, over: "embedded", notes: child(Notes, onNote, { name: names.notes }) },
      },
      this.router,
    );
    this.app = app;
    void app.done.then(this.gate.show());
    for (const problem of serversOf(loaded.config).problems) onNote("warn", problem);
  }

  /** Settles when it has ended: after {@link stop}, or because a part failed more often than allowed. What it says is why. */
  async ended(): Promise<string> {
    return describeReason(await this.running().done);
  }

  /** How everything is, as /health of `banyan serve` has it. */
  health(): Promise<Health> {
    this.running();
    return names.health.call.health();
  }

  /** Which servers there are and how each stands. */
  servers(): Promise<readonly ServerStatus[]> {
    this.running();
    return this.calls.status();
  }

  /** Every tool by its name `server.tool`, once all servers have said what they offer, or cannot. */
  tools(): Promise<readonly NamespacedTool[]> {
    this.running();
    return this.calls.tools();
  }

  /** Runs a tool. Rejects with a {@link BanyanError} that says why there is no answer; what the tool itself says went wrong is a
   * result with `isError`. */
  callTool(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    { signal, onProgress = NOTHING }: CallOptions = {},
  ): Promise<ToolResult> {
    this.running();
    const called = this.calls.call(name, args, onProgress, signal ?? new AbortController().signal);
    this.underWay.add(called);
    void called.catch(NOTHING).finally(() => this.underWay.delete(called));
    return called;
  }

  /** The agents, skills, workflows and patterns of the project. */
  get catalog(): Ref<Catalog>["call"] {
    this.running();
    return names.catalog.call;
  }

  /** A transport for one client of the official SDK, which then sees what any client of `banyan serve` sees. Not started yet. */
  async connect(): Promise<Transport> {
    this.running();
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const session = {
      ...servedBy({ loaded: this.loaded, version: ownVersion() }, this.router),
      ...{ id: randomUUID(), peer: overTransport(ours), owner: names.mcpServer, pass: this.gate.pass(KEYLESS) },
    };
    const result = await startChild(names.clientSessions, child(ClientSession, session, { restart: "temporary" }));
    if (!("ok" in result) || result.ok === undefined)
      throw new BanyanError("no_session", "No session could be begun; see the log.");
    const pid = result.ok as Pid<ClientSession>; // what was asked for above
    this.sessions.add(pid);
    void pid.down.then(() => this.sessions.delete(pid));
    return theirs;
  }

  /** Takes nothing new, lets calls under way finish, and stops everything in order; programs of servers are gone once it resolves. One
   * that is still starting is stopped once it has started. */
  stop({ deadlineMs = STOP_MS }: StopOptions = {}): Promise<void> {
    this.stopping ??= this.stopWithin(deadlineMs);
    return this.stopping;
  }

  private async stopWithin(deadlineMs: number): Promise<void> {
    await this.starting?.catch(NOTHING); // whoever started it is told
    const { app } = this;
    if (app === undefined) return;
    const until = performance.now() + deadlineMs;
    await within(deadlineMs * OF_IT_FOR_CALLS, [
      ...Array.from(this.sessions, (session) => session.with({ timeout: deadlineMs }).call.drained()),
      ...this.underWay,
    ]);
    await app.stop({ deadline: Math.max(AT_LEAST_MS, until - performance.now()) });
  }

  private running(): Application {
    if (this.app === undefined || this.stopping !== undefined || whereis(names.root) === undefined)
      throw new BanyanError("host_stopped", "The host does not run; start() starts it, once.");
    return this.app;
  }
}

/** Waits until all of it is over, however it ends, and no longer. */
async function within(ms: number, work: readonly Promise<unknown>[]): Promise<void> {
  if (work.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string; // of the package this module is part of
  };
  return version;
}

/** Passes on what there is to say. permanent, shutdown at once; it holds nothing. */
class Notes extends GenServer<NonNullable<HostOptions["onNote"]>> implements ConfigListener {
  #tell!: NonNullable<HostOptions["onNote"]>; // set by init

  protected override init(tell: NonNullable<HostOptions["onNote"]>): void {
    this.#tell = tell;
  }

  note(level: "info" | "warn", text: string): void {
    this.#tell(level, text);
  }
}
