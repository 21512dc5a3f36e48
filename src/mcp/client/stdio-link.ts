// The way to a server over stdio, opened once and closed once: a Port under the PortSupervisor, the transport over its lines,
// and the connection over that.
import {
  CallError,
  describeReason,
  type ExitReason,
  messageOf,
  type Pid,
  plainText,
  type Ref,
  startChild,
} from "../../supervision/index.js";
import type { Connection } from "./connection.js";
import { childEnvironment } from "./environment.js";
import { SpawnError } from "./errors.js";
import type { OversizeLine } from "./line-splitter.js";
import type { Conversation, Link, LinkOptions } from "./link.js";
import { type Port, type PortExit, portSpec } from "./port.js";
import { optional } from "./sdk-shapes.js";
import { StdioTransport } from "./stdio-transport.js";

/** Of its stderr. */
const LINES_KEPT = 10;
const LONGEST_LINE = 500;

export class StdioLink implements Link {
  connection: Connection | undefined;
  /** The id of the server's OS process while it runs. */
  pid: number | undefined;

  private readonly transport: StdioTransport;
  private readonly starting: Promise<Ref<Port>>;
  private port: Ref<Port> | undefined;
  private owed = 0;
  private closing: Promise<void> | undefined;

  /** Starts the server's program once `after` is over. */
  constructor(
    private readonly options: LinkOptions,
    after: Promise<void>,
  ) {
    this.transport = new StdioTransport((line) => this.write(line), options.onFault);
    this.starting = after.then(() => this.start());
    this.starting.catch(() => {}); // `opened` tells of it
  }

  /** When the server was last heard, by the monotonic clock. */
  get heardAt(): number {
    return this.transport.heardAt;
  }

  /** Resolves when the program runs. Rejects with a {@link SpawnError}. */
  async opened(): Promise<void> {
    await this.starting;
  }

  async connect(conversation: Conversation): Promise<Connection> {
    const { name, connectTimeoutMs, timeoutMs } = this.options.config;
    const { Connection } = await import("./connection.js");
    this.connection = await Connection.open(this.transport, {
      ...conversation,
      server: name,
      connectTimeoutMs,
      timeoutMs,
    });
    return this.connection;
  }

  /** Lines from the Port. */
  receive(lines: readonly string[], bytes: number): void {
    this.transport.receive(lines);
    if (this.port === undefined) this.owed += bytes;
    else this.port.cast.took(bytes);
  }

  receiveOversize(line: OversizeLine): void {
    this.transport.receiveOversize(line);
  }

  /** Fails every request with `reason` now, and resolves when the program and all it started are gone. */
  close(reason: string): Promise<void> {
    this.closing ??= this.end(reason);
    return this.closing;
  }

  private async end(reason: string): Promise<void> {
    // Neither waits for anything: what is under way fails at once.
    void this.connection?.close(reason);
    this.transport.lost();
    try {
      const port = await this.starting;
      await port.with({ timeout: Number.POSITIVE_INFINITY }).call.end();
    } catch {
      // It never ran, or has ended already.
    }
    this.pid = undefined;
  }

  private async start(): Promise<Ref<Port>> {
    const { config, ports, minder, owner } = this.options;
    if (this.closing !== undefined) throw new SpawnError("it was stopped before it started", false);
    const { maxMemoryBytes, maxCpuPercent, cpuWindowMs, built } = config;
    if (built !== undefined)
      await this.options.build?.(built).catch((error: unknown) => {
        throw new SpawnError(messageOf(error), true, error);
      });
    const spec = portSpec({
      server: config.name,
      command: config.command ?? "", // there is one where there is no address
      args: config.args,
      ...(config.cwd === undefined ? {} : { cwd: config.cwd }),
      env: config.inherits ? childEnvironment(config.env) : config.env,
      maxLineBytes: config.maxLineBytes,
      graceMs: config.graceMs,
      owner,
      minder,
      ...(maxMemoryBytes === undefined && maxCpuPercent === undefined
        ? {}
        : { usage: { cpuWindowMs, ...optional({ maxMemoryBytes, maxCpuPercent }) } }),
    });
    let started = await startChild(ports, spec);
    // A wrapper that was killed has left its program behind, which is ending now.
    while ("error" in started && started.error === "already_started") {
      await (started.detail as Pid).down; // what the framework puts there
      started = await startChild(ports, spec);
    }
    if ("error" in started) throw startFailure(started.error, started.detail);
    const pid = started.ok as Pid<Port>; // the spec says Port
    const port = this.options.use(pid);
    this.port = port;
    void pid.down.then((reason) => this.ended(reason));
    this.pid = (await port.call.info()).pid;
    port.cast.took(this.owed);
    return port;
  }

  private ended(reason: ExitReason): void {
    this.port = undefined;
    this.pid = undefined;
    if (this.closing !== undefined) return;
    const exit = typeof reason === "object" && "shutdown" in reason ? (reason.shutdown as PortExit) : undefined; // see Port
    const { onLost } = this.options;
    if (exit === undefined) return onLost({ reason: `its port ended: ${describeReason(reason)}`, clean: false });
    const { code, signal, endedFor } = exit;
    const stderr = linesOf(exit);
    onLost({
      reason: endedFor ?? describeExit(exit, stderr),
      clean: code === 0 && endedFor === undefined,
      exit: { code, signal, stderr: stderr.slice(-LINES_KEPT) },
    });
  }

  private write(line: string): Promise<void> {
    return this.port?.call.write(line) ?? this.starting.then((port) => port.call.write(line));
  }
}

function startFailure(error: string, detail: unknown): SpawnError {
  const thrown = typeof detail === "object" && detail !== null && "error" in detail ? detail.error : undefined;
  if (thrown instanceof SpawnError) return thrown;
  if (thrown instanceof CallError || thrown === undefined) {
    return new SpawnError(`no process can be started now (${error})`, false, detail);
  }
  return new SpawnError(messageOf(thrown), false, thrown);
}

/** What it last wrote to stderr, fit for a terminal. */
function linesOf({ stderrTail }: PortExit): string[] {
  const lines = plainText(stderrTail).trimEnd().split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => line.slice(0, LONGEST_LINE));
}

function describeExit({ code, signal }: PortExit, stderr: readonly string[]): string {
  const how = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
  const words = lastWords(stderr);
  return words === "" ? how : `${how}; its last words: ${words}`;
}

/** Node ends with its version, after the error, its stack and its properties, and V8 with a stack of addresses: there the error's
 * line says what is wrong. */
function lastWords(lines: readonly string[]): string {
  const last = lines.at(-1)?.trim() ?? "";
  const error = /^Node\.js v\d/.test(last)
    ? lines.findLast((line) => /^(Uncaught )?\w*Error\b.*: /.test(line))
    : lines.findLast((line) => line.startsWith("FATAL ERROR: "));
  return (error ?? last).trim().slice(0, 200);
}
