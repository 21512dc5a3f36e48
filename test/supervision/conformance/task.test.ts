// Elixir's Task and Task.Supervisor (elixir: task_test.exs, task/supervisor_test.exs).
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import {
  Application,
  type Clock,
  child,
  countChildren,
  enterRuntime,
  exit,
  GenServer,
  getState,
  isDown,
  isExit,
  isTaskReply,
  named,
  type Pid,
  type Ref,
  Runtime,
  stop,
  stopProcess,
  Task,
  type TaskFunction,
  type TaskResult,
  TaskSupervisor,
  terminateChild,
  whichChildren,
} from "../../../src/supervision/index.js";

type Tasks = ReturnType<typeof Task.use>;
interface Tools {
  readonly tasks: Tasks;
  readonly supervisor: Ref<TaskSupervisor>;
}

/** An owner of tasks: runs what it is given as a process of its own. */
class Owner extends GenServer<{ supervisor: Ref<TaskSupervisor>; traps?: boolean }, { heard: unknown[] }> {
  private readonly tasks = Task.use(this);
  private supervisor!: Ref<TaskSupervisor>; // set by init
  protected override init({ supervisor, traps = false }: { supervisor: Ref<TaskSupervisor>; traps?: boolean }) {
    this.supervisor = this.use(supervisor);
    this.trapExit = traps;
    this.state = { heard: [] };
  }
  protected override handleInfo(message: unknown) {
    if (isTaskReply(message)) this.state.heard.push({ reply: message.value });
    else if (isDown(message)) this.state.heard.push({ down: message.reason, id: message.id });
    else if (isExit(message)) this.state.heard.push({ exit: message.reason });
  }
  run(work: (tools: Tools) => unknown): unknown {
    return work({ tasks: this.tasks, supervisor: this.supervisor });
  }
  heard() {
    return this.state.heard;
  }
}

const forever = (): Promise<never> => new Promise(() => {});

function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void } {
  let open = (_: T): void => {};
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

let supervisor: Pid<TaskSupervisor>;

beforeEach(async () => {
  supervisor = await TaskSupervisor.start();
});

afterEach(async () => {
  if (supervisor.alive) await stopProcess(supervisor, "shutdown").catch(() => {});
});

describe("Task.Supervisor", () => {
  it("A152 async spawns a task under the supervisor, linked to its owner; an owner that does not wait is told", async () => {
    const owner = await Owner.start({ supervisor, traps: true });
    const { promise, open } = gate<number>();
    const task = (await owner.call.run(({ supervisor }) =>
      TaskSupervisor.async(supervisor, () => promise),
    )) as Task<number>;
    expect(await whichChildren(supervisor)).toEqual([{ id: undefined, pid: task.pid, type: "worker" }]);
    open(42);
    await task.pid.down;
    expect(await owner.call.heard()).toEqual([{ reply: 42 }, { exit: "normal" }, { down: "normal", id: task.id }]);
    expect(await countChildren(supervisor)).toMatchObject({ active: 0 });
  });

  it("A152 async: an owner takes its tasks along, and a crashed task its owner", async () => {
    const [first, second] = [await Owner.start({ supervisor }), await Owner.start({ supervisor })];
    const work = ({ supervisor }: Tools) => TaskSupervisor.async(supervisor, forever);
    const task = (await first.call.run(work)) as Task<never>;
    exit(first, { error: "gone" });
    expect(await task.pid.down).toEqual({ error: "gone" });
    const crashes = second.call.run(({ supervisor }) =>
      TaskSupervisor.async(supervisor, () => {
        throw new Error("boom");
      }),
    );
    await crashes.catch(() => {}); // the owner may end before it answers
    expect(await second.down).toMatchObject({ error: { message: "boom" } });
    expect(supervisor.alive).toBe(true);
  });

  it("A153 async with shutdown: brutal_kill", async () => {
    const owner = await Owner.start({ supervisor, traps: true });
    const task = (await owner.call.run(({ supervisor }) =>
      TaskSupervisor.async(supervisor, forever, { shutdown: "brutal_kill" }),
    )) as Task<never>;
    await stopProcess(supervisor, "shutdown");
    expect(await owner.call.heard()).toEqual([{ exit: "killed" }, { down: "killed", id: task.id }]);
  });

  it("A154 async with callers: the requester first, and above a task stands its supervisor", async () => {
    const owner = await Owner.start({ supervisor });
    const seen = gate<unknown>();
    const outer = (await owner.call.run(({ supervisor }) =>
      TaskSupervisor.async(supervisor, async (self) => {
        const inner = await TaskSupervisor.async(self.use(supervisor), (self) => self);
        const { callers, ancestors } = await Task.use(self).await(inner);
        seen.open({ callers, ancestors, own: self.callers });
      }),
    )) as Task<void>;
    expect(await seen.promise).toEqual({ callers: [outer.pid, owner], ancestors: [supervisor], own: [owner] });
  });

  it("A155 asyncNoLink: reply and DOWN arrive, a crash does not touch the owner", async () => {
    const owner = await Owner.start({ supervisor });
    const start = <R>(run: TaskFunction<R>) =>
      owner.call.run(({ supervisor }) => TaskSupervisor.asyncNoLink(supervisor, run)) as Promise<Task<R>>;
    const good = await start(() => 1);
    await good.pid.down;
    const bad = await start(() => stop({ error: "boom" }));
    await bad.pid.down;
    expect(await owner.call.heard()).toEqual([
      { reply: 1 },
      { down: "normal", id: good.id },
      { down: { error: "boom" }, id: bad.id },
    ]);
    const left = await start(forever);
    exit(owner, "kill");
    await owner.down;
    expect(left.pid.alive).toBe(true);
  });

  it("A156 startChild: listed, unlinked, its effect is seen and nothing is replied", async () => {
    const owner = await Owner.start({ supervisor });
    const { promise, open } = gate<string>();
    const effect = gate<string>();
    const result = (await owner.call.run(({ supervisor }) =>
      TaskSupervisor.startChild(supervisor, async () => effect.open(await promise)),
    )) as { ok: Pid };
    expect(await whichChildren(supervisor)).toMatchObject([{ pid: result.ok }]);
    exit(owner, "kill");
    await owner.down;
    open("done");
    expect(await effect.promise).toBe("done");
    expect(await result.ok.down).toBe("normal");
  });

  it("A157 startChild with restart: permanent runs the task again", async () => {
    let runs = 0;
    const again = gate();
    await TaskSupervisor.startChild(
      supervisor,
      () => {
        if (++runs === 2) again.open();
        return runs === 1 ? stop("shutdown") : forever();
      },
      { restart: "permanent" },
    );
    await again.promise;
    expect(await countChildren(supervisor)).toMatchObject({ active: 1 });
  });

  it("A158 terminateChild twice: ok, then not_found", async () => {
    const task = await TaskSupervisor.asyncNoLink(supervisor, forever);
    expect(await terminateChild(supervisor, task.pid)).toEqual({ ok: true });
    expect(await terminateChild(supervisor, task.pid)).toEqual({ error: "not_found" });
    expect(await whichChildren(supervisor)).toEqual([]);
  });

  it("refuses a task past maxChildren", async () => {
    const small = await TaskSupervisor.start({ maxChildren: 0 });
    await expect(TaskSupervisor.async(small, () => 1)).rejects.toMatchObject({ code: "max_children" });
  });
});

describe("Task", () => {
  it("runs after the caller's turn, and its value has the function's type", async () => {
    let ran = false;
    const task = Task.async(async ({ signal }) => {
      ran = true;
      return signal.aborted ? stop("shutdown") : Number("42");
    });
    expect(ran).toBe(false);
    expectTypeOf(task).toEqualTypeOf<Task<number>>();
    // @ts-expect-error a task is waited for through Task, which knows who waits
    task.await;
    expect(await Task.await(task)).toBe(42);
    expect(await Task.await(task)).toBe(42);
    expectTypeOf(Task.awaitMany([Task.async(() => 1), Task.async(() => "a")] as const)).resolves.toEqualTypeOf<
      readonly [number, string]
    >();
  });

  it("aborts the signal of a task that is killed, and its late value changes nothing", async () => {
    const { promise, open } = gate<number>();
    const [began, aborted] = [gate(), gate()];
    const task = Task.async(({ signal }) => {
      signal.addEventListener("abort", () => aborted.open());
      began.open();
      return promise;
    });
    await began.promise;
    exit(task.pid, "kill");
    await aborted.promise;
    open(1);
    await expect.poll(() => task.pid.inspect().zombies).toBe(0);
    await expect(Task.await(task)).rejects.toMatchObject({ code: "exited", reason: "killed" });
  });

  it("A159 await past its time: no reply and no DOWN come later, and the task runs on", async () => {
    const owner = await Owner.start({ supervisor });
    const { promise, open } = gate();
    const task = gate<Task<void>>();
    const awaited = owner.call.run(async ({ tasks }) => {
      const started = tasks.async(() => promise);
      task.open(started);
      return tasks.await(started, 0).catch((error: unknown) => error);
    });
    expect(await awaited).toMatchObject({ code: "timeout" });
    open();
    expect(await (await task.promise).pid.down).toBe("normal");
    expect(await owner.call.heard()).toEqual([]);
    const given = await task.promise;
    expect(await owner.call.run(({ tasks }) => tasks.yield(given))).toBeUndefined();
  });

  it("takes back what is queued already when the owner waits", async () => {
    const owner = await Owner.start({ supervisor });
    const value = await owner.call.run(async ({ tasks }) => {
      const task = tasks.async(() => 7);
      await task.pid.down;
      return tasks.await(task);
    });
    expect(value).toBe(7);
    expect(await owner.call.heard()).toEqual([]);
  });

  it("A160 await on a normal exit without a reply rejects with it; so does one on a crash", async () => {
    const quiet = Task.async(() => stop("normal"));
    await expect(Task.await(quiet)).rejects.toMatchObject({ code: "exited", reason: "normal" });
    const crash = Task.async(() => {
      throw new Error("boom");
    });
    await expect(Task.await(crash)).rejects.toMatchObject({ code: "exited", cause: { message: "boom" } });
  });

  it("a task that crashes while its owner waits for it is the owner's crash", async () => {
    const owner = await Owner.start({ supervisor });
    const call = owner.call.run(({ tasks }) => tasks.await(tasks.async(() => stop({ error: "boom" }))));
    await expect(call).rejects.toMatchObject({ code: "exited" });
    expect(await owner.down).toMatchObject({ error: expect.anything() });
  });

  it("A161 only the owner may ask, and the error names both", async () => {
    const [owner, other] = [await Owner.start({ supervisor }), await Owner.start({ supervisor })];
    const task = (await owner.call.run(({ tasks }) => tasks.async(forever))) as Task<never>;
    const message = `belongs to ${owner.inspect().behaviour}${owner.id}; `;
    await expect(Task.await(task)).rejects.toThrow(`${message}plain code cannot wait for it`);
    await expect(Task.awaitMany([task])).rejects.toThrow(TypeError);
    await expect(Task.yield(task)).rejects.toThrow(TypeError);
    await expect(Task.yieldMany([task])).rejects.toThrow(TypeError);
    await expect(Task.shutdown(task)).rejects.toThrow(TypeError);
    expect(() => Task.ignore(task)).toThrow(TypeError);
    const refused = await other.call.run(({ tasks }) => tasks.await(task).catch((error: unknown) => error));
    expect(String(refused)).toContain(`${message}Owner${other.id} cannot wait for it`);
    exit(owner, "kill");
  });

  it("A162 yield answers undefined in time, then the value; a value wins over the DOWN behind it", async () => {
    const { promise, open } = gate<number>();
    const task = Task.async(() => promise);
    expect(await Task.yield(task, 0)).toBeUndefined();
    open(1);
    expect(await Task.yield(task)).toEqual({ ok: 1 });
    const done = Task.async(() => 2);
    await done.pid.down;
    expect(await Task.yield(done, 0)).toEqual({ ok: 2 });
    const dead = Task.async(() => stop("normal"));
    expect(await Task.yield(dead)).toEqual({ exit: "normal" });
  });

  it("A162 yieldMany: what each has become in time, a limit, and what happens to the rest", async () => {
    const tasks = (): Task<number>[] => [
      Task.async<Promise<number>>(forever),
      Task.async(() => 1),
      Task.async<number>(() => stop("normal") as never),
    ];
    const results = async (list: Task<number>[], options: Parameters<Tasks["yieldMany"]>[1]) =>
      (await Task.yieldMany(list, options)).map(([, result]) => result);
    const [running, ...done] = tasks();
    if (running === undefined) throw new Error("no task");
    expect(await results([running, ...done], { timeout: 5 })).toEqual([undefined, { ok: 1 }, { exit: "normal" }]);
    expect(running.pid.alive).toBe(true);
    expect(await results([running, ...tasks().slice(1)], { limit: 2, timeout: Infinity })).toMatchObject([
      undefined,
      {},
      {},
    ]);
    expect(await results([running], { timeout: 0, onTimeout: "ignore" })).toEqual([undefined]);
    expect(running.pid.alive).toBe(true);
    exit(running.pid, "kill");
    const [stays] = tasks();
    if (stays === undefined) throw new Error("no task");
    expect(await results([stays], { timeout: 0, onTimeout: "kill_task" })).toEqual([undefined]);
    expect(stays.pid.alive).toBe(false);
  });

  it("yieldMany with a limit leaves the others to be told or asked later", async () => {
    const owner = await Owner.start({ supervisor });
    const { promise, open } = gate<number>();
    const pids = (await owner.call.run(async ({ tasks }) => {
      const list = [tasks.async(() => promise), tasks.async(() => 1)];
      expect((await tasks.yieldMany(list, { limit: 1 })).map(([, result]) => result)).toEqual([undefined, { ok: 1 }]);
      return list.map(({ pid }) => pid);
    })) as Pid[];
    open(2);
    await pids[0]?.down;
    expect(await owner.call.heard()).toMatchObject([{ reply: 2 }, { down: "normal" }]);
  });

  it("stands under a supervisor: a task supervisor by its name, and a task to be done once", async () => {
    const name = named<TaskSupervisor>("tasks");
    const done = gate<string>();
    const once = Task.child(() => done.open("done"), { id: "once" });
    expect(once).toMatchObject({ restart: "temporary", shutdown: 5_000, type: "worker" });
    const app = await Application.start({
      strategy: "one_for_one",
      children: [child(TaskSupervisor, { maxChildren: 1 }, { name }), once],
    });
    expect(await done.promise).toBe("done");
    expect(await Task.await(await TaskSupervisor.async(name, () => 1))).toBe(1);
    expect(app.tree()?.children?.map(({ behaviour }) => behaviour)).toEqual(["TaskSupervisor"]);
    await app.stop();
  });

  it("awaitMany answers in order, rejects at the first that fails, and shares one deadline", async () => {
    const { promise, open } = gate<number>();
    const tasks = [Task.async(() => promise), Task.async(() => 2)];
    open(1);
    expect(await Task.awaitMany(tasks)).toEqual([1, 2]);
    const failing = [Task.async(forever), Task.async(() => stop({ error: "boom" }))];
    await expect(Task.awaitMany(failing)).rejects.toMatchObject({ reason: { error: "boom" } });
    await expect(Task.awaitMany([Task.async(forever), Task.async(forever)], 1)).rejects.toMatchObject({
      code: "timeout",
    });
  });

  it("awaitMany that has rejected leaves nothing to be told", async () => {
    const owner = await Owner.start({ supervisor, traps: true });
    const { promise, open } = gate<number>();
    const pid = (await owner.call.run(async ({ tasks }) => {
      const waits = tasks.async(() => promise);
      await tasks.awaitMany([waits, tasks.async(() => stop("normal"))]).catch(() => {});
      return waits.pid;
    })) as Pid;
    open(1);
    await pid.down;
    expect(await owner.call.heard()).toEqual([{ exit: "normal" }, { exit: "normal" }]);
  });

  it("leaves no timer behind, however the wait ended", async () => {
    let timers = 0;
    const clock: Clock = {
      now: () => performance.now(),
      setTimer(ms, fire) {
        timers++;
        const handle = setTimeout(() => {
          timers--;
          fire();
        }, ms);
        return () => {
          timers--;
          clearTimeout(handle);
        };
      },
    };
    const before = enterRuntime(new Runtime(clock));
    try {
      const failing = [Task.async(forever), Task.async(() => stop({ error: "boom" }))];
      await expect(Task.awaitMany(failing)).rejects.toMatchObject({ reason: { error: "boom" } });
      await Task.yieldMany([Task.async(forever), Task.async(() => 1)], { limit: 1 });
      await Task.await(Task.async(() => 1));
      for await (const _ of Task.asyncStream([1, 2], (n) => (n === 1 ? n : forever()), { maxConcurrency: 2 })) break;
    } finally {
      enterRuntime(before);
    }
    expect(timers).toBe(0);
  });

  it("A163 shutdown: a value there already wins, the own signal answers undefined, another reason is told", async () => {
    const ended = async (
      run: TaskFunction<unknown>,
      how?: number | "brutal_kill",
    ): Promise<TaskResult<unknown> | undefined> => {
      const task = Task.async(run);
      await getState(task.pid).catch(() => {});
      return Task.shutdown(task, how);
    };
    expect(await ended(() => 1)).toEqual({ ok: 1 });
    expect(await ended(() => 1, "brutal_kill")).toEqual({ ok: 1 });
    expect(await ended(() => stop({ error: "boom" }))).toEqual({ exit: { error: "boom" } });
    expect(await ended(() => stop("normal"))).toEqual({ exit: "normal" });
    expect(await ended(() => stop("shutdown"))).toBeUndefined();
  });

  it("A163 shutdown of a running task: undefined; one that traps exits and goes on is killed after its time", async () => {
    expect(await Task.shutdown(Task.async(forever))).toBeUndefined();
    expect(await Task.shutdown(Task.async(forever), "brutal_kill")).toBeUndefined();
    const began = gate();
    const stubborn = Task.async((self) => {
      self.trapExit = true;
      began.open();
      return forever();
    });
    await began.promise;
    expect(await Task.shutdown(stubborn, 1)).toEqual({ exit: "killed" });
    const polite = gate<number>();
    const late = Task.async((self) => {
      self.trapExit = true;
      return polite.promise;
    });
    await getState(supervisor);
    const down = Task.shutdown(late, "infinity");
    polite.open(5);
    expect(await down).toEqual({ ok: 5 });
  });

  it("A163 shutdown leaves the owner untouched: no exit signal, no message", async () => {
    const owner = await Owner.start({ supervisor, traps: true });
    expect(await owner.call.run(({ tasks }) => tasks.shutdown(tasks.async(forever), "brutal_kill"))).toBeUndefined();
    expect(await owner.call.heard()).toEqual([]);
  });

  it("ignore: the task runs on alone", async () => {
    const owner = await Owner.start({ supervisor });
    const task = (await owner.call.run(({ tasks }) => {
      const task = tasks.async(forever);
      tasks.ignore(task);
      return task;
    })) as Task<never>;
    exit(task.pid, { error: "boom" });
    await task.pid.down;
    expect(await owner.call.heard()).toEqual([]);
    const done = Task.async(() => 1);
    await done.pid.down;
    expect(Task.ignore(done)).toEqual({ ok: 1 });
  });
});
