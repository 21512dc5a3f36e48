// Bugs that test/supervision/properties.test.ts has found, each in its smallest form.
import { expect, it } from "vitest";
import { exit, GenServer, type Pid } from "../../src/supervision/index.js";
import { resolveRef } from "../../src/supervision/ref.js";

class Idle extends GenServer {
  ping() {
    return "pong";
  }
}

class Watcher extends GenServer<Pid<Idle>> {
  private target!: Pid<Idle>; // set by init
  protected override init(target: Pid<Idle>) {
    this.target = target;
  }
  watch() {
    this.monitor(this.target);
  }
  async watchLater(gate: Promise<void>) {
    await gate;
    this.monitor(this.target);
  }
}

it("a watcher forgets a monitor that has fired (seed 1, one watch)", async () => {
  const target = await Idle.start();
  const watcher = await Watcher.start(target);
  await watcher.call.watch();
  expect(resolveRef(watcher)?.ties).toBe(1);
  exit(target, "kill");
  await target.down;
  expect(resolveRef(watcher)?.ties).toBe(0);
  exit(watcher, "kill");
});

it("a dead process that asks for a monitor leaves nothing at its target", async () => {
  const target = await Idle.start();
  const watcher = await Watcher.start(target);
  let open = (): void => {};
  watcher.cast.watchLater(
    new Promise((resolve) => {
      open = resolve;
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  exit(watcher, "kill");
  await watcher.down;
  open();
  await target.call.ping();
  expect(resolveRef(target)?.ties).toBe(0);
  exit(target, "kill");
});
