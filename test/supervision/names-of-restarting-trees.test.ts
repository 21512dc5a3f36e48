// Who calls a name while the supervisor above it restarts or ends: waits if the child comes back, and is told if it does not.
import { describe, expect, it } from "vitest";
import { type ChildSpec, child, exit, named, Supervisor } from "../../src/supervision/index.js";
import { boom, end, pidOf, type Script, shutDown, supervise, type Worker, worker } from "../support/scripted-worker.js";
import { quiet, withVirtualTime } from "../support/virtual-clock.js";

const time = withVirtualTime();
const backoff = { initial: 100, max: 100, jitter: 0 };

function value(id: string): Promise<unknown> {
  return named<Worker>(id).call.get();
}

/** The inner supervisor of these tests; it ends at the first crash of a child without backoff. */
function inner(...children: ChildSpec[]): ChildSpec {
  const options = { strategy: "one_for_one", maxRestarts: 0, children } as const;
  return child(Supervisor, options, { name: named<Supervisor>("inner") });
}

/** Starts at once the first time and takes 100 ms from then on. */
function slowAgain(): Script {
  let starts = 0;
  return { init: () => (++starts === 1 ? undefined : new Promise<void>((done) => time.clock.setTimer(100, done))) };
}

describe("names below a supervisor that is restarted", () => {
  it("let calls wait, also those to children that did not crash themselves", async () => {
    await supervise([inner(worker("slow", slowAgain()), worker("sibling"))]);
    exit(pidOf("slow"), boom);
    await quiet();
    const calls = Promise.all([value("slow"), value("sibling")]);
    await time.clock.advance(100);
    expect(await calls).toEqual([0, 0]);
  });

  it("let calls wait after a kill, which counts as one restart however many names are still taken", async () => {
    const top = await supervise([inner(worker("one", { traps: true }), worker("two", { traps: true }))], {
      maxRestarts: 1,
    });
    exit(named("inner"), "kill");
    await quiet();
    expect([await value("one"), await value("two")]).toEqual([0, 0]);
    expect(top.alive).toBe(true);
  });

  it("are free with an answer to those that wait once the restart has failed for good", async () => {
    let broken = false;
    const fails = worker("fails", { init: () => (broken ? Promise.reject(new Error("broken")) : undefined) });
    const top = await supervise([inner(worker("before", slowAgain()), fails, worker("after"))], { maxRestarts: 1 });
    broken = true;
    exit(pidOf("fails"), boom);
    await quiet();
    const calls = Promise.allSettled([value("fails"), value("after")]);
    await time.clock.advance(1_000);
    expect(await top.down).toBe("shutdown");
    for (const call of await calls) expect(call).toMatchObject({ status: "rejected", reason: { code: "noproc" } });
    await expect(value("after")).rejects.toMatchObject({ code: "noproc" });
  });
});

describe("names below a supervisor that ends for good", () => {
  it("are free at every depth when it was about to be restarted and then is not", async () => {
    const slowEnd = worker("slow end", {
      traps: true,
      terminating: () => new Promise<void>((done) => time.clock.setTimer(100, done)),
    });
    const deep = child(Supervisor, { strategy: "one_for_one", children: [worker("leaf")] }, { id: "deep" });
    const top = await supervise([inner(slowEnd, deep, worker("crasher"))]);
    exit(pidOf("crasher"), boom);
    await quiet();
    const waiting = expect(value("leaf")).rejects.toMatchObject({ code: "noproc" });
    exit(top, "shutdown");
    await time.clock.advance(100);
    expect(await top.down).toBe("shutdown");
    await waiting;
    await expect(value("leaf")).rejects.toMatchObject({ code: "noproc" });
  });

  for (const how of ["kill", "shutdown"] as const) {
    it(`are free, and those that wait are told: ${how}`, async () => {
      const supervisor = await supervise([worker("child", {}, { backoff })]);
      await end(pidOf("child"), boom, supervisor);
      const waiting = expect(value("child")).rejects.toMatchObject({ code: "noproc" });
      if (how === "shutdown") await shutDown(supervisor);
      else exit(supervisor, "kill");
      await waiting;
      await expect(value("child")).rejects.toMatchObject({ code: "noproc" });
    });
  }
});
