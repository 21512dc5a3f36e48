// Starting and restarting dynamic children. (elixir: dynamic_supervisor_test)
import { describe, expect, it } from "vitest";
import {
  child,
  DynamicSupervisor,
  exit,
  failure,
  GenServer,
  ignore,
  named,
  type Pid,
  startChild,
  startedWith,
  stop,
  stopProcess,
  whereis,
  whichChildren,
} from "../../../src/supervision/index.js";
import {
  boom,
  counts,
  end,
  ok,
  onlyChild,
  settled,
  shutDown,
  supervise,
  unnamed,
} from "../../support/scripted-worker.js";
import { quiet, withVirtualTime } from "../../support/virtual-clock.js";

const time = withVirtualTime();

/** What its `init` was given. */
class Listener extends GenServer<string | undefined, { args: unknown[] }> {
  protected override init(...args: unknown[]) {
    this.state = { args };
  }
  args(): unknown[] {
    return this.state.args;
  }
  fail(): never {
    throw new Error("listener failed");
  }
}

describe("start", () => {
  it("A68 multiple supervisors: ids come from the names, and a second one without is already started", async () => {
    const supervisor = await supervise([
      child(DynamicSupervisor, {}, { name: named<DynamicSupervisor>("one") }),
      child(DynamicSupervisor, {}, { name: named<DynamicSupervisor>("two") }),
      child(DynamicSupervisor),
    ]);
    const rows = await whichChildren(supervisor);
    expect(rows.map(({ id }) => id)).toEqual(["DynamicSupervisor", "two", "one"]);
    expect(await startChild(supervisor, child(DynamicSupervisor))).toEqual({
      error: "already_started",
      detail: rows[0]?.pid,
    });
  });

  it("A69 set default options: three restarts in five seconds, any number of children, no extra arguments", async () => {
    const supervisor = await DynamicSupervisor.start();
    ok(await startChild(supervisor, child(Listener, "arg")));
    expect(await ((await onlyChild(supervisor)) as Pid as Pid<Listener>).call.args()).toEqual(["arg"]);
    for (let i = 0; i < 3; i++) await end(await onlyChild(supervisor), "kill", supervisor);
    await time.clock.advance(5_001);
    for (let i = 0; i < 3; i++) await end(await onlyChild(supervisor), "kill", supervisor);
    expect(supervisor.alive).toBe(true);
    await end(await onlyChild(supervisor), "kill", supervisor);
    expect(await supervisor.down).toBe("shutdown");
    for (const options of [{ maxChildren: -1 }, { extraArguments: "none" }, { maxRestarts: -1 }, { maxSeconds: 0 }]) {
      const code = expect.stringMatching(/^invalid_/);
      await expect(DynamicSupervisor.start(options as object)).rejects.toMatchObject({ cause: { code } });
    }
  });

  it("A70 with registered process: the name leads to it, it shows its class, and it can be stopped", async () => {
    const name = named<DynamicSupervisor>("dynamic");
    const supervisor = await DynamicSupervisor.start({ name });
    expect(whereis(name)).toBe(supervisor);
    expect(supervisor.inspect()).toMatchObject({ name: "dynamic", behaviour: "DynamicSupervisor" });
    await stopProcess(name);
    expect(whereis(name)).toBeUndefined();
  });
});

describe("extra arguments", () => {
  it("A71 supports extra arguments: they come before the child's own, or alone", async () => {
    const f = () => "shared";
    const supervisor = await DynamicSupervisor.start({ extraArguments: [f, 2] });
    const alone = ok(await startChild(supervisor, child(Listener))) as Pid<Listener>;
    const first = ok(await startChild(supervisor, child(Listener, "own"))) as Pid<Listener>;
    expect(await alone.call.args()).toEqual([f, 2]);
    expect(await first.call.args()).toEqual([f, 2, "own"]);
  });

  it("A78 restarting a child with extra_arguments: the second start is given the same", async () => {
    const f = () => "shared";
    const supervisor = await DynamicSupervisor.start({ extraArguments: [f] });
    ok(await startChild(supervisor, child(Listener, "own", { restart: "transient" })));
    const before = await onlyChild(supervisor);
    await end(before, "kill", supervisor);
    const after = (await onlyChild(supervisor)) as Pid as Pid<Listener>;
    expect(after).not.toBe(before);
    expect(await after.call.args()).toEqual([f, "own"]);
  });
});

describe("starting children", () => {
  it("A72 with different returns: running, ignored, or refused with the reason", async () => {
    const supervisor = await DynamicSupervisor.start();
    const start = (init: () => unknown) => startChild(supervisor, unnamed({ init }));
    expect(await start(() => undefined)).toEqual({ ok: await onlyChild(supervisor) });
    const told = await start(() => startedWith("extra"));
    expect(told).toEqual({ ok: await onlyChild(supervisor), info: "extra" });
    expect(await start(() => ignore)).toEqual({ ok: undefined });
    expect(await start(() => failure("found"))).toEqual({ error: "start_failed", detail: { error: "found" } });
    expect(await start(() => stop({ error: "unknown" }))).toEqual({
      error: "start_failed",
      detail: { error: "unknown" },
    });
    expect(await counts(supervisor)).toEqual([2, 2, 0, 2]);
  });

  it("A73 with throw/error/exit: what was thrown is the error, an exit reason stays bare", async () => {
    const supervisor = await DynamicSupervisor.start();
    const start = (init: () => unknown) => startChild(supervisor, unnamed({ init }));
    const oops = new Error("oops");
    const detail = await start(() => {
      throw "a value that is no error";
    });
    expect(detail).toEqual({ error: "start_failed", detail: { error: "a value that is no error" } });
    const thrown = await start(() => {
      throw oops;
    });
    expect(thrown).toEqual({ error: "start_failed", detail: { error: oops } });
    expect(oops.stack).toContain("dynamic-supervisor.test");
    expect(await start(() => stop({ shutdown: "oops" }))).toEqual({
      error: "start_failed",
      detail: { shutdown: "oops" },
    });
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
  });
});

describe("restart types", () => {
  it("A74 temporary child is not restarted regardless of reason", async () => {
    const supervisor = await DynamicSupervisor.start();
    for (const reason of ["shutdown", boom] as const) {
      ok(await startChild(supervisor, unnamed({}, { restart: "temporary" })));
      await end(await onlyChild(supervisor), reason, supervisor);
      expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
    }
  });

  it("A75 transient child is restarted unless normal/shutdown/{shutdown,_}", async () => {
    const supervisor = await DynamicSupervisor.start();
    for (const reason of ["normal", "shutdown", { shutdown: "signal" }] as const) {
      ok(await startChild(supervisor, unnamed({}, { restart: "transient" })));
      await end(await onlyChild(supervisor), reason, supervisor);
      expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
    }
    ok(await startChild(supervisor, unnamed({}, { restart: "transient" })));
    const before = await onlyChild(supervisor);
    await end(before, boom, supervisor);
    expect(await onlyChild(supervisor)).not.toBe(before);
  });
});

describe("restarts", () => {
  /** Pauses that leave a failing restart to be looked at; the clock stands still. */
  const backoff = { initial: 100, max: 100, jitter: 0 };

  it("A76 child is restarted with different values: replaced, gone, or tried again", async () => {
    for (const [again, rows, expected] of [
      [() => undefined, 1, [1, 1, 0, 1]],
      [() => ignore, 0, [0, 0, 0, 0]],
      [() => failure("error"), 1, [1, 0, 0, 1]],
      [() => stop({ error: "unknown" }), 1, [1, 0, 0, 1]],
    ] as const) {
      const supervisor = await DynamicSupervisor.start({ maxRestarts: 10 });
      let starts = 0;
      ok(
        await startChild(
          supervisor,
          unnamed(
            { init: () => (++starts === 1 ? undefined : starts === 2 ? startedWith("extra") : again()) },
            { backoff },
          ),
        ),
      );
      for (let i = 0; i < 2; i++) {
        await end(await onlyChild(supervisor), boom, supervisor);
        await time.clock.advance(200);
      }
      await settled(supervisor);
      expect(await whichChildren(supervisor)).toHaveLength(rows);
      expect(await counts(supervisor)).toEqual(expected);
      await shutDown(supervisor);
    }
  });

  it("A77 restarting on init children counted in max_children", async () => {
    const supervisor = await DynamicSupervisor.start({ maxChildren: 1 });
    let broken = false;
    ok(await startChild(supervisor, unnamed({ init: () => (broken ? failure("broken") : undefined) }, { backoff })));
    broken = true;
    await end(await onlyChild(supervisor), boom, supervisor);
    expect(await startChild(supervisor, unnamed())).toEqual({ error: "max_children" });
    expect(await counts(supervisor)).toEqual([1, 0, 0, 1]);
  });

  it("A79 child is restarted when trying again: after one attempt that fails comes one that works", async () => {
    const supervisor = await DynamicSupervisor.start({ maxRestarts: 2 });
    const seen: string[] = [];
    const outcomes = ["started", "failed", "started again"];
    const init = () => {
      const outcome = outcomes[seen.length] ?? "more";
      seen.push(outcome);
      return outcome === "failed" ? failure(outcome) : undefined;
    };
    ok(await startChild(supervisor, unnamed({ init })));
    await end(await onlyChild(supervisor), "kill", supervisor);
    await quiet();
    expect(seen).toEqual(outcomes);
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });

  it("A80 child triggers maximum intensity when trying again: every attempt counts", async () => {
    const supervisor = await DynamicSupervisor.start({ maxRestarts: 10 });
    let starts = 0;
    ok(await startChild(supervisor, unnamed({ init: () => (++starts === 1 ? undefined : failure("broken")) })));
    exit(await onlyChild(supervisor), "kill");
    expect(await supervisor.down).toBe("shutdown");
    expect(starts).toBe(11);
  });
});
