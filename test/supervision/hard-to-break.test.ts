import { describe, expect, it } from "vitest";
import {
  Application,
  child,
  DynamicSupervisor,
  exit,
  GenServer,
  messageOf,
  named,
  type Ref,
  restartChild,
  Supervisor,
  startChild,
  terminateChild,
  whereis,
} from "../../src/supervision/index.js";

class Odd extends GenServer<void, undefined> {
  throwIt(what: () => unknown): never {
    throw what();
  }
  async throwLater(what: () => unknown): Promise<never> {
    throw what();
  }
  watch() {
    const emitter = {
      on: () => {},
      off: () => {
        throw new Error("off failed");
      },
    };
    this.on(emitter, "event", () => {});
  }
  ping() {
    return "pong";
  }
}

const oddities: [string, () => unknown][] = [
  ["an object without a prototype", () => Object.create(null)],
  ["an error whose message is no text", () => Object.assign(new Error("x"), { message: { nested: true } })],
  ["a symbol", () => Symbol("odd")],
  ["nothing", () => undefined],
  [
    "an error whose message throws",
    () => ({
      get message() {
        throw new Error("no message for you");
      },
      toString() {
        throw new Error("no text either");
      },
    }),
  ],
];

describe("whatever is thrown", () => {
  for (const [name, make] of oddities) {
    it(`${name}: is a crash of its process alone`, async () => {
      const [odd, later, healthy] = [await Odd.start(), await Odd.start(), await Odd.start()];
      await expect(odd.call.throwIt(make)).rejects.toMatchObject({ code: "exited" });
      await expect(later.call.throwLater(make)).rejects.toMatchObject({ code: "exited" });
      expect(await healthy.call.ping()).toBe("pong");
      expect(typeof messageOf(make())).toBe("string");
    });
  }

  it("a clean-up that throws keeps nobody from hearing of the death", async () => {
    const [odd, healthy] = [await Odd.start(), await Odd.start()];
    await odd.call.watch();
    exit(odd, "kill");
    expect(await odd.down).toBe("killed");
    expect(await healthy.call.ping()).toBe("pong");
  });
});

describe("calls that nobody waits for", () => {
  class Node extends GenServer<void, undefined> {
    private other: Ref<Node> | undefined;
    join(other: Ref<Node>) {
      this.other = this.use(other);
    }
    /** Calls and does not wait. */
    fire(first: Promise<void>, second: Promise<void>) {
      void this.other?.call.callBack(first, second);
    }
    async callBack(first: Promise<void>, second: Promise<void>) {
      await first;
      return this.other?.call.after(second);
    }
    async after(gate: Promise<void>) {
      await gate;
      return "pong";
    }
  }

  function gate(): { promise: Promise<void>; open: () => void } {
    let open = (): void => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { promise, open };
  }

  it("make no cycle once their handler is done, and no third caller suffers", async () => {
    const [x, y, z] = [await Node.start(), await Node.start(), await Node.start()];
    await x.call.join(y);
    await y.call.join(x);
    await z.call.join(x);
    const [first, second] = [gate(), gate()];
    await x.call.fire(first.promise, second.promise);
    first.open();
    await expect.poll(() => x.inspect().handled).toBe(3);
    const third = z.call.callBack(Promise.resolve(), Promise.resolve());
    second.open();
    expect(await third).toBe("pong");
    expect([x.alive, y.alive, z.alive]).toEqual([true, true, true]);
  });

  it("a time-out that is no number is refused before it can stop the clock of others", async () => {
    const odd = await Odd.start();
    expect(() => odd.with({ timeout: Number.NaN })).toThrow(RangeError);
    expect(() => odd.with({ timeout: -1 })).toThrow(RangeError);
  });
});

class Recorder extends GenServer<{ log: string[]; gate?: () => Promise<void> }, undefined> {
  private log: string[] = [];
  protected override async init({ log, gate }: { log: string[]; gate?: () => Promise<void> }) {
    this.log = log;
    await gate?.();
  }
  note(what: string) {
    this.log.push(what);
  }
  fail(): never {
    throw new Error("recorder failed");
  }
}

describe("a kept mailbox", () => {
  it("keeps the order: what was queued, what waited at the name, what came during the start", async () => {
    const log: string[] = [];
    const recorder = named<Recorder>("order");
    let starts = 0;
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const arg = { log, gate: () => (starts++ === 0 ? Promise.resolve() : gate) };
    const app = await Application.start({
      strategy: "one_for_one",
      children: [child(Recorder, arg, { name: recorder, mailbox: "keep" })],
    });
    const pid = whereis(recorder);
    const crash = recorder.call.fail().catch(() => {});
    recorder.cast.note("queued");
    await pid?.down;
    recorder.cast.note("while it restarts");
    await crash;
    recorder.cast.note("later still");
    open();
    await recorder.call.note("last");
    expect(log).toEqual(["queued", "while it restarts", "later still", "last"]);
    await app.stop();
  });
});

describe("administration", () => {
  it("a pid of an earlier incarnation names no child of today", async () => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    const name = named<Odd>("today");
    await startChild(supervisor, child(Odd, undefined, { name }));
    const before = whereis(name);
    if (before === undefined) throw new Error("it runs");
    exit(before, "kill");
    await before.down;
    await name.call.ping();
    expect(await terminateChild(supervisor, before)).toEqual({ error: "not_found" });
    expect(await name.call.ping()).toBe("pong");
    exit(supervisor, "kill");
  });

  it("a parked child that is started by hand and fails again is still tried again by itself", async () => {
    let broken = false;
    const name = named<Recorder>("parked by hand");
    const arg = {
      log: [],
      gate: async () => {
        if (broken) throw new Error("still broken");
      },
    };
    const park = { initial: 30, max: 30, jitter: 0 };
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      maxRestarts: 0,
      children: [child(Recorder, arg, { id: "it", name, park })],
    });
    broken = true;
    await name.call.fail().catch(() => {});
    await expect.poll(() => restartChild(supervisor, "it")).toMatchObject({ error: "start_failed" });
    broken = false;
    await expect.poll(() => whereis(name)?.inspect().status).toBe("running");
    exit(supervisor, "kill");
  });

  it("Application.stop kills all that is left at its deadline", async () => {
    class Stubborn extends GenServer<void, undefined> {
      protected override init() {
        this.trapExit = true;
      }
      protected override terminate() {
        return new Promise<void>(() => {});
      }
    }
    const name = named<Stubborn>("stubborn");
    const app = await Application.start({
      strategy: "one_for_one",
      children: [
        child(DynamicSupervisor, undefined, { id: "dynamic" }),
        child(Stubborn, undefined, { name, shutdown: "infinity" }),
      ],
    });
    const pid = whereis(name);
    await app.stop({ deadline: 20 });
    expect(await pid?.down).toBe("killed");
    expect(whereis(name)).toBeUndefined();
  });
});
