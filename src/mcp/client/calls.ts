// The calls of one server: those under way and those that wait for it to come back. Each has one deadline for both, and is
// settled exactly once: by its answer, its deadline, its caller who gives up, or the end of all.
import type { From } from "../../supervision/index.js";
import type { CallEnd } from "./askers.js";
import type { CallOptions, Connection } from "./connection.js";
import {
  CallCancelledError,
  CallTimeoutError,
  ServerOverloadedError,
  type ServerUnavailableError,
  type UnknownNameError,
} from "./errors.js";
import { GiveUp } from "./give-up.js";
import type { ToolInfo } from "./mcp-types.js";

/** Why a call was not even tried. */
export type CallRefusal = ServerUnavailableError | ServerOverloadedError | UnknownNameError;

export interface Work<T> {
  /** The tool, resource or prompt; for messages. */
  readonly what: string;
  readonly from: From<T>;
  readonly timeoutMs: number;
  /** Whether doing it twice does no harm. */
  readonly safeToRetry: boolean;
  run(connection: Connection, options: CallOptions): Promise<T>;
}

interface Entry {
  readonly work: Work<unknown>;
  /** It may be sent; until then it waits in line behind others' calls. */
  admitted: boolean;
  readonly giveUp: GiveUp;
  /** By the monotonic clock. */
  deadline: number;
  running: boolean;
  /** When it last showed progress, by the monotonic clock; 0 if it did not. */
  movedAt: number;
  /** Milliseconds it was given beyond its own. */
  extended: number;
}

/** More at a time than any server answers. */
const MAX_CALLS = 2_000;
/** A server whose questions never end does not keep its calls for ever. */
const MAX_EXTENSION = 600_000;
/** The deadline is ours, so the SDK's is put out of the way. */
const NO_TIMEOUT = 2 ** 31 - 1;
/** Timers may fire so much too early, in milliseconds. */
const EARLY = 1;
const TASK_MS = 600_000;
const FOREVER = Number.POSITIVE_INFINITY;

/** The time of a call whose caller gives none. What runs as a task is meant to take long. */
export function callTime(timeoutMs: number, tool: ToolInfo | undefined): number {
  return tool?.asTask === true ? Math.max(timeoutMs, TASK_MS) : timeoutMs;
}

export class Calls {
  private readonly entries = new Map<string, Entry>();
  /** One for all: it is set to the first deadline, and set again when that is over. */
  private timerAt = FOREVER;
  private cancelTimer = (): void => {};
  private onEmpty: (() => void) | undefined;

  /** `startTimer` is to bring {@link overdue} about after so many milliseconds, and returns what cancels it. */
  constructor(
    private readonly server: string,
    private readonly startTimer: (ms: number) => () => void,
    private readonly onOver: (id: string, how: CallEnd) => void = () => {},
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** Resolves once there is none. */
  whenEmpty(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onEmpty = resolve;
    });
  }

  /** True while the server has been sent one that it has not answered. */
  get anyRuns(): boolean {
    for (const { running } of this.entries.values()) if (running) return true;
    return false;
  }

  /** Takes a call in; it waits until {@link start}, and before that for {@link admit} unless it `enters` at once. An
   * error if it cannot be taken. */
  add<T>(id: string, work: Work<T>, enters = (): boolean => true): ServerOverloadedError | undefined {
    if (this.entries.size >= MAX_CALLS) {
      return new ServerOverloadedError(this.server, `${MAX_CALLS} calls are under way`);
    }
    if (this.entries.has(id)) return new ServerOverloadedError(this.server, `a call with the id "${id}" is under way`);
    const deadline = performance.now() + work.timeoutMs;
    this.entries.set(id, {
      work: work as Work<unknown>, // `from` only ever gets what `run` gave
      admitted: enters(),
      giveUp: new GiveUp(),
      deadline,
      running: false,
      movedAt: 0,
      extended: 0,
    });
    this.wakeAt(deadline);
    return undefined;
  }

  /** It has waited long enough behind others: now its own time begins. */
  admit(id: string): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    entry.admitted = true;
    entry.extended = 0;
    entry.deadline = performance.now() + entry.work.timeoutMs;
    this.wakeAt(entry.deadline);
  }

  isAdmitted(id: string): boolean {
    return this.entries.get(id)?.admitted === true;
  }

  start(id: string, connection: Connection): void {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.running || !entry.admitted) return;
    entry.running = true;
    const { work, giveUp } = entry;
    const { safeToRetry } = work;
    work.run(connection, { giveUp, timeoutMs: NO_TIMEOUT, safeToRetry }).then(
      (value) => this.forget(id, entry, "answered") && work.from.reply(value),
      (error: unknown) => this.forget(id, entry, "failed") && work.from.fail(error),
    );
  }

  startAll(connection: Connection): void {
    for (const id of this.entries.keys()) this.start(id, connection);
  }

  /** The calls whose time is over: each is to be given more of it, or to {@link expire}. */
  overdue(): string[] {
    this.timerAt = FOREVER;
    const now = performance.now() + EARLY;
    const over: string[] = [];
    let next = FOREVER;
    for (const [id, { deadline }] of this.entries) {
      if (deadline <= now) over.push(id);
      else if (deadline < next) next = deadline;
    }
    this.wakeAt(next);
    return over;
  }

  /** Its time is over. A call that waited is told why it had to; returns whether it was under way. */
  expire(id: string, whyItWaited: () => Error): boolean {
    const entry = this.entries.get(id);
    if (entry === undefined) return false;
    const { what, timeoutMs } = entry.work;
    this.end(id, entry, entry.running ? new CallTimeoutError(this.server, what, timeoutMs) : whyItWaited());
    return entry.running;
  }

  /** It shows progress: its time begins anew, within the most that it may have. */
  moved(id: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined) entry.movedAt = performance.now();
  }

  /** More time for one that showed progress since its time began. False if it did not. */
  goOn(id: string): boolean {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.movedAt === 0) return false;
    const left = Math.ceil(entry.movedAt + entry.work.timeoutMs - performance.now());
    return left > 0 && this.extend(id, left);
  }

  /** More time: somebody else is being waited for. False if it has had all it may have. */
  extend(id: string, ms: number): boolean {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.extended + ms > MAX_EXTENSION) return false;
    entry.extended += ms;
    entry.deadline = performance.now() + ms;
    this.wakeAt(entry.deadline);
    return true;
  }

  cancel(id: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined) this.end(id, entry, new CallCancelledError(this.server, entry.work.what));
  }

  /** Ends what waits; what is under way is left to its connection. */
  failWaiting(why: () => Error): void {
    for (const [id, entry] of this.entries) if (!entry.running) this.end(id, entry, why());
  }

  failAll(why: (work: Work<unknown>) => Error): void {
    for (const [id, entry] of this.entries) this.end(id, entry, why(entry.work));
  }

  private end(id: string, entry: Entry, error: Error): void {
    this.forget(id, entry, "given up");
    entry.work.from.fail(error);
    // Tells the server, too, if it has been sent.
    entry.giveUp.because(error);
  }

  private forget(id: string, entry: Entry, how: CallEnd): boolean {
    if (this.entries.get(id) !== entry) return false;
    this.entries.delete(id);
    this.onOver(id, how);
    if (this.entries.size === 0) this.onEmpty?.();
    return true;
  }

  private wakeAt(deadline: number): void {
    if (deadline >= this.timerAt) return;
    this.cancelTimer();
    this.timerAt = deadline;
    this.cancelTimer = this.startTimer(Math.max(0, Math.ceil(deadline - performance.now())));
  }
}
