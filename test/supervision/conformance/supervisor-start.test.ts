// Starting a supervisor: what its init may answer, and what a start that fails leaves behind. (otp: supervisor_SUITE)
import { describe, expect, it } from "vitest";
import {
  Application,
  child,
  DynamicSupervisor,
  exit,
  failure,
  getChildSpec,
  ignore,
  named,
  Supervisor,
  send,
  startChild,
  stop,
  whereis,
  whichChildren,
} from "../../../src/supervision/index.js";
import {
  contexts,
  counts,
  ok,
  pidOf,
  settled,
  shutDown,
  supervise,
  supervisorReports,
  unnamed,
  worker,
} from "../../support/scripted-worker.js";
import { quiet, withVirtualTime } from "../../support/virtual-clock.js";

withVirtualTime();

/** Starts a supervisor class under a parent, which traps exits: the answer, and what the parent had to tell about it. */
async function startUnderParent(Class: typeof Supervisor) {
  const parent = await supervise([]);
  const reports = supervisorReports();
  const answer = await startChild(parent, child(Class, { strategy: "one_for_one", children: [] }, { id: "inner" }));
  await settled(parent);
  const rows = await whichChildren(parent);
  await shutDown(parent);
  return { answer, rows, told: contexts(reports) };
}

describe("start and init", () => {
  it("A1 sup_start_normal: an empty supervisor ends with shutdown when its parent says so", async () => {
    const supervisor = await supervise([]);
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
    expect(await shutDown(supervisor)).toBe("shutdown");
  });

  it("A2 sup_start_error_return: an init that returns something unknown is a bad return, and the parent gets no stray exit", async () => {
    class Invalid extends Supervisor {
      protected override async init() {
        return "invalid" as never; // as plain JavaScript might
      }
    }
    const { answer, rows, told } = await startUnderParent(Invalid);
    expect(answer).toMatchObject({
      error: "start_failed",
      detail: { error: { code: "bad_return", detail: "invalid" } },
    });
    expect(rows).toEqual([]);
    expect(told).toEqual(["start_error"]);
  });

  it("A3 sup_start_fail: an init that throws fails the start with what it threw, and the parent gets no stray exit", async () => {
    class Failing extends Supervisor {
      protected override async init(): Promise<undefined> {
        throw new Error("fail");
      }
    }
    const { answer, rows, told } = await startUnderParent(Failing);
    expect(answer).toMatchObject({ error: "start_failed", detail: { error: { message: "fail" } } });
    expect(rows).toEqual([]);
    expect(told).toEqual(["start_error"]);
  });

  it("A4 sup_start_ignore_temporary_child: the spec of a temporary child that ignores is not kept", async () => {
    const supervisor = await supervise([
      worker("ignoring", { init: () => ignore }, { restart: "temporary" }),
      worker("running", {}, { restart: "temporary" }),
    ]);
    expect((await whichChildren(supervisor)).map(({ id }) => id)).toEqual(["running"]);
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });

  it("A5 sup_start_ignore_temporary_child_start_child: the same for children added later", async () => {
    const supervisor = await supervise([]);
    const ignoring = worker("ignoring", { init: () => ignore }, { restart: "temporary" });
    expect(await startChild(supervisor, ignoring)).toEqual({ ok: undefined });
    const running = ok(await startChild(supervisor, worker("running", {}, { restart: "temporary" })));
    expect(await whichChildren(supervisor)).toEqual([{ id: "running", pid: running, type: "worker" }]);
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });

  it("A6 sup_start_ignore_permanent_child_start_child_simple: a dynamic child that ignores is not recorded", async () => {
    const supervisor = await DynamicSupervisor.start();
    expect(await startChild(supervisor, unnamed({ init: () => ignore }))).toEqual({ ok: undefined });
    const pid = ok(await startChild(supervisor, unnamed()));
    expect(await whichChildren(supervisor)).toEqual([{ id: undefined, pid, type: "worker" }]);
    expect(await shutDown(supervisor)).toBe("shutdown");
  });

  it("A7 sup_start_child_returns_error: a child that refuses answers with its reason and its spec is not kept", async () => {
    const supervisor = await supervise([]);
    for (const init of [() => failure("reason"), () => stop({ error: "reason" })]) {
      const answer = await startChild(supervisor, worker("refusing", { init }));
      expect(answer).toEqual({ error: "start_failed", detail: { error: "reason" } });
      expect(await getChildSpec(supervisor, "refusing")).toEqual({ error: "not_found" });
    }
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
  });

  it("A8 sup_start_child_returns_error_simple: a dynamic child that refuses answers likewise and leaves nothing", async () => {
    const supervisor = await DynamicSupervisor.start();
    for (const init of [() => failure("reason"), () => stop({ error: "reason" })]) {
      const answer = await startChild(supervisor, unnamed({ init }));
      expect(answer).toEqual({ error: "start_failed", detail: { error: "reason" } });
    }
    expect(await whichChildren(supervisor)).toEqual([]);
  });

  it("A9 faulty_application_shutdown: an application whose child calls an undefined function fails, naming the child", async () => {
    let broken = true;
    const missing = {} as { prepare: () => void };
    const init = () => (broken ? missing.prepare() : undefined);
    const start = () =>
      Application.start({
        strategy: "one_for_one",
        name: named<Supervisor>("faulty"),
        children: [worker("child", { init })],
      });
    await expect(start()).rejects.toMatchObject({
      reason: { shutdown: { failedToStartChild: "child", reason: { error: expect.any(TypeError) } } },
    });
    expect(whereis(named("faulty"))).toBeUndefined();
    broken = false;
    const app = await start();
    await app.stop();
  });

  it("A183 init rollback: children started before the one that fails are stopped in reverse, and the name is free", async () => {
    const log: string[] = [];
    const start = supervise(
      [
        worker("first", { log, traps: true }),
        worker("second", { log, traps: true }),
        worker("third", { init: () => failure("no disk") }),
      ],
      { name: named<Supervisor>("rolled back") },
    );
    await expect(start).rejects.toMatchObject({
      reason: { shutdown: { failedToStartChild: "third", reason: { error: "no disk" } } },
    });
    expect(log).toEqual(["start first", "start second", "stop second", "stop first"]);
    expect(whereis(named("rolled back"))).toBeUndefined();
  });
});

describe("a supervisor killed while it starts its children", () => {
  it("takes along those that run or are starting and starts no more, however the start in hand ends", async () => {
    for (const traps of [false, true]) {
      const log: string[] = [];
      let opened = (): void => {};
      const gate = new Promise<void>((resolve) => {
        opened = resolve;
      });
      const children = [
        worker("running", { log }),
        worker("starting", { log, traps, init: () => gate }),
        worker("later", { log }),
      ];
      const parent = await supervise([]);
      const inner = named<Supervisor>("inner");
      const started = startChild(parent, child(Supervisor, { strategy: "one_for_one", children }, { name: inner }));
      await quiet();
      const downs = [pidOf("running").down, pidOf("starting").down];
      exit(inner, "kill");
      expect(await started).toEqual({ error: "start_failed", detail: "killed" });
      opened();
      expect(await Promise.all(downs)).toEqual(["killed", "killed"]);
      await quiet();
      expect(log.filter((line) => line.startsWith("start"))).toEqual(["start running", "start starting"]);
      expect(whereis(named("later"))).toBeUndefined();
      await shutDown(parent);
    }
  });
});

describe("a message that missed its address", () => {
  it("is reported by a supervisor of either kind and does not end it", async () => {
    const reports = supervisorReports();
    // A bare name takes any method: how a call can reach a process that has no such method.
    const wrong = named<{ nonsense(): void }>("supervisor");
    for (const start of [
      () => supervise([worker("child")], { name: named<Supervisor>("supervisor") }),
      () => DynamicSupervisor.start({ name: named<DynamicSupervisor>("supervisor") }),
    ]) {
      const supervisor = await start();
      send(supervisor, { stray: 1 });
      wrong.cast.nonsense();
      await expect(wrong.call.nonsense()).rejects.toThrow("has no method nonsense");
      expect(supervisor.alive).toBe(true);
      await shutDown(supervisor);
    }
    const told = [
      { context: "unexpected_message", message: { stray: 1 } },
      { context: "unexpected_call", message: "nonsense" },
      { context: "unexpected_call", message: "nonsense" },
    ];
    expect(reports).toMatchObject([...told, ...told]);
  });
});
