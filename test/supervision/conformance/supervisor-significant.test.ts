// When the end of a significant child ends its supervisor. (otp: supervisor_SUITE, auto_shutdown)
import { describe, expect, it } from "vitest";
import {
  type AutoShutdown,
  type ChildSpec,
  child,
  DynamicSupervisor,
  named,
  type Pid,
  Supervisor,
  startChild,
  terminateChild,
  whichChild,
} from "../../../src/supervision/index.js";
import { boom, counts, end, ok, pidOf, settled, shutDown, supervise, worker } from "../../support/scripted-worker.js";
import { withVirtualTime } from "../../support/virtual-clock.js";

withVirtualTime();

const significant = (id: string, restart: "transient" | "temporary") => worker(id, {}, { restart, significant: true });

function start(autoShutdown: AutoShutdown, ...children: ChildSpec[]): Promise<Pid> {
  return supervise(children, { autoShutdown, maxRestarts: 10 });
}

describe("children that are not significant", () => {
  it("A58 nonsignificant_transient: however such a child ends the supervisor goes on", async () => {
    for (const mode of ["never", "any_significant", "all_significant"] as const) {
      const supervisor = await start(mode, worker("child", {}, { restart: "transient" }));
      await end(pidOf("child"), "kill", supervisor);
      await end(pidOf("child"), boom, supervisor);
      expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
      await end(pidOf("child"), "normal", supervisor);
      expect(await counts(supervisor)).toEqual([1, 0, 0, 1]);
      expect(await terminateChild(supervisor, "child")).toEqual({ ok: true });
      expect(supervisor.alive).toBe(true);
      await shutDown(supervisor);
    }
  });
});

describe("significant children", () => {
  it("A59 significant_temporary: a child ended by terminateChild ends nothing else", async () => {
    const supervisor = await start(
      "any_significant",
      significant("1", "temporary"),
      significant("2", "temporary"),
      worker("3"),
    );
    expect(await terminateChild(supervisor, "1")).toEqual({ ok: true });
    expect(await counts(supervisor)).toEqual([2, 2, 0, 2]);
  });

  it("A60 significant_temporary: with all_significant the last one to end takes the rest along", async () => {
    const supervisor = await start(
      "all_significant",
      significant("1", "temporary"),
      significant("2", "temporary"),
      worker("3"),
    );
    const rest = pidOf("3");
    await end(pidOf("1"), boom, supervisor);
    expect(await counts(supervisor)).toEqual([2, 2, 0, 2]);
    await end(pidOf("2"), "normal", supervisor);
    expect(await rest.down).toBe("shutdown");
    expect(await supervisor.down).toBe("shutdown");
  });

  it("A61 significant_transient: one that fails is restarted and the supervisor lives", async () => {
    const supervisor = await start("any_significant", significant("child", "transient"));
    for (const reason of ["kill", boom] as const) {
      const before = pidOf("child");
      await end(before, reason, supervisor);
      expect(pidOf("child")).not.toBe(before);
    }
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });

  it("A62 significant_transient: with all_significant only the second clean end counts", async () => {
    const supervisor = await start("all_significant", significant("1", "transient"), significant("2", "transient"));
    await end(pidOf("1"), "normal", supervisor);
    expect(await counts(supervisor)).toEqual([2, 1, 0, 2]);
    await end(pidOf("2"), "normal", supervisor);
    expect(await supervisor.down).toBe("shutdown");
  });

  it("A63 significant_simple: a dynamic supervisor shuts down by itself for no child, and takes no significant one", async () => {
    for (const autoShutdown of ["any_significant", "all_significant"]) {
      await expect(DynamicSupervisor.start({ autoShutdown } as object)).rejects.toMatchObject({
        cause: { code: "invalid_auto_shutdown" },
      });
    }
    const supervisor = await DynamicSupervisor.start({ autoShutdown: "never" } as object);
    expect(await startChild(supervisor, significant("child", "transient"))).toEqual({ error: "invalid_significant" });
  });
});

describe("escalation", () => {
  /** A (any) over B, transient (any), over the significant child C. */
  async function tree(bIsSignificant: boolean): Promise<{ a: Pid; b: Pid; c: Pid }> {
    const inner = {
      strategy: "one_for_one",
      autoShutdown: "any_significant",
      children: [significant("c", "transient")],
    } as const;
    const b = child(Supervisor, inner, {
      name: named<Supervisor>("b"),
      restart: "transient",
      significant: bIsSignificant,
    });
    const a = await start("any_significant", b);
    return { a, b: pidOf("b"), c: pidOf("c") };
  }

  it("A64 significant_escalation: a significant supervisor that ends this way ends its own", async () => {
    const { a, b, c } = await tree(true);
    await end(c, "normal", b);
    expect(await b.down).toBe("shutdown");
    expect(await a.down).toBe("shutdown");
  });

  it("A65 significant_escalation: one that is not significant does not", async () => {
    const { a, b, c } = await tree(false);
    await end(c, "normal", b);
    expect(await b.down).toBe("shutdown");
    await settled(a);
    expect(a.alive).toBe(true);
    expect(ok(await whichChild(a, "b")).pid).toBeUndefined();
  });
});
