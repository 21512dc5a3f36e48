// A progress deadline in a thread or a process of its own.
import { afterEach, describe, expect, it } from "vitest";
import type { Pid, Report } from "../../../src/supervision/index.js";
import { type Busy as BusyProtocol, banyan, fixtures } from "./support.js";

const { child, exit, monitor, named, startChild, stopProcess, Supervisor } = banyan;
const { Busy } = fixtures;

/** Milliseconds, for who is to miss it, and for who must keep it on a slow machine too. */
const SHORT = 50;
const LONG = 800;
const started: Pid[] = [];

afterEach(async () => {
  for (const pid of started.splice(0)) {
    exit(pid, "kill");
    await pid.down;
  }
});

describe.each(["thread", "process"] as const)("a progress deadline in a %s of its own", (isolation) => {
  async function busy(arg: object = {}, progressDeadline = SHORT): Promise<Pid<BusyProtocol>> {
    const pid = await Busy.start(arg, { isolation, progressDeadline });
    started.push(pid);
    return pid;
  }
  const patient = { timeout: Number.POSITIVE_INFINITY };

  it("ends a loop that never ends as wedged, tells its caller and monitors, and reports it once", async () => {
    const crashes: Report[] = [];
    const listen = (report: Report): void => void crashes.push(report);
    banyan.currentRuntime().reports.on("crash", listen);
    const pid = await busy();
    const told = new Promise((resolve) => monitor(pid, resolve));
    await expect(pid.with(patient).call.spin()).rejects.toMatchObject({ code: "exited", reason: "wedged" });
    expect(await told).toBe("wedged");
    banyan.currentRuntime().reports.off("crash", listen);
    expect(crashes.filter(({ id }) => id === pid.id)).toMatchObject([
      { id: pid.id, behaviour: "Busy", reason: "wedged" },
    ]);
  });

  it("ends a handler that awaits what never comes, and the report names it", async () => {
    const crashes: Report[] = [];
    const listen = (report: Report): void => void crashes.push(report);
    banyan.currentRuntime().reports.on("crash", listen);
    const pid = await busy();
    await expect(pid.with(patient).call.hang()).rejects.toMatchObject({ code: "exited", reason: "wedged" });
    expect(await pid.down).toBe("wedged");
    banyan.currentRuntime().reports.off("crash", listen);
    expect(crashes.filter(({ id }) => id === pid.id)).toMatchObject([
      { id: pid.id, behaviour: "Busy", reason: "wedged", message: "hang" },
    ]);
  });

  it("ends a loop in a message that came from inside, where nobody waits for anything", async () => {
    const pid = await busy();
    pid.cast.spinSoon();
    expect(await pid.down).toBe("wedged");
  });

  it("leaves alone who is idle, who says this.progress() in a long loop, and who handles many short messages", async () => {
    const pid = await busy({}, LONG);
    expect(await pid.with(patient).call.work(LONG * 1.5)).toBe("worked");
    await pid.call.many(12, LONG / 8);
    expect(await pid.with(patient).call.ping()).toBe("pong");
    await new Promise((resolve) => setTimeout(resolve, LONG * 1.5));
    expect(await pid.call.ping()).toBe("pong");
  });

  it("ends a terminate that hangs, after a crash and after a shutdown without limit", async () => {
    const crashed = await busy({ endless: true });
    crashed.cast.crash();
    expect(await crashed.down).toBe("wedged");
    const told = await busy({ endless: true });
    await expect(stopProcess(told, "shutdown")).rejects.toMatchObject({ reason: "wedged" });
  });

  it("has its supervisor start it again", async () => {
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    started.push(supervisor);
    const name = named<BusyProtocol>(`busy-${isolation}`);
    await startChild(supervisor, child(Busy, {}, { name, isolation, progressDeadline: LONG }));
    const first = name.whereis();
    name.cast.spin();
    expect(await first?.down).toBe("wedged");
    expect(await name.with(patient).call.ping()).toBe("pong");
  });
});
