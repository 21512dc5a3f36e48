import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/supervision/clock.js";
import { child, GenServer, named, Supervisor, stopProcess } from "../../src/supervision/index.js";
import { enterRuntime, Runtime } from "../../src/supervision/runtime.js";

class Counter extends GenServer<number, number> {
  protected override init(start: number) {
    this.state = start;
  }
  add(by: number) {
    return (this.state += by);
  }
  crash() {
    throw new Error("crash");
  }
}

/** A runtime whose time is later each time it is asked. */
function enterTickingRuntime(): void {
  let time = 1_000;
  const before = enterRuntime(new Runtime({ ...systemClock, epoch: () => ++time }));
  onTestFinished(() => void enterRuntime(before));
}

it("children that start in one go started at one time, and one that is restarted started later", async () => {
  enterTickingRuntime();
  const names = Array.from({ length: 100 }, (_, i) => named<Counter>(`child-${i}`));
  const children = names.map((name) => child(Counter, 0, { name, mailbox: "keep" }));
  const supervisor = await Supervisor.start({ strategy: "one_for_one", maxRestarts: 1, children });
  const startedAt = (i: number) => names[i]?.whereis()?.inspect().startedAt ?? Number.NaN;
  const first = startedAt(0);
  expect(names.map((_, i) => startedAt(i))).toEqual(names.map(() => first));

  names[7]?.cast.crash();
  expect(await names[7]?.call.add(1)).toBe(1);
  expect(startedAt(7)).toBeGreaterThan(first);
  expect(startedAt(8)).toBe(first);
  await stopProcess(supervisor, "shutdown");
});

it("each of thousands of children crashes and answers behind its crash with fresh state, its siblings untouched", async () => {
  const names = Array.from({ length: 3_000 }, (_, i) => named<Counter>(`one-of-many-${i}`));
  const children = names.map((name) => child(Counter, 5, { name, mailbox: "keep" }));
  const supervisor = await Supervisor.start({ strategy: "one_for_one", maxRestarts: 3_000, children });
  await Promise.all(names.map((name) => name.call.add(1)));
  const crashed = names.filter((_, i) => i % 3 === 0);
  for (const name of crashed) name.cast.crash();
  const answers = await Promise.all(names.map((name) => name.call.add(1)));
  expect(answers).toEqual(names.map((_, i) => (i % 3 === 0 ? 6 : 7)));
  expect(crashed.map((name) => name.whereis()?.inspect().restarts)).toEqual(crashed.map(() => 1));
  expect(await supervisor.call.countChildren()).toMatchObject({ active: 3_000 });
  await stopProcess(supervisor, "shutdown");
});
