import { describe, expect, it } from "vitest";
import {
  Application,
  child,
  GenServer,
  IsolationError,
  named,
  type Supervisor,
  whereis,
} from "../../src/supervision/index.js";

const log: string[] = [];

class Part extends GenServer<string, string> {
  protected override init(name: string) {
    this.trapExit = true;
    log.push(`start ${name}`);
    this.state = name;
  }
  protected override terminate() {
    log.push(`end ${this.state}`);
  }
}

class Broken extends GenServer {
  protected override init() {
    const missing = undefined as unknown as () => void;
    missing();
  }
}

describe("an application", () => {
  it("A9 faulty_application_shutdown: a child that crashes in init fails the start and leaves nothing behind", async () => {
    const name = named<Supervisor>("faulty");
    const faulty = { strategy: "one_for_one", name, children: [child(Broken)] } as const;
    for (let i = 0; i < 2; i++) {
      await expect(Application.start(faulty)).rejects.toMatchObject({
        reason: { shutdown: { failedToStartChild: "Broken", reason: { error: { name: "TypeError" } } } },
      });
      expect(whereis(name)).toBeUndefined();
    }
  });

  it("A187 application phases and stop order: tree, phases, complete; prepStop, tree down, stop with prepStop's value", async () => {
    log.length = 0;
    const app = await Application.start({
      strategy: "one_for_one",
      children: [child(Part, "a", { id: "a" }), child(Part, "b", { id: "b" })],
      startPhases: {
        first: async () => {
          await Promise.resolve();
          log.push("first");
        },
        second: (running) => {
          log.push(`second ${running.tree()?.children?.length}`);
        },
      },
      prepStop: (running) => {
        log.push(`prepStop ${running.tree()?.children?.length}`);
        return { from: "prepStop" };
      },
      stop: (state) => {
        log.push(`stop ${state?.from}`);
      },
    });
    log.push("complete");
    await app.stop();
    expect(log).toEqual([
      ...["start a", "start b", "first", "second 2", "complete"],
      ...["prepStop 2", "end b", "end a", "stop prepStop"],
    ]);
  });

  it("stops again when a phase fails, and says which", async () => {
    log.length = 0;
    const start = Application.start({
      strategy: "one_for_one",
      children: [child(Part, "a")],
      startPhases: {
        open: () => {
          throw new Error("no ports left");
        },
        never: () => {
          log.push("never");
        },
      },
    });
    await expect(start).rejects.toMatchObject({ code: "phase_failed", cause: { message: "no ports left" } });
    expect(log).toEqual(["start a", "end a"]);
  });

  it("runs stop without a state when the tree ends by itself", async () => {
    const states: unknown[] = [];
    const app = await Application.start({
      strategy: "one_for_one",
      maxRestarts: 0,
      children: [child(Part, "a", { name: named<Part>("self-ended") })],
      prepStop: () => "unused",
      stop: (state) => states.push(state),
    });
    const pid = named<Part>("self-ended").whereis();
    (await import("../../src/supervision/index.js")).exit(pid ?? app.supervisor, "kill");
    expect(await app.done).toBe("shutdown");
    await app.stop();
    expect(states).toEqual([undefined]);
  });

  it("takes the tree down even if prepStop fails, and tells who stopped it", async () => {
    const app = await Application.start({
      strategy: "one_for_one",
      children: [],
      prepStop: () => {
        throw new Error("not ready");
      },
    });
    await expect(app.stop()).rejects.toThrow("not ready");
    expect(await app.done).toBe("shutdown");
  });

  it("does not start before the applications it needs, and shows its env", async () => {
    const base = await Application.start({ strategy: "one_for_one", children: [], env: { port: 80 } });
    expect(base.env).toEqual({ port: 80 });
    const above = await Application.start({ strategy: "one_for_one", children: [], applications: [base] });
    await above.stop();
    await base.stop();
    await expect(
      Application.start({ strategy: "one_for_one", children: [], applications: [base] }),
    ).rejects.toMatchObject({ code: "not_started" });
  });

  it("says what to import when it is asked for blame or isolation that nothing provides", async () => {
    const tree = { strategy: "one_for_one", children: [] } as const;
    await expect(Application.start({ ...tree, blame: true })).rejects.toMatchObject({
      code: "blame_unavailable",
      message: expect.stringContaining("banyan/node"),
    });
    await expect(Part.start("x", { isolation: "thread" })).rejects.toMatchObject({
      code: "isolation_unavailable",
      cause: expect.any(IsolationError),
      message: expect.stringContaining('import "banyan/node"'),
    });
  });
});
