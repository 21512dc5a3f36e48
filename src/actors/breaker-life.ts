// The life of a circuit breaker as an xstate machine, and nothing else: no process, no timer, no clock. Closed → open → half-open:
// after so many failures in a row it is open; when it has `waited`, one probe at a time is let through, and so many good ones
// close it, a bad one opens it again. Whoever holds one says when it has waited and performs what it means.
import { assign, initialTransition, type SnapshotFrom, setup, transition } from "xstate";

export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerLimits {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Probes in a row that must succeed before it closes. */
  readonly probes: number;
}

export type BreakerEvent =
  | { readonly type: "succeeded" }
  | { readonly type: "failed"; readonly error: string }
  /** A probe was let through, or given up by its caller: it proves nothing. */
  | { readonly type: "acquired" | "released" }
  | { readonly type: "waited" };

interface Context extends BreakerLimits {
  readonly passed: number;
  readonly inARow: number;
  readonly lastError: string | undefined;
}

const machine = setup({
  types: {} as { context: Context; events: BreakerEvent; input: BreakerLimits }, // xstate reads types here alone
  guards: {
    isLast: ({ context }) => context.inARow + 1 >= context.failures,
    isLastProbe: ({ context }) => context.passed + 1 >= context.probes,
  },
  actions: {
    count: assign(({ context, event }) =>
      event.type === "failed" ? { inARow: context.inARow + 1, lastError: event.error } : {},
    ),
    countProbe: assign(({ context }) => ({ passed: context.passed + 1 })),
    forget: assign({ inARow: 0, passed: 0, lastError: undefined }),
  },
}).createMachine({
  id: "breaker",
  initial: "closed",
  context: ({ input }) => ({ ...input, passed: 0, inARow: 0, lastError: undefined }),
  states: {
    closed: {
      on: {
        succeeded: { actions: "forget" },
        failed: [{ guard: "isLast", target: "open", actions: "count" }, { actions: "count" }],
      },
    },
    open: { on: { waited: "half-open", succeeded: { target: "closed", actions: "forget" } } },
    "half-open": {
      initial: "idle",
      entry: assign({ passed: 0 }),
      on: {
        succeeded: [
          { guard: "isLastProbe", target: "closed", actions: "forget" },
          { target: ".idle", actions: "countProbe" },
        ],
        failed: { target: "open", actions: "count" },
      },
      states: { idle: { on: { acquired: "probing" } }, probing: { on: { released: "idle" } } },
    },
  },
});

/** A breaker so far: tell it what happens, ask it how it stands. */
export class BreakerLife {
  #snapshot: SnapshotFrom<typeof machine>;

  constructor({ failures, probes }: BreakerLimits) {
    [this.#snapshot] = initialTransition(machine, { failures, probes });
  }

  get state(): BreakerState {
    return this.#snapshot.matches("half-open") ? "half-open" : this.#snapshot.matches("open") ? "open" : "closed";
  }

  /** A probe is under way. */
  get isProbing(): boolean {
    return this.#snapshot.matches({ "half-open": "probing" });
  }

  /** In a row. */
  get failures(): number {
    return this.#snapshot.context.inARow;
  }

  get lastError(): string | undefined {
    return this.#snapshot.context.lastError;
  }

  happen(event: BreakerEvent): void {
    [this.#snapshot] = transition(machine, this.#snapshot, event);
  }
}
