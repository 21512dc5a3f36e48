import { describe, expect, it } from "vitest";
import {
  Application,
  type ChildSpec,
  child,
  countChildren,
  currentRuntime,
  DynamicSupervisor,
  deleteChild,
  exit,
  GenServer,
  getChildSpec,
  named,
  type Pid,
  type Report,
  type ReportName,
  renderTree,
  restartChild,
  Supervisor,
  startChild,
  terminateChild,
  whereis,
  whichChildren,
} from "../../src/supervision/index.js";

/** What happened, in order, over all workers of a test. */
type Log = string[];

interface WorkerArg {
  readonly log?: Log;
  readonly id?: string;
  /** Consulted at each init. */
  readonly init?: () => void | Promise<void>;
  readonly traps?: boolean;
  readonly terminate?: () => Promise<void>;
}

class Worker extends GenServer<WorkerArg, { value: number }> {
  private arg!: WorkerArg; // set by init
  protected override async init(arg: WorkerArg) {
    this.arg = arg;
    this.trapExit = arg.traps ?? false;
    await arg.init?.();
    this.state = { value: 0 };
    arg.log?.push(`start ${arg.id}`);
  }
  protected override async terminate() {
    await this.arg.terminate?.();
    this.arg.log?.push(`stop ${this.arg.id}`);
  }
  set(value: number) {
    this.state.value = value;
  }
  get() {
    return this.state.value;
  }
  fail(): never {
    throw new Error("worker failed");
  }
}

function worker(id: string, arg: WorkerArg = {}, options: Partial<ChildSpec> = {}): ChildSpec {
  return child(Worker, { id, ...arg }, { id, name: named<Worker>(id), ...options });
}

function pidOf(id: string): Pid<Worker> {
  const pid = whereis(named<Worker>(id));
  if (pid === undefined) throw new Error(`${id} does not run`);
  return pid;
}

async function crash(id: string): Promise<void> {
  await expect(named<Worker>(id).call.fail()).rejects.toThrow("worker failed");
}

function nextReport(kind: ReportName, test: (report: Report) => boolean = () => true): Promise<Report> {
  const { reports } = currentRuntime();
  return new Promise((resolve) => {
    const listener = (report: Report): void => {
      if (!test(report)) return;
      reports.off(kind, listener);
      resolve(report);
    };
    reports.on(kind, listener);
  });
}

describe("one_for_one", () => {
  it("starts in order, stops in reverse, and calls terminate only in those that trap exits", async () => {
    const log: Log = [];
    const app = await Application.start({
      strategy: "one_for_one",
      children: [worker("a", { log, traps: true }), worker("b", { log }), worker("c", { log, traps: true })],
    });
    await app.stop();
    expect(log).toEqual(["start a", "start b", "start c", "stop c", "stop a"]);
    expect(await app.done).toBe("shutdown");
    expect(app.tree()).toBeUndefined();
  });

  it("restarts a crashed child alone, with a fresh state, under the same name", async () => {
    const app = await Application.start({ strategy: "one_for_one", children: [worker("a"), worker("b")] });
    const [a, b] = [pidOf("a"), pidOf("b")];
    await a.call.set(7);
    await crash("a");
    expect(await named<Worker>("a").call.get()).toBe(0);
    expect(pidOf("a").id).not.toBe(a.id);
    expect(pidOf("b").id).toBe(b.id);
    expect(app.tree()?.children?.map(({ name, restarts }) => [name, restarts])).toEqual([
      ["a", 1],
      ["b", 0],
    ]);
    await app.stop();
  });

  it("lets calls to a restarting name wait for the next incarnation", async () => {
    let opened = (): void => {};
    const gate = new Promise<void>((resolve) => {
      opened = resolve;
    });
    let starts = 0;
    const app = await Application.start({
      strategy: "one_for_one",
      children: [worker("a", { init: () => (starts++ === 0 ? undefined : gate) })],
    });
    await crash("a");
    const waiting = named<Worker>("a").call.get();
    await expect(named<Worker>("b").call.get()).rejects.toMatchObject({ code: "noproc" });
    opened();
    expect(await waiting).toBe(0);
    await app.stop();
  });

  it("rolls a failed start back in reverse and names the child", async () => {
    const log: Log = [];
    const start = Application.start({
      strategy: "one_for_one",
      children: [
        worker("a", { log, traps: true }),
        worker("b", { log, traps: true }),
        worker("c", {
          init() {
            throw new Error("no disk");
          },
        }),
      ],
    });
    await expect(start).rejects.toMatchObject({
      reason: { shutdown: { failedToStartChild: "c", reason: { error: { message: "no disk" } } } },
    });
    expect(log).toEqual(["start a", "start b", "stop b", "stop a"]);
    expect(whereis(named("a"))).toBeUndefined();
  });

  it("ends with a report once a child fails more often than its intensity allows", async () => {
    const app = await Application.start({
      strategy: "one_for_one",
      maxRestarts: 2,
      maxSeconds: 5,
      children: [worker("a"), worker("b")],
    });
    const report = nextReport("supervisor", ({ context }) => context === "shutdown");
    for (let i = 0; i < 3; i++) await crash("a");
    expect(await report).toMatchObject({ reason: { error: { message: "worker failed" } }, child: { id: "a" } });
    expect(await app.done).toBe("shutdown");
    expect(whereis(named("b"))).toBeUndefined();
  });

  it("kills a child that does not end in its shutdown time", async () => {
    const log: Log = [];
    const app = await Application.start({
      strategy: "one_for_one",
      children: [
        worker("a", { log, traps: true }),
        worker("b", { log, traps: true, terminate: () => new Promise(() => {}) }, { shutdown: 10 }),
      ],
    });
    const b = pidOf("b");
    const reported = nextReport("supervisor");
    await app.stop();
    expect(await b.down).toBe("killed");
    expect(await reported).toMatchObject({ context: "shutdown_error", reason: "killed", child: { id: "b" } });
    expect(log).toEqual(["start a", "start b", "stop a"]);
  });

  it("restarts by type: permanent always, transient after a failure, temporary never", async () => {
    const app = await Application.start({
      strategy: "one_for_one",
      maxRestarts: 10,
      children: [
        worker("permanent"),
        worker("transient", {}, { restart: "transient" }),
        worker("temporary", {}, { restart: "temporary" }),
      ],
    });
    const ended = [pidOf("permanent").down, pidOf("transient").down, pidOf("temporary").down];
    exit(pidOf("permanent"), "shutdown");
    exit(pidOf("transient"), { error: new Error("boom") });
    exit(pidOf("temporary"), { error: new Error("boom") });
    await Promise.all(ended);
    await named<Worker>("permanent").call.get();
    await named<Worker>("transient").call.get();
    expect(await countChildren(app.supervisor)).toEqual({ specs: 2, active: 2, supervisors: 0, workers: 2 });
    const transient = pidOf("transient");
    exit(transient, "shutdown");
    await transient.down;
    expect(await whichChildren(app.supervisor)).toMatchObject([
      { id: "transient", pid: undefined },
      { id: "permanent" },
    ]);
    await app.stop();
  });
});

describe("groups", () => {
  it("one_for_all restarts everybody, rest_for_one those started after the failed child", async () => {
    for (const [strategy, expected] of [
      ["one_for_all", ["stop c", "stop a", "start a", "start b", "start c"]],
      ["rest_for_one", ["stop c", "start b", "start c"]],
    ] as const) {
      const log: Log = [];
      const app = await Application.start({
        strategy,
        children: [worker("a", { log, traps: true }), worker("b", { log }), worker("c", { log, traps: true })],
      });
      log.length = 0;
      await crash("b");
      await named<Worker>("c").call.get();
      expect(log).toEqual(["stop b", ...expected]);
      await app.stop();
    }
  });
});

describe("administration", () => {
  it("answers with OTP's words", async () => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [worker("a")] });
    expect(await startChild(supervisor, worker("a"))).toMatchObject({ error: "already_started" });
    expect(await terminateChild(supervisor, "zzz")).toEqual({ error: "not_found" });
    expect(await deleteChild(supervisor, "a")).toEqual({ error: "running" });
    expect(await restartChild(supervisor, "a")).toEqual({ error: "running" });
    expect(await terminateChild(supervisor, "a")).toEqual({ ok: true });
    expect(await terminateChild(supervisor, "a")).toEqual({ ok: true });
    expect(await startChild(supervisor, worker("a"))).toEqual({ error: "already_present" });
    expect(await restartChild(supervisor, "a")).toHaveProperty("ok");
    await terminateChild(supervisor, "a");
    expect(await deleteChild(supervisor, "a")).toEqual({ ok: true });
    expect(await getChildSpec(supervisor, "a")).toEqual({ error: "not_found" });
    expect(await startChild(supervisor, { ...worker("b"), shutdown: -10 })).toEqual({ error: "invalid_shutdown" });
    exit(supervisor, "shutdown");
    expect(await supervisor.down).toBe("shutdown");
    expect(await startChild(supervisor, worker("a"))).toEqual({ error: "noproc", detail: "noproc" });
  });

  it("refuses specs and flags that make no sense", async () => {
    const start = (options: object) => Supervisor.start({ strategy: "one_for_one", children: [], ...options });
    await expect(start({ strategy: "all" })).rejects.toMatchObject({ cause: { code: "invalid_strategy" } });
    await expect(start({ maxRestarts: -1 })).rejects.toMatchObject({ cause: { code: "invalid_intensity" } });
    await expect(start({ maxSeconds: 0 })).rejects.toMatchObject({ cause: { code: "invalid_period" } });
    await expect(start({ children: [worker("a"), worker("a")] })).rejects.toMatchObject({
      cause: { code: "duplicate_child_name" },
    });
  });
});

describe("a parked child", () => {
  it("stays down alone past the intensity, is shown and reported, refuses callers at once, and comes back by itself", async () => {
    let broken = false;
    const app = await Application.start({
      strategy: "one_for_one",
      maxRestarts: 1,
      children: [
        worker("a"),
        worker(
          "b",
          {
            init() {
              if (broken) throw new Error("still broken");
            },
          },
          { park: { initial: 20, max: 1000, jitter: 0 } },
        ),
      ],
    });
    const a = pidOf("a");
    await crash("b");
    await named<Worker>("b").call.get();
    broken = true;
    const alert = nextReport("alert");
    await crash("b");
    expect(await alert).toMatchObject({ parked: "b" });
    await expect(named<Worker>("b").call.get()).rejects.toThrow("parked after too many crashes");
    expect(app.tree()?.children?.[1]).toMatchObject({ status: "restarting", parked: { reason: "worker failed" } });
    expect(renderTree(app.tree() ?? { ...a.inspect() })).toMatch(/b .* parked \(worker failed\), tried again in/);
    broken = false;
    await nextReport("progress", ({ child }) => (child as { id: string }).id === "b");
    expect(await named<Worker>("b").call.get()).toBe(0);
    expect(pidOf("a").id).toBe(a.id);
    await app.stop();
  });
});

describe("a start that fails", () => {
  it("leaves its name free", async () => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    const failing = worker("a", {
      init() {
        throw new Error("no disk");
      },
    });
    expect(await startChild(supervisor, failing)).toMatchObject({ error: "start_failed" });
    await expect(named<Worker>("a").call.get()).rejects.toMatchObject({ code: "noproc" });
    expect(await startChild(supervisor, worker("a"))).toHaveProperty("ok");
    exit(supervisor, "shutdown");
    await supervisor.down;
  });
});

describe("the tree below a supervisor that comes back", () => {
  it("lets names of its children wait through its own restart", async () => {
    const app = await Application.start({
      strategy: "one_for_one",
      children: [
        child(Supervisor, { strategy: "one_for_one", maxRestarts: 0, children: [worker("deep")] }, { id: "inner" }),
      ],
    });
    const before = pidOf("deep");
    await crash("deep");
    expect(await named<Worker>("deep").call.get()).toBe(0);
    expect(pidOf("deep").id).not.toBe(before.id);
    await expect.poll(() => app.tree()?.children?.[0]).toMatchObject({ restarts: 1, strategy: "one_for_one" });
    await app.stop();
    await expect(named<Worker>("deep").call.get()).rejects.toMatchObject({ code: "noproc" });
  });
});

describe("a kept mailbox", () => {
  it("hands messages not yet begun to the next incarnation and never the one that crashed", async () => {
    const app = await Application.start({
      strategy: "one_for_one",
      children: [worker("a", {}, { mailbox: "keep" })],
    });
    const pid = pidOf("a");
    const crashed = pid.call.fail();
    pid.cast.set(5);
    const value = pid.call.get();
    await expect(crashed).rejects.toThrow("worker failed");
    expect(await value).toBe(5);
    await app.stop();
  });
});

describe("DynamicSupervisor", () => {
  it("starts any number of children, restarts each alone, stops all at once", async () => {
    const supervisor = await DynamicSupervisor.start({ maxChildren: 3, maxRestarts: 10 });
    for (let i = 0; i < 3; i++) await startChild(supervisor, worker(`d${i}`));
    expect(await startChild(supervisor, worker("d3"))).toEqual({ error: "max_children" });
    const before = pidOf("d1");
    await crash("d1");
    await named<Worker>("d1").call.get();
    expect(pidOf("d1").id).not.toBe(before.id);
    expect(await countChildren(supervisor)).toEqual({ specs: 3, active: 3, supervisors: 0, workers: 3 });
    expect(await terminateChild(supervisor, pidOf("d0"))).toEqual({ ok: true });
    expect(await terminateChild(supervisor, before)).toEqual({ error: "not_found" });
    expect((await whichChildren(supervisor)).map(({ id }) => id)).toEqual([undefined, undefined]);
    exit(supervisor, "shutdown");
    await supervisor.down;
    expect(whereis(named("d1"))).toBeUndefined();
  });
});

describe("a bounded mailbox", () => {
  it("rejects calls at once and reports the casts it dropped", async () => {
    const app = await Application.start({
      strategy: "one_for_one",
      children: [worker("a", {}, { capacity: 1, overflow: "reject" })],
    });
    const pid = pidOf("a");
    pid.cast.set(1);
    const dropped = nextReport("overflow");
    pid.cast.set(2);
    await expect(pid.call.get()).rejects.toMatchObject({ code: "overflow" });
    expect(await dropped).toMatchObject({ dropped: "message", name: "a" });
    expect(await pid.call.get()).toBe(1);
    await app.stop();
  });
});
