// Continuations, message time-outs, and the wedged. (otp: gen_server_SUITE)
import { describe, expect, it } from "vitest";
import {
  child,
  countChildren,
  exit,
  GenServer,
  getState,
  getStatus,
  type NoReply,
  type Pid,
  type Report,
  resume,
  Supervisor,
  send,
  startChild,
  stopProcess,
  suspend,
  terminateChild,
} from "../../../src/supervision/index.js";
import { resolveRef } from "../../../src/supervision/ref.js";
import { settled, withManualClock } from "./manual-clock.js";

const manual = withManualClock();

describe("continue", () => {
  class Continues extends GenServer<void, string[]> {
    protected override init() {
      this.state = [];
      this.noteFirst("init");
    }
    /** Sends itself a message, then asks to continue. */
    private noteFirst(from: string) {
      this.self<Continues>().cast.note(`sent in ${from}`);
      this.continueWith(from);
    }
    protected override handleContinue(from: string) {
      this.state.push(`continued from ${from}`);
      if (from === "call") this.continueWith("continue");
    }
    protected override handleInfo(message: unknown) {
      if (message === "info") this.noteFirst("info");
    }
    note(text: string) {
      this.state.push(text);
    }
    asked() {
      this.noteFirst("call");
      return "answered";
    }
    async askedSlowly() {
      await Promise.resolve();
      this.noteFirst("slow call");
      return "answered";
    }
    told() {
      this.noteFirst("cast");
    }
    clear() {
      this.state = [];
    }
  }

  it("A113 continue: it runs before a message sent earlier, from init, call, cast, info and continue; the caller is answered", async () => {
    const pid = await Continues.start();
    await settled();
    expect(await getState(pid)).toEqual(["continued from init", "sent in init"]);
    await pid.call.clear();
    expect(await pid.call.asked()).toBe("answered");
    await settled();
    expect(await getState(pid)).toEqual(["continued from call", "continued from continue", "sent in call"]);
    await pid.call.clear();
    expect(await pid.call.askedSlowly()).toBe("answered");
    await settled();
    expect(await getState(pid)).toEqual(["continued from slow call", "sent in slow call"]);
    await pid.call.clear();
    pid.cast.told();
    await settled();
    expect(await getState(pid)).toEqual(["continued from cast", "sent in cast"]);
    await pid.call.clear();
    send(pid, "info");
    await settled();
    expect(await getState(pid)).toEqual(["continued from info", "sent in info"]);
  });

  it("A114 undef_handle_continue: to continue without a handleContinue is the server's crash", async () => {
    class Undefined extends GenServer {
      go() {
        this.continueWith("where to?");
        return "gone";
      }
    }
    const pid = await Undefined.start();
    expect(await pid.call.go()).toBe("gone");
    expect(await pid.down).toMatchObject({ error: { message: expect.stringContaining("no handleContinue") } });
  });

  it("goes on for ever without growing the stack", async () => {
    class Long extends GenServer<number, number> {
      protected override init(left: number) {
        this.state = left;
        this.continueWith("next");
      }
      protected override handleContinue() {
        if (--this.state > 0) this.continueWith("next");
      }
      left() {
        return this.state;
      }
    }
    expect(await (await Long.start(100_000)).call.left()).toBe(0);
  });
});

describe("message time-outs", () => {
  class Timed extends GenServer<{ ms?: number; through?: "continue" }, string[]> {
    protected override init({ ms, through }: { ms?: number; through?: "continue" }) {
      this.state = [];
      if (ms !== undefined) this.arm(ms, through);
    }
    protected override handleContinue(ms: number) {
      this.timeoutAfter(ms);
    }
    private arm(ms: number, through?: "continue") {
      if (through === "continue") this.continueWith(ms);
      else this.timeoutAfter(ms);
    }
    protected override handleInfo(message: unknown) {
      if (typeof message === "number") this.arm(message);
      else this.state.push(String(message));
    }
    armed(ms: number, through?: "continue") {
      this.arm(ms, through);
    }
    async armedEarly(ms: number, gate: Promise<void>) {
      this.arm(ms);
      await gate;
    }
    sendsFirst() {
      this.self<Timed>().cast.ping();
      this.timeoutAfter(0);
    }
    ping() {
      this.state.push("ping");
    }
  }

  it.each([undefined, "continue"] as const)(
    "A115 start_event_timeout (armed in init, through %s): it fires when idle; a call before suppresses it, a status query does not",
    async (through) => {
      const options = { ms: 500, ...(through === undefined ? {} : { through }) };
      const idle = await Timed.start(options);
      await manual.clock.advance(499);
      expect(await getState(idle)).toEqual([]);
      const called = await Timed.start(options);
      await manual.clock.advance(499);
      await called.call.ping();
      await manual.clock.advance(1_000);
      expect(await getState(called)).toEqual(["ping"]);
      expect(await getState(idle)).toEqual(["timeout"]);

      const queried = await Timed.start(options);
      await manual.clock.advance(400);
      expect(await getStatus(queried)).toMatchObject({ status: "running" });
      await manual.clock.advance(499);
      expect((await getStatus(queried)).state).toEqual([]); // the query starts the time over, as in OTP
      await manual.clock.advance(500);
      expect(await getState(queried)).toEqual(["timeout"]);
    },
  );

  const arms: [string, (pid: Pid<Timed>) => unknown][] = [
    ["call", (pid) => pid.call.armed(500)],
    ["call through continue", (pid) => pid.call.armed(500, "continue")],
    ["cast", (pid) => pid.cast.armed(500)],
    ["cast through continue", (pid) => pid.cast.armed(500, "continue")],
    ["info", (pid) => send(pid, 500)],
  ];
  const others: [string, (pid: Pid<Timed>) => unknown][] = [
    ["a call", (pid) => pid.call.ping()],
    ["a cast", (pid) => pid.cast.ping()],
    ["a plain message", (pid) => send(pid, "ping")],
  ];

  it.each(arms)(
    "A116 handle_event_timeout (armed by a %s): it fires when idle, any message suppresses it, a request of the system does not",
    async (_, arm) => {
      const idle = await Timed.start({});
      await arm(idle);
      await manual.clock.advance(500);
      expect(await getState(idle)).toEqual(["timeout"]);
      await manual.clock.advance(5_000);
      expect(await getState(idle)).toEqual(["timeout"]); // once
      for (const [, disturb] of others) {
        const pid = await Timed.start({});
        await arm(pid);
        await manual.clock.advance(499);
        await disturb(pid);
        await manual.clock.advance(5_000);
        expect(await getState(pid)).toEqual(["ping"]);
      }
      const queried = await Timed.start({});
      await arm(queried);
      await manual.clock.advance(499);
      await getStatus(queried);
      await manual.clock.advance(500);
      expect(await getState(queried)).toEqual(["timeout"]);
    },
  );

  it("A117 handle_event_timeout_zero: the time-out of no time comes before a message that waits already", async () => {
    const pid = await Timed.start({});
    await pid.call.sendsFirst();
    await settled();
    expect(await getState(pid)).toEqual(["timeout", "ping"]);
  });

  it("counts from the end of an asynchronous handler", async () => {
    const pid = await Timed.start({});
    let open = (): void => {};
    const call = pid.call.armedEarly(
      500,
      new Promise((resolve) => {
        open = resolve;
      }),
    );
    await manual.clock.advance(1_000);
    open();
    await call;
    expect(await getState(pid)).toEqual([]);
    await manual.clock.advance(500);
    expect(await getState(pid)).toEqual(["timeout"]);
  });

  it("stands still while the process is suspended, starts over when it is resumed, and ends with the process", async () => {
    const pid = await Timed.start({ ms: 500 });
    await suspend(pid);
    await manual.clock.advance(5_000);
    expect(await getState(pid)).toEqual([]);
    await resume(pid);
    await manual.clock.advance(499);
    expect((await getStatus(pid)).state).toEqual([]);
    await manual.clock.advance(500);
    expect(await getState(pid)).toEqual(["timeout"]);
    const gone = await Timed.start({ ms: 500 });
    await stopProcess(gone);
    await manual.clock.advance(5_000);
    expect(gone.inspect().handled).toBe(0);
  });

  it("does not starve the event loop with time-outs of no time", async () => {
    class Eager extends GenServer<void, number> {
      protected override init() {
        this.state = 0;
        this.timeoutAfter(0);
      }
      protected override handleInfo() {
        this.state++;
        this.timeoutAfter(0);
      }
    }
    const pid = await Eager.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pid.inspect().handled).toBeGreaterThan(1);
    exit(pid, "kill");
    expect(await pid.down).toBe("killed");
  });
});

describe("state and latency", () => {
  it("A119 get_state: by name and by pid, and while suspended, it is exactly the state", async () => {
    class Keeps extends GenServer<object, object> {
      protected override init(state: object) {
        this.state = state;
      }
      protected override formatStatus() {
        return { state: "hidden" };
      }
    }
    const state = { secret: 1 };
    const pid = await Keeps.start(state);
    expect(await getState(pid)).toBe(state);
    await suspend(pid);
    expect(await getState(pid)).toBe(state);
  });

  it("A118 auto_hibernate / hibernate: there is nothing to ask for; after a burst and a long idle time a server is running and answers as before", async () => {
    // V8 has one heap for all processes and collects it by itself: a process has no heap of its own to compact.
    class Idle extends GenServer<void, number> {
      protected override init() {
        this.state = 0;
      }
      add() {
        return ++this.state;
      }
    }
    const pid = await Idle.start();
    for (let i = 0; i < 10_000; i++) pid.cast.add();
    expect(await pid.call.add()).toBe(10_001);
    await manual.clock.advance(3_600_000);
    expect(await getStatus(pid)).toMatchObject({ status: "running", mailbox: 0, state: 10_001 });
    expect(await pid.call.add()).toBe(10_002);
  });

  it("A120 call_with_huge_message_queue: a caller with a very long mailbox calls about as fast as one with none", async () => {
    class Echo extends GenServer {
      echo(n: number) {
        return n;
      }
    }
    class Caller extends GenServer<Pid<Echo>> {
      private echo!: ReturnType<typeof this.use<Echo>>; // set by init
      protected override init(echo: Pid<Echo>) {
        this.echo = this.use(echo);
      }
      protected override handleInfo() {}
      async callMany(): Promise<number> {
        let best = Number.POSITIVE_INFINITY;
        for (let round = 0; round < 5; round++) {
          const start = performance.now(); // real time: this is about cost
          for (let i = 0; i < 2_000; i++) await this.echo.call.echo(i);
          best = Math.min(best, performance.now() - start);
        }
        return best;
      }
    }
    const echo = await Echo.start();
    const caller = (await Caller.start(echo)).with({ timeout: Number.POSITIVE_INFINITY });
    const alone = await caller.call.callMany();
    const behind = caller.call.callMany();
    for (let i = 0; i < 100_000; i++) send(caller, i);
    expect(await behind).toBeLessThan(10 * alone + 5);
  });
});

describe("a progress deadline", () => {
  class Works extends GenServer<void, string> {
    protected override init() {
      this.state = "idle";
    }
    async hold(gate: Promise<void>) {
      await gate;
    }
    async getOn(steps: number, ms: number): Promise<string | NoReply> {
      for (let i = 0; i < steps; i++) {
        await new Promise<void>((resolve) => this.sleep(ms, resolve));
        this.progress();
      }
      return "done";
    }
    private sleep(ms: number, done: () => void) {
      manual.clock.setTimer(ms, done);
    }
    quick() {
      return "quick";
    }
  }
  const watched = async (options: object = {}) => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    const started = await startChild(supervisor, child(Works, undefined, { progressDeadline: 1_000, ...options }));
    if (!("ok" in started) || started.ok === undefined) throw new Error("the child runs");
    // startChild cannot know the class behind a spec.
    return { supervisor, pid: started.ok as Pid<Works> };
  };
  const never = () => new Promise<void>(() => {});

  it("ends a process that holds a message longer than it, as wedged, and its supervisor starts it again", async () => {
    const reports: Report[] = [];
    manual.runtime.reports.on("crash", (report) => void reports.push(report));
    const { supervisor, pid } = await watched();
    const call = expect(pid.with({ timeout: 60_000 }).call.hold(never())).rejects.toMatchObject({ reason: "wedged" });
    await manual.clock.advance(999);
    expect(pid.alive).toBe(true);
    await manual.clock.advance(1);
    await call;
    expect(await pid.down).toBe("wedged");
    expect(pid.inspect()).toMatchObject({ restarts: 1, zombies: 1 });
    expect(reports).toMatchObject([{ reason: "wedged", message: "hold" }]);
    await stopProcess(supervisor);
  });

  it("does not run while the process is idle, and is reset by progress and by each message", async () => {
    const { supervisor, pid } = await watched();
    await manual.clock.advance(60_000);
    const call = pid.with({ timeout: 60_000 }).call.getOn(5, 900);
    await manual.clock.advance(4_500);
    expect(await call).toBe("done");
    for (let i = 0; i < 5; i++) {
      expect(await pid.call.quick()).toBe("quick");
      await manual.clock.advance(900);
    }
    expect(pid.alive).toBe(true);
    await stopProcess(supervisor);
  });

  it("does not blame a process for the time in which the whole thread was held up", async () => {
    const { supervisor, pid } = await watched();
    const call = expect(pid.with({ timeout: 60_000 }).call.hold(never())).rejects.toMatchObject({ reason: "wedged" });
    await manual.clock.advance(100);
    manual.clock.holdUp(5_000);
    await manual.clock.advance(999);
    expect(pid.alive).toBe(true);
    await manual.clock.advance(1);
    await call;
    await stopProcess(supervisor);
  });

  describe("a terminate that hangs", () => {
    class Lingers extends GenServer<{ traps: boolean }> {
      protected override init({ traps }: { traps: boolean }) {
        this.trapExit = traps;
      }
      crash(): never {
        throw new Error("first");
      }
      protected override terminate() {
        return never();
      }
    }
    const lingering = async (traps: boolean, options: object) => {
      const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
      const started = await startChild(supervisor, child(Lingers, { traps }, { id: "it", ...options }));
      if (!("ok" in started) || started.ok === undefined) throw new Error("the child runs");
      // startChild cannot know the class behind a spec.
      return { supervisor, pid: started.ok as Pid<Lingers> };
    };

    it("ends as wedged past the progress deadline, after a crash too, and its supervisor starts it again", async () => {
      const { supervisor, pid } = await lingering(false, { progressDeadline: 1_000 });
      await expect(pid.call.crash()).rejects.toMatchObject({ cause: { message: "first" } });
      await manual.clock.advance(999);
      expect(pid.alive).toBe(true);
      await manual.clock.advance(1);
      expect(await pid.down).toBe("wedged");
      expect(await countChildren(supervisor)).toMatchObject({ active: 1 });
      exit(supervisor, "kill");
    });

    it("counts where the crash came from outside any handler", async () => {
      const { supervisor, pid } = await lingering(false, { progressDeadline: 1_000 });
      resolveRef(pid)?.fail(new Error("from a timer of its own"));
      await manual.clock.advance(1_000);
      expect(await pid.down).toBe("wedged");
      exit(supervisor, "kill");
    });

    it("without a progress deadline goes on as in OTP, until its supervisor ends it", async () => {
      for (const traps of [false, true]) {
        const { supervisor, pid } = await lingering(traps, { shutdown: 500 });
        await expect(pid.call.crash()).rejects.toMatchObject({ cause: { message: "first" } });
        await manual.clock.advance(60_000);
        expect(pid.alive).toBe(true);
        const ended = terminateChild(supervisor, "it");
        await manual.clock.advance(500);
        expect(await ended).toEqual({ ok: true });
        expect(await pid.down).toBe(traps ? "killed" : "shutdown");
        exit(supervisor, "kill");
      }
    });
  });

  it("leaves a suspended process alone", async () => {
    const { supervisor, pid } = await watched();
    await pid.call.quick();
    await suspend(pid);
    const waits = pid.with({ timeout: 60_000 }).call.quick();
    await manual.clock.advance(10_000);
    expect(pid.alive).toBe(true);
    await resume(pid);
    expect(await waits).toBe("quick");
    await stopProcess(supervisor);
  });

  it("is refused where it is no duration", async () => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    expect(await startChild(supervisor, child(Works, undefined, { progressDeadline: 0 }))).toEqual({
      error: "invalid_progress_deadline",
    });
    expect(await startChild(supervisor, child(Works, undefined, { startTimeout: -1 }))).toEqual({
      error: "invalid_start_timeout",
    });
  });
});
