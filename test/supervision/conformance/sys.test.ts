// Looking into a process at work, and holding it. (otp: stdlib, sys)
import { describe, expect, it } from "vitest";
import {
  failure,
  GenServer,
  getLog,
  getState,
  getStatus,
  logEvents,
  type NoReply,
  noReply,
  replaceState,
  resume,
  Supervisor,
  send,
  statistics,
  stop,
  suspend,
  type TraceEvent,
  trace,
} from "../../../src/supervision/index.js";
import { withManualClock } from "./manual-clock.js";

const manual = withManualClock();

class Counter extends GenServer<void, number> {
  protected override init() {
    this.state = 0;
  }
  protected override handleInfo(by: number) {
    this.state += by;
  }
  protected override handleContinue(to: number) {
    this.state = to;
  }
  protected override formatStatus() {
    return { state: "hidden" };
  }
  add(by: number) {
    if (by < 0) return failure("only up");
    return (this.state += by);
  }
  never(): NoReply {
    return noReply;
  }
  reset() {
    this.continueWith(0);
  }
  leave() {
    return stop("shutdown", "bye");
  }
}

describe("suspend and resume", () => {
  it("A186 sys suspend: casts wait, a call times out, a system request is served, and a resume handles the queue in order", async () => {
    const pid = await Counter.start();
    const order: unknown[] = [];
    await suspend(pid);
    pid.cast.add(1);
    const late = expect(pid.with({ timeout: 100 }).call.add(10)).rejects.toMatchObject({ code: "timeout" });
    const waits = pid.with({ timeout: 10_000 }).call.add(100);
    send(pid, 1_000);
    const last = pid.with({ timeout: 10_000 }).call.add(10_000);
    await manual.clock.advance(100);
    await late;
    expect(await getState(pid)).toBe(0);
    expect((await getStatus(pid)).status).toBe("suspended");
    void waits.then((value) => order.push(value));
    void last.then((value) => order.push(value));
    await resume(pid);
    await last;
    // The call that timed out had not begun: nobody waits for it, and it is not done.
    expect(order).toEqual([101, 11_101]);
  });
});

describe("state", () => {
  it("replaces the state itself, not what formatStatus shows of it; a function that throws leaves it", async () => {
    const pid = await Counter.start();
    await pid.call.add(1);
    // The state of a Counter is a number.
    expect(await replaceState(pid, (state) => (state as number) + 1)).toBe(2);
    expect(await pid.call.add(1)).toBe(3);
    const failed = replaceState(pid, () => {
      throw new Error("callback_failed");
    });
    await expect(failed).rejects.toThrow("callback_failed");
    expect(await getState(pid)).toBe(3);
  });
});

describe("trace, log and statistics", () => {
  it("traces in, out, noreply, continue and terminate, in order", async () => {
    const pid = await Counter.start();
    const events: TraceEvent[] = [];
    await trace(pid, (event) => events.push(event));
    await pid.call.add(1);
    await expect(pid.call.add(-1)).rejects.toBe("only up");
    void pid.call.never().catch(() => {});
    send(pid, 1);
    pid.cast.reset();
    await getState(pid);
    await pid.call.leave();
    const call = (method: string, ...args: unknown[]) => ({ kind: "call", method, args });
    const info = { kind: "info", message: 1 };
    const reset = { kind: "cast", method: "reset", args: [] };
    expect(events).toEqual([
      { type: "in", message: call("add", 1) },
      { type: "out", message: call("add", 1), reply: 1 },
      { type: "in", message: call("add", -1) },
      { type: "out", message: call("add", -1), failure: "only up" },
      { type: "in", message: call("never") },
      { type: "noreply", message: call("never") },
      { type: "in", message: info },
      { type: "noreply", message: info },
      { type: "in", message: reset },
      { type: "noreply", message: reset },
      { type: "continue", value: 0 },
      { type: "in", message: call("leave") },
      { type: "terminate", reason: "shutdown" },
    ]);
  });

  it("stops when it is told to, and when its function throws, and harms nobody", async () => {
    const pid = await Counter.start();
    let calls = 0;
    await trace(pid, () => {
      calls++;
      throw new Error("a broken tracer");
    });
    const kept: TraceEvent[] = [];
    const untrace = await trace(pid, (event) => kept.push(event));
    await pid.call.add(1);
    untrace();
    expect(await pid.call.add(1)).toBe(2);
    expect(calls).toBe(1);
    expect(kept).toHaveLength(2);
  });

  it("traces a supervisor too", async () => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    const events: TraceEvent[] = [];
    await trace(supervisor, (event) => events.push(event));
    await supervisor.call.countChildren();
    expect(events.map(({ type }) => type)).toEqual(["in", "out"]);
  });

  it("keeps the last events, as many as asked for, until it is told to forget them", async () => {
    const pid = await Counter.start();
    await pid.call.add(1);
    expect(await getLog(pid)).toEqual([]);
    await logEvents(pid, 3);
    await pid.call.add(2);
    await pid.call.add(3);
    expect(await getLog(pid)).toMatchObject([
      { type: "out", reply: 3 },
      { type: "in", message: { args: [3] } },
      { type: "out", reply: 6 },
    ]);
    await logEvents(pid, 0);
    await pid.call.add(4);
    expect(await getLog(pid)).toEqual([]);
    await expect((async () => logEvents(pid, -1))()).rejects.toThrow(TypeError);
  });

  it("counts messages in and out", async () => {
    const pid = await Counter.start();
    await pid.call.add(1);
    pid.cast.add(1);
    send(pid, 1);
    expect(await statistics(pid)).toMatchObject({
      startTime: pid.inspect().startedAt,
      currentTime: expect.any(Number),
      messagesIn: 3,
      messagesOut: 1,
    });
  });
});
