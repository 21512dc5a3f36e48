import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ServerOverloadedError } from "../../../../src/mcp/client/errors.js";
import { type Candidate, inOrder } from "../../../../src/mcp/client/router/balance.js";
import { Breaker } from "../../../../src/mcp/client/router/breaker.js";
import { Figures } from "../../../../src/mcp/client/router/figures.js";
import { RetryBudget } from "../../../../src/mcp/client/router/retry-budget.js";
import { Slots } from "../../../../src/mcp/client/router/slots.js";

const PATIENT = 1_000_000;
/** What is settled by now is known after this. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("places for calls", () => {
  test("no caller waits for more than one call of each other caller before its own next one, however many those have waiting", async () => {
    const lines = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lines, async (sizes) => {
        const slots = new Slots("s", 1);
        slots.take(1);
        const served: number[] = [];
        for (const [caller, size] of sizes.entries()) {
          for (let i = 0; i < size; i++) {
            const place = { caller: `${caller}`, what: "t", cost: 1, ms: PATIENT };
            void slots.wait(place).then(() => served.push(caller));
          }
        }
        const total = sizes.reduce((sum, size) => sum + size);
        for (let i = 0; i < total; i++) {
          slots.give(1);
          await settled();
        }
        expect(served).toHaveLength(total);
        for (const caller of sizes.keys()) {
          let since = new Map<number, number>();
          for (const other of served.slice(0, served.lastIndexOf(caller) + 1)) {
            if (other === caller) since = new Map();
            else since.set(other, (since.get(other) ?? 0) + 1);
            expect(Math.max(0, ...since.values())).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test("are never given to more calls than there are, whatever they cost, and all come back", async () => {
    const call = fc.record({ caller: fc.constantFrom("a", "b", "c"), cost: fc.integer({ min: 1, max: 4 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 60 }), fc.integer({ min: 4, max: 8 }), async (calls, limit) => {
        const slots = new Slots("s", limit);
        const running: number[] = [];
        let done = 0;
        for (const { caller, cost } of calls) {
          if (slots.take(cost)) running.push(cost);
          else void slots.wait({ caller, what: "t", cost, ms: PATIENT }).then(() => running.push(cost));
        }
        while (done < calls.length) {
          await settled();
          expect(running.reduce((sum, cost) => sum + cost, 0)).toBe(slots.inUse);
          expect(slots.inUse).toBeLessThanOrEqual(limit);
          const cost = running.shift();
          if (cost === undefined) throw new Error("calls wait and none runs");
          slots.give(cost);
          done++;
        }
        expect([slots.inUse, slots.waiting]).toEqual([0, 0]);
      }),
      { numRuns: 50 },
    );
  });

  test("when too many wait, the caller with the longest line loses its last, and the others are taken", async () => {
    const slots = new Slots("s", 1, 10);
    slots.take(1);
    const greedy = Array.from({ length: 10 }, () => slots.wait({ caller: "greedy", what: "t", cost: 1, ms: PATIENT }));
    const last = greedy.at(-1)?.catch((error: unknown) => error);
    const modest = slots.wait({ caller: "modest", what: "t", cost: 1, ms: PATIENT });
    expect(await last).toBeInstanceOf(ServerOverloadedError);
    slots.give(1);
    slots.give(1);
    await modest;
    expect(slots.waiting).toBe(8);
    for (let i = 0; i < 9; i++) slots.give(1);
    await Promise.all(greedy.slice(0, -1));
  });

  test("a caller that gives up, or whose time is over, leaves the line with a typed error", async () => {
    const slots = new Slots("s", 1);
    slots.take(1);
    const over = new AbortController();
    const given = slots.wait({ caller: "a", what: "t", cost: 1, ms: PATIENT, signal: over.signal });
    const late = slots.wait({ caller: "b", what: "t", cost: 1, ms: 0 });
    over.abort();
    await expect(given).rejects.toMatchObject({ code: "call_cancelled" });
    await expect(late).rejects.toMatchObject({ code: "server_overloaded" });
    expect(slots.waiting).toBe(0);
  });
});

test("retries are never more than ten and a tenth of the calls", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 2_000 }), (steps) => {
      const budget = new RetryBudget();
      let [calls, retries] = [0, 0];
      for (const isCall of steps) {
        if (isCall) {
          calls++;
          budget.called();
        } else if (budget.take()) retries++;
      }
      expect(retries).toBeLessThanOrEqual(10 + calls / 10 + 1e-6);
    }),
  );
});

describe("a breaker", () => {
  const opened = (): { breaker: Breaker; states: string[] } => {
    const states: string[] = [];
    const breaker = new Breaker(3, (state) => states.push(state));
    for (let i = 0; i < 3; i++) breaker.failed("no answer", 1_000);
    return { breaker, states };
  };

  test("opens after its failures in a row, lets one probe through when it has waited, and closes with a good one", () => {
    const { breaker, states } = opened();
    expect(breaker.isOpen(10_999, 0)).toBe(true);
    expect(breaker.isOpen(11_000, 0)).toBe(false);
    breaker.acquire();
    expect(breaker.isOpen(11_000, 0)).toBe(true);
    breaker.succeeded();
    expect(breaker.isOpen(11_000, 0)).toBe(false);
    expect(breaker.status).toMatchObject({ state: "closed", failures: 0 });
    expect(states).toEqual(["open", "half-open", "closed"]);
  });

  test("a failure among good answers opens nothing", () => {
    const breaker = new Breaker(2, () => {});
    for (let i = 0; i < 10; i++) {
      breaker.failed("no answer", i);
      breaker.succeeded();
    }
    expect(breaker.isOpen(10, 0)).toBe(false);
  });

  test("each failed probe doubles the wait, and a probe that was given up proves nothing", () => {
    const { breaker } = opened();
    breaker.acquire();
    breaker.released();
    expect(breaker.isOpen(11_000, 0)).toBe(false);
    breaker.acquire();
    breaker.failed("no answer", 11_000);
    expect(breaker.isOpen(30_999, 0)).toBe(true);
    expect(breaker.isOpen(31_000, 0)).toBe(false);
    // It was never closed in between.
    expect(breaker.isOpenFor(10_000, 12_000, 0)).toBe(true);
    expect(breaker.isOpenFor(20_000, 12_000, 0)).toBe(false);
  });

  test("a server that was connected anew is tried at once", () => {
    const { breaker } = opened();
    expect(breaker.isOpen(2_000, 1_500)).toBe(false);
    breaker.acquire();
    breaker.failed("no answer", 2_000);
    expect(breaker.isOpen(2_001, 1_500)).toBe(true);
  });
});

describe("of several replicas", () => {
  const replica = (name: string, more: Partial<Candidate> = {}): Candidate => ({
    name,
    running: 0,
    latencyMs: 10,
    errorRate: 0,
    ...more,
  });
  const three = [replica("a"), replica("b"), replica("c")];
  const first = (candidates: readonly Candidate[], how: "round_robin" | "least_latency" | "hash", turn = 0, key = "") =>
    inOrder(candidates, how, turn, () => key)[0]?.name;

  test("each is taken in turn", () => {
    expect([0, 1, 2, 3].map((turn) => first(three, "round_robin", turn))).toEqual(["a", "b", "c", "a"]);
  });

  test("the one that is expected to answer soonest is taken: quick, not busy, without errors, or not known yet", () => {
    expect(first([replica("slow", { latencyMs: 50 }), replica("quick")], "least_latency")).toBe("quick");
    expect(first([replica("busy", { running: 6 }), replica("slow", { latencyMs: 50 })], "least_latency")).toBe("slow");
    expect(first([replica("bad", { errorRate: 0.9 }), replica("slow", { latencyMs: 50 })], "least_latency")).toBe(
      "slow",
    );
    expect(first([replica("quick"), replica("new", { latencyMs: 0 })], "least_latency")).toBe("new");
    expect(first([replica("dead", { latencyMs: 0, errorRate: 1 }), replica("quick")], "least_latency")).toBe("quick");
  });

  test("a key always goes to the same one; without that one only its own keys move", () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        const chosen = first(three, "hash", 0, key);
        const left = three.filter(({ name }) => name !== "b");
        expect(first([...three].reverse(), "hash", 7, key)).toBe(chosen);
        if (chosen !== "b") expect(first(left, "hash", 0, key)).toBe(chosen);
      }),
    );
    const used = new Set(Array.from({ length: 100 }, (_, i) => first(three, "hash", 0, `${i}`)));
    expect(used.size).toBe(3);
  });
});

test("figures follow what a tool does lately", () => {
  const figures = new Figures();
  for (let i = 0; i < 100; i++) figures.answered(10);
  expect(figures.latencyMs).toBeCloseTo(10);
  expect(figures.slowMs).toBeLessThan(15);
  for (let i = 0; i < 100; i++) figures.answered(50);
  expect(figures.latencyMs).toBeGreaterThan(45);
  figures.failed();
  expect(figures.errorRate).toBeCloseTo(0.1);
  for (let i = 0; i < 100; i++) figures.failed();
  expect(figures.errorRate).toBeGreaterThan(0.99);
  expect(figures).toMatchObject({ calls: 301, errors: 101 });
});
