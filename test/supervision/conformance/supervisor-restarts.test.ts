// Which child is started again after which end, and what is kept of those that are not. (otp: supervisor_SUITE)
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  child,
  type ExitReason,
  exit,
  GenServer,
  type Pid,
  type Restart,
  restartChild,
  type Strategy,
  Supervisor,
  startChild,
  terminateChild,
  whichChild,
} from "../../../src/supervision/index.js";
import { boom, counts, end, ok, pidOf, settled, shutDown, supervise, worker } from "../../support/scripted-worker.js";
import { quiet, withVirtualTime } from "../../support/virtual-clock.js";

const time = withVirtualTime();

const info: ExitReason = { shutdown: "info" };

async function one(restart: Restart): Promise<{ supervisor: Pid; before: Pid }> {
  const supervisor = await supervise([worker("child", {}, { restart })], { maxRestarts: 10 });
  return { supervisor, before: pidOf("child") };
}

describe("restart types", () => {
  it("A36 permanent_shutdown: a permanent child is restarted after every clean end", async () => {
    const { supervisor, before } = await one("permanent");
    await end(before, "shutdown", supervisor);
    const second = pidOf("child");
    expect(second).not.toBe(before);
    await end(second, info, supervisor);
    expect(pidOf("child")).not.toBe(second);
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });

  it("A37 permanent_abnormal: a permanent child is restarted after a crash", async () => {
    const { supervisor, before } = await one("permanent");
    await end(before, boom, supervisor);
    expect(pidOf("child")).not.toBe(before);
  });

  it("A38 transient_shutdown: a transient child stays down after a clean end and can be restarted", async () => {
    const { supervisor, before } = await one("transient");
    await end(before, "shutdown", supervisor);
    expect(await counts(supervisor)).toEqual([1, 0, 0, 1]);
    ok(await restartChild(supervisor, "child"));
    await end(pidOf("child"), info, supervisor);
    expect(await whichChild(supervisor, "child")).toEqual({ ok: { id: "child", pid: undefined, type: "worker" } });
  });

  it("A39 transient_abnormal: a transient child is restarted after a crash", async () => {
    const { supervisor, before } = await one("transient");
    await end(before, boom, supervisor);
    expect(pidOf("child")).not.toBe(before);
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });

  it("A40 temporary_shutdown: a temporary child's spec is gone, and its id can be started again", async () => {
    const { supervisor, before } = await one("temporary");
    await end(before, "shutdown", supervisor);
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
    ok(await startChild(supervisor, worker("child", {}, { restart: "temporary" })));
    await end(pidOf("child"), info, supervisor);
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
    expect(await startChild(supervisor, worker("child", {}, { restart: "temporary" }))).toHaveProperty("ok");
  });

  it("A41 temporary_abnormal: a temporary child is not restarted after a crash and its spec is gone", async () => {
    const { supervisor, before } = await one("temporary");
    await end(before, boom, supervisor);
    expect(await whichChild(supervisor, "child")).toEqual({ error: "not_found" });
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
  });
});

describe("what is kept of a child that has ended", () => {
  it("A42 do_not_save_child_specs_for_temporary_children: nothing, whatever the strategy and however it ended", async () => {
    const strategies: Strategy[] = ["one_for_one", "one_for_all", "rest_for_one"];
    const ends = ["kill", "normal", boom, "terminateChild"] as const;
    for (const strategy of strategies) {
      for (const restart of ["permanent", "transient", "temporary"] as const) {
        for (const how of ends) {
          const spec = worker("child", {}, { restart });
          const supervisor = await supervise([spec], { strategy });
          if (how === "terminateChild") ok(await terminateChild(supervisor, "child"));
          else await end(pidOf("child"), how, supervisor);
          const again = await startChild(supervisor, spec);
          const staysDown = how === "terminateChild" || (how === "normal" && restart === "transient");
          if (restart === "temporary") expect(again).toHaveProperty("ok");
          else expect(again).toMatchObject({ error: staysDown ? "already_present" : "already_started" });
          await shutDown(supervisor);
        }
      }
    }
  });

  it("A43 do_not_save_start_parameters_for_temporary_children: their start arguments can be collected while they run", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void; // the function that --expose-gc makes
    class Forgetful extends GenServer<{ readonly large: Uint8Array }> {}
    const kept: Record<string, number> = {};
    for (const restart of ["permanent", "transient", "temporary"] as const) {
      const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
      const args: WeakRef<object>[] = [];
      // In a function of its own, whose variables are gone once it has returned.
      const start = async (id: string) => {
        const arg = { large: new Uint8Array(10_000) };
        args.push(new WeakRef(arg));
        ok(await startChild(supervisor, child(Forgetful, arg, { id, restart })));
      };
      for (let i = 0; i < 100; i++) await start(`child ${i}`);
      await settled(supervisor);
      // A WeakRef's target lives until the job that made it is over.
      await quiet();
      collect();
      kept[restart] = args.filter((arg) => arg.deref() !== undefined).length;
      expect(await counts(supervisor)).toEqual([100, 100, 0, 100]);
      await shutDown(supervisor);
    }
    expect(kept).toEqual({ permanent: 100, transient: 100, temporary: 0 });
  });
});

describe("a child supervisor past its own limit", () => {
  it("A182 transient supervisor over limit: it ends with shutdown; a permanent one is restarted, a transient one is not", async () => {
    const inner = (id: string, restart: Restart) =>
      child(
        Supervisor,
        { strategy: "one_for_one", maxRestarts: 0, children: [worker(`${id} worker`)] },
        { id, restart },
      );
    const top = await supervise([inner("permanent", "permanent"), inner("transient", "transient")]);
    const before = [ok(await whichChild(top, "permanent")).pid, ok(await whichChild(top, "transient")).pid];
    for (const id of ["permanent", "transient"]) exit(pidOf(`${id} worker`), boom);
    for (const pid of before) expect(await (pid as Pid).down).toBe("shutdown");
    await settled(top);
    expect(ok(await whichChild(top, "permanent")).pid).toMatchObject({ alive: true });
    expect(ok(await whichChild(top, "permanent")).pid).not.toBe(before[0]);
    expect(ok(await whichChild(top, "transient")).pid).toBeUndefined();
  });
});

describe("backoff", () => {
  it("doubles the pause before each restart up to its maximum, and starts over once a restart has lasted", async () => {
    const spec = worker("child", {}, { backoff: { initial: 100, max: 300, jitter: 0 } });
    const supervisor = await supervise([spec], { maxRestarts: 3, maxSeconds: 5 });
    for (const pause of [100, 200, 300]) {
      await end(pidOf("child"), boom, supervisor);
      await time.clock.advance(pause - 1);
      expect(ok(await whichChild(supervisor, "child")).pid).toBe("restarting");
      await time.clock.advance(1);
      expect(pidOf("child").alive).toBe(true);
    }
    await time.clock.advance(5_001);
    await end(pidOf("child"), boom, supervisor);
    await time.clock.advance(100);
    expect(pidOf("child").alive).toBe(true);
  });
});
