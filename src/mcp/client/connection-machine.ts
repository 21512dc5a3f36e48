// The life of one connection as an xstate machine, and nothing else: no actor, no timer, no clock, no chance. The process
// that owns the connection feeds it events that carry the time and a random number, and performs the actions it answers with.
//
// A failure is answered by a pause that doubles, up to thirty times the first, with full jitter (a random part of it), so that servers
// that died together do not come back together. A minute of health forgets earlier failures. Past `maxRestarts` restarts in a
// row the server is parked with its reason until somebody says `retry`; so is one whose failure no retry can mend.
import { initialTransition, type SnapshotFrom, setup, transition } from "xstate";

export interface RestartPolicy {
  readonly restart: "always" | "on-failure" | "never";
  readonly maxRestarts: number;
  readonly restartDelayMs: number;
}

export type ConnectionState =
  | "disconnected"
  | "connecting"
  | "initializing"
  | "ready"
  | "degraded"
  | "backoff"
  | "parked"
  | "stopping";

/** `at` is a monotonic time in milliseconds, `random` a number from 0 up to 1. */
interface Failure {
  readonly reason: string;
  readonly at: number;
  readonly random: number;
}

export type ConnectionEvent =
  | { readonly type: "connect" }
  /** Asked for by a person: at once, and earlier failures are forgotten. */
  | { readonly type: "retry" }
  | { readonly type: "disconnect" }
  /** The way to the server is open: its program runs. */
  | { readonly type: "opened" }
  | { readonly type: "initialized"; readonly at: number }
  /** Opening or the handshake failed; `permanent` if trying again cannot help. */
  | ({ readonly type: "failed"; readonly permanent: boolean } & Failure)
  /** The connection ended by itself; `clean` if the server meant it (exit code 0), `permanent` if another cannot stand. */
  | ({ readonly type: "lost"; readonly clean: boolean; readonly permanent?: boolean | undefined } & Failure)
  | { readonly type: "ping-ok" }
  | ({ readonly type: "ping-failed" } & Failure)
  | { readonly type: "retry-due" }
  | { readonly type: "closed" };

/** What the owner is to do. `close` without waiting: a later `open` waits for it. */
export type ConnectionAction = "open" | "close" | "scheduleRetry";

export interface ConnectionContext {
  readonly policy: RestartPolicy;
  /** Restarts in a row. */
  readonly attempts: number;
  readonly lastError: string | undefined;
  readonly retryAt: number | undefined;
  readonly readySince: number | undefined;
}

/** The pause grows to at most so many times the first. */
export const MAX_GROWTH = 30;
/** After this long in health, earlier failures count no more. */
export const STABLE_MS = 60_000;

/** The pause before the given attempt (from 1): full jitter under a ceiling that doubles. */
export function backoffMs(baseMs: number, attempt: number, random: number): number {
  return random * baseMs * Math.min(MAX_GROWTH, 2 ** (attempt - 1));
}

/** Restarts in a row as of now: none after a minute of health. */
export function attemptsAt(context: ConnectionContext, at: number): number {
  return context.readySince !== undefined && at - context.readySince >= STABLE_MS ? 0 : context.attempts;
}

const blueprint = setup({
  types: {
    // xstate reads its types from values nobody looks at.
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as RestartPolicy,
  },
  // The owner performs these: `transition` only names them.
  actions: { open: () => {}, close: () => {}, scheduleRetry: () => {} },
  guards: {
    endedOnPurpose: ({ context, event }) =>
      event.type === "lost" && event.clean && context.policy.restart === "on-failure",
    isFinal: ({ context, event }) =>
      isFailure(event) &&
      (context.policy.restart === "never" ||
        isHopeless(event) ||
        attemptsAt(context, event.at) >= context.policy.maxRestarts),
  },
});

const forget = blueprint.assign({ attempts: 0, lastError: undefined });
const noteFailure = blueprint.assign(({ event }) => (isFailure(event) ? { lastError: event.reason } : {}));

const park = blueprint.assign(({ context, event }) => {
  if (!isFailure(event)) return {};
  const tried = attemptsAt(context, event.at);
  const gaveUp =
    tried > 0 && !isHopeless(event) ? ` (gave up after ${tried} restart${tried === 1 ? "" : "s"} in a row)` : "";
  return { attempts: tried, lastError: `${event.reason}${gaveUp}`, readySince: undefined };
});

const planRestart = blueprint.assign(({ context, event }) => {
  if (!isFailure(event)) return {};
  const attempts = attemptsAt(context, event.at) + 1;
  const retryAt = event.at + backoffMs(context.policy.restartDelayMs, attempts, event.random);
  return { attempts, lastError: event.reason, retryAt, readySince: undefined };
});

const afterFailure = [
  { guard: "endedOnPurpose", target: "#connection.disconnected", actions: ["close", noteFailure] },
  { guard: "isFinal", target: "#connection.parked", actions: ["close", park] },
  { target: "#connection.backoff", actions: ["close", planRestart] },
] as const;

const reconnect = { target: "#connection.connecting", actions: forget } as const;

export const connectionMachine = blueprint.createMachine({
  id: "connection",
  context: ({ input }) => firstContext(input),
  initial: "disconnected",
  on: { disconnect: ".stopping" },
  states: {
    disconnected: { on: { connect: reconnect, retry: reconnect } },
    connecting: { entry: "open", on: { opened: "initializing", failed: afterFailure, lost: afterFailure } },
    initializing: {
      on: {
        initialized: {
          target: "ready",
          actions: blueprint.assign(({ event }) =>
            event.type === "initialized" ? { readySince: event.at, lastError: undefined } : {},
          ),
        },
        failed: afterFailure,
        lost: afterFailure,
      },
    },
    ready: { on: { lost: afterFailure, "ping-failed": { target: "degraded", actions: noteFailure } } },
    degraded: {
      on: {
        lost: afterFailure,
        "ping-ok": { target: "ready", actions: blueprint.assign({ lastError: undefined }) },
        "ping-failed": afterFailure,
      },
    },
    backoff: {
      entry: "scheduleRetry",
      exit: blueprint.assign({ retryAt: undefined }),
      on: { "retry-due": "connecting", retry: reconnect },
    },
    parked: { on: { connect: reconnect, retry: reconnect } },
    stopping: {
      entry: ["close", blueprint.assign({ attempts: 0, lastError: undefined, readySince: undefined })],
      on: { closed: "disconnected", connect: reconnect, retry: reconnect, disconnect: {} },
    },
  },
});

function firstContext(policy: RestartPolicy): ConnectionContext {
  return { policy, attempts: 0, lastError: undefined, retryAt: undefined, readySince: undefined };
}

export function isFailure(event: ConnectionEvent): event is ConnectionEvent & Failure {
  return event.type === "failed" || event.type === "lost" || event.type === "ping-failed";
}

function isHopeless(event: ConnectionEvent): boolean {
  return (event.type === "failed" || event.type === "lost") && event.permanent === true;
}

function isOurs(type: string): type is ConnectionAction {
  return type === "open" || type === "close" || type === "scheduleRetry";
}

/** The connection's life so far: hand it the next event, perform what it answers. */
export class ConnectionLife {
  /** Made with the first event: most lazy servers never see one, and it costs more than all else about them. */
  private snapshot: SnapshotFrom<typeof connectionMachine> | undefined;

  constructor(private readonly policy: RestartPolicy) {}

  get state(): ConnectionState {
    return this.snapshot?.value ?? "disconnected";
  }

  get context(): ConnectionContext {
    return this.snapshot?.context ?? firstContext(this.policy);
  }

  next(event: ConnectionEvent): ConnectionAction[] {
    const [before] = this.snapshot === undefined ? initialTransition(connectionMachine, this.policy) : [this.snapshot];
    const [snapshot, actions] = transition(connectionMachine, before, event);
    this.snapshot = snapshot;
    return actions.map((action) => action.type).filter(isOurs);
  }
}
