// b and c: 300,000 calls to one counter, each made when the one before has been answered, and 1,000 of them in flight at a time.
import { assertEqual, rate, timed } from "../measure.mjs";

const COUNT = 300_000;
const IN_FLIGHT = 1000;
/** Milliseconds after which a library is taken to have lost an answer. */
const ANSWER_WITHIN = 5_000;

/** Each of these makes the calls and returns the last answer. */
async function oneByOne(call) {
  let last = 0;
  for (let i = 0; i < COUNT; i++) last = await call();
  return last;
}

async function manyInFlight(call) {
  let last = 0;
  for (let done = 0; done < COUNT; done += IN_FLIGHT) {
    const answers = [];
    for (let i = 0; i < IN_FLIGHT; i++) answers.push(call());
    last = (await Promise.all(answers))[IN_FLIGHT - 1];
  }
  return last;
}

function workload(key, title, make) {
  async function measure(call) {
    let last = 0;
    const ms = await timed(async () => {
      last = await make(call);
    });
    assertEqual(last, COUNT, "sum");
    return [rate(COUNT, ms)];
  }

  return {
    key,
    title,
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
      // Of 1,000 queries in flight two may draw the same random number, and the answer to one of them is lost, in a few
      // rounds of a hundred. Such a round is run again.
      for (;;) {
        const system = start();
        const actor = spawnCounter(system, "counter");
        try {
          return await measure(() => query(actor, { by: 1, answer: true }, ANSWER_WITHIN));
        } catch (error) {
          if (error.message !== "Query Timeout") throw error;
        } finally {
          stop(system);
        }
      }
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
}

export const calls = workload("b", "call, one after another", oneByOne);
export const callsInFlight = workload("c", "call, 1,000 in flight", manyInFlight);
