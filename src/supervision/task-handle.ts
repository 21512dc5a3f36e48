// What the owner of a task holds: the reply once there is one, or why there will be none. An owner that is a process is told
// in its mailbox as in OTP (a TaskReply, then DOWN) unless it waits at that moment; a wait takes back what is queued already.
import type { ExitReason } from "./exit-reason.js";
import { CallError, Info } from "./messages.js";
import type { Process } from "./process.js";
import { type Pid, pidOf } from "./ref.js";
import type { Runtime } from "./runtime.js";
import { DownMessage } from "./server.js";

/** What became of a task: its value, or the reason it ended with instead. */
export type TaskResult<T> = { readonly ok: T } | { readonly exit: ExitReason };

declare const taskValue: unique symbol;

/** A task as its owner holds it. */
export interface Task<T> {
  /** The `id` of this task's DOWN message. */
  readonly id: number;
  readonly pid: Pid;
  /** In the type alone: what the task's value is. */
  readonly [taskValue]?: T;
}

/** A task's value, for an owner that did not wait for it; arrives in `handleInfo`. */
export class TaskReply {
  readonly type = "reply";
  constructor(
    readonly task: Task<unknown>,
    readonly value: unknown,
  ) {}
}

export function isTaskReply(message: unknown): message is TaskReply {
  return message instanceof TaskReply;
}

export class TaskHandle<T> implements Task<T> {
  declare readonly [taskValue]?: T;
  readonly id: number;
  private process: Process | undefined;
  private result: TaskResult<T> | undefined;
  private gone = false;
  private doomed = false;
  /** False once the owner wants to hear nothing more. */
  private followed = true;
  private readonly queued = new Set<Info>();
  private readonly watchers = new Set<() => void>();

  constructor(
    /** The process that may wait for it; undefined for plain code. */
    readonly owner: Process | undefined,
    private readonly runtime: Runtime,
  ) {
    this.id = runtime.nextNumber();
  }

  /** The task's process. */
  get pid(): Pid {
    if (this.process === undefined) throw new TypeError("a task is handed out once it runs"); // unreachable: see begun
    return pidOf(this.process);
  }

  get title(): string {
    return this.process?.title ?? "a task";
  }

  // --- what the task's process tells -----------------------------------------------------------------------------------

  begun(process: Process): void {
    this.process = process;
    const notify = (_: Process | undefined, reason: ExitReason): void => this.ended(reason);
    process.addMonitor({ id: this.id, watcher: undefined, name: undefined, notify });
    if (this.doomed) this.kill();
  }

  replied(value: T): void {
    if (!this.followed) return;
    this.result = { ok: value };
    this.tell(new TaskReply(this, value));
  }

  private ended(reason: ExitReason): void {
    this.gone = true;
    if (this.followed) this.result ??= { exit: reason };
    this.tell(new DownMessage(this.id, this.pid, undefined, reason));
  }

  private tell(message: TaskReply | DownMessage): void {
    if (this.watchers.size === 0 && this.followed && this.owner !== undefined) {
      const info = new Info(message);
      this.queued.add(info);
      this.owner.push(info);
    }
    for (const look of [...this.watchers]) look();
  }

  // --- what the owner asks -----------------------------------------------------------------------------------------------

  async await(timeout: number): Promise<T> {
    const result = await this.yield(timeout);
    if (result === undefined) {
      this.detach();
      throw new CallError("timeout", `${this.title} was not done in ${timeout} ms`, "timeout");
    }
    if ("ok" in result) return result.ok;
    throw CallError.exited(this.title, result.exit);
  }

  async yield(timeout: number): Promise<TaskResult<T> | undefined> {
    await this.until(() => this.isDone || !this.followed, timeout);
    return this.take();
  }

  get isDone(): boolean {
    return this.result !== undefined;
  }

  /** What has become of it, if anything has; then the owner hears nothing more of it. */
  take(): TaskResult<T> | undefined {
    if (this.isDone) this.detach();
    return this.result;
  }

  async shutdown(how: number | "infinity" | "brutal_kill"): Promise<TaskResult<T> | undefined> {
    if (how === "brutal_kill") this.kill();
    else {
      this.unlink();
      this.process?.exitSignal(this.owner, "shutdown", false);
      const inTime = await this.until(() => this.gone, how === "infinity" ? Number.POSITIVE_INFINITY : how);
      if (!inTime) this.kill();
    }
    await this.until(() => this.gone, Number.POSITIVE_INFINITY);
    this.detach();
    const asAsked = how === "brutal_kill" ? "killed" : "shutdown";
    return this.result !== undefined && "exit" in this.result && this.result.exit === asAsked ? undefined : this.result;
  }

  ignore(): TaskResult<T> | undefined {
    this.unlink();
    this.detach();
    return this.result;
  }

  /** Resolves once the task's process is gone. Asked before the start, it keeps every message from the owner. */
  async over(): Promise<TaskResult<T>> {
    await this.until(() => this.gone, Number.POSITIVE_INFINITY);
    return this.result ?? { exit: "killed" };
  }

  /** Kills the task, at its start if it has not begun. */
  kill(): void {
    this.doomed = true;
    this.unlink();
    this.process?.exitSignal(this.owner, "kill", false);
  }

  private unlink(): void {
    if (this.owner !== undefined) this.process?.unlink(this.owner);
  }

  /** Ends what the owner hears of it. */
  detach(): void {
    this.followed = false;
    for (const info of this.queued) this.owner?.withdraw((message) => message === info);
    this.queued.clear();
    for (const look of [...this.watchers]) look();
  }

  /** Calls `look` whenever something has become of it; meanwhile the owner gets no messages. Returns what ends that. */
  watch(look: () => void): () => void {
    this.watchers.add(look);
    return () => void this.watchers.delete(look);
  }

  /** Resolves true as soon as `test` holds, false after `ms`. */
  private until(test: () => boolean, ms: number): Promise<boolean> {
    if (test()) return Promise.resolve(true);
    return new Promise((settle) => {
      const finish = (inTime: boolean): void => {
        cancel();
        forget();
        settle(inTime);
      };
      const look = (): void => {
        if (test()) finish(true);
      };
      const cancel = ms === Number.POSITIVE_INFINITY ? () => {} : this.runtime.clock.setTimer(ms, () => finish(false));
      const forget = this.watch(look);
    });
  }
}
