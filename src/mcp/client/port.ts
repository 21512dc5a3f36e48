// A Port: one OS process as a process of the tree. What it prints on stdout goes to its owner as lines; what the owner writes
// goes to its stdin; when it ends, the Port ends with `{ shutdown: PortExit }`, so that the owner's monitor carries the cause.
//
// Temporary: whoever owns it decides whether there is to be another. It shares its child's fate both ways. However the Port
// ends, the child's whole group ends too: in order when there is time (`terminate`, a stop, the death of the owner), at once
// when the Port is killed, and by the minder when the primary is.
import {
  type ChildSpec,
  child,
  type ExitReason,
  type Failure,
  failure,
  GenServer,
  isDown,
  isExit,
  type NoReply,
  named,
  noReply,
  type Ref,
  type Stop,
  send,
  stop,
} from "../../supervision/index.js";
import { ServerOverloadedError, SpawnError } from "./errors.js";
import { groupUsage, type UsageLimits, UsageWatch } from "./group-usage.js";
import type { OversizeLine } from "./line-splitter.js";
import type { Minder } from "./minder.js";
import { OsProcess, type OsProcessExit, type OsProcessOptions, PENDING_MAX } from "./os-process.js";

export interface PortExit extends OsProcessExit {
  /** Why the Port has ended it, if it has. */
  readonly endedFor?: string;
}

/** Who gets what the child prints. */
export interface PortOwner {
  /** Lines of stdout, in order. Cast `took(bytes)` back when they are dealt with; too many untaken ones pause the reading. */
  portLines(lines: readonly string[], bytes: number): void;
  portOversize(line: OversizeLine): void;
  portStderr(lines: readonly string[]): void;
  /** The child comes near a limit. */
  portWarning(text: string): void;
}

export interface PortOptions extends OsProcessOptions {
  readonly owner: Ref<PortOwner>;
  readonly minder: Ref<Minder>;
  /** Absent: it may take what it gets. */
  readonly usage?: UsageLimits;
}

export interface PortInfo {
  readonly pid: number;
  /** The process group: everything the child has started and that has not left on purpose. */
  readonly pgid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stderrTail: string;
  /** Lines of stdout that were no valid UTF-8. */
  readonly invalidLines: number;
  readonly stopping: boolean;
}

/** How long a start waits for a minder that is just being restarted; past it the server starts and the minder is told later. */
const MINDER_WAIT = 1_000;
const TELL_MINDER = "tell the minder";

/** The child spec of a Port, with the time its child may need to end. Its name keeps a second program of the same server from
 * being started while the first still ends: such a start is refused with `already_started`. */
export function portSpec(options: PortOptions): ChildSpec {
  const name = named<Port>(`Port:${options.server}`);
  return child(Port, options, { name, restart: "temporary", shutdown: 2 * options.graceMs + 3_000 });
}

const EXITED = "the child has exited";
const SILENT = "its stdout has ended a while ago";
/** A program whose stdout has ended is about to exit, or can be of no more use. */
const SILENCE_MS = 500;
const SAMPLE = "look at what the child takes";
/** Between two looks at what the child takes; shorter where it is judged over a shorter time. */
const SAMPLE_MS = 2_000;

export class Port extends GenServer<PortOptions, { server: string; command: string; pid: number }> {
  private process!: OsProcess; // set by init, as the two below
  private minder!: Ref<Minder>;
  private server!: string;
  private stopping = false;
  private exit: PortExit | undefined;
  private endedFor: string | undefined;
  private look = (): void => {};
  /** The monitor of the minder that knows of this group. */
  private minded: number | undefined;

  protected override async init(options: PortOptions): Promise<undefined | Failure<unknown>> {
    this.trapExit = true;
    this.server = options.server;
    this.minder = this.use(options.minder).with({ timeout: MINDER_WAIT });
    const owner = this.use(options.owner);
    try {
      this.process = await OsProcess.start(options, {
        lines: (lines, bytes) => owner.cast.portLines(lines, bytes),
        oversize: (line) => owner.cast.portOversize(line),
        stdoutEnded: () => void (this.signal.aborted || this.sendAfter(SILENCE_MS, SILENT)),
        stderr: (lines) => owner.cast.portStderr(lines),
      });
    } catch (error) {
      if (error instanceof SpawnError) return failure(error);
      throw error;
    }
    this.state = { server: options.server, command: options.command, pid: this.process.pid };
    this.setLabel(`pid ${this.process.pid}`);
    const self = this.self();
    void this.process.exited.then((exit) => {
      this.exit = exit;
      send(self, EXITED);
    });
    this.signal.addEventListener("abort", () => {
      if (this.exit === undefined) this.process.kill();
    });
    this.monitor(options.owner);
    if (options.usage !== undefined) this.watchUsage(options.usage, owner);
    await this.tellMinder();
    return undefined;
  }

  /** Writes one line to stdin. */
  write(line: string): undefined | Failure<ServerOverloadedError> {
    if (this.process.write(line) !== "full") return undefined; // of a closed stdin the exit that follows tells
    return failure(new ServerOverloadedError(this.server, `it has not read the last ${PENDING_MAX} bytes sent to it`));
  }

  took(bytes: number): void {
    this.process.took(bytes);
  }

  info(): PortInfo {
    const { pid, startedAt, stderrTail, invalidLines } = this.process;
    return { pid, pgid: pid, startedAt, stderrTail, invalidLines, stopping: this.stopping };
  }

  /** Ends the child in order; answers with how it ended. Takes as long as the child is given. */
  end(): PortExit | NoReply {
    const from = this.from<PortExit>();
    void this.process.exited.then((exit) => from.reply(exit));
    this.beginStop();
    return noReply;
  }

  protected override handleInfo(message: unknown): Stop | undefined {
    if (message === EXITED) {
      return stop({ shutdown: this.endedFor === undefined ? this.exit : { ...this.exit, endedFor: this.endedFor } });
    }
    if (message === SAMPLE) this.look();
    else if (message === SILENT) this.endFor("it closed its stdout, so it could answer nothing more");
    // Not awaited: while the minder is being restarted the server goes on serving.
    else if (message === TELL_MINDER || (isDown(message) && message.id === this.minded)) void this.tellMinder();
    else if (isDown(message) || isExit(message)) this.beginStop();
    return undefined;
  }

  protected override async terminate(_reason: ExitReason): Promise<void> {
    await this.process.stop();
  }

  private async tellMinder(): Promise<void> {
    try {
      await this.minder.call.watch(this.process.pid, this.self());
      if (!this.signal.aborted) this.minded = this.monitor(this.minder);
    } catch {
      if (!this.signal.aborted) this.sendAfter(MINDER_WAIT, TELL_MINDER);
    }
  }

  /** Looks again and again, each look beside the mailbox. */
  private watchUsage(limits: UsageLimits, owner: Ref<PortOwner>): void {
    const watch = new UsageWatch(limits);
    const again = (): void => void this.sendAfter(Math.min(SAMPLE_MS, limits.cpuWindowMs / 4), SAMPLE);
    this.look = () =>
      void groupUsage(this.process.pid).then((usage) => {
        if (this.signal.aborted || this.stopping) return;
        const verdict = usage === undefined ? undefined : watch.judge(usage, performance.now());
        if (verdict !== undefined && "end" in verdict) {
          this.endFor(verdict.end);
          return;
        }
        if (verdict !== undefined) owner.cast.portWarning(verdict.warning);
        again();
      });
    again();
  }

  private endFor(why: string): void {
    if (this.stopping) return;
    this.endedFor = why;
    this.beginStop();
  }

  private beginStop(): void {
    this.stopping = true;
    void this.process.stop();
  }
}
