// Who falls with a child, how often, and what happens while a restart keeps failing. (otp: supervisor_SUITE)
import { describe, expect, it } from "vitest";
import {
  child,
  DynamicSupervisor,
  deleteChild,
  exit,
  ignore,
  named,
  type Pid,
  type Ref,
  restartChild,
  Supervisor,
  startChild,
  startedWith,
  terminateChild,
  whereis,
  whichChildren,
} from "../../../src/supervision/index.js";
import {
  boom,
  counts,
  end,
  ok,
  onlyChild,
  pidOf,
  type Script,
  settled,
  shutDown,
  supervise,
  unnamed,
  type Worker,
  worker,
} from "../../support/scripted-worker.js";
import { quiet, withVirtualTime } from "../../support/virtual-clock.js";

const time = withVirtualTime();

/** An `init` that can be made to hang until the test lets it fail. */
class Fault {
  broken = false;
  fail = (): void => {};
  readonly script: Script = {
    init: () => {
      if (!this.broken) return undefined;
      return new Promise((_, reject) => {
        this.fail = () => reject(new Error("not yet"));
      });
    },
  };
}

/** An `init` that fails for as long as it is told to. */
function failing(): { broken: boolean; script: Script } {
  const fault = {
    broken: false,
    script: {
      init: () => {
        if (fault.broken) throw new Error("cannot start");
      },
    },
  };
  return fault;
}

describe("one_for_one", () => {
  it("A44 multiple_restarts: crashes further apart than the period are survived however many they are", async () => {
    const supervisor = await supervise([worker("child", {}, { shutdown: "brutal_kill" })], {
      maxRestarts: 1,
      maxSeconds: 1,
    });
    for (let i = 0; i < 4; i++) {
      await end(pidOf("child"), boom, supervisor);
      await time.clock.advance(2_100);
    }
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });

  it("A45 one_for_one: only the crashed child is new, and a third crash ends the supervisor", async () => {
    const supervisor = await supervise([worker("1"), worker("2")]);
    const [first, second] = [pidOf("1"), pidOf("2")];
    await end(first, boom, supervisor);
    expect(pidOf("1")).not.toBe(first);
    expect(pidOf("2")).toBe(second);
    expect(await counts(supervisor)).toEqual([2, 2, 0, 2]);
    await end(pidOf("1"), boom, supervisor);
    await end(pidOf("2"), boom, supervisor);
    expect(await supervisor.down).toBe("shutdown");
  });
});

describe("the intensity", () => {
  it("counts milliseconds: a restart exactly one period ago still counts, one a millisecond older does not", async () => {
    for (const [apart, survives] of [
      [1_000, false],
      [1_001, true],
    ] as const) {
      const supervisor = await supervise([worker("child")], { maxRestarts: 1, maxSeconds: 1 });
      await end(pidOf("child"), boom, supervisor);
      await time.clock.advance(apart);
      await end(pidOf("child"), boom, supervisor);
      expect(supervisor.alive).toBe(survives);
      await shutDown(supervisor);
    }
  });

  it("is not used up by starts and restarts that were asked for", async () => {
    const supervisor = await supervise([worker("child")], { maxRestarts: 0 });
    for (let i = 0; i < 5; i++) {
      ok(await terminateChild(supervisor, "child"));
      ok(await restartChild(supervisor, "child"));
    }
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });
});

describe("groups", () => {
  it("A46 one_for_all: everybody is new and in order, and a third crash ends the supervisor", async () => {
    const supervisor = await supervise([worker("1"), worker("2")], { strategy: "one_for_all" });
    const before = [pidOf("1"), pidOf("2")];
    await end(pidOf("1"), boom, supervisor);
    const rows = await whichChildren(supervisor);
    expect(rows.map(({ id }) => id)).toEqual(["2", "1"]);
    for (const pid of before) expect(rows.map((row) => row.pid)).not.toContain(pid);
    await end(pidOf("2"), boom, supervisor);
    await end(pidOf("1"), boom, supervisor);
    expect(await supervisor.down).toBe("shutdown");
  });

  it("A47 one_for_all_escalation: when the second child cannot start again it and the supervisor end", async () => {
    const fault = failing();
    const supervisor = await supervise([worker("1"), worker("2", fault.script)], { strategy: "one_for_all" });
    const second = pidOf("2");
    fault.broken = true;
    await end(pidOf("1"), boom, supervisor);
    expect(await second.down).toBe("shutdown");
    expect(await supervisor.down).toBe("shutdown");
    expect(whereis(named("1"))).toBeUndefined();
  });

  it("A48 rest_for_one: the crashed child and those after it are new, and crashes past the limit end the supervisor", async () => {
    const supervisor = await supervise([worker("1"), worker("2"), worker("3")], { strategy: "rest_for_one" });
    const before = [pidOf("1"), pidOf("2"), pidOf("3")];
    await end(pidOf("2"), boom, supervisor);
    expect([pidOf("1"), pidOf("2"), pidOf("3")].map((pid, i) => pid === before[i])).toEqual([true, false, false]);
    expect(await counts(supervisor)).toEqual([3, 3, 0, 3]);
    await end(pidOf("3"), boom, supervisor);
    expect(pidOf("1")).toBe(before[0]);
    await end(pidOf("1"), boom, supervisor);
    expect(await supervisor.down).toBe("shutdown");
  });

  it("A49 rest_for_one_escalation: when the second child cannot start again it and the supervisor end", async () => {
    const fault = failing();
    const supervisor = await supervise([worker("1"), worker("2", fault.script)], { strategy: "rest_for_one" });
    const second = pidOf("2");
    fault.broken = true;
    await end(pidOf("1"), boom, supervisor);
    expect(await second.down).toBe("shutdown");
    expect(await supervisor.down).toBe("shutdown");
  });
});

describe("dynamic children", () => {
  it("A50 simple_one_for_one: only the crashed child is new, and a third crash ends the supervisor", async () => {
    const supervisor = await DynamicSupervisor.start({ maxRestarts: 2, maxSeconds: 3_600 });
    for (const id of ["1", "2"]) ok(await startChild(supervisor, worker(id)));
    const [first, second] = [pidOf("1"), pidOf("2")];
    await end(first, boom, supervisor);
    expect(pidOf("1")).not.toBe(first);
    expect(pidOf("2")).toBe(second);
    expect(await counts(supervisor)).toEqual([2, 2, 0, 2]);
    await end(pidOf("1"), boom, supervisor);
    await end(pidOf("2"), boom, supervisor);
    expect(await supervisor.down).toBe("shutdown");
  });

  it("A51 simple_one_for_one_extra: children whose start has something to tell are restarted within the same limit", async () => {
    const supervisor = await DynamicSupervisor.start({ maxRestarts: 2, maxSeconds: 3_600 });
    const answer = await startChild(supervisor, worker("child", { init: () => startedWith("info") }));
    expect(answer).toEqual({ ok: pidOf("child"), info: "info" });
    for (let i = 0; i < 2; i++) await end(pidOf("child"), boom, supervisor);
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
    await end(pidOf("child"), boom, supervisor);
    expect(await supervisor.down).toBe("shutdown");
  });

  it("A52 simple_one_for_one_restart_ignore: one that ignores at its restart is gone, and the supervisor lives", async () => {
    for (const restart of ["transient", "permanent"] as const) {
      const supervisor = await DynamicSupervisor.start();
      let starts = 0;
      const init = () => (++starts === 3 ? ignore : undefined);
      ok(await startChild(supervisor, unnamed({ init }, { restart })));
      for (let i = 0; i < 2; i++) await end(await onlyChild(supervisor), "kill", supervisor);
      expect(await whichChildren(supervisor)).toEqual([]);
      expect(await shutDown(supervisor)).toBe("shutdown");
    }
  });
});

describe("trees", () => {
  it("A53 tree: a worker deep in the tree is replaced and nothing else", async () => {
    const middle = (id: string) => named<Supervisor>(id);
    const top = await supervise(
      [
        child(
          Supervisor,
          { strategy: "one_for_one", children: [worker("s1"), worker("s2")] },
          { name: middle("sup1") },
        ),
        child(DynamicSupervisor, {}, { name: named<DynamicSupervisor>("sup2") }),
        child(
          Supervisor,
          { strategy: "one_for_one", children: [] },
          { name: middle("sup3"), restart: "transient", id: "sup3" },
        ),
      ],
      { strategy: "one_for_all" },
    );
    ok(await terminateChild(top, "sup3"));
    const sup2 = named<DynamicSupervisor>("sup2");
    for (const id of ["d1", "d2"]) ok(await startChild(sup2, worker(id)));
    expect(await counts(top)).toEqual([3, 2, 3, 0]);
    const others = ["sup1", "sup2", "s1", "s2", "d2"];
    const before = others.map(pidOf);
    const d1 = pidOf("d1");
    await end(d1, boom, sup2);
    expect(pidOf("d1")).not.toBe(d1);
    expect(others.map(pidOf)).toEqual(before);
    expect(await counts(top)).toEqual([3, 2, 3, 0]);
  });

  it("A57 simple_global_supervisor: names of a chain of supervisors come back on new processes, and end with the chain", async () => {
    const worm = worker("worker");
    const middle = child(
      Supervisor,
      { strategy: "one_for_all", children: [worm] },
      { name: named<Supervisor>("middle") },
    );
    const top = await supervise([middle], { strategy: "one_for_all", maxRestarts: 10 });
    const middleRef: Ref<unknown> = named<Supervisor>("middle");
    const renewed = async (names: string[], act: () => Promise<void>) => {
      const before = names.map(pidOf);
      await act();
      await settled(top);
      await settled(middleRef);
      for (const [index, name] of names.entries()) expect(pidOf(name)).not.toBe(before[index]);
    };
    await renewed(["middle", "worker"], async () => {
      const pid = pidOf("middle");
      exit(pid, "kill");
      await pid.down;
    });
    await renewed(["worker"], () => end(pidOf("worker"), "kill", middleRef));
    await renewed(["worker"], () => end(pidOf("worker"), "normal", middleRef));
    await renewed(["worker"], async () => {
      ok(await terminateChild(middleRef, "worker"));
      ok(await restartChild(middleRef, "worker"));
    });
    const last = [pidOf("middle").down, pidOf("worker").down];
    exit(top, "kill");
    await Promise.all(last);
    expect([whereis(named("middle")), whereis(named("worker"))]).toEqual([undefined, undefined]);
  });
});

describe("a restart that keeps failing", () => {
  /** A child that has crashed and whose restart hangs for now. */
  async function restarting(supervisor: Pid, fault: Fault, pid: Pid): Promise<void> {
    fault.broken = true;
    exit(pid, boom);
    await pid.down;
    await quiet();
    expect(supervisor.alive).toBe(true);
  }

  it("A54 hanging_restart_loop: the child can be seen and terminated between two attempts, and restarted later", async () => {
    const fault = new Fault();
    const spec = worker("child", fault.script);
    const supervisor = await supervise([spec], { maxRestarts: 8, maxSeconds: 10 });
    await restarting(supervisor, fault, pidOf("child"));
    const answers = [
      startChild(supervisor, spec),
      restartChild(supervisor, "child"),
      deleteChild(supervisor, "child"),
      whichChildren(supervisor),
      counts(supervisor),
    ];
    fault.fail();
    expect(await Promise.all(answers)).toEqual([
      { error: "already_present" },
      { error: "restarting" },
      { error: "restarting" },
      [{ id: "child", pid: "restarting", type: "worker" }],
      [1, 0, 0, 1],
    ]);
    await quiet();
    const terminated = terminateChild(supervisor, "child");
    fault.fail();
    expect(await terminated).toEqual({ ok: true });
    expect(await whichChildren(supervisor)).toEqual([{ id: "child", pid: undefined, type: "worker" }]);
    fault.broken = false;
    await quiet();
    expect(await whichChildren(supervisor)).toEqual([{ id: "child", pid: undefined, type: "worker" }]);
    expect(ok(await restartChild(supervisor, "child"))).toBe(pidOf("child"));
  });

  it("A55 hanging_restart_loop: the supervisor can be stopped between two attempts, and the child's name is free", async () => {
    const fault = new Fault();
    const supervisor = await supervise([worker("child", fault.script)], { maxRestarts: 8, maxSeconds: 10 });
    await restarting(supervisor, fault, pidOf("child"));
    const stopped = shutDown(supervisor);
    fault.fail();
    expect(await stopped).toBe("shutdown");
    await expect(named<Worker>("child").call.get()).rejects.toMatchObject({ code: "noproc" });
  });

  it("A56 hanging_restart_loop_simple: a dynamic child is seen too, and terminated by its last pid", async () => {
    const fault = new Fault();
    const supervisor = await DynamicSupervisor.start({ maxRestarts: 8, maxSeconds: 10 });
    const pid = ok(await startChild(supervisor, unnamed(fault.script)));
    if (pid === undefined) throw new Error("it started");
    await restarting(supervisor, fault, pid);
    const answers = [whichChildren(supervisor), counts(supervisor), terminateChild(supervisor, pid)];
    fault.fail();
    expect(await Promise.all(answers)).toEqual([
      [{ id: undefined, pid: "restarting", type: "worker" }],
      [1, 0, 0, 1],
      { ok: true },
    ]);
    expect(await whichChildren(supervisor)).toEqual([]);
    expect(await shutDown(supervisor)).toBe("shutdown");
  });
});
