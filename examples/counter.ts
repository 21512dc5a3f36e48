import { Application, child, failure, GenServer, named } from "banyan";

class Counter extends GenServer<number, { count: number }> {
  protected override init(start: number) {
    this.state = { count: start };
  }

  // Public methods are the protocol. They run inside the process, one message at a time.
  increment(by = 1) {
    if (by < 0) return failure(new RangeError("a counter only grows")); // rejects this caller alone
    this.state.count += by; // a throw would be a crash: the supervisor starts a fresh one
    return this.state.count;
  }
}

const counter = named<Counter>("counter"); // an address that outlives restarts

const app = await Application.start({
  strategy: "one_for_one",
  maxRestarts: 3,
  maxSeconds: 5,
  children: [child(Counter, 40, { name: counter })],
});

console.log(await counter.call.increment(2)); // 42: typed, times out after 5 s
counter.cast.increment(); // fire and forget
await app.stop(); // reverse order, each child given its time
