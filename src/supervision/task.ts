// Task: one piece of work in a process of its own, whose value its owner waits for. The owner is who started it, and nobody
// else may wait. Plain code uses `Task` itself; a process binds it once: `private readonly tasks = Task.use(this)`.
// (elixir: Task)
import { type ChildOptions, child } from "./child.js";
import type { ChildSpec } from "./child-spec.js";
import { CallError } from "./messages.js";
import type { Process } from "./process.js";
import { currentRuntime, type Runtime } from "./runtime.js";
import { processKey, type Self, spawnBehaviour } from "./server.js";
import { TaskHandle, type TaskResult, type Task as TaskType } from "./task-handle.js";
import { type TaskFunction, TaskProcess, type TaskSelf, type TaskValue } from "./task-process.js";
import { type StreamOptions, TaskStream } from "./task-stream.js";

export { isTaskReply, type TaskReply, type TaskResult } from "./task-handle.js";
export type { TaskFunction, TaskSelf, TaskValue } from "./task-process.js";

export interface YieldManyOptions {
  /** Milliseconds until it answers with what there is. Default 5,000. */
  readonly timeout?: number;
  /** Answers as soon as so many have ended. */
  readonly limit?: number;
  /** What becomes of those that have not. Default `nothing`. */
  readonly onTimeout?: "nothing" | "ignore" | "kill_task";
}

export class Tasks {
  constructor(private readonly owner: Process | undefined) {}

  /** The same functions with a process as the owner of what they start. */
  use(self: Self): Tasks {
    return new Tasks(self[processKey]);
  }

  /** A child spec for a supervisor: work to be done once, `temporary` unless the options say otherwise. */
  child(run: TaskFunction<unknown>, options: ChildOptions<InstanceType<typeof TaskProcess>> = {}): ChildSpec {
    return child(TaskProcess, { run, owner: this.owner, linked: false, handle: undefined }, options);
  }

  /** Starts a task. It begins after the caller's turn. If the owner is a process the two are linked: a crash of one is the end
   * of the other, unless it traps exits. Throws a CallError if the owner has ended. */
  async<R>(run: TaskFunction<R>): Task<TaskValue<R>> {
    const handle = new TaskHandle<TaskValue<R>>(this.owner, runtimeOf(this.owner));
    launch(run, this.owner, handle);
    return handle;
  }

  /** Tasks for the items of a source, linked to the owner: see {@link StreamOptions}. A crash rejects plain code that
   * consumes, ends a process, and is an element of its own for one that traps exits. */
  asyncStream<I, R>(
    source: Iterable<I> | AsyncIterable<I>,
    run: (item: I, self: TaskSelf) => R,
    options: StreamOptions = {},
  ): TaskStream<I, TaskValue<R>> {
    const start = (item: I, owner: Process | undefined, handle: TaskHandle<TaskValue<R>>): void =>
      launch((self) => run(item, self), owner, handle);
    return new TaskStream(source, start, true, this.owner, options);
  }

  /** The task's value. Rejects with a {@link CallError} when the task ended without one, or after `timeout` milliseconds
   * (default 5,000); past that its value is not wanted any more, but the task runs on. */
  async await<T>(task: Task<T>, timeout = 5_000): Promise<T> {
    return this.own(task).await(timeout);
  }

  /** The values of all, in their order. Rejects as soon as one has ended without a value, or after `timeout` for all. */
  async awaitMany<const L extends readonly Task<unknown>[]>(
    tasks: L,
    timeout = 5_000,
  ): Promise<{ [K in keyof L]: L[K] extends Task<infer T> ? T : never }> {
    const own = tasks.map((task) => this.own(task));
    try {
      // Promise.all keeps order and length, which the type of a mapped array does not show.
      return (await Promise.all(own.map((task) => task.await(timeout)))) as never;
    } catch (thrown) {
      for (const task of own) task.detach();
      throw thrown;
    }
  }

  /** What became of the task, or undefined after `timeout` milliseconds (default 5,000): it runs on and may be asked again. */
  async yield<T>(task: Task<T>, timeout = 5_000): Promise<TaskResult<T> | undefined> {
    return this.own(task).yield(timeout);
  }

  /** What became of each task within the time, in their order. */
  async yieldMany<T>(
    tasks: readonly Task<T>[],
    { timeout = 5_000, limit = tasks.length, onTimeout = "nothing" }: YieldManyOptions = {},
  ): Promise<[Task<T>, TaskResult<T> | undefined][]> {
    const own = tasks.map((task) => this.own(task));
    await new Promise<void>((enough) => {
      const cancels: (() => void)[] = [];
      const finish = (): void => {
        for (const cancel of cancels) cancel();
        enough();
      };
      const look = (): void => {
        if (own.filter((task) => task.isDone).length >= Math.min(limit, own.length)) finish();
      };
      if (timeout !== Number.POSITIVE_INFINITY) cancels.push(runtimeOf(this.owner).clock.setTimer(timeout, finish));
      for (const task of own) cancels.push(task.watch(look));
      look();
    });
    return Promise.all(
      own.map(async (task): Promise<[Task<T>, TaskResult<T> | undefined]> => {
        const result = task.take();
        if (result !== undefined || onTimeout === "nothing") return [task, result];
        return [task, onTimeout === "ignore" ? task.ignore() : await task.shutdown("brutal_kill")];
      }),
    );
  }

  /** Unlinks and ends the task, and waits until it is gone: after `how` milliseconds (default 5,000) it is killed. Answers its
   * value if there is one already, undefined if it ended as asked, else the reason it ended with. */
  async shutdown<T>(
    task: Task<T>,
    how: number | "infinity" | "brutal_kill" = 5_000,
  ): Promise<TaskResult<T> | undefined> {
    return this.own(task).shutdown(how);
  }

  /** Lets the task run on alone: unlinked, its value not wanted. Answers what has become of it already. */
  ignore<T>(task: Task<T>): TaskResult<T> | undefined {
    return this.own(task).ignore();
  }

  private own<T>(task: Task<T>): TaskHandle<T> {
    if (!(task instanceof TaskHandle)) throw new TypeError("expected a task made by this copy of the framework");
    if (task.owner === this.owner) return task;
    const [owner, caller] = [task.owner, this.owner].map((process) => process?.title ?? "plain code");
    throw new TypeError(`${task.title} belongs to ${owner}; ${caller} cannot wait for it`);
  }
}

/** A task as its owner holds it. */
export type Task<T> = TaskType<T>;

/** For plain code; in a process `Task.use(this)`. */
export const Task: Tasks = new Tasks(undefined);

function runtimeOf(owner: Process | undefined): Runtime {
  return (owner?.runtime as Runtime | undefined) ?? currentRuntime(); // every process is spawned by a Runtime
}

function launch<T>(run: TaskFunction<unknown>, owner: Process | undefined, handle: TaskHandle<T>): void {
  if (owner?.alive === false) throw new CallError("fenced", `${owner.title} has ended; it starts no task`, "killed");
  const options = { name: undefined, parent: owner, slot: undefined };
  void spawnBehaviour(runtimeOf(owner), TaskProcess, { run, owner, linked: false, handle }, options);
}
