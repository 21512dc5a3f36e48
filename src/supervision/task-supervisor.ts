// TaskSupervisor: a dynamic supervisor for tasks. A task started under it is seen in the tree and ends with it; its owner is
// who asked: plain code, or the process the supervisor's ref is bound to (`this.use(tasks)`). (elixir: Task.Supervisor)
import { child } from "./child.js";
import type { Restart, Shutdown } from "./child-spec.js";
import { DynamicSupervisor, type DynamicSupervisorOptions } from "./dynamic-supervisor.js";
import { BanyanError } from "./errors.js";
import type { Process } from "./process.js";
import { boundTo, callerOf, type Named, type Pid, type Ref } from "./ref.js";
import type { Result } from "./result.js";
import { currentRuntime, type Runtime } from "./runtime.js";
import { startServer } from "./server.js";
import type { Task } from "./task.js";
import { TaskHandle } from "./task-handle.js";
import { type TaskArg, type TaskFunction, TaskProcess, type TaskSelf, type TaskValue } from "./task-process.js";
import { type StreamOptions, TaskStream } from "./task-stream.js";

export interface TaskOptions {
  /** How long the task may take to end when its supervisor stops. Default 5,000 ms. */
  readonly shutdown?: Shutdown;
}

export class TaskSupervisor extends DynamicSupervisor {
  /** Starts a task supervisor outside any tree. Rejects with a {@link StartError}. */
  static override start({
    name,
    ...options
  }: DynamicSupervisorOptions & { readonly name?: Named<TaskSupervisor> } = {}): Promise<Pid<TaskSupervisor>> {
    return startServer(TaskSupervisor, options, name === undefined ? {} : { name });
  }

  /** Starts a task for the caller to wait for, linked to it as well as to the supervisor. Rejects with a {@link BanyanError}
   * (`max_children`, …) if it cannot be started. */
  static async<R>(
    supervisor: Ref<TaskSupervisor>,
    run: TaskFunction<R>,
    options: TaskOptions = {},
  ): Promise<Task<TaskValue<R>>> {
    return startTask(supervisor, run, true, options);
  }

  /** The same without the link: a crash of the task is a DOWN message, and what `await` rejects with. */
  static asyncNoLink<R>(
    supervisor: Ref<TaskSupervisor>,
    run: TaskFunction<R>,
    options: TaskOptions = {},
  ): Promise<Task<TaskValue<R>>> {
    return startTask(supervisor, run, false, options);
  }

  /** Starts a task whose value nobody wants. Default `restart: "temporary"`. */
  static startChild(
    supervisor: Ref<TaskSupervisor>,
    run: TaskFunction<unknown>,
    options: TaskOptions & { readonly restart?: Restart } = {},
  ): Promise<Result<Pid | undefined>> {
    return startUnder(supervisor, { run, owner: callerOf(supervisor), linked: false, handle: undefined }, options);
  }

  /** Tasks for the items of a source, linked to the consumer: its crash is theirs and theirs is its. */
  static asyncStream<I, R>(
    supervisor: Ref<TaskSupervisor>,
    source: Iterable<I> | AsyncIterable<I>,
    run: (item: I, self: TaskSelf) => R,
    options: StreamOptions & TaskOptions = {},
  ): TaskStream<I, TaskValue<R>> {
    return stream(supervisor, source, run, true, options);
  }

  /** The same without links: a crash is an element `{ exit: reason }`. */
  static asyncStreamNoLink<I, R>(
    supervisor: Ref<TaskSupervisor>,
    source: Iterable<I> | AsyncIterable<I>,
    run: (item: I, self: TaskSelf) => R,
    options: StreamOptions & TaskOptions = {},
  ): TaskStream<I, TaskValue<R>> {
    return stream(supervisor, source, run, false, options);
  }
}

async function startTask<R>(
  supervisor: Ref<TaskSupervisor>,
  run: TaskFunction<R>,
  linked: boolean,
  options: TaskOptions,
): Promise<Task<TaskValue<R>>> {
  const owner = callerOf(supervisor);
  const runtime = (owner?.runtime as Runtime | undefined) ?? currentRuntime(); // every process is spawned by a Runtime
  const handle = new TaskHandle<TaskValue<R>>(owner, runtime);
  await begin(supervisor, { run, owner, linked, handle }, options);
  return handle;
}

function stream<I, R>(
  supervisor: Ref<TaskSupervisor>,
  source: Iterable<I> | AsyncIterable<I>,
  run: (item: I, self: TaskSelf) => R,
  linked: boolean,
  options: StreamOptions & TaskOptions,
): TaskStream<I, TaskValue<R>> {
  const launch = (item: I, owner: Process | undefined, handle: TaskHandle<TaskValue<R>>): Promise<void> =>
    begin(
      owner === undefined ? supervisor : boundTo(supervisor, owner),
      { run: (self) => run(item, self), owner, linked, handle },
      options,
    );
  return new TaskStream(source, launch, linked, callerOf(supervisor), options);
}

async function begin(supervisor: Ref<TaskSupervisor>, arg: TaskArg, options: TaskOptions): Promise<void> {
  const started = await startUnder(supervisor, arg, options);
  if (!("error" in started)) return;
  throw new BanyanError(started.error, `the task was not started: ${started.error}`, { cause: started.detail });
}

function startUnder(
  supervisor: Ref<TaskSupervisor>,
  arg: TaskArg,
  { shutdown, restart }: TaskOptions & { readonly restart?: Restart },
): Promise<Result<Pid | undefined>> {
  const given = { ...(shutdown === undefined ? {} : { shutdown }), ...(restart === undefined ? {} : { restart }) };
  return supervisor.with({ timeout: Number.POSITIVE_INFINITY }).call.startChild(child(TaskProcess, arg, given));
}
