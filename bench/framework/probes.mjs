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

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

const probes = {
  async banyan({ Supervisor, GenServer, child, named, stopProcess, Counter }) {
    class Slow extends GenServer {
      init() {
        this.log = [];
      }
      async work(n) {
        this.log.push(`begin ${n}`);
        await pause();
        this.log.push(`end ${n}`);
        return this.log;
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

  async xstate({ start }) {
    const actor = start();
    actor.send({ type: "add", by: 5 });
    actor.send({ type: "crash" });
    actor.send({ type: "add", by: 1 });
    const { status, context } = actor.getSnapshot();
    const after = status === "error" ? "no (dead for good)" : context === 1 ? "yes" : "no";
    return { fresh: after, kept: after, told: "no (no calls)", serial: "no (no async transitions)" };
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
    const log = [];
    const slow = spawn(
      system,
      async (state, n, context) => {
        log.push(`begin ${n}`);
        await pause();
        log.push(`end ${n}`);
        dispatch(context.sender, log);
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
    const log = [];
    const slow = await root.createChild({
      async work(n) {
        log.push(`begin ${n}`);
        await pause();
        log.push(`end ${n}`);
        return log;
      },
    });
    slow.send("work", 1);
    await turn();
    const serial = await within(slow.sendAndReceive("work", 2).then((found) => found[1] === "end 1"));
    await actor.destroy();
    await slow.destroy();
    return { fresh, kept: "no (no restart)", told, serial };
  },

  async effect({ spawnCounter, cast, call, stop }) {
    const actor = spawnCounter();
    await call(actor, 5);
    cast(actor, { crash: true });
    const fresh = await within(call(actor, 0).then((state) => state === 0));
    cast(actor, { crash: true });
    cast(actor, { by: 1 });
    const kept = await within(call(actor, 1).then((state) => state === 2));
    await stop(actor);
    // What a crash tells a caller is whatever the hand-written loop does: Effect has no calls of its own.
    return { fresh, kept, told: "– (no calls of its own)", serial: "yes" };
  },

  async domo({ Counter, spawn, Actor }) {
    const actor = spawn(Counter);
    await actor.add(5);
    const told = await within(isToldWhy(actor.crash()));
    await turn();
    const fresh = await within(actor.add(0).then((state) => state === 0));
    const log = [];
    class Slow extends Actor {
      async work(n) {
        log.push(`begin ${n}`);
        await pause();
        log.push(`end ${n}`);
        return log;
      }
    }
    const slow = spawn(Slow);
    slow.work(1);
    const serial = await within(slow.work(2).then((found) => found[1] === "end 1"));
    await actor.stop();
    await slow.stop();
    return { fresh, kept: "no (not queued)", told, serial };
  },
};

export function probe(name, library) {
  return probes[name](library);
}
