import { afterEach, describe, expect, it } from "vitest";
import type { ExitReason, Pid, Report } from "../../../src/supervision/index.js";
import { banyan, type Counter as CounterProtocol, eventually, fixtures, node, runs } from "./support.js";

const { child, exit, GenServer, getState, monitor, named, replaceState, startChild, stopProcess, Supervisor } = banyan;
const { Counter, Homeless, Lost, NotByItsName } = fixtures;

const started: Pid[] = [];

async function counter(start: unknown, options: Parameters<typeof Counter.start>[1]): Promise<Pid<CounterProtocol>> {
  const pid = await Counter.start(start, { startTimeout: 60_000, ...options });
  started.push(pid);
  return pid;
}

afterEach(async () => {
  for (const pid of started.splice(0)) {
    exit(pid, "kill");
    await pid.down;
  }
});

describe.each(["thread", "process"] as const)("a GenServer in a %s of its own", (isolation) => {
  it("runs elsewhere and answers calls and casts in order", async () => {
    const pid = await counter(40, { isolation });
    expect(await pid.call.increment(2)).toBe(42);
    for (let i = 0; i < 5_000; i++) pid.cast.increment();
    expect(await pid.call.increment(0)).toBe(5_042);
    if (isolation === "process") expect(await pid.call.pid()).not.toBe(process.pid);
    expect(await pid.call.later(8)).toBe(5_050);
    expect(await pid.call.answerLater()).toBe("later");
  });

  it("keeps an error's class, name, code, cause and stack on its way back", async () => {
    const pid = await counter(0, { isolation });
    const error = await pid.call.increment(-1).then(undefined, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ name: "RangeError", code: "GROW", message: "a counter only grows" });
    expect(error).toMatchObject({ cause: { message: "why" }, stack: expect.stringContaining("workers.mjs") });
    expect(await pid.call.increment()).toBe(1);
  });

  it("tells the caller of a crash with its cause, the monitors with its reason, and reports it once", async () => {
    const crashes: Report[] = [];
    const off = (report: Report): void => void crashes.push(report);
    banyan.currentRuntime().reports.on("crash", off);
    const pid = await counter(7, { isolation });
    const down = new Promise<ExitReason>((resolve) => monitor(pid, resolve));
    await expect(pid.call.crash()).rejects.toMatchObject({ code: "exited", cause: { code: "E_DEMAND" } });
    expect(await down).toMatchObject({ error: { name: "TypeError", message: "crash on demand", code: "E_DEMAND" } });
    await expect(pid.call.increment()).rejects.toMatchObject({ code: "noproc" });
    banyan.currentRuntime().reports.off("crash", off);
    expect(crashes).toMatchObject([{ id: pid.id, behaviour: "Counter", state: { count: 7 }, message: "crash" }]);
  });

  it("ends with the reason of a stop from within, after its reply, and of a stop from outside", async () => {
    const pid = await counter(0, { isolation });
    expect(await pid.call.halt("bye")).toBe("bye");
    expect(await pid.down).toBe("shutdown");
    const other = await counter(0, { isolation });
    await stopProcess(other);
    expect(other.alive).toBe(false);
  });

  it("stops a loop that never ends when it is killed", async () => {
    const pid = await counter(0, { isolation });
    const osPid = await pid.call.pid();
    const call = pid.with({ timeout: Number.POSITIVE_INFINITY }).call.spin();
    await eventually(() => (pid.inspect().cpu ?? 0) > 200);
    exit(pid, "kill");
    await expect(call).rejects.toMatchObject({ code: "exited", reason: "killed" });
    expect(await pid.down).toBe("killed");
    if (isolation === "process") expect(runs(osPid)).toBe(false);
  });

  it("crashes with an error from its own timer", async () => {
    const pid = await counter(0, { isolation });
    pid.cast.stray();
    expect(await pid.down).toMatchObject({ error: { message: "from a timer" } });
  });

  it("crashes when what it runs in ends by itself", async () => {
    const pid = await counter(0, { isolation });
    pid.cast.exitNow();
    expect(await pid.down).toMatchObject({ error: { code: "host_exited", message: expect.stringMatching(/code 3/) } });
  });

  it("fails a start as init does: throw, ignore, refusal", async () => {
    await expect(counter("throw", { isolation })).rejects.toMatchObject({
      code: "start_failed",
      cause: { name: "RangeError", message: "no such start" },
    });
    await expect(counter("ignore", { isolation })).rejects.toMatchObject({ code: "ignore" });
    await expect(counter("refuse", { isolation })).rejects.toMatchObject({
      code: "start_failed",
      cause: { name: "TypeError", message: "not today" },
    });
  });

  it("gives up on an init that spins, and ends it", async () => {
    const begun = Date.now();
    const start = counter("spin", { isolation, startTimeout: 300 });
    await expect(start).rejects.toMatchObject({ code: "start_timeout" });
    expect(Date.now() - begun).toBeGreaterThanOrEqual(300);
  });

  it("says in a sentence why a class cannot run elsewhere", async () => {
    await expect(Homeless.start(0, { isolation })).rejects.toMatchObject({
      code: "no_module",
      message: expect.stringContaining("static readonly module = import.meta.url"),
    });
    await expect(Lost.start(0, { isolation })).rejects.toMatchObject({ code: "module_failed" });
    await expect(NotByItsName.start(0, { isolation })).rejects.toMatchObject({
      code: "not_exported",
      message: expect.stringContaining("no export named Hidden"),
    });
  });

  it("rejects what cannot be cloned, and nothing else: start argument, call, reply", async () => {
    await expect(counter(() => 1, { isolation })).rejects.toMatchObject({ code: "uncloneable" });
    const pid = await counter(0, { isolation });
    const [before, refused, after] = await Promise.allSettled([
      pid.call.increment(),
      pid.call.echo(() => 1),
      pid.call.increment(),
    ]);
    expect([before, after]).toMatchObject([{ value: 1 }, { value: 2 }]);
    expect(refused).toMatchObject({ reason: { code: "uncloneable", message: expect.stringContaining("echo") } });
    await expect(pid.call.uncloneable()).rejects.toMatchObject({ code: "uncloneable" });
    expect(await pid.call.increment()).toBe(3);
  });

  it("reports a cast that cannot be cloned, and goes on", async () => {
    const alerts: Report[] = [];
    const note = (report: Report): void => void alerts.push(report);
    banyan.currentRuntime().reports.on("alert", note);
    const pid = await counter(0, { isolation });
    pid.cast.echo(() => 1);
    expect(await pid.call.increment()).toBe(1);
    banyan.currentRuntime().reports.off("alert", note);
    expect(alerts).toMatchObject([{ id: pid.id, reason: { error: { code: "uncloneable" } } }]);
  });

  it("carries maps, sets, cycles, dates and errors in either direction", async () => {
    const pid = await counter(0, { isolation });
    const cycle: Record<string, unknown> = { when: new Date(5), map: new Map([["a", new Set([1, 2n])]]) };
    cycle.self = cycle;
    cycle.error = new SyntaxError("within", { cause: cycle.map });
    const back = (await pid.call.echo(cycle)) as typeof cycle;
    expect(back).not.toBe(cycle);
    expect(back.self).toBe(back);
    expect(back).toMatchObject({ when: new Date(5), map: new Map([["a", new Set([1, 2n])]]) });
    expect(back.error).toBeInstanceOf(SyntaxError);
    expect(back.error).toMatchObject({ message: "within", cause: back.map });
  });

  it("shows and replaces the state over there", async () => {
    const pid = await counter(3, { isolation });
    expect(await getState(pid)).toEqual({ count: 3 });
    expect(await replaceState(pid, () => ({ count: 10 }))).toEqual({ count: 10 });
    expect(await pid.call.increment()).toBe(11);
    await expect(replaceState(pid, () => ({ count: () => 1 }))).rejects.toMatchObject({ code: "uncloneable" });
    expect(await pid.call.increment()).toBe(12);
  });

  it("shows memory and CPU", async () => {
    const pid = await counter(0, { isolation });
    await eventually(() => pid.inspect().memory !== undefined);
    expect(pid.inspect().memory).toBeGreaterThan(1_000_000);
    expect(pid.inspect().cpu).toBeGreaterThanOrEqual(0);
  });

  it("is restarted by its supervisor, keeps its name, and waits no longer than it must to be shut down", async () => {
    const name = named<CounterProtocol>(`restarted-${isolation}`);
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      children: [child(Counter, 1, { name, isolation, shutdown: 200 })],
    });
    const first = name.whereis();
    await expect(name.call.crash()).rejects.toMatchObject({ code: "exited" });
    expect(await name.call.increment()).toBe(2);
    expect(name.whereis()).not.toBe(first);
    name.cast.spin();
    exit(supervisor, "shutdown");
    expect(await supervisor.down).toBe("shutdown");
    expect(name.whereis()).toBeUndefined();
  });

  it("hands the messages not begun to the next incarnation where the mailbox is kept, and never the one that crashed", async () => {
    const name = named<CounterProtocol>(`kept-${isolation}`);
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      children: [child(Counter, 0, { name, isolation, mailbox: "keep" })],
    });
    name.cast.increment();
    name.cast.crash();
    for (let i = 0; i < 10; i++) name.cast.increment();
    expect(await name.call.increment()).toBe(11);
    await stopProcess(supervisor);
  });

  it("bounds a mailbox", async () => {
    const patient = (await counter(0, { isolation, capacity: 2 })).with({ timeout: 60_000 });
    const calls = await Promise.allSettled(Array.from({ length: 4 }, () => patient.call.later(1)));
    expect(calls.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected"]);
    expect(calls[3]).toMatchObject({ reason: { code: "overflow" } });
  });

  it("is named by startChild's error", async () => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    expect(await startChild(supervisor, child(Lost, 0, { isolation }))).toMatchObject({ error: "module_failed" });
    expect(await startChild(supervisor, child(Counter, 1, { isolation }))).toMatchObject({ ok: { alive: true } });
    await stopProcess(supervisor);
  });
});

describe("limits", () => {
  it("ends a thread whose heap grows past maxHeapMb", async () => {
    const pid = await counter(0, { isolation: "thread", maxHeapMb: 32 });
    pid.cast.grow();
    expect(await pid.down).toMatchObject({ error: { code: "ERR_WORKER_OUT_OF_MEMORY" } });
  });

  it("ends a process whose resident set, Buffers and all, grows past maxMemoryMb", async () => {
    const pid = await counter(0, { isolation: "process", maxMemoryMb: 160 });
    pid.cast.growBuffers();
    expect(await pid.down).toMatchObject({ error: { code: "memory_limit" } });
  });

  it("refuses limits that the isolation cannot hold, in a word", async () => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    const error = async (options: object): Promise<unknown> =>
      (await startChild(supervisor, child(Counter, 0, { id: "x", ...options }))) as unknown;
    expect(await error({ isolation: "moon" })).toEqual({ error: "invalid_isolation" });
    expect(await error({ isolation: "thread", maxMemoryMb: 5 })).toEqual({ error: "bad_combination" });
    expect(await error({ maxHeapMb: 5 })).toEqual({ error: "bad_combination" });
    expect(await error({ isolation: "thread", maxHeapMb: -1 })).toEqual({ error: "invalid_max_heap" });
    expect(await error({ isolation: "process", startTimeout: 0 })).toEqual({ error: "invalid_start_timeout" });
    await stopProcess(supervisor);
  });
});

describe("transfer", () => {
  it("moves a buffer to a thread instead of copying it", async () => {
    const pid = await counter(0, { isolation: "thread" });
    const buffer = new Uint8Array([1, 2, 3]).buffer;
    const echoed = (await pid.call.echo(node.transfer([buffer]))) as ArrayBuffer[];
    expect(new Uint8Array(echoed[0] ?? new ArrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
    expect(buffer.byteLength).toBe(0);
  });
});

it("isolation is a process's own: one next to it is not touched by a spinning one", async () => {
  class Near extends GenServer<void, number> {
    ping() {
      return "pong";
    }
  }
  const far = await counter(0, { isolation: "thread" });
  const near = await Near.start();
  far.cast.spin();
  expect(await near.call.ping()).toBe("pong");
  await stopProcess(near);
});
