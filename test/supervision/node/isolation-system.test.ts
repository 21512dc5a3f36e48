// Looking into an isolated process, holding it still, and giving up calls, across the border.
import { afterEach, describe, expect, it } from "vitest";
import type { Pid } from "../../../src/supervision/index.js";
import { banyan, type Counter as CounterProtocol, eventually, fixtures } from "./support.js";

const { exit, GenServer, getState, resume, statistics, suspend } = banyan;
const { Counter } = fixtures;

const started: Pid[] = [];

afterEach(async () => {
  for (const pid of started.splice(0)) {
    exit(pid, "kill");
    await pid.down;
  }
});

/** Lives with the test, and counts the calls that were given up. */
class Host extends GenServer<void, { cancelled: number; begun: number }> {
  protected override init() {
    this.state = { cancelled: 0, begun: 0 };
  }
  begun() {
    this.state.begun++;
  }
  async untilCancelled() {
    await new Promise((resolve) => this.callSignal.addEventListener("abort", resolve));
    this.state.cancelled++;
  }
}

describe.each(["thread", "process"] as const)("a GenServer in a %s of its own", (isolation) => {
  async function counter(options: object = {}): Promise<Pid<CounterProtocol>> {
    const pid = await Counter.start(0, { isolation, ...options });
    started.push(pid);
    return pid;
  }
  const patient = { timeout: Number.POSITIVE_INFINITY };

  it("suspended, handles nothing: neither what is sent nor what it sends itself; then it goes on", async () => {
    const pid = await counter();
    pid.cast.tick();
    await eventually(async () => ((await getState(pid)) as { count: number }).count > 2);
    await suspend(pid);
    expect(pid.inspect().status).toBe("suspended");
    const before = await getState(pid);
    const waiting = pid.with(patient).call.increment(1_000);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await getState(pid)).toEqual(before);
    await resume(pid);
    expect(await waiting).toBeGreaterThanOrEqual(1_000);
    const { count } = (await getState(pid)) as { count: number };
    await eventually(async () => ((await getState(pid)) as { count: number }).count > count);
  });

  it("counts what it has handled and answered", async () => {
    const pid = await counter();
    await pid.call.increment();
    pid.cast.increment();
    await pid.call.answerLater();
    expect(await statistics(pid)).toMatchObject({ messagesIn: 3, messagesOut: 1 });
  });

  it.each([{}, { capacity: 5 }])("hears that a caller gave up, with %o", async (options) => {
    const pid = await counter(options);
    const host = await Host.start();
    started.push(host);
    const controller = new AbortController();
    const call = pid.with({ signal: controller.signal, ...patient }).call.untilCancelled(host);
    await eventually(async () => ((await getState(host)) as { begun: number }).begun === 1);
    controller.abort(new Error("no longer"));
    await expect(call).rejects.toThrow("no longer");
    expect(await pid.call.increment()).toBe(1);
    expect(await getState(pid)).toMatchObject({ cancelled: 1 });
  });

  it("tells a process of the parent's side, and one of another border, that it gave up its call", async () => {
    const pid = await counter();
    const host = await Host.start();
    started.push(host);
    await pid.call.giveUp(host, 20);
    await eventually(async () => ((await getState(host)) as { cancelled: number }).cancelled === 1);
    const other = await Counter.start(0, { isolation: isolation === "thread" ? "process" : "thread" });
    started.push(other);
    await pid.call.giveUp(other, 20);
    await eventually(async () => ((await getState(other)) as { cancelled?: number }).cancelled === 1);
  });
});
