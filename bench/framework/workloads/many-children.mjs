// g: one supervisor with 10,000 children: the time it takes to start, and then the crash of one of them until it answers.
import { assertEqual, latencies, quantile, timed } from "../measure.mjs";

const CHILDREN = 10_000;
const CRASHES = 500;

/** Crashes children spread over the whole set, each once. */
async function measure(crashAndAsk) {
  const found = await latencies(CRASHES, async (i) => {
    assertEqual(await crashAndAsk((i * 7919) % CHILDREN), 1, "fresh state");
  });
  return [quantile(found, 0.5), quantile(found, 0.99)];
}

export default {
  key: "g",
  title: "10,000 children",
  unit: "start ms, restart p50, p99 µs",
  more: false,

  async banyan({ Supervisor, Counter, child, named, stopProcess }) {
    const names = Array.from({ length: CHILDREN }, (_, i) => named(`bench-child-${i}`));
    const specs = names.map((name) => child(Counter, 0, { name, mailbox: "keep" }));
    let supervisor;
    const ms = await timed(async () => {
      supervisor = await Supervisor.start({ strategy: "one_for_one", maxRestarts: 1_000_000, children: specs });
    });
    const restart = await measure((i) => {
      names[i].cast.crash();
      return names[i].call.add(1);
    });
    await stopProcess(supervisor, "shutdown");
    return [ms, ...restart];
  },

  // xstate: 10,000 children spawned in one parent take about 15 s, quadratic in their number.

  async nact({ start, stop, spawn, dispatch, query, spawnCounter }) {
    const system = start();
    const parent = spawn(system, (state) => state, "parent", { initialState: 0 });
    let actors;
    const ms = await timed(() => {
      actors = Array.from({ length: CHILDREN }, (_, i) => spawnCounter(parent, `c${i}`));
    });
    const restart = await measure((i) => {
      dispatch(actors[i], { crash: true });
      return query(actors[i], { by: 1, answer: true }, 60_000);
    });
    stop(system);
    return [ms, ...restart];
  },

  async effect({ spawnCounter, cast, call }) {
    let actors;
    const ms = await timed(() => {
      actors = Array.from({ length: CHILDREN }, () => spawnCounter());
    });
    const restart = await measure((i) => {
      cast(actors[i], { crash: true });
      return call(actors[i], 1);
    });
    for (const { fiber } of actors) fiber.interruptUnsafe();
    return [ms, ...restart];
  },
};
