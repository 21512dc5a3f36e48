import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import {
  Application,
  child,
  currentRuntime,
  ExplorationError,
  explore,
  GenServer,
  named,
  type Pid,
  type SimulatedRuntime,
  Supervisor,
  simulate,
  whereis,
} from "../../src/supervision/index.js";

class Counter extends GenServer<number, { count: number }> {
  protected override init(start: number) {
    this.state = { count: start };
  }
  increment() {
    return ++this.state.count;
  }
  get() {
    return this.state.count;
  }
}

class Ticker extends GenServer<number, { ticks: number }> {
  protected override init(every: number) {
    this.state = { ticks: 0 };
    this.sendAfter(every, every);
  }
  protected override handleInfo(every: unknown) {
    this.state.ticks++;
    this.sendAfter(Number(every), every);
  }
  ticks() {
    return this.state.ticks;
  }
}

class Sender extends GenServer<{ to: Pid<Receiver>; name: string }> {
  private to!: Pid<Receiver>; // set by init
  private name = "";
  protected override init({ to, name }: { to: Pid<Receiver>; name: string }) {
    this.to = to;
    this.name = name;
  }
  burst(count: number) {
    for (let i = 0; i < count; i++) this.use(this.to).cast.note(`${this.name}${i}`);
    if (count > 1) this.use(this.self<Sender>()).cast.burst(count - 1);
  }
}

class Receiver extends GenServer<void, { seen: string[] }> {
  protected override init() {
    this.state = { seen: [] };
  }
  note(what: string) {
    this.state.seen.push(what);
  }
  seen() {
    return this.state.seen;
  }
}

class Slow extends GenServer {
  async timer() {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  async longTimer() {
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  async immediate() {
    await new Promise((resolve) => setImmediate(resolve));
  }
  async file() {
    await readFile(import.meta.filename);
  }
  async never() {
    await new Promise(() => {});
  }
  async gate(gate: Promise<string>) {
    return await gate;
  }
}

const counter = named<Counter>("counter");
const oneCounter = { strategy: "one_for_one", children: [child(Counter, 0, { name: counter })] } as const;

describe("virtual time", () => {
  it("passes only when asked, at once, and fires what is due on the way", async () => {
    const real = Date.now();
    const seen = await simulate({ seed: 1 }, async (runtime) => {
      const ticker = await Ticker.start(1_000);
      expect(runtime.now).toBe(0);
      await runtime.advance(3_600_500);
      expect(runtime.now).toBe(3_600_500);
      return ticker.call.ticks();
    });
    expect(seen).toBe(3_600);
    expect(Date.now() - real).toBeLessThan(5_000);
  });

  it("moves on by itself to the next timer while the scenario waits and nothing else can run", async () => {
    await simulate({ seed: 1 }, async (runtime) => {
      const slow = await Slow.start();
      await expect(slow.with({ timeout: 700 }).call.never()).rejects.toMatchObject({ code: "timeout" });
      expect(runtime.now).toBe(700);
    });
  });

  it("dates reports in virtual time as well", async () => {
    const dates = async (): Promise<number[]> =>
      simulate({ seed: 7 }, async (runtime) => {
        const at: number[] = [];
        runtime.reports.on("progress", (report) => at.push(report.at));
        await runtime.advance(10);
        await Application.start(oneCounter);
        return at;
      });
    expect(await dates()).toEqual(await dates());
  });
});

describe("the run", () => {
  it("uses its own runtime for plain code and puts the other back, whatever happens", async () => {
    const before = currentRuntime();
    await simulate({ seed: 1 }, async (runtime) => {
      expect(currentRuntime()).toBe(runtime);
      await Application.start(oneCounter);
      expect(whereis(counter)).toBeDefined();
      expect(runtime.leftovers()).toContain("name counter");
    });
    expect(currentRuntime()).toBe(before);
    expect(whereis(counter)).toBeUndefined();
    await expect(simulate({ seed: 1 }, () => Promise.reject(new Error("my own")))).rejects.toThrow("my own");
    expect(currentRuntime()).toBe(before);
    const thrower = (): Promise<void> => {
      throw new Error("at once");
    };
    await expect(simulate({ seed: 1 }, thrower)).rejects.toThrow("at once");
    expect(currentRuntime()).toBe(before);
  });

  it("lets runs that overlap wait for each other", async () => {
    const run = (seed: number) =>
      simulate({ seed }, async (runtime) => {
        await Application.start(oneCounter);
        for (let i = 0; i < seed; i++) counter.cast.increment();
        await runtime.advance(seed);
        return [await counter.call.get(), runtime.now];
      });
    expect(await Promise.all([run(3), run(5)])).toEqual([
      [3, 3],
      [5, 5],
    ]);
  });

  async function order(seed: number): Promise<string[]> {
    return simulate({ seed }, async (runtime) => {
      const to = await Receiver.start();
      for (const name of ["a", "b", "c"]) (await Sender.start({ to, name })).cast.burst(3);
      await runtime.advance(0);
      return to.call.seen();
    });
  }

  it("interleaves senders by the seed, the same way for the same seed, and keeps the order of each pair", async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const seen = await order(seed);
      expect(await order(seed)).toEqual(seen);
      for (const name of ["a", "b", "c"]) {
        const own = seen.filter((note) => note.startsWith(name)).map((note) => note.slice(1));
        expect(own).toEqual(["0", "1", "2", "0", "1", "0"]);
      }
      orders.add(seen.join());
    }
    expect(orders.size).toBeGreaterThan(10);
  });

  it("says when nothing can run and the scenario still waits", async () => {
    const run = simulate({ seed: 1 }, async () => {
      const slow = await Slow.start(undefined, { name: named<Slow>("stuck one") });
      await slow.with({ timeout: Number.POSITIVE_INFINITY }).call.never();
    });
    await expect(run).rejects.toMatchObject({ code: "stuck", message: expect.stringContaining("never of stuck one") });
  });
});

describe("what is foreign", () => {
  for (const method of ["timer", "immediate", "file", "longTimer"] as const) {
    it(`fails the run with the name of the process whose handler awaits it: ${method}`, async () => {
      const called = simulate({ seed: 1 }, async () => {
        const slow = await Slow.start(undefined, { name: named<Slow>("foreigner") });
        await slow.call[method]();
      });
      await expect(called).rejects.toMatchObject({ code: "foreign", message: expect.stringContaining("foreigner") });
      const advanced = simulate({ seed: 1 }, async (runtime) => {
        const slow = await Slow.start(undefined, { name: named<Slow>("foreigner") });
        slow.cast[method]();
        await runtime.advance(100);
      });
      await expect(advanced).rejects.toMatchObject({ code: "foreign", message: expect.stringContaining("foreigner") });
    });
  }

  it("is not a promise that the scenario itself keeps", async () => {
    const seen = await simulate({ seed: 1 }, async (runtime) => {
      const slow = await Slow.start();
      let open = (_: string): void => {};
      const reply = slow.call.gate(
        new Promise((resolve) => {
          open = resolve;
        }),
      );
      await runtime.advance(1_000);
      open("opened");
      return [await reply, runtime.now];
    });
    expect(seen).toEqual(["opened", 1_000]);
  });
});

describe("faults", () => {
  it("crashes processes with the probability asked for, but no supervisor, and the same ones for the same seed", async () => {
    const run = () =>
      simulate({ seed: 3, faults: { crash: 0.2 } }, async (runtime) => {
        const app = await Application.start({ ...oneCounter, maxRestarts: 1_000 });
        let alive = true;
        void app.done.then(() => {
          alive = false;
        });
        for (let i = 0; i < 200; i++) {
          counter.cast.increment();
          await runtime.advance(1);
        }
        expect(alive).toBe(true);
        return runtime.injected;
      });
    const injected = await run();
    expect(injected.length).toBeGreaterThan(20);
    expect(injected.length).toBeLessThan(60);
    expect(await run()).toEqual(injected);
  });

  it("crashes exactly the messages of a list", async () => {
    await simulate({ seed: 3, faults: { crash: [2] } }, async () => {
      const pid = await Counter.start(0);
      expect(await pid.call.increment()).toBe(1);
      await expect(pid.call.increment()).rejects.toMatchObject({ code: "exited", cause: { at: 2 } });
    });
  });

  it("holds processes up in virtual time", async () => {
    const [late, count] = await simulate(
      { seed: 3, faults: { delay: { probability: 0.5, ms: 100 } } },
      async (runtime) => {
        const pid = await Counter.start(0);
        for (let i = 0; i < 20; i++) await pid.call.increment();
        return [runtime.now, await pid.call.get()];
      },
    );
    expect(late).toBeGreaterThan(100);
    expect(count).toBe(20);
  });

  it("explore finds a failing seed and leaves out the crashes that do not matter", async () => {
    const scenario = async (runtime: SimulatedRuntime): Promise<void> => {
      await Supervisor.start({ ...oneCounter, maxRestarts: 1_000 });
      for (let i = 0; i < 30; i++) counter.cast.increment();
      await runtime.advance(0);
      const count = await counter.call.get().catch(() => 30);
      if (count < 30) throw new Error(`counted ${count}`);
    };
    const found = await explore({ runs: 100, faults: { crash: 0.1 } }, scenario).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(found).toBeInstanceOf(ExplorationError);
    if (!(found instanceof ExplorationError)) return;
    expect(found.faults.crash).toHaveLength(1);
    await expect(simulate({ seed: found.seed, faults: found.faults }, scenario)).rejects.toThrow(/^counted/);
    await expect(explore({ runs: 5 }, scenario)).resolves.toBeUndefined();
  });
});
