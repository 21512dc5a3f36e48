// Control: the door through which another process of the same user looks into a running app: an owner-only Unix socket (on
// Windows a named pipe) that answers one JSON line with one JSON line. Each app has a socket of its own, named after its pid;
// a socket whose app is gone is cleared away by whoever finds it.
// permanent; it holds nothing but open connections.
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { BanyanError, GenServer, messageOf, type Named, treeOf } from "../supervision/index.js";
import { ensurePrivateFolder } from "./paths.js";
import { redactAll } from "./telemetry/redact.js";
import type { MetricsSource } from "./telemetry/telemetry.js";

export interface ControlOptions {
  /** Path of the socket, see {@link socketOf}. */
  readonly socket: string;
  /** The supervisor at the top of the tree. */
  readonly root: Named<unknown>;
  readonly telemetry: Named<MetricsSource>;
  readonly version: string;
}

const requestSchema = z.object({ method: z.enum(["tree", "status", "metrics", "metrics_json"]) });
type Method = z.infer<typeof requestSchema>["method"];

const answerSchema = z.union([z.object({ result: z.unknown() }), z.object({ error: z.string() })]);

const MAX_REQUEST_BYTES = 64 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 16;
const ANSWER_TIMEOUT_MS = 5_000;

export class Control extends GenServer<ControlOptions, { readonly socket: string }> {
  private options!: ControlOptions; // set by init
  private server: Server | undefined;
  private readonly open = new Set<Socket>();

  protected override async init(options: ControlOptions) {
    this.trapExit = true;
    this.options = options;
    const { socket } = options;
    if (process.platform !== "win32") {
      mkdirSync(dirname(dirname(socket)), { recursive: true });
      ensurePrivateFolder(dirname(socket));
      rmSync(socket, { force: true }); // left by an earlier incarnation of this process
    }
    this.server = createServer((connection) => this.serve(connection));
    this.server.maxConnections = MAX_CONNECTIONS;
    await listening(this.server, socket);
    if (process.platform !== "win32") chmodSync(socket, 0o600);
    this.server.on("error", (error) => this.self<Control>().cast.broken(messageOf(error)));
    this.signal.addEventListener("abort", () => this.shut(), { once: true });
    this.state = { socket };
  }

  protected override terminate(): void {
    this.shut();
  }

  /** The listening socket failed: a crash, so that the supervisor opens another. */
  broken(why: string): never {
    throw new Error(`the control socket failed: ${why}`);
  }

  private shut(): void {
    for (const connection of this.open) connection.destroy();
    this.server?.close();
    this.server = undefined;
    if (process.platform !== "win32") rmSync(this.options.socket, { force: true });
  }

  private serve(connection: Socket): void {
    this.open.add(connection);
    connection.on("close", () => this.open.delete(connection));
    connection.on("error", () => connection.destroy());
    connection.setTimeout(ANSWER_TIMEOUT_MS, () => connection.destroy());
    readLine(connection, MAX_REQUEST_BYTES).then(
      async (line) => connection.end(`${JSON.stringify(await this.respond(line))}\n`),
      () => connection.destroy(),
    );
  }

  private async respond(line: string): Promise<z.infer<typeof answerSchema>> {
    const request = requestSchema.safeParse(parseJson(line));
    if (!request.success) return { error: `not a request: ${z.prettifyError(request.error)}` };
    try {
      return { result: await this.answers[request.data.method]() };
    } catch (error) {
      return { error: messageOf(error) };
    }
  }

  private readonly answers: Record<Method, () => unknown> = {
    tree: () => redactAll(treeOf(this.options.root)),
    metrics: () => this.use(this.options.telemetry).call.metrics("prometheus"),
    metrics_json: () => this.use(this.options.telemetry).call.metrics("json"),
    status: () => ({ pid: process.pid, version: this.options.version, cwd: process.cwd() }),
  };
}

/** The socket of the app with this pid, beside the one the paths name. */
export function socketOf(control: string, pid: number): string {
  if (control.startsWith("\\\\")) return `${control}-${pid}`;
  return join(dirname(control), `${pid}.sock`);
}

/** Nothing runs that could answer. */
export class NothingRunningError extends BanyanError {
  constructor() {
    super("nothing_running", "No Banyan is running here; start one with banyan, or name its folder with --home DIR.");
  }
}

/** Asks the newest running app. Throws {@link NothingRunningError} if none answers. */
export async function askRunningApp(control: string, method: Method): Promise<unknown> {
  for (const socket of candidates(control)) {
    try {
      return await request(socket, method);
    } catch (error) {
      if (!isDead(error)) throw error;
      rmSync(socket, { force: true });
    }
  }
  throw new NothingRunningError();
}

function candidates(control: string): string[] {
  const folder = dirname(control);
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+\.sock$/.test(name))
      .map((name) => ({ path: join(folder, name), started: statSync(join(folder, name)).ctimeMs }))
      .sort((a, b) => b.started - a.started)
      .map(({ path }) => path);
  } catch {
    return [];
  }
}

async function request(socket: string, method: Method): Promise<unknown> {
  const connection = connect(socket);
  connection.setTimeout(ANSWER_TIMEOUT_MS, () =>
    connection.destroy(
      new BanyanError("no_answer", `${basename(socket)} did not answer in ${ANSWER_TIMEOUT_MS / 1000} s.`),
    ),
  );
  connection.write(`${JSON.stringify({ method })}\n`);
  const answer = answerSchema.parse(parseJson(await readLine(connection, MAX_ANSWER_BYTES)));
  connection.destroy();
  if ("error" in answer) throw new BanyanError("refused", answer.error, { kind: "protocol" });
  return answer.result;
}

function isDead(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ECONNREFUSED" || code === "ENOENT";
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

function readLine(connection: Socket, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    connection.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (chunk.includes(10)) resolve(Buffer.concat(chunks).toString("utf8").split("\n", 1)[0] ?? "");
      else if (size > limit) reject(new Error("the line is too long"));
    });
    connection.on("error", reject);
    connection.on("close", () => reject(new Error("the connection ended before the line did")));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
