// Many tasks over a source of items, as a source of results: so many at a time, nothing before it is asked for, nothing left
// behind when the consumer stops early. (elixir: Task.async_stream)

import { traps } from "./behaviour.js";
import type { ExitReason } from "./exit-reason.js";
import { CallError, INFO } from "./messages.js";
import { platform } from "./platform.js";
import { type Process, TrappedExit } from "./process.js";
import { resolveRef } from "./ref.js";
import { currentRuntime, type Runtime } from "./runtime.js";
import { processKey, type Self } from "./server.js";
import { TaskHandle, type TaskResult } from "./task-handle.js";

export interface StreamOptions {
  /** Most tasks at a time. Default: the number of processors where the platform tells it, else 4. */
  readonly maxConcurrency?: number;
  /** Results in the order of the items (default), or as they come. */
  readonly ordered?: boolean;
  /** Milliseconds for each task, or Infinity. Default 5,000. */
  readonly timeout?: number;
  /** A task past its time: `exit` (default) rejects the consumer and ends all tasks, `kill_task` ends that one, whose result
   * is `{ exit: "timeout" }`. */
  readonly onTimeout?: "exit" | "kill_task";
  /** Puts the item beside the reason of a task that gave no value. Default false. */
  readonly zipInputOnExit?: boolean;
}

export type StreamResult<I, T> = { readonly ok: T } | { readonly exit: ExitReason; readonly input?: I };

/** Starts the task of one item; rejects if it cannot be started. */
export type Launch<I, T> = (item: I, owner: Process | undefined, handle: TaskHandle<T>) => Promise<void> | void;

interface InFlight<I, T> {
  readonly item: I;
  readonly handle: TaskHandle<T>;
  result: TaskResult<T> | undefined;
}

/** Each iteration runs the tasks anew, for the process the stream is bound to. */
export class TaskStream<I, T> implements AsyncIterable<StreamResult<I, T>> {
  constructor(
    private readonly source: Iterable<I> | AsyncIterable<I>,
    private readonly launch: Launch<I, T>,
    /** Whether the consumer shares the fate of the tasks. */
    private readonly linked: boolean,
    private readonly owner: Process | undefined,
    private readonly options: StreamOptions,
  ) {
    const { maxConcurrency = 1, timeout = 0, onTimeout = "exit" } = options;
    if (!(Number.isInteger(maxConcurrency) && maxConcurrency > 0)) {
      throw new RangeError(`maxConcurrency is a whole number above 0, not ${maxConcurrency}`);
    }
    if (!(timeout >= 0)) throw new RangeError(`timeout is a number of milliseconds or Infinity, not ${timeout}`);
    if (!["exit", "kill_task"].includes(onTimeout)) {
      throw new TypeError(`onTimeout is "exit" or "kill_task", not ${String(onTimeout)}`);
    }
  }

  /** The same stream for the process that consumes it, where that is not the one that made it. */
  use(self: Self): AsyncIterable<StreamResult<I, T>> {
    return new TaskStream(this.source, this.launch, this.linked, self[processKey], this.options);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamResult<I, T>, void, undefined> {
    const { owner } = this;
    const { maxConcurrency = platform.navigator?.hardwareConcurrency ?? 4, ordered = true } = this.options;
    const runtime = (owner?.runtime as Runtime | undefined) ?? currentRuntime(); // every process is spawned by a Runtime
    const iterator = iteratorOf(this.source);
    /** Not yet delivered, in the order of delivery: all that have begun, or, unordered, those that have ended. */
    const queue: InFlight<I, T>[] = [];
    const running = new Map<InFlight<I, T>, Promise<void>>();
    let pulling = false;
    let exhausted = false;
    let halted = false;
    let failed: { error: unknown } | undefined;
    let wake = (): void => {};
    const fail = (error: unknown): void => {
      failed ??= { error };
      wake();
    };
    const killAll = (): void => {
      for (const { handle } of running.keys()) handle.kill();
      wake();
    };
    const begin = (item: I): void => {
      const slot = { item, handle: new TaskHandle<T>(owner, runtime), result: undefined };
      if (ordered) queue.push(slot);
      const done = this.run(slot, runtime, fail)
        .catch(fail)
        .then(() => {
          running.delete(slot);
          if (!ordered) queue.push(slot);
          wake();
        });
      running.set(slot, done);
    };
    const pull = async (): Promise<void> => {
      pulling = true;
      try {
        const next = await iterator.next();
        if (next.done) exhausted = true;
        else if (!halted) begin(next.value);
      } catch (thrown) {
        exhausted = true;
        fail(thrown);
      }
      pulling = false;
      wake();
    };
    const forget = owner?.addCleanup(killAll);
    try {
      for (;;) {
        if (owner?.alive === false) throw new CallError("fenced", `${owner.title} has ended`, "killed");
        if (!exhausted && !pulling && running.size < maxConcurrency) void pull();
        if (failed !== undefined) throw failed.error;
        const [next] = queue;
        if (next?.result !== undefined) {
          queue.shift();
          yield this.shown(next.item, next.result);
        } else if (exhausted && running.size === 0 && queue.length === 0) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      halted = true;
      forget?.();
      killAll();
      await Promise.all(running.values());
      // A source that is still being asked may never answer; it is told to end, not waited for.
      const closed = Promise.resolve(exhausted ? undefined : iterator.return?.());
      if (pulling) closed.catch(() => {});
      else await closed;
    }
  }

  private async run(slot: InFlight<I, T>, runtime: Runtime, fail: (error: unknown) => void): Promise<void> {
    const { owner } = this;
    const { handle } = slot;
    const { timeout = 5_000, onTimeout = "exit" } = this.options;
    const over = handle.over();
    await this.launch(slot.item, owner, handle);
    let late = false;
    const expire = (): void => {
      late = true;
      if (onTimeout === "kill_task") handle.kill();
      else fail(new CallError("timeout", `${handle.title} was not done in ${timeout} ms`, "timeout"));
    };
    const cancel = timeout === Number.POSITIVE_INFINITY ? () => {} : runtime.clock.setTimer(timeout, expire);
    const result = await over;
    cancel();
    const process = resolveRef(handle.pid);
    // What a trapping consumer got over the link is an element of the stream instead.
    owner?.withdraw(
      (queued) => queued.kind === INFO && queued.message instanceof TrappedExit && queued.message.sender === process,
    );
    if ("exit" in result && !late && this.isFatal(result.exit)) fail(CallError.exited(handle.title, result.exit));
    slot.result = "exit" in result && late ? { exit: "timeout" } : result;
  }

  /** Whether the consumer falls with a task that ended so. */
  private isFatal(reason: ExitReason): boolean {
    return this.linked && reason !== "normal" && this.owner?.behaviour?.[traps] !== true;
  }

  private shown(input: I, result: TaskResult<T>): StreamResult<I, T> {
    return "exit" in result && this.options.zipInputOnExit ? { ...result, input } : result;
  }
}

function iteratorOf<I>(source: Iterable<I> | AsyncIterable<I>): Iterator<I> | AsyncIterator<I> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}
