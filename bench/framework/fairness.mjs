// A 1 ms timer while two processes send each other a million messages: by how much it is late at worst.
const VOLLEYS = 500_000;

const players = {
  banyan({ GenServer }, done) {
    class Player extends GenServer {
      lead(to) {
        this.to = to;
      }
      ball(left) {
        if (left === 0) done();
        else this.to.cast.ball(left - 1);
      }
    }
    return (async () => {
      const [one, two] = await Promise.all([Player.start(), Player.start()]);
      await Promise.all([one.call.lead(two), two.call.lead(one)]);
      return () => one.cast.ball(2 * VOLLEYS);
    })();
  },
  nact({ start, spawn, dispatch }, done) {
    const system = start();
    const players = [];
    const play = (to) => (state, left) => {
      if (left === 0) done();
      else dispatch(players[to], left - 1);
      return state;
    };
    players.push(
      spawn(system, play(1), "one", { initialState: 0 }),
      spawn(system, play(0), "two", { initialState: 0 }),
    );
    return () => dispatch(players[0], 2 * VOLLEYS);
  },
  async comedy({ root }, done) {
    const players = [];
    for (const to of [1, 0]) {
      const ball = (left) => (left === 0 ? done() : players[to].send("ball", left - 1));
      players.push(await root.createChild({ ball }));
    }
    return () => players[0].send("ball", 2 * VOLLEYS);
  },
  effect({ Effect, Queue }, done) {
    const queues = [Effect.runSync(Queue.unbounded()), Effect.runSync(Queue.unbounded())];
    for (const [i, queue] of queues.entries()) {
      const play = (left) => (left === 0 ? Effect.sync(done) : Queue.offer(queues[1 - i], left - 1));
      Effect.runFork(Effect.forever(Effect.flatMap(Queue.take(queue), play)));
    }
    return () => Queue.offerUnsafe(queues[0], 2 * VOLLEYS);
  },
};

/** Milliseconds; undefined for a library whose two actors cannot send each other so many (synchronous: the stack ends). */
export async function lateness(name, library) {
  if (players[name] === undefined) return undefined;
  let done;
  const ended = new Promise((resolve) => {
    done = resolve;
  });
  const begin = await players[name](library, done);
  let worst = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    worst = Math.max(worst, now - last - 1);
    last = now;
  };
  const timer = setInterval(look, 1);
  begin();
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 2));
  clearInterval(timer);
  look();
  return worst;
}
