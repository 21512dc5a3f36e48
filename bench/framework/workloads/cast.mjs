// a: 10⁶ casts to one counter, all before it runs once.
import { assertEqual, rate, timed } from "../measure.mjs";

const COUNT = 1_000_000;

export default {
  key: "a",
  title: "cast, 10⁶ in one burst",
  unit: "M/s",
  more: true,

  async banyan({ Counter, stopProcess }) {
    const pid = await Counter.start(0);
    const ms = await timed(async () => {
      for (let i = 0; i < COUNT; i++) pid.cast.add(1);
      assertEqual(await pid.call.get(), COUNT, "sum");
    });
    await stopProcess(pid);
    return [rate(COUNT, ms)];
  },

  async xstate({ start }) {
    const actor = start();
    const ms = await timed(() => {
      for (let i = 0; i < COUNT; i++) actor.send({ type: "add", by: 1 });
    });
    assertEqual(actor.getSnapshot().context, COUNT, "sum");
    actor.stop();
    return [rate(COUNT, ms)];
  },

  async nact({ start, stop, dispatch, query, spawnCounter }) {
    const system = start();
    const actor = spawnCounter(system, "counter");
    const ms = await timed(async () => {
      for (let i = 0; i < COUNT; i++) dispatch(actor, { by: 1 });
      assertEqual(await query(actor, { by: 0, answer: true }, 60_000), COUNT, "sum");
    });
    stop(system);
    return [rate(COUNT, ms)];
  },

  async comedy({ root, Counter }) {
    const actor = await root.createChild(Counter);
    const ms = await timed(async () => {
      let done;
      const all = new Promise((resolve) => {
        done = resolve;
      });
      await actor.sendAndReceive("tell", COUNT, done);
      for (let i = 0; i < COUNT; i++) actor.send("add", 1);
      assertEqual(await all, COUNT, "sum");
    });
    await actor.destroy();
    return [rate(COUNT, ms)];
  },

  async effect({ spawnCounter, cast, call, stop }) {
    const actor = spawnCounter();
    const ms = await timed(async () => {
      for (let i = 0; i < COUNT; i++) cast(actor, { by: 1 });
      assertEqual(await call(actor, 0), COUNT, "sum");
    });
    await stop(actor);
    return [rate(COUNT, ms)];
  },

  async domo({ Counter, spawn }) {
    const actor = spawn(Counter);
    const ms = await timed(async () => {
      for (let i = 0; i < COUNT; i++) actor.add(1);
      assertEqual(await actor.add(0), COUNT, "sum");
    });
    await actor.stop();
    return [rate(COUNT, ms)];
  },
};
