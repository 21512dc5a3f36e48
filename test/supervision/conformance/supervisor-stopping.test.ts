// How a supervisor ends its children: in which order, in which time, and with which reasons. (otp: supervisor_SUITE)
import { describe, expect, it } from "vitest";
import {
  DynamicSupervisor,
  type ExitReason,
  exit,
  named,
  type Pid,
  type Supervisor,
  send,
  startChild,
  terminateChild,
} from "../../../src/supervision/index.js";
import {
  boom,
  contexts,
  end,
  ok,
  pidOf,
  shutDown,
  supervise,
  supervisorReports,
  unnamed,
  type Worker,
  worker,
} from "../../support/scripted-worker.js";
import { quiet, withVirtualTime } from "../../support/virtual-clock.js";

const time = withVirtualTime();

async function dynamic(...children: Parameters<typeof unnamed>[]): Promise<{ supervisor: Pid; pids: Pid<Worker>[] }> {
  const supervisor = await DynamicSupervisor.start({ maxRestarts: 2, maxSeconds: 3_600 });
  const pids: Pid<Worker>[] = [];
  // What `unnamed` describes is a Worker.
  for (const given of children) pids.push(ok(await startChild(supervisor, unnamed(...given))) as Pid<Worker>);
  return { supervisor, pids };
}

function reasons(pids: readonly Pid[]): Promise<ExitReason[]> {
  return Promise.all(pids.map(({ down }) => down));
}

describe("shutdown times", () => {
  it("A28 sup_stop_infinity: a child given all the time ends with shutdown, worker or supervisor", async () => {
    const supervisor = await supervise([
      worker("supervisor", {}, { shutdown: "infinity", type: "supervisor" }),
      worker("worker", { traps: true }, { shutdown: "infinity" }),
    ]);
    const pids = [pidOf("supervisor"), pidOf("worker")];
    expect(await shutDown(supervisor)).toBe("shutdown");
    expect(await reasons(pids)).toEqual(["shutdown", "shutdown"]);
  });

  it("A29 sup_stop_timeout: a child busy beyond its time is killed, the other ends with shutdown", async () => {
    const supervisor = await supervise([worker("first", { traps: true }), worker("busy")]);
    const pids = [pidOf("first"), pidOf("busy")];
    pidOf("busy").cast.hang();
    const stopped = shutDown(supervisor);
    await time.clock.advance(999);
    expect(pids.map(({ alive }) => alive)).toEqual([true, true]);
    await time.clock.advance(1);
    expect(await stopped).toBe("shutdown");
    expect(await reasons(pids)).toEqual(["shutdown", "killed"]);
  });

  it("A30 sup_stop_brutal_kill: such a child is killed at once", async () => {
    const supervisor = await supervise([
      worker("gentle", { traps: true }),
      worker("brutal", { traps: true }, { shutdown: "brutal_kill" }),
    ]);
    const pids = [pidOf("gentle"), pidOf("brutal")];
    await shutDown(supervisor);
    expect(await reasons(pids)).toEqual(["shutdown", "killed"]);
  });

  it("A31 sup_stop_brutal_kill_dynamic: ten such children are all killed", async () => {
    const { supervisor, pids } = await dynamic(
      ...Array.from({ length: 10 }, (): Parameters<typeof unnamed> => [{ traps: true }, { shutdown: "brutal_kill" }]),
    );
    expect(await shutDown(supervisor)).toBe("shutdown");
    expect(await reasons(pids)).toEqual(Array(10).fill("killed"));
  });

  it("A32 sup_stop_non_shutdown_exit_dynamic: children keep the reason they answer with, and the supervisor ends with its own", async () => {
    for (const restart of ["permanent", "transient", "temporary"] as const) {
      const answers: ExitReason[] = ["normal", { shutdown: "oops" }, boom];
      const { supervisor, pids } = await dynamic(
        ...answers.map((answer): Parameters<typeof unnamed> => [{ answers: answer }, { restart }]),
      );
      expect(await shutDown(supervisor)).toBe("shutdown");
      expect(await reasons(pids)).toEqual(answers);
    }
  });

  it("A33 simple_one_for_one_shutdown: dynamic children stop at the same time, those past theirs are killed", async () => {
    const takes = (ms: number): Parameters<typeof unnamed> => [
      { terminating: () => new Promise<void>((resolve) => time.clock.setTimer(ms, resolve)), traps: true },
      { shutdown: 2_000 },
    ];
    const { supervisor, pids } = await dynamic(takes(1_000), takes(1_000), takes(5_000));
    const before = time.clock.now();
    let took = 0;
    void supervisor.down.then(() => (took = time.clock.now() - before));
    exit(supervisor, "shutdown");
    await time.clock.advance(10_000);
    expect(took).toBe(2_000);
    expect(await reasons(pids)).toEqual(["shutdown", "shutdown", "killed"]);
  });
});

describe("order", () => {
  it("A34 order_of_children: rest_for_one stops those after the crashed one from the last on and starts them from the first", async () => {
    const log: string[] = [];
    const ids = ["1", "2", "3", "4", "5"];
    const supervisor = await supervise(
      ids.map((id) => worker(id, { log, traps: true })),
      { strategy: "rest_for_one" },
    );
    const before = ids.map(pidOf);
    log.length = 0;
    await end(pidOf("3"), boom, supervisor);
    expect(log).toEqual(["stop 3", "stop 5", "stop 4", "start 3", "start 4", "start 5"]);
    expect(ids.map((id, index) => pidOf(id) === before[index])).toEqual([true, true, false, false, false]);
  });
});

describe("a child that unlinks itself", () => {
  it("A35 child_unlink: is still shut down, and a stray message in the meantime is consumed", async () => {
    const name = named<Supervisor>("unlinked");
    const supervisor = await supervise([worker("child")], { name });
    const reports = supervisorReports();
    const pid = pidOf("child");
    await pid.call.unlinkFrom(name);
    send(supervisor, "stray");
    expect(await terminateChild(supervisor, "child")).toEqual({ ok: true });
    expect(await pid.down).toBe("shutdown");
    expect(contexts(reports)).toEqual(["unexpected_message"]);
  });
});

describe("dynamic children", () => {
  it("A81 terminates children with brutal kill", async () => {
    const brutal: Parameters<typeof unnamed> = [{ traps: true }, { shutdown: "brutal_kill" }];
    const { supervisor, pids } = await dynamic(brutal, brutal, brutal);
    await shutDown(supervisor);
    expect(await reasons(pids)).toEqual(["killed", "killed", "killed"]);
  });

  it("A82 terminates children with infinity shutdown and abnormal reason: each keeps its reason", async () => {
    const oops: Parameters<typeof unnamed> = [{ answers: { shutdown: "oops" } }, { shutdown: "infinity" }];
    const { supervisor, pids } = await dynamic(oops, oops, oops);
    expect(await shutDown(supervisor)).toBe("shutdown");
    expect(await reasons(pids)).toEqual(Array(3).fill({ shutdown: "oops" }));
  });

  it("A83 terminates children with integer shutdown: in time, and with the reason they answer", async () => {
    for (const [script, reason] of [
      [{ traps: true }, "shutdown"],
      [{ answers: { shutdown: "oops" } }, { shutdown: "oops" }],
    ] as const) {
      const { supervisor, pids } = await dynamic([script], [script], [script]);
      expect(await shutDown(supervisor)).toBe("shutdown");
      expect(await reasons(pids)).toEqual([reason, reason, reason]);
      expect(time.clock.now()).toBe(0);
    }
  });

  it("A84 terminates children with permanent restart and normal reason: that is reported", async () => {
    const normal: Parameters<typeof unnamed> = [{ answers: "normal" }];
    const { supervisor, pids } = await dynamic(normal, normal, [{ answers: "normal" }, { restart: "transient" }]);
    const reports = supervisorReports();
    await shutDown(supervisor);
    expect(await reasons(pids)).toEqual(["normal", "normal", "normal"]);
    expect(reports).toMatchObject([{ context: "shutdown_error", reason: "normal", child: { nbChildren: 2 } }]);
  });

  it("A85 terminates with mixed children: each as its spec says", async () => {
    const { supervisor, pids } = await dynamic(
      [{ traps: true }, { shutdown: "infinity" }],
      [{ traps: true }, { shutdown: "brutal_kill" }],
    );
    await shutDown(supervisor);
    expect(await reasons(pids)).toEqual(["shutdown", "killed"]);
  });

  it("A86 terminates restarting child: by its last pid, once", async () => {
    let broken = false;
    const init = () => {
      if (broken) throw new Error("broken");
    };
    const { supervisor, pids } = await dynamic([{ init }, { backoff: { initial: 100, max: 100, jitter: 0 } }]);
    const [pid] = pids;
    if (pid === undefined) throw new Error("it started");
    broken = true;
    await end(pid, boom, supervisor);
    expect(await terminateChild(supervisor, pid)).toEqual({ ok: true });
    expect(await terminateChild(supervisor, pid)).toEqual({ error: "not_found" });
    broken = false;
    await time.clock.advance(1_000);
    await quiet();
    expect(await shutDown(supervisor)).toBe("shutdown");
  });
});
