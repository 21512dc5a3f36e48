// b: 300,000 calls to one counter, each made when the one before has been answered.
import { assertEqual, rate, timed } from "../measure.mjs";

const COUNT = 300_000;

/** Makes the calls and returns the last answer. */
async function make(call) {
  let last = 0;
  for (let i = 0; i < COUNT; i++) last = await call();
  return last;
}

async function measure(call) {
  let last = 0;
  const ms = await timed(async () => {
    last = await make(call);
  });
  assertEqual(last, COUNT, "sum");
  return [rate(COUNT, ms)];
}

export default {
  key: "b",
  title: "call, one after another",
  unit: "M/s",
  more: true,

  async banyan({ Counter, stopProcess }) {
    const pid = await Counter.start(0);
    const result = await measure(() => pid.call.add(1));
    await stopProcess(pid);
    return result;
  },

  async xstate({ start }) {
    const actor = start();
    const result = await measure(() => {
      actor.send({ type: "add", by: 1 });
      return actor.getSnapshot().context;
    });
    actor.stop();
    return result;
  },

  async nact({ start, stop, query, spawnCounter }) {
    const system = start();
    const actor = spawnCounter(system, "counter");
    const result = await measure(() => query(actor, { by: 1, answer: true }, 60_000));
    stop(system);
    return result;
  },

  async comedy({ root, Counter }) {
    const actor = await root.createChild(Counter);
    const result = await measure(() => actor.sendAndReceive("add", 1));
    await actor.destroy();
    return result;
  },

  async effect({ spawnCounter, call, stop }) {
    const actor = spawnCounter();
    const result = await measure(() => call(actor, 1));
    await stop(actor);
    return result;
  },

  async domo({ Counter, spawn }) {
    const actor = spawn(Counter);
    const result = await measure(() => actor.add(1));
    await actor.stop();
    return result;
  },
};
