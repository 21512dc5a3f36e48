// Four questions that a user of supervision asks first, answered by running them:
//   fresh   a throw is a crash, and the state starts fresh
//   kept    messages that waited are handled after the restart, and the same ref works
//   told    the caller of a crashed call is told at once, with the cause
//   serial  an async handler holds the next message
import { turn } from "./measure.mjs";

const SOON = 200;

/** What `promise` came to within a short time: `yes`, `no`, or how it failed. */
async function within(promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("no (hangs)"), SOON);
  });
  try {
    const found = await Promise.race([promise, late]);
    return typeof found === "string" ? found : found ? "yes" : "no";
  } catch (error) {
    return `no (${error.message ?? error})`;
  } finally {
    clearTimeout(timer);
  }
}

const isToldWhy = (call) =>
  call.then(
    () => "no (answered)",
    (error) => `${error?.message ?? error} ${error?.cause?.message ?? ""}`.includes("crash"),
  );

/** Asynchronous work that writes down when each piece of it begins and ends. */
function slowly() {
  const log = [];
  const work = async (n) => {
    log.push(`begin ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(`end ${n}`);
    return log;
  };
  return { log, work };
}

const probes = {
  async banyan({ Supervisor, GenServer, child, named, stopProcess, Counter }) {
    const { work } = slowly();
    class Slow extends GenServer {
      work(n) {
        return work(n);
      }
    }
    const [counter, slow] = [named("probe-counter"), named("probe-slow")];
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      maxRestarts: 100,
      children: [child(Counter, 0, { name: counter, mailbox: "keep" }), child(Slow, undefined, { name: slow })],
    });
    await counter.call.add(5);
    const told = await within(isToldWhy(counter.call.crash()));
    const fresh = await within(counter.call.get().then((state) => state === 0));
    counter.cast.crash();
    counter.cast.add(1);
    const kept = await within(counter.call.add(1).then((state) => state === 2));
    slow.cast.work(1);
    const serial = await within(slow.call.work(2).then((log) => log[1] === "end 1"));
    await stopProcess(supervisor, "shutdown");
    return { fresh, kept, told, serial };
  },

  async xstate({ start, fromTransition, waitFor }) {
    const actor = start();
    actor.send({ type: "add", by: 5 });
    // Its nearest to a call: send, and wait for the snapshot that shows the answer.
    const answer = waitFor(actor, ({ context }) => context === 6, { timeout: 10_000 });
    actor.send({ type: "crash" });
    const told = await within(isToldWhy(answer));
    const fresh = actor.getSnapshot().context === 0 ? "yes" : `no (${actor.getSnapshot().status})`;
    actor.send({ type: "crash" });
    actor.send({ type: "add", by: 1 });
    actor.send({ type: "add", by: 1 });
    const kept = actor.getSnapshot().context === 2 ? "yes" : `no (${actor.getSnapshot().status})`;
    const { log, work } = slowly();
    const slow = start(fromTransition((_state, { n }) => work(n), undefined));
    slow.send({ type: "work", n: 1 });
    slow.send({ type: "work", n: 2 });
    const serial = await within(slow.getSnapshot().context.then(() => log[1] === "end 1"));
    slow.stop();
    return { fresh, kept, told, serial };
  },

  async nact({ start, stop, spawn, dispatch, query, spawnCounter }) {
    const system = start();
    const actor = spawnCounter(system, "probe");
    dispatch(actor, { by: 5 });
    const told = await within(isToldWhy(query(actor, () => ({ crash: true }), 10_000)));
    const fresh = await within(query(actor, { by: 0, answer: true }, 60_000).then((state) => state === 0));
    dispatch(actor, { crash: true });
    dispatch(actor, { by: 1 });
    const kept = await within(query(actor, { by: 1, answer: true }, 60_000).then((state) => state === 2));
    const { work } = slowly();
    const slow = spawn(
      system,
      async (state, n, context) => {
        dispatch(context.sender, await work(n));
        return state;
      },
      "slow",
      { initialState: 0 },
    );
    dispatch(slow, 1);
    const serial = await within(query(slow, 2, 60_000).then((found) => found[1] === "end 1"));
    stop(system);
    return { fresh, kept, told, serial };
  },

  async comedy({ root, Counter }) {
    const actor = await root.createChild(Counter);
    await actor.sendAndReceive("add", 5);
    const told = await within(isToldWhy(actor.sendAndReceive("crash")));
    const fresh = await within(actor.sendAndReceive("add", 0).then((state) => state === 0));
    actor.send("crash");
    actor.send("add", 1);
    await turn();
    const kept = await within(actor.sendAndReceive("add", 1).then((state) => state === 2));
    const slow = await root.createChild({ work: slowly().work });
    slow.send("work", 1);
    await turn();
    const serial = await within(slow.sendAndReceive("work", 2).then((found) => found[1] === "end 1"));
    await actor.destroy();
    await slow.destroy();
    return { fresh, kept, told, serial };
  },

  // All but the queue and the fiber is the loop written by hand in libraries.mjs, and so is what these say of it.
  async effect({ Effect, Queue, Deferred, spawnCounter, cast, call, stop }) {
    const actor = spawnCounter();
    await call(actor, 5);
    const answer = Deferred.makeUnsafe();
    cast(actor, { crash: true, answer });
    const told = await within(isToldWhy(Effect.runPromise(Deferred.await(answer))));
    const fresh = await within(call(actor, 0).then((state) => state === 0));
    cast(actor, { crash: true });
    cast(actor, { by: 1 });
    const kept = await within(call(actor, 1).then((state) => state === 2));
    await stop(actor);
    const { work } = slowly();
    const queue = Effect.runSync(Queue.unbounded());
    const handle = ({ n, done }) =>
      Effect.map(
        Effect.promise(() => work(n)),
        done,
      );
    const fiber = Effect.runFork(Effect.forever(Effect.flatMap(Queue.take(queue), handle)));
    Queue.offerUnsafe(queue, { n: 1, done() {} });
    const second = new Promise((done) => Queue.offerUnsafe(queue, { n: 2, done }));
    const serial = await within(second.then((log) => log[1] === "end 1"));
    await stop({ fiber });
    return { fresh, kept, told, serial };
  },

  async domo({ Counter, spawn, Actor }) {
    const actor = spawn(Counter);
    await actor.add(5);
    const told = await within(isToldWhy(actor.crash()));
    await turn();
    const fresh = await within(actor.add(0).then((state) => state === 0));
    actor.crash().catch(() => {});
    actor.add(1);
    const kept = await within(actor.add(1).then((state) => state === 2));
    const { work } = slowly();
    class Slow extends Actor {
      work(n) {
        return work(n);
      }
    }
    const slow = spawn(Slow);
    slow.work(1);
    const serial = await within(slow.work(2).then((found) => found[1] === "end 1"));
    await actor.stop();
    await slow.stop();
    return { fresh, kept, told, serial };
  },
};

export function probe(name, library) {
  return probes[name](library);
}
