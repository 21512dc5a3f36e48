// e: 100,000 actors are started under their supervisor, and what each of them takes in memory while idle.
import { assertEqual, heapUsed, timed } from "../measure.mjs";

const COUNT = 100_000;
/** For those whose stop takes time quadratic in the number of siblings; their time is scaled up. */
const FEWER = 10_000;

async function measure(start, count = COUNT) {
  const before = await heapUsed();
  let kept;
  const ms = await timed(async () => {
    kept = await start();
  });
  assertEqual(kept.length, count, "started");
  return { kept, figures: [(ms * COUNT) / count, ((await heapUsed()) - before) / count] };
}

export default {
  key: "e",
  title: "spawn 100,000",
  unit: "ms, bytes each",
  more: false,

  async banyan({ DynamicSupervisor, Counter, child, startChild, countChildren, stopProcess }) {
    const supervisor = await DynamicSupervisor.start();
    const spec = child(Counter, 0);
    const { kept, figures } = await measure(async () => {
      const pids = [];
      for (let i = 0; i < COUNT; i++) pids.push((await startChild(supervisor, spec)).ok);
      return pids;
    });
    assertEqual((await countChildren(supervisor)).active, COUNT, "active");
    assertEqual(await kept[COUNT - 1].call.add(1), 1, "answer");
    await stopProcess(supervisor, "shutdown");
    assertEqual(kept[0].alive, false, "alive after its supervisor");
    return figures;
  },

  async xstate({ start }) {
    const { kept, figures } = await measure(() => Array.from({ length: COUNT }, () => start()));
    for (const actor of kept) actor.stop();
    return figures;
  },

  async nact({ start, stop, spawnCounter }) {
    const system = start();
    const { figures } = await measure(() => Array.from({ length: COUNT }, (_, i) => spawnCounter(system, `c${i}`)));
    stop(system);
    return figures;
  },

  async comedy({ root, Counter }) {
    const { kept, figures } = await measure(async () => {
      const actors = [];
      for (let i = 0; i < FEWER; i++) actors.push(await root.createChild(Counter));
      return actors;
    }, FEWER);
    for (const actor of kept) await actor.destroy();
    return figures;
  },

  async effect({ spawnCounter }) {
    const { kept, figures } = await measure(() => Array.from({ length: COUNT }, () => spawnCounter()));
    for (const { fiber } of kept) fiber.interruptUnsafe();
    return figures;
  },

  async domo({ Counter, spawn }) {
    const { kept, figures } = await measure(() => Array.from({ length: FEWER }, () => spawn(Counter)), FEWER);
    for (const actor of kept) await actor.stop();
    return figures;
  },
};
