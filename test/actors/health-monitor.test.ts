import { describe, expect, it, onTestFinished } from "vitest";
import { type Health, HealthMonitor } from "../../src/actors/health-monitor.js";
import { Application, child, exit, GenServer, named, type Supervisor, whereis } from "../../src/supervision/index.js";

class Fragile extends GenServer<void, undefined> {
  fail(): never {
    throw new Error("on purpose");
  }
}

class Watcher extends GenServer<void, Health[]> {
  protected override init() {
    this.state = [];
  }
  healthChanged(health: Health) {
    this.state.push(health);
  }
  seen() {
    return this.state;
  }
}

const root = named<Supervisor>("Root");
const health = named<HealthMonitor>("HealthMonitor");
const fragile = named<Fragile>("Fragile");

async function start(): Promise<void> {
  const app = await Application.start({
    name: root,
    strategy: "one_for_one",
    maxRestarts: 1,
    children: [
      child(HealthMonitor, { root }, { name: health }),
      child(Fragile, undefined, { name: fragile, park: { initial: 60_000, max: 60_000, jitter: 0 } }),
    ],
  });
  onTestFinished(() => app.stop());
}

describe("HealthMonitor", () => {
  it("warns of a part that was restarted, and errs for one that is parked, telling its watchers", async () => {
    await start();
    const watcher = await Watcher.start();
    expect(await health.call.watch(watcher)).toMatchObject({ level: "ok", components: [] });
    await health.call.watch(watcher); // twice is once: each change is told once below
    await expect(fragile.call.fail()).rejects.toThrow("on purpose");
    await expect
      .poll(() => health.call.health())
      .toMatchObject({
        level: "warn",
        components: [{ name: "Fragile", level: "warn", details: "restarted: on purpose" }],
      });
    await expect(fragile.call.fail()).rejects.toThrow("on purpose");
    await expect
      .poll(() => health.call.health())
      .toMatchObject({
        level: "error",
        components: [{ name: "Fragile", level: "error", details: "parked: on purpose" }],
      });
    expect((await watcher.call.seen()).map(({ level }) => level)).toEqual(["warn", "warn", "error"]);
  });

  it("finds a parked part in the tree after its own crash", async () => {
    await start();
    for (let i = 0; i < 2; i++) await fragile.call.fail().catch(() => {});
    await expect.poll(async () => (await health.call.health()).level).toBe("error");
    const pid = whereis(health);
    exit(health, "kill");
    await pid?.down;
    expect(await health.call.health()).toMatchObject({ level: "error", components: [{ name: "Fragile" }] });
  });
});
