// f: a supervised actor crashes; the time until its next incarnation has answered, with fresh state. The question waits behind
// the message that crashes, so mailboxes are kept here, as the peers always do.
import { assertEqual, latencies, quantile } from "../measure.mjs";

const CRASHES = 10_000;

async function measure(crashAndAsk) {
  const found = await latencies(CRASHES, async () => assertEqual(await crashAndAsk(), 1, "fresh state"));
  return [quantile(found, 0.5), quantile(found, 0.99)];
}

export default {
  key: "f",
  title: "supervised crash until it answers",
  unit: "p50, p99 µs",
  more: false,

  async banyan({ Supervisor, Counter, child, named, stopProcess }) {
    const counter = named("bench-crash");
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      maxRestarts: 1_000_000,
      children: [child(Counter, 0, { name: counter, mailbox: "keep" })],
    });
    const figures = await measure(() => {
      counter.cast.crash();
      return counter.call.add(1);
    });
    await stopProcess(supervisor, "shutdown");
    return figures;
  },

  async xstate({ start }) {
    let actor = start();
    const figures = await measure(() => {
      actor.send({ type: "crash" });
      if (actor.getSnapshot().status === "error") actor = start();
      actor.send({ type: "add", by: 1 });
      return actor.getSnapshot().context;
    });
    actor.stop();
    return figures;
  },

  async nact({ start, stop, dispatch, query, spawnCounter }) {
    const system = start();
    const actor = spawnCounter(system, "counter");
    const figures = await measure(() => {
      dispatch(actor, { crash: true });
      return query(actor, { by: 1, answer: true }, 60_000);
    });
    stop(system);
    return figures;
  },

  async effect({ spawnCounter, cast, call, stop }) {
    const actor = spawnCounter();
    const figures = await measure(() => {
      cast(actor, { crash: true });
      return call(actor, 1);
    });
    await stop(actor);
    return figures;
  },
};
