// Control: the door through which another process of the same user looks into a running app: an owner-only Unix socket (on
// Windows a named pipe). What is said over it is in control/protocol.ts. Each app has a socket of its own, named after its pid.
// permanent; it holds nothing but open connections. Followers connect again by themselves.
import { createServer, type Server, type Socket } from "node:net";
import { z } from "zod";
import {
  BanyanError,
  currentRuntime,
  GenServer,
  messageOf,
  type Named,
  type Report,
  type ReportName,
  treeOf,
} from "../supervision/index.js";
import type { CatalogDoor } from "./control/catalog-door.js";
import { Feed } from "./control/feed.js";
import { appFigures, withFigures } from "./control/figures.js";
import { Interventions } from "./control/interventions.js";
import type { PluginsDoor } from "./control/plugins-door.js";
import { type Answer, parseJson, type Question, readLine, requestSchema, type ToolCall } from "./control/protocol.js";
import type { ServerAction, ServersDoor } from "./control/servers-door.js";
import { toldReport } from "./control/shown.js";
import { Condition, type HealthStatus } from "./health/status.js";
import { platform } from "./platform/index.js";
import { redactAll } from "./telemetry/redact.js";
import type { MetricsSource } from "./telemetry/telemetry.js";

export interface ControlOptions {
  /** Path of the socket: `platform.appSocket`. */
  readonly socket: string;
  /** The supervisor at the top of the tree. */
  readonly root: Named<unknown>;
  readonly telemetry: Named<MetricsSource>;
  readonly servers: ServersDoor;
  readonly plugins: PluginsDoor;
  readonly catalog: CatalogDoor;
  readonly version: string;
  /** Told of every intervention before it takes effect (of a resumption after it), and awaited; if it throws, it is refused. */
  readonly audit?: (event: { readonly action: ControlAction; readonly subject: string }) => unknown;
}

/** What is done to a process over the socket, as the audit names it. */
type Intervention = "restart" | "suspend" | "resume" | "kill";
export type ControlAction = `process.${Intervention}` | `server.${ServerAction}` | "plugin.restart" | "tool.call";

/** A call's arguments may hold a file. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024;
const MAX_CONNECTIONS = 16;
/** To write a request, and to read an answer. */
const PATIENCE_MS = 5_000;
/** A follower that takes nothing for so long is let go. */
const STALLED_MS = 60_000;
const TOLD: readonly ReportName[] = ["crash", "supervisor", "progress", "overflow", "alert", "warning"];

export class Control extends GenServer<ControlOptions, { readonly socket: string }> {
  private options!: ControlOptions; // set by init, as is the one below
  private interventions!: Interventions;
  private server: Server | undefined;
  private readonly open = new Set<Socket>();
  private readonly feeds = new Set<Feed>();
  private readonly condition = new Condition("its socket is open");

  protected override async init(options: ControlOptions) {
    this.trapExit = true;
    this.options = options;
    this.interventions = new Interventions(options.root, this.self());
    const { socket } = options;
    platform.prepareSocket(socket);
    this.server = createServer((connection) => this.serve(connection));
    this.server.maxConnections = MAX_CONNECTIONS;
    this.signal.addEventListener("abort", () => this.shut(), { once: true }); // it may be killed before it listens
    await listening(this.server, socket);
    platform.protectSocket(socket);
    this.server.on("error", (error) => this.self<Control>().cast.broken(messageOf(error)));
    const { reports } = currentRuntime();
    for (const name of TOLD) this.on(reports, name, (report: Report) => this.tell(report));
    this.state = { socket };
  }

  protected override terminate(): void {
    this.shut();
  }

  getStatus(): HealthStatus {
    return this.condition.status;
  }

  /** The listening socket failed: a crash, so that the supervisor opens another. */
  broken(why: string): never {
    throw new Error(`the control socket failed: ${why}`);
  }

  private shut(): void {
    for (const connection of this.open) connection.destroy();
    this.server?.close();
    this.server = undefined;
    platform.removeSocket(this.options.socket);
  }

  private serve(connection: Socket): void {
    this.open.add(connection);
    connection.on("close", () => this.open.delete(connection));
    connection.on("error", () => connection.destroy());
    connection.setTimeout(PATIENCE_MS, () => connection.destroy());
    this.converse(connection).catch(() => connection.destroy());
  }

  private async converse(connection: Socket): Promise<void> {
    const request = requestSchema.safeParse(parseJson(await readLine(connection, MAX_REQUEST_BYTES)));
    if (!request.success) {
      end(connection, { error: `not a request: ${z.prettifyError(request.error)}`, code: "bad_request" });
    } else if (request.data.method === "follow") {
      await this.follow(connection, request.data.interval);
    } else if (request.data.method === "call") {
      connection.setTimeout(0);
      await this.call(connection, request.data);
    } else {
      connection.setTimeout(0); // whoever asks waits as long as it takes
      const question = request.data;
      const answer = await answerOf(() => this.result(question));
      connection.setTimeout(PATIENCE_MS);
      end(connection, answer);
    }
  }

  /** Runs a tool for as long as the caller stays to hear of it. */
  private async call(connection: Socket, { tool, arguments: args }: ToolCall): Promise<void> {
    const over = new AbortController();
    connection.once("close", () => over.abort());
    const tell = (progress: unknown): void => {
      // A reader that is too slow misses some: each says how far the call is by then.
      if (!connection.writableNeedDrain) connection.write(`${JSON.stringify({ progress })}\n`);
    };
    const answer = await answerOf(async () => {
      await this.options.audit?.({ action: "tool.call", subject: tool });
      return this.options.servers.call(tool, args, tell, over.signal);
    });
    connection.setTimeout(PATIENCE_MS);
    end(connection, answer);
  }

  private async result(question: Question): Promise<unknown> {
    switch (question.method) {
      case "tree":
        return this.tree();
      case "status":
        return appFigures(this.options.version);
      case "metrics":
        return this.use(this.options.telemetry).call.metrics(question.format);
      case "inspect":
        return this.interventions.inspect(question.process);
      case "servers":
        return this.options.servers.status();
      case "tools":
        return this.options.servers.tools();
      case "server":
        await this.options.audit?.({ action: `server.${question.action}`, subject: question.server });
        return this.options.servers.act(question.action, question.server);
      case "catalog":
        return this.options.catalog.ask(question.ask, question.params);
      case "plugins":
        return this.options.plugins.status();
      case "plugin":
        await this.options.audit?.({ action: "plugin.restart", subject: question.plugin });
        return this.options.plugins.restart(question.plugin, question.debug);
      default:
        return this.intervene(question);
    }
  }

  private async intervene({ method, process }: Extract<Question, { method: Intervention }>): Promise<unknown> {
    const record = () => this.options.audit?.({ action: `process.${method}`, subject: process });
    // What is to be resumed may be what the audit needs to write, so a resumption is recorded once it is done.
    if (method !== "resume") await record();
    const done = await this.interventions[method](process);
    if (method === "resume") await record();
    return done;
  }

  private async tree() {
    const tree = treeOf(this.options.root);
    return tree === undefined ? undefined : redactAll(await withFigures(tree));
  }

  /** Looks at the tree again and again, for as long as the follower listens. */
  private async follow(connection: Socket, interval: number): Promise<void> {
    const feed = new Feed(connection);
    const over = new Promise<void>((resolve) => connection.once("close", () => resolve()));
    connection.setTimeout(Math.max(STALLED_MS, 2 * interval));
    this.feeds.add(feed);
    connection.once("close", () => this.feeds.delete(feed));
    while (!connection.destroyed) {
      if (!feed.behind) {
        const tree = await this.tree();
        if (tree === undefined) break;
        feed.tellNow({ event: "snapshot", at: Date.now(), app: appFigures(this.options.version), tree });
      }
      await Promise.race([over, pause(interval)]);
    }
    connection.end();
  }

  private tell(report: Report): void {
    if (this.feeds.size === 0) return;
    const event = { event: "report", report: toldReport(report) } as const;
    for (const feed of this.feeds) feed.tell(event);
  }
}

async function answerOf(work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { result: (await work()) ?? null };
  } catch (error) {
    return { error: messageOf(error), code: error instanceof BanyanError ? error.code : "failed" };
  }
}

function end(connection: Socket, answer: Answer): void {
  connection.end(`${JSON.stringify(answer)}\n`);
}

/** Nobody is kept waiting for it at the end of the program. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
