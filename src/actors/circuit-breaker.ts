// CircuitBreaker: stops asking a service that keeps failing. An xstate machine, closed → open → half-open: after `failures`
// failures in a row nothing is let through for `resetAfterMs`; then one probe at a time is, and `probes` good ones close the
// breaker, a bad one opens it again. The machine is pure; this process holds its snapshot, its timer and those who watch.
// permanent; after a crash it takes its state back from the Store, so that an open breaker stays open.
import { assign, initialTransition, type SnapshotFrom, setup, transition } from "xstate";
import { z } from "zod";
import { BanyanError, type Down, failure, GenServer, isDown, type Named, type Ref } from "../supervision/index.js";
import { Condition, type HealthStatus } from "./health/status.js";
import { keepState, recallState, type StateStore } from "./kept-state.js";
import { type Store, StoreError } from "./store/store.js";
import { announce } from "./telemetry/happenings.js";

export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerStatus {
  readonly state: BreakerState;
  /** Failures in a row. */
  readonly failures: number;
  readonly lastError: string | undefined;
  /** Epoch milliseconds at which an open breaker lets a probe through. */
  readonly retryAt: number | undefined;
}

export interface BreakerWatcher {
  breakerChanged(status: BreakerStatus): void;
}

export interface BreakerOptions {
  /** What it guards, for messages: "the model". */
  readonly service: string;
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly resetAfterMs: number;
  /** Probes in a row that must succeed before it closes. */
  readonly probes: number;
  readonly store: Named<Store>;
  readonly run: string;
}

/** The breaker is open: the call was not made. */
export class BreakerOpenError extends BanyanError {
  readonly retryAt: number | undefined;

  constructor(service: string, { failures, lastError, retryAt }: BreakerStatus, now: number) {
    const seconds = retryAt === undefined ? undefined : Math.max(1, Math.ceil((retryAt - now) / 1000));
    const when = seconds === undefined ? "once the probe under way has ended" : `in ${seconds} s`;
    super(
      "breaker_open",
      `${service} failed ${failures} times in a row (${lastError ?? "no reason given"}); it is asked again ${when}.`,
      {
        kind: "routing",
      },
    );
    this.retryAt = retryAt;
  }
}

interface MachineContext {
  readonly limit: number;
  readonly probes: number;
  readonly passed: number;
  readonly failures: number;
  readonly lastError: string | undefined;
}

type MachineEvent =
  | { type: "succeeded" }
  | { type: "failed"; error: string }
  | { type: "acquired" }
  | { type: "released" }
  | { type: "waited" };

const machine = setup({
  types: {} as { context: MachineContext; events: MachineEvent; input: { limit: number; probes: number } }, // xstate reads types here alone
  guards: {
    isLast: ({ context }) => context.failures + 1 >= context.limit,
    isLastProbe: ({ context }) => context.passed + 1 >= context.probes,
  },
  actions: {
    count: assign(({ context, event }) =>
      event.type === "failed" ? { failures: context.failures + 1, lastError: event.error } : {},
    ),
    countProbe: assign(({ context }) => ({ passed: context.passed + 1 })),
    forget: assign({ failures: 0, passed: 0, lastError: undefined }),
  },
}).createMachine({
  id: "breaker",
  initial: "closed",
  context: ({ input }) => ({ ...input, passed: 0, failures: 0, lastError: undefined }),
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

type Snapshot = SnapshotFrom<typeof machine>;

const keptSchema = z.object({ failures: z.number(), lastError: z.string().optional(), retryAt: z.number() });

/** A probe that never reports is taken for a failure after this long. */
const PROBE_TIMEOUT_MS = 5 * 60_000;

export class CircuitBreaker extends GenServer<BreakerOptions, BreakerStatus> {
  private options!: BreakerOptions; // set by init
  private snapshot!: Snapshot; // set by init
  private store!: StateStore; // set by init
  private cancelTimer = (): void => {};
  private readonly watchers = new Map<number, Ref<BreakerWatcher>>();
  private readonly condition = new Condition();

  protected override init(options: BreakerOptions) {
    this.options = options;
    this.store = this.use(options.store);
    this.snapshot = initialTransition(machine, { limit: options.failures, probes: options.probes })[0];
    this.show({ state: "closed", failures: 0, lastError: undefined, retryAt: undefined });
    this.continueWith("recall"); // not here: the supervisor that waits for this may have the store to start again
  }

  protected override async handleContinue() {
    const { options } = this;
    const kept = await recallState(this.store, options.run, this.key, keptSchema).catch((error: unknown) => {
      if (error instanceof StoreError) return undefined; // what cannot be read was never kept
      throw error;
    });
    if (kept === undefined || kept.failures < options.failures) return;
    for (let i = 0; i < kept.failures; i++) this.step({ type: "failed", error: kept.lastError ?? "" });
    this.open(kept.retryAt);
  }

  protected override handleInfo(message: "waited" | "probe-lost" | Down) {
    if (isDown(message)) this.watchers.delete(message.id);
    else if (message === "waited") this.step({ type: "waited" });
    else this.failed("the probe never came back");
  }

  /** Asks to make one call. Fails with {@link BreakerOpenError}; otherwise report how it went. */
  acquire() {
    const { state } = this.state;
    if (state === "open" || this.snapshot.matches({ "half-open": "probing" })) {
      return failure(new BreakerOpenError(this.options.service, this.state, Date.now()));
    }
    if (state === "half-open") {
      this.step({ type: "acquired" });
      this.wait(PROBE_TIMEOUT_MS, "probe-lost");
    }
    return undefined;
  }

  /** The call was given up by its caller: it proves nothing. */
  released(): void {
    if (!this.snapshot.matches({ "half-open": "probing" })) return;
    this.cancelTimer();
    this.step({ type: "released" });
  }

  succeeded(): void {
    this.cancelTimer();
    const wasClosed = this.state.state === "closed";
    this.step({ type: "succeeded" });
    if (!wasClosed) this.keep();
  }

  failed(error: string): void {
    this.step({ type: "failed", error });
    if (this.state.state === "open" && this.state.retryAt === undefined)
      this.open(Date.now() + this.options.resetAfterMs);
  }

  /** Another service stands behind it from now on: what failed before says nothing of it. */
  reset(): void {
    this.cancelTimer();
    this.snapshot = initialTransition(machine, { limit: this.options.failures, probes: this.options.probes })[0];
    this.show({ state: "closed", failures: 0, lastError: undefined, retryAt: undefined });
    this.keep();
  }

  status(): BreakerStatus {
    return this.state;
  }

  getStatus(): HealthStatus {
    const { state, failures, lastError } = this.state;
    const { service } = this.options;
    if (state === "closed") return this.condition.say("ok", "closed");
    const why = `${service} failed ${failures} times in a row (${lastError ?? "no reason given"})`;
    return this.condition.say("warn", state === "open" ? `${why} and is left alone` : `${why} and is being tried`);
  }

  /** Casts every change to the watcher, until it ends. Watching twice is watching once. */
  watch(watcher: Ref<BreakerWatcher>): BreakerStatus {
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return this.state;
  }

  private get key(): string {
    return `breaker:${this.options.service}`;
  }

  private open(retryAt: number): void {
    this.show({ ...this.state, retryAt });
    this.wait(Math.max(0, retryAt - Date.now()), "waited");
    this.keep();
  }

  private wait(ms: number, message: "waited" | "probe-lost"): void {
    this.cancelTimer();
    this.cancelTimer = this.sendAfter(ms, message);
  }

  private step(event: MachineEvent): void {
    const before = this.state;
    this.snapshot = transition(machine, this.snapshot, event)[0];
    const { failures, lastError } = this.snapshot.context;
    const state = this.snapshot.matches("half-open") ? "half-open" : this.snapshot.matches("open") ? "open" : "closed";
    const retryAt = state === "open" && before.state === "open" ? before.retryAt : undefined;
    this.show({ state, failures, lastError, retryAt });
  }

  private show(status: BreakerStatus): void {
    const before = (this.state as BreakerStatus | undefined)?.state; // there is none before the first
    this.state = status;
    const { state, failures } = status;
    if (state !== before) announce({ type: "breaker", service: this.options.service, state });
    this.setLabel(failures === 0 ? state : `${state}, ${failures} failures in a row`);
    for (const watcher of this.watchers.values()) watcher.cast.breakerChanged(status);
  }

  /** Off the caller's path: a breaker that could not be kept is only a breaker that starts closed. */
  private keep(): void {
    const { failures, lastError, retryAt = 0 } = this.state;
    keepState(this.store, this.options.run, this.key, { failures, lastError, retryAt }).catch(() => {});
  }
}
