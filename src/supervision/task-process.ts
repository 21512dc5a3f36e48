// The process that runs a task's function: once, in a turn of its own; then it ends with `normal`. (elixir: Task.Supervised)

import type { ChildSpec } from "./child-spec.js";
import { Info } from "./messages.js";
import { Stop, type Stop as StopOutcome, stop } from "./outcomes.js";
import type { AbortSignal } from "./platform.js";
import { isThenable, type Process } from "./process.js";
import { type Pid, pidOf, type Ref } from "./ref.js";
import { processKey, type Self, Server } from "./server.js";
import type { TaskHandle } from "./task-handle.js";

/** What a task's function gets: the process it runs in. */
export interface TaskSelf extends Self {
  /** Fires when the task is to end. Hand it to every effect outside the framework. */
  readonly signal: AbortSignal;
  /** Who asked for this task, and who asked for that, the nearest first. Plain code is nobody. (elixir: `$callers`) */
  readonly callers: readonly Pid[];
  /** The processes above it, the nearest first. (otp: `$ancestors`) */
  readonly ancestors: readonly Pid[];
  /** When on, the task goes on after a `shutdown` until it is done or killed. Off by default. */
  trapExit: boolean;
  /** The same address with this task as its caller. */
  use<T>(ref: Ref<T>): Ref<T>;
}

/** A task's work. What it returns is the reply; `stop(reason)` ends the task without one; a throw is its crash. */
export type TaskFunction<R> = (self: TaskSelf) => R;

/** What the owner of such a task gets. */
export type TaskValue<R> = Exclude<Awaited<R>, StopOutcome>;

export interface TaskArg {
  readonly run: TaskFunction<unknown>;
  /** Who asked for it. */
  readonly owner: Process | undefined;
  /** Whether the owner shares its fate. */
  readonly linked: boolean;
  /** Where the reply goes. */
  readonly handle: TaskHandle<unknown> | undefined;
}

const begin = Symbol("begin");

class Task extends Server<TaskArg, undefined> implements TaskSelf {
  static override readonly childSpec: Partial<ChildSpec> = { restart: "temporary" };

  override trapExit = false;
  callers: readonly Pid[] = [];
  private arg!: TaskArg; // set by init

  override get signal(): AbortSignal {
    return super.signal;
  }

  override use<T>(ref: Ref<T>): Ref<T> {
    return super.use(ref);
  }

  get ancestors(): Pid[] {
    const above: Pid[] = [];
    for (let process = this[processKey].parent; process !== undefined; process = process.parent) {
      above.push(pidOf(process));
    }
    return above;
  }

  protected override init(arg: TaskArg): Stop | undefined {
    const self = this[processKey];
    const { owner, linked, handle } = arg;
    if (linked && owner?.exitReason !== undefined) return stop({ shutdown: owner.exitReason });
    this.arg = arg;
    if (owner !== undefined) {
      this.callers = [pidOf(owner), ...(owner.behaviour instanceof Task ? owner.behaviour.callers : [])];
      if (linked) self.link(owner);
    }
    handle?.begun(self);
    self.push(new Info(begin));
    return undefined;
  }

  protected override handleInfo(message: unknown): unknown {
    if (message !== begin) return undefined;
    const value = this.arg.run(this);
    return isThenable(value) ? value.then((later) => this.done(later)) : this.done(value);
  }

  private done(value: unknown): Stop {
    if (value instanceof Stop) return value;
    if (this[processKey].alive) this.arg.handle?.replied(value);
    return stop("normal");
  }
}

export { Task as TaskProcess };
