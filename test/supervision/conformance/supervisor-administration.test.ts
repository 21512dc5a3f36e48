// Asking a supervisor about its children, adding, stopping, restarting and deleting them. (otp: supervisor_SUITE)
import { describe, expect, it } from "vitest";
import {
  child,
  DynamicSupervisor,
  deleteChild,
  exit,
  named,
  type Pid,
  restartChild,
  Supervisor,
  startChild,
  startedWith,
  terminateChild,
  whichChild,
  whichChildren,
} from "../../../src/supervision/index.js";
import { boom, counts, end, ok, pidOf, settled, supervise, unnamed, worker } from "../../support/scripted-worker.js";
import { withVirtualTime } from "../../support/virtual-clock.js";

withVirtualTime();

describe("a static supervisor", () => {
  it("A18 child_adm: an unknown child is not found; an unknown supervisor is noproc and named in the message", async () => {
    const supervisor = await supervise([]);
    expect(await terminateChild(supervisor, "unknown")).toEqual({ error: "not_found" });
    const nobody = named<Supervisor>("nobody");
    expect(await terminateChild(nobody, "child")).toMatchObject({ error: "noproc" });
    expect(await startChild(nobody, worker("child"))).toMatchObject({ error: "noproc" });
    expect(await restartChild(nobody, "child")).toMatchObject({ error: "noproc" });
    expect(await deleteChild(nobody, "child")).toMatchObject({ error: "noproc" });
    await expect(whichChildren(nobody)).rejects.toMatchObject({
      code: "noproc",
      message: expect.stringContaining("nobody"),
    });
  });

  it("A19 child_adm: a child that was terminated keeps its spec, and terminating it again is no error", async () => {
    const supervisor = await supervise([worker("child")]);
    const pid = pidOf("child");
    expect(await terminateChild(supervisor, "child")).toEqual({ ok: true });
    expect(await pid.down).toBe("shutdown");
    expect(await whichChildren(supervisor)).toEqual([{ id: "child", pid: undefined, type: "worker" }]);
    expect(await counts(supervisor)).toEqual([1, 0, 0, 1]);
    expect(await terminateChild(supervisor, "child")).toEqual({ ok: true });
  });

  it("A20 child_adm: a stopped child can be restarted, once", async () => {
    const supervisor = await supervise([worker("child")]);
    const before = pidOf("child");
    await terminateChild(supervisor, "child");
    const after = ok(await restartChild(supervisor, "child"));
    expect(after).toBe(pidOf("child"));
    expect(after).not.toBe(before);
    expect(await restartChild(supervisor, "child")).toEqual({ error: "running" });
    expect(await restartChild(supervisor, "unknown")).toEqual({ error: "not_found" });
  });

  it("A21 child_adm: only a stopped child can be deleted, and nothing of it is left", async () => {
    const supervisor = await supervise([worker("child")]);
    expect(await deleteChild(supervisor, "child")).toEqual({ error: "running" });
    expect(await deleteChild(supervisor, "unknown")).toEqual({ error: "not_found" });
    await terminateChild(supervisor, "child");
    expect(await deleteChild(supervisor, "child")).toEqual({ ok: true });
    expect(await restartChild(supervisor, "child")).toEqual({ error: "not_found" });
    expect(await whichChildren(supervisor)).toEqual([]);
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
  });

  it("A22 extra_return: what a start has to tell reaches who asked for it, beside the pid, and nobody else", async () => {
    const supervisor = await supervise([]);
    const spec = worker("child", { init: () => startedWith("info") });
    expect(await startChild(supervisor, spec)).toEqual({ ok: pidOf("child"), info: "info" });
    await terminateChild(supervisor, "child");
    expect(await restartChild(supervisor, "child")).toEqual({ ok: pidOf("child"), info: "info" });
    await end(pidOf("child"), boom, supervisor);
    expect(await whichChildren(supervisor)).toEqual([{ id: "child", pid: pidOf("child"), type: "worker" }]);
  });

  it("answers already_started with the pid also where a name is held by somebody else's child", async () => {
    const other = await supervise([worker("child")]);
    const supervisor = await supervise([]);
    const again = { error: "already_started", detail: pidOf("child") };
    expect(await startChild(other, worker("child"))).toEqual(again);
    expect(await startChild(supervisor, worker("child"))).toEqual(again);
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
    await expect(supervise([worker("child")])).rejects.toMatchObject({
      reason: { shutdown: { reason: { error: { code: "already_started", pid: pidOf("child") } } } },
    });
    expect(pidOf("child").alive).toBe(true);
  });

  it("A25 which_children / which_child: newest first, and each row follows its child", async () => {
    const supervisor = await supervise([]);
    const ids = ["one", "two", "three"];
    for (const id of ids) ok(await startChild(supervisor, worker(id)));
    expect((await whichChildren(supervisor)).map(({ id }) => id)).toEqual(["three", "two", "one"]);
    for (const id of ids) {
      expect(await whichChild(supervisor, id)).toEqual({ ok: { id, pid: pidOf(id), type: "worker" } });
      await terminateChild(supervisor, id);
      expect(await whichChild(supervisor, id)).toEqual({ ok: { id, pid: undefined, type: "worker" } });
      await deleteChild(supervisor, id);
      expect(await whichChild(supervisor, id)).toEqual({ error: "not_found" });
      expect(await whichChild(supervisor, "unknown")).toEqual({ error: "not_found" });
    }
    expect(await whichChildren(supervisor)).toEqual([]);
  });
});

describe("a dynamic supervisor", () => {
  it("A23 child_adm_simple: counts and rows are those of the children that run", async () => {
    const supervisor = await DynamicSupervisor.start();
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
    const first = ok(await startChild(supervisor, unnamed()));
    const second = ok(await startChild(supervisor, unnamed()));
    expect(await counts(supervisor)).toEqual([2, 2, 0, 2]);
    expect(await whichChildren(supervisor)).toEqual([
      { id: undefined, pid: second, type: "worker" },
      { id: undefined, pid: first, type: "worker" },
    ]);
    if (first === undefined) throw new Error("it started");
    expect(await whichChild(supervisor, first)).toEqual({ ok: { id: undefined, pid: first, type: "worker" } });
  });

  it("A24 child_adm_simple: children known by pid alone cannot be restarted, deleted or found by an id", async () => {
    const supervisor = await DynamicSupervisor.start();
    ok(await startChild(supervisor, unnamed({}, { id: "child" })));
    expect(await restartChild(supervisor, "child")).toEqual({ error: "simple_one_for_one" });
    expect(await deleteChild(supervisor, "child")).toEqual({ error: "simple_one_for_one" });
    expect(await whichChild(supervisor, "child")).toEqual({ error: "simple_one_for_one" });
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });

  it("A26 count_children: counts agree with the rows for thousands of children, also when asked again", async () => {
    const supervisor = await DynamicSupervisor.start();
    for (const total of [1_000, 2_000]) {
      const missing = total - (await whichChildren(supervisor)).length;
      for (let i = 0; i < missing; i++) ok(await startChild(supervisor, unnamed({}, { restart: "temporary" })));
      for (let read = 0; read < 2; read++) {
        expect(await counts(supervisor)).toEqual([total, total, 0, total]);
        expect(await whichChildren(supervisor)).toHaveLength(total);
      }
    }
    await killAll(supervisor);
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
  });

  it("A27 count_children_supervisor: children that are supervisors are counted as such", async () => {
    const supervisor = await DynamicSupervisor.start();
    const spec = child(Supervisor, { strategy: "one_for_one", children: [] }, { restart: "temporary" });
    for (let i = 0; i < 1_000; i++) ok(await startChild(supervisor, spec));
    expect(await counts(supervisor)).toEqual([1_000, 1_000, 1_000, 0]);
    await killAll(supervisor);
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
  });
});

async function killAll(supervisor: Pid): Promise<void> {
  const pids = (await whichChildren(supervisor)).map(({ pid }) => pid);
  const running = pids.filter((pid) => pid !== undefined && pid !== "restarting");
  for (const pid of running) exit(pid, "kill");
  await Promise.all(running.map(({ down }) => down));
  await settled(supervisor);
}
