// a and a′: 10⁶ casts to one counter, all before it runs once, and in bursts of 1,000, each handled before the next.
import { assertEqual, rate, timed } from "../measure.mjs";

const COUNT = 1_000_000;

function workload(key, title, burst) {
  /** Sends all bursts; `last` sends a burst's last message and answers with the sum once all before it have been handled. */
  async function measure(send, last) {
    let sum = 0;
    const ms = await timed(async () => {
      for (let sent = 0; sent < COUNT; sent += burst) {
        for (let i = 1; i < burst; i++) send();
        sum = await last();
      }
    });
    assertEqual(sum, COUNT, "sum");
    return [rate(COUNT, ms)];
  }

  return {
    key,
    title,
    unit: "M/s",
    more: true,

    async banyan({ Counter, stopProcess }) {
      const pid = await Counter.start(0);
      const figures = await measure(
        () => pid.cast.add(1),
        () => pid.call.add(1),
      );
      await stopProcess(pid);
      return figures;
    },

    async xstate({ start }) {
      const actor = start();
      const send = () => actor.send({ type: "add", by: 1 });
      const figures = await measure(send, () => {
        send();
        return actor.getSnapshot().context;
      });
      actor.stop();
      return figures;
    },

    async nact({ start, stop, dispatch, query, spawnCounter }) {
      const system = start();
      const actor = spawnCounter(system, "counter");
      const figures = await measure(
        () => dispatch(actor, { by: 1 }),
        () => query(actor, { by: 1, answer: true }, 60_000),
      );
      stop(system);
      return figures;
    },

    async comedy({ root, Counter }) {
      const actor = await root.createChild(Counter);
      // An ask would overtake the sends before it: the counter says itself when it has had a burst.
      let told;
      let handled = 0;
      const ask = () => actor.sendAndReceive("tell", (handled += burst), (sum) => told(sum));
      const send = () => actor.send("add", 1);
      await ask();
      const figures = await measure(send, async () => {
        const all = new Promise((resolve) => {
          told = resolve;
        });
        send();
        const sum = await all;
        if (sum < COUNT) await ask();
        return sum;
      });
      await actor.destroy();
      return figures;
    },

    async effect({ spawnCounter, cast, call, stop }) {
      const actor = spawnCounter();
      const figures = await measure(
        () => cast(actor, { by: 1 }),
        () => call(actor, 1),
      );
      await stop(actor);
      return figures;
    },

    async domo({ Counter, spawn }) {
      const actor = spawn(Counter);
      const figures = await measure(
        () => actor.add(1),
        () => actor.add(1),
      );
      await actor.stop();
      return figures;
    },
  };
}

export const casts = workload("a", "cast, 10⁶ in one burst", COUNT);
export const castsInBursts = workload("a′", "cast, bursts of 1,000", 1000);
