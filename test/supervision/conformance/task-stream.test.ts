// Streams of tasks (elixir: Task.async_stream; task/supervisor_test.exs, task_test.exs).
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import {
  countChildren,
  currentRuntime,
  exit,
  GenServer,
  isDown,
  isExit,
  isTaskReply,
  type Pid,
  type Ref,
  type Report,
  resume,
  type StreamResult,
  stop,
  stopProcess,
  suspend,
  Task,
  type TaskStream,
  TaskSupervisor,
} from "../../../src/supervision/index.js";

/** A consumer of streams: runs what it is given as a process of its own. */
class Consumer extends GenServer<{ supervisor: Ref<TaskSupervisor>; traps: boolean }, { heard: unknown[] }> {
  private supervisor!: Ref<TaskSupervisor>; // set by init
  protected override init({ supervisor, traps }: { supervisor: Ref<TaskSupervisor>; traps: boolean }) {
    this.supervisor = this.use(supervisor);
    this.trapExit = traps;
    this.state = { heard: [] };
  }
  protected override handleInfo(message: unknown) {
    if (isTaskReply(message) || isDown(message) || isExit(message)) this.state.heard.push(message);
  }
  collect(make: (supervisor: Ref<TaskSupervisor>) => AsyncIterable<unknown>) {
    return collect(make(this.supervisor));
  }
  async take(count: number, make: (supervisor: Ref<TaskSupervisor>) => AsyncIterable<unknown>) {
    const taken: unknown[] = [];
    for await (const element of make(this.supervisor)) if (taken.push(element) === count) break;
    return taken;
  }
  collectAs(built: Pick<TaskStream<unknown, unknown>, "use">) {
    return collect(built.use(this));
  }
  heard() {
    return this.state.heard;
  }
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const elements: T[] = [];
  for await (const element of stream) elements.push(element);
  return elements;
}

const forever = (): Promise<never> => new Promise(() => {});
const NUMBERS = [1, 2, 3, 4];

/** Work that ends in the reverse of the order it began in: each piece waits until all have begun and the one after it is done. */
function slowestFirst(count: number): (n: number) => Promise<number> {
  const open: (() => void)[] = [];
  const done = Array.from({ length: count + 1 }, (_, i) => new Promise<void>((resolve) => (open[i] = resolve)));
  open[count]?.();
  return async (n) => {
    await done[n];
    open[n - 1]?.();
    return n;
  };
}

let supervisor: Pid<TaskSupervisor>;

beforeEach(async () => {
  supervisor = await TaskSupervisor.start();
});

afterEach(async () => {
  expect(await countChildren(supervisor)).toMatchObject({ active: 0 });
  await stopProcess(supervisor, "shutdown");
});

describe("task streams", () => {
  it("A164 asyncStream: results in the order of the items, also when the first is the slowest", async () => {
    const stream = TaskSupervisor.asyncStream(supervisor, NUMBERS, slowestFirst(4), { maxConcurrency: 4 });
    expectTypeOf(stream).toExtend<AsyncIterable<StreamResult<number, number>>>();
    expect(await collect(stream)).toEqual(NUMBERS.map((ok) => ({ ok })));
  });

  it("A165 ordered: false gives results as they come, and in order with a concurrency of 1", async () => {
    const as = (maxConcurrency: number, run: (n: number) => unknown) =>
      collect(Task.asyncStream(NUMBERS, run, { ordered: false, maxConcurrency }));
    expect(await as(4, slowestFirst(4))).toEqual([4, 3, 2, 1].map((ok) => ({ ok })));
    expect(await as(1, (n) => n)).toEqual(NUMBERS.map((ok) => ({ ok })));
  });

  it("A166 a consumer that traps exits gets each exit as an element, and nothing in its mailbox", async () => {
    const consumer = await Consumer.start({ supervisor, traps: true });
    const elements = await consumer.call.collect((supervisor) =>
      TaskSupervisor.asyncStream(supervisor, NUMBERS, (n) => stop({ error: n }), { maxConcurrency: 4 }),
    );
    expect(elements).toEqual(NUMBERS.map((n) => ({ exit: { error: n } })));
    expect(await consumer.call.heard()).toEqual([]);
  });

  it("A166 a consumer that does not trap falls with the first crash, and its tasks with it", async () => {
    const consumer = await Consumer.start({ supervisor, traps: false });
    const call = consumer.call.collect((supervisor) =>
      TaskSupervisor.asyncStream(supervisor, NUMBERS, (n) => (n === 3 ? stop({ error: "boom" }) : forever()), {
        maxConcurrency: 4,
      }),
    );
    await expect(call).rejects.toMatchObject({ code: "exited" });
    expect(await consumer.down).toMatchObject({ error: expect.anything() });
    await expect(collect(Task.asyncStream([1], () => stop({ error: "boom" })))).rejects.toMatchObject({
      reason: { error: "boom" },
    });
  });

  it("A167 asyncStreamNoLink: exits are elements, and a consumer that does not trap lives", async () => {
    const consumer = await Consumer.start({ supervisor, traps: false });
    const elements = await consumer.call.collect((supervisor) =>
      TaskSupervisor.asyncStreamNoLink(supervisor, NUMBERS, (n) => stop({ error: n }), { maxConcurrency: 4 }),
    );
    expect(elements).toEqual(NUMBERS.map((n) => ({ exit: { error: n } })));
    expect(await consumer.call.heard()).toEqual([]);
  });

  it("asyncStreamNoLink: the death of the consumer is the end of its tasks", async () => {
    const consumer = await Consumer.start({ supervisor, traps: false });
    const began = new Promise<void>((resolve) => {
      const call = consumer.call.collect((supervisor) =>
        TaskSupervisor.asyncStreamNoLink(supervisor, [1], () => {
          resolve();
          return forever();
        }),
      );
      call.catch(() => {});
    });
    await began;
    exit(consumer, "kill");
    await consumer.down;
    await expect.poll(() => countChildren(supervisor)).toMatchObject({ active: 0 });
    await expect.poll(() => consumer.inspect().zombies).toBe(0);
  });

  it("A168 a stream that meets maxChildren rejects, and leaves no tasks, links or messages", async () => {
    const small = await TaskSupervisor.start({ maxChildren: 1 });
    const consumer = await Consumer.start({ supervisor: small, traps: true });
    const refused = await consumer.call
      .collect((supervisor) => TaskSupervisor.asyncStream(supervisor, NUMBERS, forever, { maxConcurrency: 2 }))
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ cause: { code: "max_children" } });
    expect(await countChildren(small)).toMatchObject({ active: 0 });
    const other = await Consumer.start({ supervisor: small, traps: true });
    const caught = await other.call.collect(async function* (supervisor) {
      try {
        yield* TaskSupervisor.asyncStream(supervisor, NUMBERS, forever, { maxConcurrency: 2 });
      } catch (error) {
        yield error;
      }
    });
    expect(caught).toMatchObject([{ code: "max_children" }]);
    expect(await other.call.heard()).toEqual([]);
  });

  it("A169 a stream made here and consumed by another process is owned by that one", async () => {
    const consumer = await Consumer.start({ supervisor, traps: false });
    const built = TaskSupervisor.asyncStream(supervisor, NUMBERS, (n, { callers }) => [n, callers]);
    expect(await consumer.call.collectAs(built)).toEqual(NUMBERS.map((n) => ({ ok: [n, [consumer]] })));
  });

  it("A170 onTimeout: kill_task ends the late one alone; with zipInputOnExit its item is told", async () => {
    const run = (n: number) => (n === 100 ? forever() : n);
    const stream = TaskSupervisor.asyncStream(supervisor, [1, 100, 2], run, {
      maxConcurrency: 4,
      timeout: 20,
      onTimeout: "kill_task",
      zipInputOnExit: true,
    });
    expect(await collect(stream)).toEqual([{ ok: 1 }, { exit: "timeout", input: 100 }, { ok: 2 }]);
  });

  it("onTimeout: exit rejects the consumer and ends what is in flight", async () => {
    const stream = TaskSupervisor.asyncStreamNoLink(supervisor, NUMBERS, forever, { maxConcurrency: 2, timeout: 5 });
    await expect(collect(stream)).rejects.toMatchObject({ code: "timeout" });
    expect(await countChildren(supervisor)).toMatchObject({ active: 0 });
  });

  it("A171 a consumer that stops early has got as many elements as it took", async () => {
    const consumer = await Consumer.start({ supervisor, traps: true });
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const taken = await consumer.call.take(4, (supervisor) =>
      TaskSupervisor.asyncStream(supervisor, items, (n) => stop({ error: n }), {
        maxConcurrency: 4,
        zipInputOnExit: true,
      }),
    );
    expect(taken).toEqual(NUMBERS.map((n) => ({ exit: { error: n }, input: n })));
    expect(await consumer.call.heard()).toEqual([]);
  });

  it("asks for no more items than run at a time, none before it is consumed, and ends what runs when halted", async () => {
    let asked = 0;
    function* endless() {
      for (;;) yield ++asked;
    }
    const stream = TaskSupervisor.asyncStream(supervisor, endless(), (n) => (n === 1 ? n : forever()), {
      maxConcurrency: 3,
    });
    expect(asked).toBe(0);
    for await (const first of stream) {
      expect(first).toEqual({ ok: 1 });
      expect(asked).toBeLessThanOrEqual(4);
      expect((await countChildren(supervisor)).active).toBeLessThanOrEqual(3);
      break;
    }
    expect(await countChildren(supervisor)).toMatchObject({ active: 0 });
  });

  it("runs as many tasks at a time as it may, and no more", async () => {
    for (const ordered of [true, false]) {
      let [running, peak] = [0, 0];
      const work = async () => {
        peak = Math.max(peak, ++running);
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        running--;
      };
      const items = Array.from({ length: 10 }, (_, i) => i);
      expect(await collect(Task.asyncStream(items, work, { maxConcurrency: 3, ordered }))).toHaveLength(10);
      expect(peak).toBe(3);
    }
  });

  it("a task that is still being started when the consumer dies never runs", async () => {
    const reasons: unknown[] = [];
    const { reports } = currentRuntime();
    const note = ({ context, reason }: Report): void => void reasons.push([context, reason]);
    reports.on("supervisor", note);
    for (const make of [TaskSupervisor.asyncStream, TaskSupervisor.asyncStreamNoLink]) {
      const consumer = await Consumer.start({ supervisor, traps: false });
      let ran = false;
      const work = () => {
        ran = true;
      };
      await suspend(supervisor);
      const call = consumer.call.collect((supervisor) => make(supervisor, [1], work)).catch(() => {});
      await expect.poll(() => supervisor.inspect().mailbox).toBe(1);
      exit(consumer, "kill");
      await call;
      await resume(supervisor);
      await expect.poll(() => consumer.inspect().zombies).toBe(0);
      expect(await countChildren(supervisor)).toMatchObject({ active: 0 });
      expect(ran).toBe(false);
    }
    reports.off("supervisor", note);
    expect(reasons).toEqual([
      ["start_error", { shutdown: "killed" }],
      ["child_terminated", "killed"],
    ]);
  });

  it("does not wait for a source that never answers when the consumer stops", async () => {
    async function* stalls() {
      yield 1;
      await forever();
    }
    for await (const element of Task.asyncStream(stalls(), (n) => n, { maxConcurrency: 2 })) {
      expect(element).toEqual({ ok: 1 });
      break;
    }
  });

  it("A172 ends what is around it and below it: both clean-ups have run after completion, and after a halt", async () => {
    for (const halt of [false, true]) {
      const cleaned: string[] = [];
      async function* inner() {
        try {
          yield* NUMBERS;
        } finally {
          cleaned.push("inner");
        }
      }
      async function* outer() {
        try {
          yield* Task.asyncStream(inner(), (n) => n, { maxConcurrency: 1 });
        } finally {
          cleaned.push("outer");
        }
      }
      for await (const _ of outer()) if (halt) break;
      expect(cleaned).toEqual(["inner", "outer"]);
    }
  });

  it("A173 a source that halts by itself, joined with a list: each element once, in order", async () => {
    function* take(count: number, items: Iterable<number>) {
      let left = count;
      for (const item of items) {
        if (left-- === 0) return;
        yield item;
      }
    }
    function* joined() {
      yield* take(1, NUMBERS);
      yield* [5, 6];
    }
    expect(await collect(Task.asyncStream(joined(), (n) => n))).toEqual([1, 5, 6].map((ok) => ({ ok })));
  });

  it("checks its options where it is made, and tells an error of the source", async () => {
    expect(() => Task.asyncStream([], () => 1, { maxConcurrency: 0 })).toThrow(RangeError);
    expect(() => Task.asyncStream([], () => 1, { timeout: -1 })).toThrow(RangeError);
    expect(() => Task.asyncStream([], () => 1, { onTimeout: "ignore" as never })).toThrow(TypeError);
    function* broken() {
      yield 1;
      throw new Error("no more");
    }
    await expect(collect(Task.asyncStream(broken(), forever))).rejects.toThrow("no more");
  });
});
