// A small program for a page or a Web Worker: a tree, a crash, a restart, calls, timers, a flood and a simulation. What it saw is
// posted back to where it was loaded from.
import { Application, CallError, child, GenServer, named, simulate, whereis } from "../../../src/supervision/index.js";

class Counter extends GenServer<number, { count: number; ticks: number }> {
  protected override init(start: number) {
    this.state = { count: start, ticks: 0 };
  }
  increment() {
    return ++this.state.count;
  }
  async later() {
    await new Promise((resume) => setTimeout(resume, 5));
    return this.state.count;
  }
  tickAfter(ms: number) {
    this.sendAfter(ms, "tick");
  }
  ticks() {
    return this.state.ticks;
  }
  crash() {
    throw new RangeError("on purpose");
  }
  protected override handleInfo(message: unknown) {
    if (message === "tick") this.state.ticks++;
  }
}

/** Casts to itself for as long as it is not told to stop: without turns for the event loop no timer would ever fire. */
class Busy extends GenServer<void, { stopped: boolean; rounds: number }> {
  protected override init() {
    this.state = { stopped: false, rounds: 0 };
  }
  go() {
    this.state.rounds++;
    if (!this.state.stopped) this.self<Busy>().cast.go();
  }
  halt() {
    this.state.stopped = true;
    return this.state.rounds > 0;
  }
}

async function run() {
  const counter = named<Counter>("counter");
  const busy = named<Busy>("busy");
  const app = await Application.start({
    strategy: "one_for_all",
    children: [child(Counter, 40, { name: counter }), child(Busy, undefined, { name: busy })],
  });
  const crashes: unknown[] = [];
  app.on("crash", ({ name }) => crashes.push(name));

  counter.cast.increment();
  const called = await counter.call.increment();
  const awaited = await counter.call.later();

  counter.cast.tickAfter(10);
  await new Promise((resume) => setTimeout(resume, 30));
  const ticks = await counter.call.ticks();

  busy.cast.go();
  await new Promise((resume) => setTimeout(resume, 10));
  const flooded = await busy.call.halt();

  const before = whereis(counter);
  const sibling = whereis(busy);
  const error = await counter.call.crash().catch((thrown: unknown) => thrown);
  const afterRestart = await counter.call.increment();
  const restarted = whereis(counter) !== before && whereis(busy) !== sibling;

  const alone = await Counter.start(0, { isolation: "thread" }).catch((thrown: unknown) => thrown);
  const simulated = await simulate({ seed: 42, faults: { crash: 0.05 } }, async (runtime) => {
    const tree = await Application.start({
      strategy: "one_for_one",
      maxRestarts: 1000,
      children: [child(Counter, 0, { name: counter })],
    });
    for (let i = 0; i < 100; i++) counter.cast.increment();
    await runtime.advance(60_000);
    await tree.stop();
    return runtime.now;
  });
  await app.stop();

  return {
    where: "document" in globalThis ? "page" : "worker",
    node: "process" in globalThis,
    called,
    awaited,
    ticks,
    flooded,
    error: error instanceof CallError ? [error.code, error.cause instanceof RangeError] : String(error),
    crashes,
    afterRestart,
    restarted,
    isolated: codeOf(alone),
    simulated,
    gone: whereis(counter) === undefined,
  };
}

/** The code of a start that failed, wherever along its causes it is. */
function codeOf(thrown: unknown): unknown {
  let error = thrown;
  while (error instanceof Error && error.cause instanceof Error) error = error.cause;
  return error instanceof Error && "code" in error ? error.code : String(error);
}

const seen = await run().catch((thrown: unknown) => ({ failed: thrown instanceof Error ? thrown.stack : thrown }));
await fetch("/seen", { method: "POST", body: JSON.stringify(seen) });
