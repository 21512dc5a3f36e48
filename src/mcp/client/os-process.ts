// One OS process with its group, its three pipes and a sure end. Knows nothing of MCP and nothing of the framework.
//
// The end comes in the order the protocol asks for: stdin closes, then SIGTERM, then SIGKILL, each to the whole group and each
// only if the one before was not enough. Whether to go on is decided by the process's exit and by nothing else: Node's
// `killed` flag only says that a signal was sent, and a program may ignore it. `exited` settles when the leader is dead, its
// output is read to the end and nobody of its group is left, so that whoever awaits it can rely on all three.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { platform } from "../../actors/platform/index.js";
import { redact } from "../../actors/telemetry/redact.js";
import { SpawnError } from "./errors.js";
import { LineSplitter, type OversizeLine } from "./line-splitter.js";
import { groupGone } from "./process-group.js";
import { TailBuffer } from "./tail-buffer.js";

export interface OsProcessOptions {
  /** The configured server it runs; for messages. */
  readonly server: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Complete: nothing is inherited beyond it. */
  readonly env: Readonly<Record<string, string>>;
  readonly maxLineBytes: number;
  /** Milliseconds given after stdin closed, and again after SIGTERM. */
  readonly graceMs: number;
}

/** What the process tells. */
export interface OsProcessEvents {
  /** Lines of stdout that came in one chunk, and the chunk's size. */
  lines(lines: string[], bytes: number): void;
  oversize(line: OversizeLine): void;
  /** Its stdout has ended; usually because it ends itself. */
  stdoutEnded(): void;
  /** Lines of stderr, cut to a good length; some are left out of a flood. */
  stderr(lines: string[]): void;
}

export interface OsProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr. */
  readonly stderrTail: string;
}

const STDERR_KEPT = 65_536;
const STDERR_LINE = 4_096;
/** What is read of stderr in one second; past it the pipe is left full, and a server that floods it waits. */
const STDERR_PER_SECOND = 1_048_576;
const STDERR_LINES_TOLD = 200;
/** Bytes of stdout handed on and not yet taken before reading pauses. */
const UNTAKEN_HIGH = 4_194_304;
/** Bytes that may wait for the process to read its stdin. */
export const PENDING_MAX = 67_108_864;
/** What is left of a group whose leader died is given this long after SIGTERM. */
const ORPHAN_GRACE = 200;
/** After SIGKILL only zombies that wait to be reaped can remain; they are waited for no longer than this. */
const ZOMBIE_WAIT = 100;
/** The pipes of a dead process close with it, unless somebody who left the group still holds them. */
const PIPE_WAIT = 1_000;

/** Few system calls, and the program is not kept waiting. */
const LINES_A_WRITE = 8;

/** A program that has not taken the end of its stdin for its own by then is told by SIGTERM. */
const STDIN_END_MS = 500;

export class OsProcess {
  readonly pid: number;
  readonly startedAt = Date.now();
  readonly exited: Promise<OsProcessExit>;

  private readonly tail = new TailBuffer(STDERR_KEPT);
  private readonly out: LineSplitter;
  private untaken = 0;
  private unsent = "";
  private unsentLines = 0;
  private flushPlanned = false;
  private stderrBudget = STDERR_PER_SECOND;
  private stderrLinesLeft = STDERR_LINES_TOLD;
  private stderrTimer: NodeJS.Timeout | undefined;
  private stopping: Promise<OsProcessExit> | undefined;
  /** SIGKILL was sent to the whole group: who is left needs no other signal. */
  private killed = false;

  /** Resolves when the process runs; rejects with a {@link SpawnError} that says what to mend. */
  static async start(options: OsProcessOptions, events: OsProcessEvents): Promise<OsProcess> {
    let child: ChildProcessWithoutNullStreams;
    try {
      child = spawn(options.command, options.args, {
        env: { ...options.env }, // Node may write into it
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        stdio: "pipe",
        detached: platform.hasGroups,
        windowsHide: true,
      });
    } catch (error) {
      throw spawnError(options, error);
    }
    if (child.pid === undefined) {
      throw spawnError(options, await new Promise((resolve) => child.once("error", resolve)));
    }
    return new OsProcess(child, child.pid, options, events);
  }

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    pid: number,
    private readonly options: OsProcessOptions,
    private readonly events: OsProcessEvents,
  ) {
    this.pid = pid;
    this.out = new LineSplitter(options.maxLineBytes, (line) => events.oversize(line));
    // A dead reader answers a write with EPIPE; its exit tells all there is to tell.
    child.stdin.on("error", () => {});
    child.on("error", () => {});
    this.readStdout();
    this.readStderr();
    this.exited = this.untilExited();
  }

  /** Lines that were no valid UTF-8. */
  get invalidLines(): number {
    return this.out.invalid;
  }

  get stderrTail(): string {
    return redact(this.tail.toString());
  }

  /** Queues one line for stdin. `full` if too much waits already, `closed` if nobody can read it any more. */
  write(line: string): "written" | "full" | "closed" {
    const { stdin } = this.child;
    if (!stdin.writable) return "closed";
    if (stdin.writableLength + this.unsent.length + line.length > PENDING_MAX) return "full";
    // Of the lines written in one turn of the event loop the first goes out at once, so that the program works on it while more is
    // made for it; the others go out a few in one system call.
    this.unsent += `${line}\n`;
    this.unsentLines++;
    if (!this.flushPlanned) {
      this.flushPlanned = true;
      setImmediate(() => {
        this.flushPlanned = false;
        this.flush();
      });
      this.flush();
    } else if (this.unsentLines >= LINES_A_WRITE) this.flush();
    return "written";
  }

  private flush(): void {
    const { stdin } = this.child;
    if (stdin.writable && this.unsent !== "") stdin.write(this.unsent);
    this.unsent = "";
    this.unsentLines = 0;
  }

  /** Whoever got `bytes` of lines has dealt with them; reading goes on if it had paused. */
  took(bytes: number): void {
    this.untaken -= bytes;
    if (this.untaken < UNTAKEN_HIGH && this.child.stdout.isPaused()) this.child.stdout.resume();
  }

  /** Ends the whole group, gently first, and resolves when it is gone. */
  stop(): Promise<OsProcessExit> {
    this.stopping ??= this.endInOrder();
    return this.stopping;
  }

  /** Ends the whole group now. */
  kill(): void {
    this.killed = true;
    platform.signalGroup(this.pid, "SIGKILL");
  }

  private async endInOrder(): Promise<OsProcessExit> {
    this.flush();
    this.child.stdin.end();
    // One that is blocked on a full pipe could not see its stdin end.
    this.readToEnd();
    if (await this.exitedWithin(Math.min(this.options.graceMs, STDIN_END_MS))) return this.exited;
    platform.signalGroup(this.pid, "SIGTERM");
    if (await this.exitedWithin(this.options.graceMs)) return this.exited;
    this.kill();
    return this.exited;
  }

  private async exitedWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, ms, false);
    });
    const result = await Promise.race([this.exited.then(() => true), late]);
    clearTimeout(timer);
    return result;
  }

  private async untilExited(): Promise<OsProcessExit> {
    const { child, pid } = this;
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once("exit", (...how) => resolve(how)),
    );
    // The leader is dead. What it left behind may still hold the pipes open, so it goes first.
    if (!this.killed && platform.isGroupAlive(pid)) {
      platform.signalGroup(pid, "SIGTERM");
      if (!(await groupGone(pid, ORPHAN_GRACE))) this.kill();
    }
    if (this.killed) await groupGone(pid, ZOMBIE_WAIT);
    this.readToEnd();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, PIPE_WAIT).unref())]);
    clearTimeout(this.stderrTimer);
    child.stdout.destroy();
    child.stderr.destroy();
    child.stdin.destroy();
    return { code, signal, stderrTail: this.stderrTail };
  }

  private readToEnd(): void {
    this.untaken = Number.NEGATIVE_INFINITY;
    this.stderrBudget = Number.POSITIVE_INFINITY;
    this.child.stdout.resume();
    this.child.stderr.resume();
  }

  private readStdout(): void {
    const { stdout } = this.child;
    stdout.on("error", () => {});
    stdout.on("data", (chunk: Buffer) => {
      const lines = this.out.push(chunk);
      if (lines.length === 0) return;
      this.untaken += chunk.length;
      if (this.untaken >= UNTAKEN_HIGH) stdout.pause();
      this.events.lines(lines, chunk.length);
    });
    stdout.on("end", () => {
      const lines = this.out.end();
      if (lines.length > 0) this.events.lines(lines, 0);
      this.events.stdoutEnded();
    });
  }

  private readStderr(): void {
    const { stderr } = this.child;
    // Too long a line of stderr is shown by its beginning.
    const splitter = new LineSplitter(STDERR_LINE, ({ head }) => this.tellStderr([`${head}…`]));
    stderr.on("error", () => {});
    stderr.on("data", (chunk: Buffer) => {
      this.tail.push(chunk);
      this.tellStderr(splitter.push(chunk));
      this.stderrBudget -= chunk.length;
      this.stderrTimer ??= setTimeout(() => this.renewStderr(), 1_000).unref();
      if (this.stderrBudget <= 0) stderr.pause();
    });
    stderr.on("end", () => this.tellStderr(splitter.end()));
  }

  private tellStderr(lines: string[]): void {
    const told = lines.slice(0, this.stderrLinesLeft).map(redact);
    this.stderrLinesLeft -= told.length;
    if (told.length > 0) this.events.stderr(told);
  }

  private renewStderr(): void {
    this.stderrTimer = undefined;
    this.stderrBudget = Math.max(this.stderrBudget, STDERR_PER_SECOND);
    this.stderrLinesLeft = STDERR_LINES_TOLD;
    this.child.stderr.resume();
  }
}

function spawnError(options: OsProcessOptions, cause: unknown): SpawnError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const { command, cwd, server } = options;
  const setting = (field: string): string => `servers.${server}.${field}`;
  // A missing folder is reported by the system as a missing command.
  if (cwd !== undefined && !isFolder(cwd)) {
    return new SpawnError(
      `folder not found: "${cwd}"; create it or correct ${setting("cwd")} in the configuration`,
      true,
      cause,
    );
  }
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new SpawnError(
      `command not found: "${command}"; install it or correct ${setting("command")} in the configuration`,
      true,
      cause,
    );
  }
  if (code === "EACCES" || code === "EPERM" || code === "ENOEXEC") {
    return new SpawnError(
      `"${command}" may not be run; make it executable or correct ${setting("command")} in the configuration`,
      true,
      cause,
    );
  }
  if (code === "E2BIG" || code === "ERR_INVALID_ARG_VALUE") {
    return new SpawnError(
      `the system does not accept the arguments for "${command}"; correct ${setting("args")} and ${setting("env")} in the configuration`,
      true,
      cause,
    );
  }
  const word = typeof code === "string" ? code : "unknown error";
  return new SpawnError(
    `the system could not start "${command}" (${word}); free some memory or processes`,
    false,
    cause,
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
