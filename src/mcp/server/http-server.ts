// The HttpServer: listens, and hands every request on. Requests are answered beside its mailbox.
//
// permanent, shutdown 8 s: it stops listening, what is being answered has server.drain (5 s) to be, and then the sessions end. It recovers nothing:
// when it crashes its sessions end with it, and clients that come with one are told to begin anew, which the protocol has them do.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { HealthMonitor } from "../../actors/health/health-monitor.js";
import { Condition, type HealthStatus } from "../../actors/health/status.js";
import { type Store, StoreError } from "../../actors/store/store.js";
import type { MetricsSource } from "../../actors/telemetry/telemetry.js";
import {
  BanyanError,
  currentRuntime,
  type ExitReason,
  type Failure,
  failure,
  GenServer,
  isDown,
  isExit,
  messageOf,
  type Named,
  type Ref,
  type Stop,
  stop,
} from "../../supervision/index.js";
import type { Catalog } from "../catalog/catalog.js";
import type { ToolHost } from "../host/tool-host.js";
import { type Address, isLoopback, urlOf } from "./address.js";
import { healthAnswer, toolsAnswer } from "./answers.js";
import { rpcMethods } from "./catalog-rpc.js";
import type { ClientSessionOptions } from "./client-session.js";
import { AccessTokens } from "./gate/access-tokens.js";
import { Doorkeeper } from "./gate/doorkeeper.js";
import { Gate, type GateLimits, type Pass } from "./gate/gate.js";
import { KeyRing } from "./gate/key-ring.js";
import type { OwnNames } from "./gate/own-names.js";
import type { Principal } from "./gate/principal.js";
import { httpApp } from "./http.js";
import { McpOverHttp, type McpOverHttpOptions } from "./http-mcp.js";
import { HttpSessions } from "./http-sessions.js";
import { McpOverSse } from "./http-sse.js";
import { watched } from "./http-watch.js";
import { answerRpc } from "./json-rpc.js";
import { turnOf } from "./pipelined.js";
import { Told } from "./told.js";
import { closeUnread, UNREAD_MS } from "./unread.js";

export interface HttpServerOptions extends Omit<ClientSessionOptions, "id" | "peer" | "owner" | "shared" | "pass"> {
  readonly address: Address;
  readonly health: Ref<HealthMonitor>;
  readonly toolHost: Ref<ToolHost>;
  readonly telemetry: Ref<MetricsSource>;
  readonly catalog: Ref<Catalog>;
  /** The supervisor at the top of the tree. */
  readonly root: Named<unknown>;
  /** The supervisor of sessions. */
  readonly sessions: Ref<unknown>;
  readonly mostSessions: number;
  /** Milliseconds without a connection after which a session is ended. */
  readonly idleMs: number;
  /** Milliseconds for what is being answered when it is stopped. */
  readonly drainMs: number;
  /** Where it is the daemon's. */
  readonly daemon?: DaemonTold;
  readonly mostConnections: number;
  /** Has the keys. */
  readonly store: Ref<Store>;
  readonly names: Omit<OwnNames, "bound">;
  readonly gate: GateLimits;
  /** Nobody needs a key, wherever they come from. */
  readonly noAuth: boolean;
  /** The authorization server whose tokens are taken; absent: none's. */
  readonly oauth?: {
    readonly issuer: string;
    readonly resource: string | undefined;
    readonly scopes: readonly string[];
  };
  readonly legs: McpOverHttpOptions & {
    /** Whether clients of 2024-11-05 are answered too. */
    readonly sse: boolean;
  };
}

/** The first question may have to wait until the catalog is read. */
const ANSWER_MS = 30_000;
/** Files are read for as long as it takes. */
const FOREVER = Number.POSITIVE_INFINITY;

/** What is told of the apps before this one, which were started by the same keeper. */
export interface DaemonTold {
  readonly restarts: number;
  readonly lastDeath?: { readonly at: string; readonly why: string };
}

/** For answers that were just given to be sent. */
const FLUSH_MS = 1_000;
/** Past the drain. */
export const HTTP_SHUTDOWN_MS = 3_000;
/** For headers and body to arrive, and how often it is looked at who is late. */
const HEADERS_MS = 10_000;
const ARRIVE_MS = 30_000;
const LATE_MS = 2_000;
const SWEEP = "end the idle";
const MOST_SWEEPS_MS = 30_000;
/** What is asked without a session costs the processor and waits for nobody: more at a time is no faster, and holds up everybody else. */
const MOST_AT_ONCE = 16;
const READ_KEYS = "read the keys";
const READ_KEYS_MS = 1_000;

export class HttpServer extends GenServer<HttpServerOptions, { readonly url: string; readonly sessions: number }> {
  private options!: HttpServerOptions; // set by init, as the four below
  private sessions!: HttpSessions;
  private server!: Server;
  private keys!: KeyRing;
  private tokens: AccessTokens | undefined;
  private gate!: Gate;
  /** Of those who ask without a session. */
  private readonly passes = new Map<string, Pass>();
  private stopping = false;
  private readonly ends = new Map<number, () => void>();
  private readonly condition = new Condition();

  protected override async init(options: HttpServerOptions): Promise<undefined | Failure<BanyanError>> {
    this.trapExit = true;
    this.options = options;
    const { address, sessions: supervisor, health, toolHost, catalog, mostSessions, idleMs, legs, ...rest } = options;
    const { drainMs: _, daemon, ...session } = rest;
    const about = { version: options.version, ...(daemon === undefined ? {} : { daemon }) };
    const { noAuth, oauth } = options;
    this.gate = new Gate(options.gate);
    this.signal.addEventListener("abort", this.gate.show(), { once: true });
    this.keys = new KeyRing(this.use(options.store), (principal) => this.locked(principal));
    try {
      await this.keys.refresh();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.report(error);
    }
    if (this.keys.size === 0 && !noAuth && oauth === undefined && !isLoopback(address.host))
      return failure(keysNeeded(address));
    if (oauth !== undefined) {
      const { resource } = oauth;
      if (resource === undefined && !isLoopback(address.host)) return failure(resourceNeeded(address));
      const own = () => resource ?? `${this.state.url}/mcp`;
      this.tokens = new AccessTokens({ ...oauth, resource: own }, (principal) => this.locked(principal));
    }
    const names = { ...options.names, bound: address.host };
    const doorkeeper = new Doorkeeper({ names, keys: this.keys, tokens: this.tokens, noAuth });
    this.sessions = new HttpSessions({
      session: { ...session, owner: this.self() },
      supervisor: this.use(supervisor),
      most: mostSessions,
      idleMs,
      gate: this.gate,
      started: (pid, ended) => void this.ends.set(this.monitor(pid), ended),
    });
    const monitor = this.use(health);
    const { servers, aggregator } = this.options;
    const asked = { monitor, manager: this.use(servers), toolHost: this.use(toolHost), catalog: this.use(catalog) };
    const Light = lightResponse();
    const mcp = new McpOverHttp(this.sessions, { ...legs, Response: Light });
    const told = new Told({
      Response: Light,
      telemetry: this.use(options.telemetry),
      catalog: asked.catalog,
      root: options.root,
      sessions: () => this.sessions.size,
      health: () => healthAnswer(asked, { ...about, sessions: this.sessions.size }),
      tools: (permission) => toolsAnswer(this.use(aggregator), this.use(servers), permission),
    });
    const rpcDoors = (principal: Principal) => ({
      catalog: asked.catalog.with({ timeout: ANSWER_MS }),
      permission: principal.permission,
      health: async () => {
        this.pass(principal).need("metrics");
        return told.healthBody();
      },
    });
    const app = httpApp({
      letIn: (visitor) => doorkeeper.letIn(visitor),
      pass: (principal) => this.pass(principal),
      mcp: (request, principal, trail) => mcp.answer(request, principal, trail),
      sse: legs.sse ? new McpOverSse(this.sessions, legs) : undefined,
      rpc: (request, principal) => {
        const pass = this.pass(principal);
        return answerRpc(request, { methods: rpcMethods, doors: rpcDoors(principal), limits: legs, pass });
      },
      reindex: () => asked.catalog.with({ timeout: FOREVER }).call.reindex(),
      told,
      live: async () => (await monitor.call.health()).live,
      ready: async () => (await monitor.call.health()).ready,
      guard: this.tokens?.metadata.bind(this.tokens),
      stopping: () => this.stopping,
      failed: (error) => this.report(error),
    });
    this.server = createAdaptorServer({
      fetch: (request, bindings) => {
        const http = bindings as HttpBindings; // of HTTP/1
        const { incoming } = http;
        closeUnread(http);
        // Whole addresses are for proxies, and this is none: two Hosts in one request are one too many.
        if (!incoming.url?.startsWith("/")) return Response.json({ error: "ask for a path" }, { status: 400 });
        const address = incoming.socket.localAddress;
        const answer = () => watched(http, (trail) => app(request, address, trail));
        return turnOf(http)?.then(answer) ?? answer();
      },
      overrideGlobalObjects: false,
      serverOptions: { requestTimeout: ARRIVE_MS, headersTimeout: HEADERS_MS, connectionsCheckingInterval: LATE_MS },
    }) as Server; // of HTTP/1, as no other was asked for
    this.server.maxConnections = options.mostConnections;
    this.server.timeout = UNREAD_MS;
    this.signal.addEventListener("abort", () => this.shut(), { once: true });
    try {
      await listening(this.server, address);
    } catch (error) {
      return failure(refusal(error, address));
    }
    this.server.on("error", (error) => this.report(error));
    this.sendAfter(Math.min(idleMs, MOST_SWEEPS_MS), SWEEP);
    this.sendAfter(READ_KEYS_MS, READ_KEYS);
    this.show();
    return undefined;
  }

  /** Where it listens. */
  url(): string {
    return this.state.url;
  }

  getStatus(): HealthStatus {
    return this.condition.say("ok", `${this.sessions.size} clients at ${this.state.url}`);
  }

  protected override handleInfo(message: unknown): Stop | undefined {
    if (isExit(message)) return stop("shutdown");
    if (message === SWEEP) {
      this.sessions.sweep();
      this.sendAfter(Math.min(this.options.idleMs, MOST_SWEEPS_MS), SWEEP);
    } else if (message === READ_KEYS) {
      this.readKeys();
    } else if (isDown(message)) {
      this.ends.get(message.id)?.();
      this.ends.delete(message.id);
    }
    this.show();
    return undefined;
  }

  protected override async terminate(_reason: ExitReason): Promise<void> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    const drained = this.sessions.processes.map((session) =>
      this.use(session)
        .with({ timeout: this.options.drainMs })
        .call.drained()
        .catch(() => undefined),
    );
    await Promise.all(drained);
    this.sessions.endAll();
    this.server.closeIdleConnections();
    const late = new AbortController();
    await Promise.race([closed, sleep(FLUSH_MS, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  }

  private pass(principal: Principal): Pass {
    let pass = this.passes.get(principal.id);
    if (pass === undefined) {
      pass = this.gate.commonPass(principal, MOST_AT_ONCE);
      this.passes.set(principal.id, pass);
    }
    return pass;
  }

  /** Beside the mailbox: the Store may be busy. Where there are none, the first one to be brought is looked for then. */
  private readKeys(): void {
    this.tokens?.sweep();
    const read = this.keys.size === 0 ? Promise.resolve() : this.keys.refresh();
    void read.catch((error: unknown) => this.report(error)).finally(() => this.sendAfter(READ_KEYS_MS, READ_KEYS));
  }

  /** A key that was revoked or is over: what was begun with it ends. */
  private locked({ id }: Principal): void {
    this.sessions.endOf(id);
    this.passes.get(id)?.close();
    this.passes.delete(id);
  }

  private shut(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private show(): void {
    const { port } = this.server.address() as AddressInfo; // it listens on a port, and no other kind of address
    this.state = { url: urlOf({ ...this.options.address, port }), sessions: this.sessions.size };
    this.setLabel(`${this.state.url}, ${this.state.sessions} clients`);
  }

  private report(error: unknown): void {
    currentRuntime().report("warning", this.self(), { description: `HTTP: ${messageOf(error)}` });
  }
}

/** The adaptor's own Response, whose body goes out without a stream around it: most of what an answer would cost. The adaptor hands
 * it out by putting it in the place of the global one only, where others would not expect it. */
function lightResponse(): typeof Response {
  const replaced = ["Request", "Response"].map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name) ?? {}] as const,
  );
  createAdaptorServer({ fetch: () => new Response() });
  const light = globalThis.Response;
  for (const [name, own] of replaced) Object.defineProperty(globalThis, name, own);
  return light;
}

function listening(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function keysNeeded({ host, port }: Address): BanyanError {
  return new BanyanError(
    "keys_needed",
    `${host} can be reached from other machines, and there is no key yet to tell who may; make one with banyan keys create NAME, listen at 127.0.0.1:${port}, or let anybody in with --no-auth.`,
  );
}

function resourceNeeded({ host }: Address): BanyanError {
  return new BanyanError(
    "resource_needed",
    `${host} is no address by which clients know this server; set server.oauth.resource to the one they do, which tokens are made out to.`,
  );
}

function refusal(error: unknown, { host, port }: Address): BanyanError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const why =
    code === "EADDRINUSE"
      ? "is in use by another program; stop that, or choose another port with --http HOST:PORT or server.port"
      : code === "EACCES"
        ? "may not be used by you; choose a port above 1023 with --http HOST:PORT or server.port"
        : `cannot be listened on: ${messageOf(error)}; choose another with --http HOST:PORT`;
  return new BanyanError("cannot_listen", `${host}:${port} ${why}.`, { cause: error });
}
