// d: a token goes round a ring of 1,000 processes.
import { assertEqual, rate, timed } from "../measure.mjs";

const SIZE = 1000;
const HOPS = 500_000;

export default {
  key: "d",
  title: "ring of 1,000, hops",
  unit: "M/s",
  more: true,

  async banyan({ GenServer, stopProcess }) {
    class Node extends GenServer {
      init(done) {
        this.done = done;
        this.hops = 0;
      }
      lead(to) {
        this.to = to;
      }
      token(left) {
        this.hops++;
        if (left === 1) this.done();
        else this.to.cast.token(left - 1);
      }
      hopsMade() {
        return this.hops;
      }
    }
    let done;
    const ended = new Promise((resolve) => {
      done = resolve;
    });
    const nodes = await Promise.all(Array.from({ length: SIZE }, () => Node.start(done)));
    await Promise.all(nodes.map((node, i) => node.call.lead(nodes[(i + 1) % SIZE])));
    const ms = await timed(() => {
      nodes[0].cast.token(HOPS);
      return ended;
    });
    for (const node of nodes) assertEqual(await node.call.hopsMade(), HOPS / SIZE, "hops");
    await Promise.all(nodes.map((node) => stopProcess(node)));
    return [rate(HOPS, ms)];
  },

  async xstate({ start, fromTransition }) {
    // A send from inside a transition nests; the next hop is taken from a queue to keep the stack flat.
    const queue = [];
    let hops = 0;
    const nodes = Array.from({ length: SIZE }, (_, i) =>
      start(
        fromTransition((state, { left }) => {
          hops++;
          if (left > 1) queue.push([(i + 1) % SIZE, left - 1]);
          return state + 1;
        }, 0),
      ),
    );
    const ms = await timed(() => {
      queue.push([0, HOPS]);
      for (let next = queue.pop(); next !== undefined; next = queue.pop())
        nodes[next[0]].send({ type: "token", left: next[1] });
    });
    assertEqual(hops, HOPS, "hops");
    for (const node of nodes) assertEqual(node.getSnapshot().context, HOPS / SIZE, "hops");
    for (const node of nodes) node.stop();
    return [rate(HOPS, ms)];
  },

  async nact({ start, stop, dispatch, spawn }) {
    const system = start();
    let hops = 0;
    let done;
    const ended = new Promise((resolve) => {
      done = resolve;
    });
    const nodes = Array.from({ length: SIZE }, (_, i) =>
      spawn(
        system,
        (state, left) => {
          hops++;
          if (left === 1) done();
          else dispatch(nodes[(i + 1) % SIZE], left - 1);
          return state;
        },
        `node-${i}`,
        { initialState: 0 },
      ),
    );
    const ms = await timed(() => {
      dispatch(nodes[0], HOPS);
      return ended;
    });
    assertEqual(hops, HOPS, "hops");
    stop(system);
    return [rate(HOPS, ms)];
  },

  async comedy({ root }) {
    let hops = 0;
    let done;
    const ended = new Promise((resolve) => {
      done = resolve;
    });
    const nodes = [];
    for (let i = 0; i < SIZE; i++) {
      const node = await root.createChild({
        token(left) {
          hops++;
          if (left === 1) done();
          else nodes[(i + 1) % SIZE].send("token", left - 1);
        },
      });
      nodes.push(node);
    }
    const ms = await timed(() => {
      nodes[0].send("token", HOPS);
      return ended;
    });
    assertEqual(hops, HOPS, "hops");
    for (const node of nodes) await node.destroy();
    return [rate(HOPS, ms)];
  },

  async effect({ Effect, Queue }) {
    let hops = 0;
    const nodes = Array.from({ length: SIZE }, () => Effect.runSync(Queue.unbounded()));
    let done;
    const ended = new Promise((resolve) => {
      done = resolve;
    });
    const fibers = nodes.map((queue, i) =>
      Effect.runFork(
        Effect.forever(
          Effect.flatMap(Queue.take(queue), (left) => {
            hops++;
            if (left > 1) return Queue.offer(nodes[(i + 1) % SIZE], left - 1);
            done();
            return Effect.void;
          }),
        ),
      ),
    );
    const ms = await timed(() => {
      Queue.offerUnsafe(nodes[0], HOPS);
      return ended;
    });
    assertEqual(hops, HOPS, "hops");
    for (const fiber of fibers) fiber.interruptUnsafe();
    return [rate(HOPS, ms)];
  },

  // domo: a hop runs inside the one before, so that the stack overflows.
};
