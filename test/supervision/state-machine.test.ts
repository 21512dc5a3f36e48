import { describe, expect, expectTypeOf, it } from "vitest";
import { assign, cancel, createMachine, fromCallback, fromPromise, raise, type SnapshotFrom, setup } from "xstate";
import { Application, child, exit, getState, named, simulate, whereis } from "../../src/supervision/index.js";
import { postpone, reply, StateMachine } from "../../src/supervision/state-machine.js";

const counting = setup({
  types: {
    context: {} as { count: number },
    events: {} as { type: "add"; by: number } | { type: "read" } | { type: "finish" } | { type: "break" },
    input: {} as { start: number },
  },
}).createMachine({
  context: ({ input }) => ({ count: input.start }),
  initial: "open",
  states: {
    open: {
      on: {
        add: { actions: assign({ count: ({ context, event }) => context.count + event.by }) },
        read: { actions: reply(({ context }) => context.count) },
        break: {
          actions: () => {
            throw new Error("the machine broke");
          },
        },
        finish: "closed",
      },
    },
    closed: { type: "final" },
  },
});
type Counting = StateMachine<typeof counting>;

describe("an xstate machine as a process", () => {
  it("takes events by cast and answers asks with the snapshot or what it replied", async () => {
    const name = named<Counting>("counting");
    const spec = child(StateMachine<typeof counting>, { machine: counting, input: { start: 40 } }, { name });
    const app = await Application.start({ strategy: "one_for_one", children: [spec] });
    expectTypeOf(name.call.ask).parameter(0).toExtend<{ type: "add" | "read" | "finish" | "break" }>();
    expectTypeOf(name.call.ask).returns.toEqualTypeOf<Promise<SnapshotFrom<typeof counting>>>();
    // @ts-expect-error no such event
    name.cast.send({ type: "subtract" });
    name.cast.send({ type: "add", by: 1 });
    expect((await name.call.ask({ type: "add", by: 1 })).context.count).toBe(42);
    expect(await name.call.ask({ type: "read" })).toBe(42);
    expect(await getState(name)).toMatchObject({ status: "active", value: "open", context: { count: 42 } });
    await app.stop();
  });

  it("crashes with the machine's error, tells the asker, and is started again", async () => {
    const name = named<Counting>("counting");
    const spec = child(StateMachine<typeof counting>, { machine: counting, input: { start: 1 } }, { name });
    const app = await Application.start({ strategy: "one_for_one", children: [spec] });
    const first = whereis(name);
    name.cast.send({ type: "add", by: 1 });
    await expect(name.call.ask({ type: "break" })).rejects.toMatchObject({ cause: { message: "the machine broke" } });
    expect(await name.call.ask({ type: "read" })).toBe(1);
    expect(whereis(name)).not.toBe(first);
    await app.stop();
  });

  it("ends with normal when the machine comes to its final state, and answers first", async () => {
    const pid = await StateMachine.start({ machine: counting, input: { start: 1 } });
    expect((await pid.call.ask({ type: "finish" })).status).toBe("done");
    expect(await pid.down).toBe("normal");
  });

  it("goes on from a persisted snapshot", async () => {
    const first = await StateMachine.start({ machine: counting, input: { start: 7 } });
    first.cast.send({ type: "add", by: 1 });
    const snapshot = JSON.parse(JSON.stringify(await first.call.persisted()));
    exit(first, "kill");
    const second = await StateMachine.start({ machine: counting, snapshot });
    expect(await second.call.ask({ type: "read" })).toBe(8);
    exit(second, "kill");
  });

  it("fails to start when the machine does", async () => {
    const broken = createMachine({
      entry: () => {
        throw new Error("no entry");
      },
    });
    await expect(StateMachine.start({ machine: broken })).rejects.toThrow("no entry");
  });
});

describe("what the machine invokes", () => {
  it("runs delays on the runtime's clock, one after another through the mailbox", async () => {
    const blinker = createMachine({
      initial: "off",
      states: { off: { after: { 1000: "on" } }, on: { after: { 500: "off" } } },
    });
    await simulate({ seed: 1 }, async (runtime) => {
      const pid = await StateMachine.start({ machine: blinker });
      const value = async () => (await pid.call.ask({ type: "look" })).value;
      expect(await value()).toBe("off");
      await runtime.advance(1_000);
      expect(await value()).toBe("on");
      await runtime.advance(499);
      expect(await value()).toBe("on");
      await runtime.advance(1);
      expect(await value()).toBe("off");
      exit(pid, "kill");
      await runtime.advance(0);
      expect(runtime.leftovers()).toEqual([]);
    });
  });

  it("ends invoked actors with the process, even when it is killed", async () => {
    const events: string[] = [];
    const listening = setup({
      actors: {
        ear: fromCallback(() => {
          events.push("listens");
          return () => events.push("stopped");
        }),
        work: fromPromise(({ signal }) => {
          signal.addEventListener("abort", () => events.push("aborted"));
          return new Promise(() => {});
        }),
      },
    }).createMachine({ invoke: [{ src: "ear" }, { src: "work" }] });
    const pid = await StateMachine.start({ machine: listening });
    expect(events).toEqual(["listens"]);
    exit(pid, "kill");
    expect(await pid.down).toBe("killed");
    expect(events).toEqual(["listens", "stopped", "aborted"]);
  });

  it("makes the rejection of an invoked promise the process's crash if the machine has no answer to it", async () => {
    const failing = setup({
      actors: { work: fromPromise(() => Promise.reject(new Error("the work failed"))) },
    }).createMachine({ invoke: { src: "work" } });
    const pid = await StateMachine.start({ machine: failing });
    expect(await pid.down).toMatchObject({ error: { message: "the work failed" } });
  });

  it("brings postponed events back when an invoked actor moves the machine", async () => {
    let finish = (): void => {};
    const loading = setup({
      types: { context: {} as { seen: number } },
      actors: {
        load: fromPromise(
          () =>
            new Promise<void>((resolve) => {
              finish = resolve;
            }),
        ),
      },
      actions: { postpone },
    }).createMachine({
      context: { seen: 0 },
      initial: "loading",
      states: {
        loading: { invoke: { src: "load", onDone: "loaded" }, on: { get: { actions: postpone } } },
        loaded: { on: { get: { actions: reply(() => "got") } } },
      },
    });
    const pid = await StateMachine.start({ machine: loading });
    const asked = pid.call.ask({ type: "get" });
    finish();
    expect(await asked).toBe("got");
    exit(pid, "kill");
  });
});

it("A184 statem: postpone and enter: the enter action, then the postponed event, then newer events", async () => {
  const log: string[] = [];
  const note = (what: string) => () => void log.push(what);
  const machine = createMachine({
    initial: "closed",
    states: {
      closed: { on: { early: { actions: postpone }, open: "open" } },
      open: {
        entry: note("enter open"),
        on: { early: { actions: [note("early"), reply(() => "late answer")] }, newer: { actions: note("newer") } },
      },
    },
  });
  const pid = await StateMachine.start({ machine });
  const early = pid.call.ask({ type: "early" });
  pid.cast.send({ type: "ignored" });
  pid.cast.send({ type: "open" });
  await pid.call.ask({ type: "newer" });
  expect(log).toEqual(["enter open", "early", "newer"]);
  expect(await early).toBe("late answer");
  exit(pid, "kill");
});

it("A184 postponed events come back oldest first, and wait on while the state does not change", async () => {
  const log: string[] = [];
  const machine = createMachine({
    initial: "closed",
    states: {
      closed: { on: { a: { actions: postpone }, b: { actions: postpone }, open: "open" } },
      open: { on: { a: { actions: () => void log.push("a") }, b: { actions: () => void log.push("b") } } },
    },
  });
  const pid = await StateMachine.start({ machine });
  for (const type of ["a", "b", "other"]) pid.cast.send({ type });
  await pid.call.ask({ type: "other" });
  expect(log).toEqual([]);
  pid.cast.send({ type: "open" });
  await pid.call.ask({ type: "other" });
  expect(log).toEqual(["a", "b"]);
  exit(pid, "kill");
});

it("A184 an asker of a postponed event is rejected when the process ends first", async () => {
  const pid = await StateMachine.start({ machine: createMachine({ on: { a: { actions: postpone } } }) });
  const asked = pid.call.ask({ type: "a" });
  await pid.call.ask({ type: "b" });
  exit(pid, "kill");
  await expect(asked).rejects.toMatchObject({ code: "exited", reason: "killed" });
});

it("A185 statem: timers: a state change by an event ends the event's and the state's timer; the named one fires", async () => {
  const fired: string[] = [];
  const note = (what: string) => () => void fired.push(what);
  const machine = createMachine({
    // The named timer belongs to the machine, the event timer ends with any event, the state timer is `after`.
    on: { named: { actions: note("named") }, idle: { actions: note("event") } },
    initial: "one",
    states: {
      one: {
        entry: [
          raise({ type: "named" }, { delay: 100, id: "named timer" }),
          raise({ type: "idle" }, { delay: 100, id: "event timer" }),
        ],
        after: { 100: { actions: note("state") } },
        on: { go: { target: "two", actions: cancel("event timer") } },
      },
      two: {},
    },
  });
  await simulate({ seed: 1 }, async (runtime) => {
    const untouched = await StateMachine.start({ machine });
    await runtime.advance(200);
    expect(fired.sort()).toEqual(["event", "named", "state"]);
    exit(untouched, "kill");
    fired.length = 0;
    const pid = await StateMachine.start({ machine });
    await runtime.advance(50);
    pid.cast.send({ type: "go" });
    await runtime.advance(200);
    expect(fired).toEqual(["named"]);
  });
});
