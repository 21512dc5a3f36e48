// a′: 10⁶ casts to one counter in bursts of 1,000, each burst handled before the next.
import { assertEqual, rate, timed } from "../measure.mjs";

const BURSTS = 1000;
const BURST = 1000;
const COUNT = BURSTS * BURST;

export default {
  key: "a′",
  title: "cast, bursts of 1,000",
  unit: "M/s",
  more: true,

  async banyan({ Counter, stopProcess }) {
    const pid = await Counter.start(0);
    const ms = await timed(async () => {
      for (let b = 0; b < BURSTS; b++) {
        for (let i = 1; i < BURST; i++) pid.cast.add(1);
        await pid.call.add(1);
      }
    });
    assertEqual(await pid.call.get(), COUNT, "sum");
    await stopProcess(pid);
    return [rate(COUNT, ms)];
  },

  async xstate({ start }) {
    const actor = start();
    const ms = await timed(async () => {
      for (let b = 0; b < BURSTS; b++) {
        for (let i = 0; i < BURST; i++) actor.send({ type: "add", by: 1 });
        await actor.getSnapshot().context;
      }
    });
    assertEqual(actor.getSnapshot().context, COUNT, "sum");
    actor.stop();
    return [rate(COUNT, ms)];
  },

  async nact({ start, stop, dispatch, query, spawnCounter }) {
    const system = start();
    const actor = spawnCounter(system, "counter");
    let sum = 0;
    const ms = await timed(async () => {
      for (let b = 0; b < BURSTS; b++) {
        for (let i = 1; i < BURST; i++) dispatch(actor, { by: 1 });
        sum = await query(actor, { by: 1, answer: true }, 60_000);
      }
    });
    assertEqual(sum, COUNT, "sum");
    stop(system);
    return [rate(COUNT, ms)];
  },

  async comedy({ root, Counter }) {
    const actor = await root.createChild(Counter);
    let sum = 0;
    const ms = await timed(async () => {
      for (let b = 0; b < BURSTS; b++) {
        let done;
        const all = new Promise((resolve) => {
          done = resolve;
        });
        await actor.sendAndReceive("tell", (b + 1) * BURST, done);
        for (let i = 0; i < BURST; i++) actor.send("add", 1);
        sum = await all;
      }
    });
    assertEqual(sum, COUNT, "sum");
    await actor.destroy();
    return [rate(COUNT, ms)];
  },

  async effect({ spawnCounter, cast, call, stop }) {
    const actor = spawnCounter();
    let sum = 0;
    const ms = await timed(async () => {
      for (let b = 0; b < BURSTS; b++) {
        for (let i = 1; i < BURST; i++) cast(actor, { by: 1 });
        sum = await call(actor, 1);
      }
    });
    assertEqual(sum, COUNT, "sum");
    await stop(actor);
    return [rate(COUNT, ms)];
  },

  async domo({ Counter, spawn }) {
    const actor = spawn(Counter);
    let sum = 0;
    const ms = await timed(async () => {
      for (let b = 0; b < BURSTS; b++) {
        for (let i = 1; i < BURST; i++) actor.add(1);
        sum = await actor.add(1);
      }
    });
    assertEqual(sum, COUNT, "sum");
    await actor.stop();
    return [rate(COUNT, ms)];
  },
};
