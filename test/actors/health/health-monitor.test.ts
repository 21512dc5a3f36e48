import { getHeapStatistics } from "node:v8";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Health } from "../../../src/actors/health/health.js";
import { HealthMonitor } from "../../../src/actors/health/health-monitor.js";
import type { HealthStatus, Level } from "../../../src/actors/health/status.js";
import { Watching } from "../../../src/actors/watching.js";
import {
  Application,
  type ChildSpec,
  child,
  currentRuntime,
  deleteChild,
  exit,
  GenServer,
  type NoReply,
  named,
  noReply,
  type Report,
  resume,
  Supervisor,
  send,
  suspend,
  terminateChild,
  whereis,
} from "../../../src/supervision/index.js";
import { healthSettings } from "../../support/health.js";
import { quiet, withVirtualTime } from "../../support/virtual-clock.js";

class Fragile extends GenServer<void, undefined> {
  fail(): never {
    throw new Error("on purpose");
  }
}

/** Says of itself what it was told to; `silent` does not answer. */
class Part extends GenServer<void, Level | "silent"> {
  protected override init() {
    this.state = "ok";
  }
  be(level: Level | "silent") {
    this.state = level;
  }
  getStatus(): HealthStatus | NoReply {
    return this.state === "silent" ? noReply : { level: this.state, details: `it is ${this.state}`, since: 7 };
  }
}

/** Takes so many milliseconds to start. */
class Late extends GenServer<number> {
  protected override async init(ms: number) {
    await new Promise<void>((done) => currentRuntime().clock.setTimer(ms, done));
  }
}

class Inbox extends GenServer {
  take() {}
}

class Watcher extends GenServer<void, Health[]> {
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });
  protected override init() {
    this.state = [];
    this.watching.begin(health, async () => {
      this.statusChanged(await this.use(health).call.watch(this.self<Watcher>()));
    });
  }
  protected override async handleInfo(message: unknown) {
    await this.watching.took(message);
  }
  statusChanged(changed: Health) {
    this.state.push(changed);
  }
  last() {
    return this.state.at(-1);
  }
  levels() {
    return this.state.map(({ level }) => level);
  }
}

const root = named<Supervisor>("Root");
const health = named<HealthMonitor>("HealthMonitor");
const fragile = named<Fragile>("Fragile");
const part = named<Part>("Part");
const other = named<Part>("Other");
const park = { initial: 60_000, max: 60_000, jitter: 0 };
const time = withVirtualTime();
const POLL = 5_000;

async function start(settings: Parameters<typeof healthSettings>[0] = {}, ...more: ChildSpec[]): Promise<void> {
  const app = await Application.start({
    name: root,
    strategy: "one_for_one",
    maxRestarts: 3,
    children: [
      // What the machine that runs the tests takes is none of their business.
      child(
        HealthMonitor,
        {
          name: health,
          root,
          settings: healthSettings({ rss_warn: 1e15, loop_delay_warn: 1e9, gc_pause_warn: 1e9, ...settings }),
        },
        { name: health },
      ),
      child(Fragile, undefined, { name: fragile, park }),
      child(Part, undefined, { name: part }),
      child(Part, undefined, { name: other }),
      ...more,
    ],
  });
  onTestFinished(() => app.stop());
}

const component = async (name: string) => (await health.call.health()).components.find((each) => each.name === name);

async function crash(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await fragile.call.fail().catch(() => {});
    await quiet();
  }
}

describe("HealthMonitor", () => {
  it("takes a few points off a part that was restarted, warns of one that is restarted often, and forgets in time", async () => {
    await start();
    await crash(1);
    expect(await health.call.health()).toMatchObject({
      level: "ok",
      score: 90,
      components: [{ name: "Fragile", level: "ok", details: "restarted once: on purpose", score: 90 }],
    });
    await crash(2);
    expect(await component("Fragile")).toMatchObject({
      level: "warn",
      details: "restarted 3 times: on purpose",
      score: 50,
    });
    await time.clock.advance(60_000 + POLL);
    expect(await health.call.health()).toMatchObject({ level: "ok", score: 100, components: [] });
  });

  it("errs for a part that is parked, and has it on probation once it is back", async () => {
    await start();
    await crash(4);
    expect(await component("Fragile")).toMatchObject({
      level: "error",
      score: 0,
      details: "parked after too many crashes: on purpose",
    });
    await time.clock.advance(60_000);
    expect(await component("Fragile")).toMatchObject({
      level: "warn",
      details: expect.stringMatching(/^back after having been parked/),
    });
  });

  it("does not take the end of a temporary child, a server's program say, for a restart", async () => {
    await start({}, child(Fragile, undefined, { id: "short-lived", restart: "temporary", name: named("Short") }));
    exit(named("Short"), "kill");
    await quiet();
    expect((await health.call.health()).components).toEqual([]);
  });

  it("asks every process that can say how it is, and shows what it says since when it says", async () => {
    await start();
    await part.call.be("warn");
    await time.clock.advance(POLL);
    expect((await health.call.health()).components).toEqual([
      { name: "Part", level: "warn", details: "it is warn", since: 7, score: 50 },
    ]);
    await part.call.be("ok");
    await time.clock.advance(POLL);
    expect(await health.call.health()).toMatchObject({ level: "ok", components: [] });
  });

  it("does not wait for one that does not answer: that one is at error, and the others have been heard", async () => {
    await start();
    await part.call.be("silent");
    await other.call.be("warn");
    await time.clock.advance(500 + 2_000);
    expect((await health.call.health()).components).toMatchObject([
      { name: "Part", level: "error", details: "does not answer" },
      { name: "Other", level: "warn" },
    ]);
  });

  it("warns of a mailbox that fills, and of a part that was suspended; neither flaps", async () => {
    await start({ mailbox_warn: 10 }, child(Inbox, undefined, { name: named("Inbox") }));
    const inbox = named<Inbox>("Inbox");
    const fill = async () => {
      await suspend(inbox);
      for (let i = 0; i < 12; i++) inbox.cast.take();
      await time.clock.advance(POLL);
      await resume(inbox);
    };
    const look = async () => {
      await time.clock.advance(POLL);
      return (await component("Inbox"))?.details;
    };
    await fill();
    for (let round = 0; round < 2; round++) {
      expect(await look()).toBe("12 messages wait in its mailbox");
      expect(await look()).toBe("12 messages wait in its mailbox");
      await fill(); // before the third calm look
    }
    await look();
    await look();
    expect(await look()).toBeUndefined();
    await suspend(part);
    await time.clock.advance(POLL + 2_000);
    expect(await component("Part")).toMatchObject({ level: "error", details: "does not answer" });
  });

  it("does not call a part well that is being stopped, and forgets one that is gone for good", async () => {
    await start();
    await part.call.be("warn");
    await time.clock.advance(POLL);
    await terminateChild(root, "Part");
    await time.clock.advance(POLL);
    expect(await component("Part")).toMatchObject({ level: "warn" });
    await deleteChild(root, "Part");
    await time.clock.advance(POLL);
    expect(await component("Part")).toBeUndefined();
  });

  it("tells its watchers each change once", async () => {
    await start();
    const watcher = await Watcher.start();
    await time.clock.advance(POLL);
    await part.call.be("warn");
    await time.clock.advance(4 * POLL);
    await part.call.be("error");
    await time.clock.advance(4 * POLL);
    await part.call.be("ok");
    await time.clock.advance(4 * POLL);
    const levels = await watcher.call.levels();
    expect(levels.filter((level, at) => level !== levels[at - 1])).toEqual(["ok", "warn", "error", "ok"]);
    expect(levels.length).toBeLessThanOrEqual(6); // where it stood, that it looked, and the three changes
  });

  it("loses no watcher when it is killed, and knows again what is not well", async () => {
    await start();
    await crash(4);
    await part.call.be("warn");
    const watcher = await Watcher.start();
    await time.clock.advance(POLL);
    for (const level of ["error", "ok", "error"] as const) {
      const pid = whereis(health);
      exit(health, "kill");
      await pid?.down;
      await other.call.be(level);
      await time.clock.advance(2 * POLL);
      const { components } = await health.call.health();
      expect(components).toMatchObject([
        { name: "Fragile", level: "error" },
        { name: "Part", level: "warn" },
        ...(level === "ok" ? [] : [{ name: "Other", level }]),
      ]);
      expect((await watcher.call.last())?.components).toEqual(components);
    }
  });

  it("is ready once every critical part runs and is well, and not while one is at error", async () => {
    await start({ critical: ["Part", "Fragile"] });
    await time.clock.advance(POLL);
    expect(await health.call.health()).toMatchObject({ live: true, ready: true });
    await part.call.be("warn");
    await time.clock.advance(POLL);
    expect(await health.call.health()).toMatchObject({ level: "warn", ready: true });
    await part.call.be("error");
    await time.clock.advance(POLL);
    expect(await health.call.health()).toMatchObject({ level: "error", ready: false });
    await part.call.be("ok");
    await crash(4);
    await time.clock.advance(POLL);
    expect(await health.call.health()).toMatchObject({
      level: "error",
      ready: false,
      components: [{ name: "Fragile" }],
    });
  });

  it("says so when a critical part is named that does not exist", async () => {
    await start({ critical: ["Sotre"] });
    await time.clock.advance(POLL);
    expect(await health.call.health()).toMatchObject({
      ready: false,
      components: [{ name: "Sotre", details: expect.stringContaining("see health.critical") }],
    });
  });

  it("takes no part for missing whose turn to start has not come", async () => {
    const alerts: Report[] = [];
    currentRuntime().reports.on("alert", (report) => alerts.push(report));
    const deep = child(Part, undefined, { name: named<Part>("Deep") });
    const standing = start(
      { critical: ["Deep"] },
      child(Late, POLL, { name: named<Late>("Late") }),
      child(Supervisor, { strategy: "one_for_one", children: [deep] }, { name: named<Supervisor>("Branch") }),
    );
    await time.clock.advance(POLL);
    await standing;
    await time.clock.advance(POLL);
    expect(await health.call.health()).toMatchObject({ level: "ok", ready: true });
    expect(alerts).toEqual([]);
  });

  it("warns once the error budget is spent, and is well again as the window slides", async () => {
    await start({ budget_window: 600_000, budget_min_calls: 5_000 });
    for (let i = 0; i < 10; i++) health.cast.record(i !== 0, "demo.crash");
    await time.clock.advance(POLL);
    expect(await health.call.health()).toMatchObject({ level: "ok", budget: { total: 10, failed: 1, allowed: 5 } });
    for (let i = 0; i < 4; i++) health.cast.record(false, "demo.crash");
    await time.clock.advance(POLL);
    expect((await health.call.health()).components).toMatchObject([
      { name: "error budget", level: "warn", details: "5 of 14 calls failed, and 5 may; the last was demo.crash" },
    ]);
    await time.clock.advance(600_000 + 4 * POLL);
    expect(await health.call.health()).toMatchObject({ level: "ok", components: [], budget: { total: 0, failed: 0 } });
  });

  it("reports an alert when a part gets worse and when it has recovered, and none twice", async () => {
    await start();
    const alerts: Report[] = [];
    const hear = (report: Report): void => void alerts.push(report);
    currentRuntime().reports.on("alert", hear);
    for (const level of ["warn", "error", "warn", "error", "ok"] as const) {
      await part.call.be(level);
      await time.clock.advance(2 * POLL);
    }
    expect(alerts.map(({ name, component: about, health: level }) => [name, about, level])).toEqual([
      ["HealthMonitor", "Part", "warn"],
      ["HealthMonitor", "Part", "error"],
      ["HealthMonitor", "Part", "ok"],
    ]);
  });

  it("watches this program's own memory, heap, event loop and garbage collector", async () => {
    const held = new Array(Math.ceil(getHeapStatistics().heap_size_limit / 50 / 8)).fill(0); // two percent of what there may be
    await start({ rss_warn: 1_048_576, rss_error: 1e15, heap_warn: 1 });
    await time.clock.advance(POLL);
    const { components, vitals } = await health.call.health();
    const of = (name: string) => components.find((component) => component.name === name); // a busy machine warns of more
    expect(of("memory")).toMatchObject({ level: "warn", details: expect.stringMatching(/^\d+ MB are in use$/) });
    expect(of("heap")).toMatchObject({ level: "warn" });
    expect(held.length).toBeGreaterThan(0); // until here it is kept
    expect(vitals.rssBytes).toBeGreaterThan(10_000_000);
  });
});
