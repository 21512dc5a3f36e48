import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type CallError,
  type Down,
  type Exit,
  exit,
  type From,
  failure,
  GenServer,
  getState,
  ignore,
  isDown,
  isExit,
  monitor,
  type NoReply,
  named,
  noReply,
  type Pid,
  type Ref,
  resume,
  StartError,
  send,
  stop,
  stopProcess,
  suspend,
  whereis,
} from "../../src/supervision/index.js";

class Counter extends GenServer<number, { count: number }> {
  protected override init(start: number) {
    this.state = { count: start };
  }
  increment(by = 1) {
    if (by < 0) return failure(new RangeError("a counter only grows"));
    return (this.state.count += by);
  }
  async slow(gate: Promise<void>) {
    await gate;
    return (this.state.count += 100);
  }
  crash(): never {
    throw new Error("crash on demand");
  }
  async crashLater() {
    await Promise.resolve();
    throw new Error("crash after a while");
  }
  halt(reply: string) {
    return stop("shutdown", reply);
  }
}

function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

describe("calls and casts", () => {
  it("types the protocol from the class, failures taken out of the result", async () => {
    const pid = await Counter.start(40);
    expectTypeOf(pid).toEqualTypeOf<Pid<Counter>>();
    expectTypeOf(pid.call.increment).returns.toEqualTypeOf<Promise<number>>();
    // @ts-expect-error init is a callback, not a part of the protocol
    pid.call.init;
    expect(await pid.call.increment(2)).toBe(42);
    await stopProcess(pid);
  });

  it("handles messages one at a time, also while an async handler waits", async () => {
    const pid = await Counter.start(0);
    const { promise, open } = gate();
    const slow = pid.call.slow(promise);
    const next = pid.call.increment();
    open();
    expect(await Promise.all([slow, next])).toEqual([100, 101]);
  });

  it("keeps the order of casts and calls from one sender", async () => {
    const pid = await Counter.start(0);
    for (let i = 0; i < 1000; i++) pid.cast.increment();
    expect(await pid.call.increment()).toBe(1001);
  });

  it("rejects only the caller of an expected failure", async () => {
    const pid = await Counter.start(1);
    await expect(pid.call.increment(-1)).rejects.toThrow("a counter only grows");
    expect(await pid.call.increment()).toBe(2);
  });

  it("tells the caller of a crash at once, with the cause, and the callers in the queue too", async () => {
    const pid = await Counter.start(1);
    const { promise, open } = gate();
    const first = pid.call.slow(promise);
    const crashed = pid.call.crash();
    const queued = pid.call.increment();
    open();
    expect(await first).toBe(101);
    await expect(crashed).rejects.toMatchObject({ code: "exited", cause: { message: "crash on demand" } });
    await expect(queued).rejects.toMatchObject({ code: "exited", cause: { message: "crash on demand" } });
    expect(await pid.down).toMatchObject({ error: { message: "crash on demand" } });
    await expect(pid.call.increment()).rejects.toMatchObject({ code: "noproc", reason: "noproc" });
  });

  it("makes a rejection of an async handler a crash as well", async () => {
    const pid = await Counter.start(1);
    await expect(pid.call.crashLater()).rejects.toMatchObject({ cause: { message: "crash after a while" } });
    expect(pid.alive).toBe(false);
  });

  it("rejects with timeout when the answer takes too long; the server goes on and its late reply is dropped", async () => {
    const pid = await Counter.start(0);
    const { promise, open } = gate();
    await expect(pid.with({ timeout: 5 }).call.slow(promise)).rejects.toMatchObject({ code: "timeout" });
    open();
    expect(await pid.call.increment()).toBe(101);
  });

  it("gives up a call when the caller's signal fires", async () => {
    const pid = await Counter.start(0);
    const { promise, open } = gate();
    const controller = new AbortController();
    const call = pid.with({ signal: controller.signal }).call.slow(promise);
    controller.abort(new Error("not wanted any more"));
    await expect(call).rejects.toThrow("not wanted any more");
    open();
  });

  it("answers noproc for a name that nobody has, and a cast to it is lost in silence", async () => {
    const nobody = named<Counter>("nobody");
    await expect(nobody.call.increment()).rejects.toMatchObject({ code: "noproc" });
    nobody.cast.increment();
    expect(await nobody.down).toBe("noproc");
  });

  it("sends the reply of a stop after terminate and before the exit", async () => {
    const pid = await Counter.start(0);
    expect(await pid.call.halt("bye")).toBe("bye");
    expect(await pid.down).toBe("shutdown");
  });

  it("is not a promise: a ref can be returned from an async function", async () => {
    const name = named<Counter>("thenless");
    expect(await Promise.resolve(name)).toBe(name);
  });
});

describe("start", () => {
  class Refuses extends GenServer<string> {
    protected override async init(how: string) {
      if (how === "throw") throw new Error("no disk");
      if (how === "ignore") return ignore;
      if (how === "stop") return stop({ error: "no licence" });
      if (how === "fail") return failure(new Error("not today"));
      return undefined;
    }
  }

  it("rejects with the reason when init throws, stops, fails or ignores", async () => {
    await expect(Refuses.start("throw")).rejects.toMatchObject({ code: "start_failed", cause: { message: "no disk" } });
    await expect(Refuses.start("stop")).rejects.toMatchObject({ reason: { error: "no licence" } });
    await expect(Refuses.start("fail")).rejects.toMatchObject({ cause: { message: "not today" } });
    await expect(Refuses.start("ignore")).rejects.toMatchObject({ code: "ignore" });
  });

  it("refuses a taken name and frees it with a failed start", async () => {
    const name = named<Refuses>("refuses");
    await expect(Refuses.start("throw", { name })).rejects.toBeInstanceOf(StartError);
    expect(whereis(name)).toBeUndefined();
    const pid = await Refuses.start("run", { name });
    await expect(Refuses.start("run", { name })).rejects.toMatchObject({ code: "already_started" });
    await stopProcess(pid);
    expect(whereis(name)).toBeUndefined();
  });

  it("cannot be made with new", () => {
    expect(() => new Counter()).toThrow("start it with Counter.start");
  });
});

describe("links, monitors and exit signals", () => {
  class Watcher extends GenServer<{ traps: boolean }, { seen: (Down | Exit)[] }> {
    protected override init({ traps }: { traps: boolean }) {
      this.trapExit = traps;
      this.state = { seen: [] };
    }
    protected override handleInfo(message: unknown) {
      if (isDown(message) || isExit(message)) this.state.seen.push(message);
    }
    watch(ref: Ref<unknown>) {
      return this.monitor(ref);
    }
    unwatch(id: number) {
      this.demonitor(id);
    }
    linkTo(ref: Ref<unknown>) {
      this.link(ref);
    }
    seen() {
      return this.state.seen.map(({ type, reason }) => ({ type, reason }));
    }
  }

  it("sends one DOWN for each monitor, none after demonitor, noproc for the dead", async () => {
    const counter = await Counter.start(0);
    const watcher = await Watcher.start({ traps: false });
    await watcher.call.watch(counter);
    await watcher.call.watch(counter);
    await watcher.call.unwatch(await watcher.call.watch(counter));
    exit(counter, "kill");
    await counter.down;
    expect(await watcher.call.seen()).toEqual([
      { type: "DOWN", reason: "killed" },
      { type: "DOWN", reason: "killed" },
    ]);
    await watcher.call.watch(counter);
    expect((await watcher.call.seen()).at(-1)).toEqual({ type: "DOWN", reason: "noproc" });
  });

  it("takes a linked process along unless it traps exits or the end was normal", async () => {
    const [a, b, c] = await Promise.all([
      Counter.start(0),
      Watcher.start({ traps: false }),
      Watcher.start({ traps: true }),
    ]);
    await b.call.linkTo(a);
    await c.call.linkTo(a);
    exit(a, { error: "boom" });
    expect(await b.down).toEqual({ error: "boom" });
    expect(await c.call.seen()).toEqual([{ type: "EXIT", reason: { error: "boom" } }]);

    const [d, e] = await Promise.all([Counter.start(0), Watcher.start({ traps: false })]);
    await e.call.linkTo(d);
    await stopProcess(d);
    expect(await e.call.seen()).toEqual([]);
  });

  it("cannot trap a kill, and what is linked to the killed sees killed", async () => {
    const [a, b] = await Promise.all([Watcher.start({ traps: true }), Watcher.start({ traps: true })]);
    await b.call.linkTo(a);
    exit(a, "kill");
    expect(await a.down).toBe("killed");
    expect(await b.call.seen()).toEqual([{ type: "EXIT", reason: "killed" }]);
  });

  it("frees the name before anybody hears of the death", async () => {
    const name = named<Counter>("freed");
    const pid = await Counter.start(0, { name });
    const seen = new Promise((resolve) => monitor(pid, () => resolve(whereis(name))));
    exit(pid, "kill");
    expect(await seen).toBeUndefined();
  });
});

describe("a process that was killed while its handler ran", () => {
  class Zombie extends GenServer<{ victim: Ref<Counter>; gate: Promise<void> }> {
    private victim!: Ref<Counter>; // set by init
    private gate!: Promise<void>; // set by init
    aborted = false;
    protected override init({ victim, gate }: { victim: Ref<Counter>; gate: Promise<void> }) {
      this.victim = this.use(victim);
      this.gate = gate;
    }
    async work(done: (outcome: unknown) => void) {
      await this.gate;
      this.victim.cast.increment();
      done({ aborted: this.signal.aborted, call: await this.victim.call.increment().catch((error: unknown) => error) });
    }
  }

  it("changes nothing more: its casts are void, its calls rejected, its signal has fired", async () => {
    const victim = await Counter.start(0);
    const { promise, open } = gate();
    const zombie = await Zombie.start({ victim, gate: promise });
    const outcome = new Promise((resolve) => zombie.cast.work(resolve));
    await getState(victim);
    exit(zombie, "kill");
    await zombie.down;
    expect(zombie.inspect().zombies).toBe(1);
    open();
    expect(await outcome).toMatchObject({ aborted: true, call: { code: "fenced" } });
    expect(await victim.call.increment()).toBe(1);
    expect(zombie.inspect().zombies).toBe(0);
  });
});

describe("call cycles and deadlines", () => {
  class Node extends GenServer<void, { next: Ref<Node> | undefined }> {
    protected override init() {
      this.state = { next: undefined };
    }
    join(next: Ref<Node>) {
      this.state.next = this.use(next);
    }
    async ask(): Promise<string> {
      return (await this.state.next?.call.ask()) ?? "end";
    }
    async timeLeft(gate: Promise<void>): Promise<string> {
      await this.state.next?.with({ timeout: 60_000 }).call.wait(gate);
      return "late";
    }
    async wait(gate: Promise<void>) {
      await gate;
    }
  }

  it("finds a cycle when it is made and names the chain", async () => {
    const [a, b] = [await Node.start(), await Node.start()];
    await a.call.join(b);
    await b.call.join(a);
    await expect(a.call.ask()).rejects.toSatisfy((error: CallError) =>
      /Node.* → Node.* wait for each other/.test(String(error.cause)),
    );
  });

  it("refuses a call to itself", async () => {
    const a = await Node.start();
    await a.call.join(a);
    await expect(a.call.ask()).rejects.toMatchObject({ cause: { code: "calling_self" } });
  });

  it("never lets a nested call outlive its caller's deadline", async () => {
    const [a, b] = [await Node.start(), await Node.start()];
    await a.call.join(b);
    const started = Date.now();
    await expect(a.with({ timeout: 20 }).call.timeLeft(new Promise(() => {}))).rejects.toMatchObject({
      code: "timeout",
    });
    await a.down;
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});

describe("later replies, continuations, timers, suspension", () => {
  class Desk extends GenServer<void, { order: string[] }> {
    private waiting: From<string> | undefined;
    protected override init() {
      this.state = { order: ["init"] };
      this.self<Desk>().cast.note("sent in init");
      this.continueWith("continued");
    }
    protected override handleContinue(value: string) {
      this.state.order.push(value);
    }
    protected override handleInfo(message: string) {
      this.state.order.push(message);
    }
    note(text: string) {
      this.state.order.push(text);
    }
    ticket(): NoReply | string {
      this.waiting = this.from<string>();
      return noReply;
    }
    serve(text: string) {
      return [this.waiting?.reply(text), this.waiting?.reply("twice")];
    }
    alarm(ms: number) {
      this.sendAfter(ms, "alarm");
    }
    order() {
      return this.state.order;
    }
  }

  it("continues before any message of the mailbox", async () => {
    const desk = await Desk.start();
    expect(await desk.call.order()).toEqual(["init", "continued", "sent in init"]);
  });

  it("answers later, exactly once", async () => {
    const desk = await Desk.start();
    const ticket = desk.call.ticket();
    expect(await desk.call.serve("served")).toEqual([true, false]);
    expect(await ticket).toBe("served");
  });

  it("rejects those who wait for a later reply when it dies", async () => {
    const desk = await Desk.start();
    const ticket = desk.call.ticket();
    exit(desk, "kill");
    await expect(ticket).rejects.toMatchObject({ code: "exited", reason: "killed" });
  });

  it("delivers plain messages and timers to handleInfo", async () => {
    const desk = await Desk.start();
    await desk.call.alarm(1);
    send(desk, "hello");
    await expect.poll(() => desk.call.order()).toEqual(["init", "continued", "sent in init", "hello", "alarm"]);
  });

  it("lets messages wait while suspended and serves requests of the system", async () => {
    const desk = await Desk.start();
    await suspend(desk);
    const waits = desk.call.order();
    expect(await getState(desk)).toEqual({ order: ["init", "continued", "sent in init"] });
    expect(desk.inspect()).toMatchObject({ status: "suspended", mailbox: 1 });
    await resume(desk);
    expect(await waits).toHaveLength(3);
  });
});

describe("fairness", () => {
  class Volley extends GenServer<void, { count: number; other: Ref<Volley> | undefined }> {
    protected override init() {
      this.state = { count: 0, other: undefined };
    }
    join(other: Ref<Volley>) {
      this.state.other = this.use(other);
    }
    hit(left: number, done: () => void) {
      if (left === 0) done();
      else this.state.other?.cast.hit(left - 1, done);
    }
  }

  it("lets timers in while two processes volley", async () => {
    const [a, b] = [await Volley.start(), await Volley.start()];
    await a.call.join(b);
    await b.call.join(a);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await new Promise<void>((done) => a.cast.hit(200_000, done));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
  });

  it("lets timers in while plain code calls an idle process again and again", async () => {
    const counter = await Counter.start(0);
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    for (let i = 0; i < 1_000_000 && !fired; i++) await counter.call.increment();
    expect(fired).toBe(true);
  });
});
