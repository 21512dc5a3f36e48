// A call to an idle process is delivered in the caller's own turn. Nobody may see that: what one process sends another arrives
// in the order it was sent, with and without.
import fc from "fast-check";
import { expect, it } from "vitest";
import { enterRuntime, GenServer, type Pid, type Ref, Runtime, send } from "../../src/supervision/index.js";
import { FairScheduler } from "../../src/supervision/scheduler.js";

class QueueOnly extends FairScheduler {
  override takeInlineTurn(): boolean {
    return false;
  }
}

class Counting extends FairScheduler {
  inline = 0;
  override takeInlineTurn(): boolean {
    const taken = super.takeInlineTurn();
    if (taken) this.inline++;
    return taken;
  }
}

type How = "call" | "awaited call" | "cast" | "info";

interface Step {
  readonly from: number;
  readonly to: number;
  readonly how: How;
  /** Steps the receiver takes in turn, once. */
  readonly after: readonly Step[];
}

interface Arrival {
  readonly from: number;
  readonly number: number;
}

class Node extends GenServer<{ nodes: Pid<Node>[]; index: number }, { arrived: Arrival[]; sent: number[] }> {
  private nodes: Pid<Node>[] = [];
  private index = 0;
  private readonly bound = new Map<number, Ref<Node>>();

  protected override init({ nodes, index }: { nodes: Pid<Node>[]; index: number }) {
    this.nodes = nodes;
    this.index = index;
    this.state = { arrived: [], sent: [] };
  }
  /** Takes steps; never waits for a process that may wait for this one. */
  async run(steps: readonly Step[], from = -1, number = 0) {
    if (from >= 0) this.state.arrived.push({ from, number });
    for (const { to, how, after } of steps) {
      const target = this.nodes[to];
      if (target === undefined || to === this.index) continue;
      const next = (this.state.sent[to] ?? 0) + 1;
      this.state.sent[to] = next;
      let ref = this.bound.get(to);
      if (ref === undefined) this.bound.set(to, (ref = this.use(target)));
      if (how === "cast") ref.cast.run(after, this.index, next);
      else if (how === "info") send(ref, { steps: after, from: this.index, number: next });
      // Calls only go up the numbers, so that there are no circles of calls, which are refused.
      else if (to < this.index) ref.cast.run(after, this.index, next);
      else if (how === "call") ref.call.run(after, this.index, next).catch(() => {});
      else await ref.call.run(after, this.index, next);
    }
  }
  protected override handleInfo(message: unknown) {
    const { steps, from, number } = message as { steps: readonly Step[]; from: number; number: number }; // sent by run
    return this.run(steps, from, number);
  }
  seen() {
    return this.state;
  }
}

const NODES = 4;

const step: fc.Arbitrary<Step> = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.record({
    from: fc.nat(NODES - 1),
    to: fc.nat(NODES - 1),
    how: fc.constantFrom<How>("call", "awaited call", "cast", "info"),
    after: fc.oneof({ depthSize: "small" }, fc.constant([]), fc.array(tie("step"), { maxLength: 3 })),
  }),
})).step;

/** Sends the steps off and waits until nothing is on its way; what arrived where, and what was sent. */
async function play(
  steps: readonly Step[],
  scheduler: FairScheduler,
): Promise<{ arrived: Arrival[]; sent: number[] }[]> {
  const before = enterRuntime(new Runtime(undefined, scheduler));
  try {
    const nodes: Pid<Node>[] = [];
    for (let index = 0; index < NODES; index++) nodes.push(await Node.start({ nodes, index }));
    for (const each of steps) nodes[each.from]?.cast.run([each]);
    for (let quiet = 0; quiet < 3; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = nodes.every((node) => node.inspect().mailbox === 0) ? quiet + 1 : 0;
    }
    return await Promise.all(nodes.map((node) => node.call.seen()));
  } finally {
    enterRuntime(before);
  }
}

it("inline delivery changes no order between two processes, and loses and doubles nothing", async () => {
  const counting = new Counting();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
      for (const scheduler of [counting, new QueueOnly()]) {
        const seen = await play(steps, scheduler);
        seen.forEach(({ arrived }, receiver) => {
          seen.forEach(({ sent }, sender) => {
            const numbers = arrived.filter(({ from }) => from === sender).map(({ number }) => number);
            expect(numbers).toEqual(Array.from({ length: sent[receiver] ?? 0 }, (_, index) => index + 1));
          });
        });
      }
    }),
    { numRuns: 500, seed: 20_260_102 },
  );
  expect(counting.inline).toBeGreaterThan(500);
});
