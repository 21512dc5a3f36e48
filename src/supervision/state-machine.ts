// StateMachine: an xstate 5 machine as a process. Events are messages of its mailbox, its delays run on the runtime's clock and
// come through the mailbox too, and its actors, delays and listeners end with the process. (otp: stdlib, gen_statem)
//
// An entry of its own (`banyan/state-machine`), so that only those who use it load xstate.
import {
  type Actor,
  type AnyStateMachine,
  createActor,
  type EventFrom,
  type EventObject,
  type InputFrom,
  type MachineContext,
  type Snapshot,
  type SnapshotFrom,
} from "xstate";
import type { Status } from "./behaviour.js";
import { type Call, Info } from "./messages.js";
import { noReply, stop } from "./outcomes.js";
import type { Pid } from "./ref.js";
import { processKey, Server, type StartOptions, startServer } from "./server.js";

/** The start argument of a {@link StateMachine}. */
export interface MachineArg<M extends AnyStateMachine> {
  readonly machine: M;
  readonly input?: InputFrom<M>;
  /** What {@link StateMachine.persisted} answered; the machine goes on from there. */
  readonly snapshot?: Snapshot<unknown>;
}

/** A delay or an error of the machine, on its way through the mailbox. */
class Inner {
  cancelled = false;
  constructor(readonly run: () => void) {}
}

interface Taken {
  readonly event: EventObject;
  /** The call to answer; undefined for a cast. */
  readonly call: Call | undefined;
}

/** The machine whose transition runs now; xstate runs actions within `send`. */
let transiting: Transition | undefined;

interface Transition {
  postponed: boolean;
  reply: { readonly value: unknown } | undefined;
}

/**
 * An action: leaves the event until the machine's state changes; then it comes again, before newer events, oldest first.
 * (gen_statem: `postpone`)
 */
export function postpone(): void {
  if (transiting !== undefined) transiting.postponed = true;
}

/** An action: what `ask` answers for this event, in place of the snapshot. */
export function reply<C extends MachineContext, E extends EventObject>(
  value: (args: { readonly context: C; readonly event: E }) => unknown,
): (args: { readonly context: C; readonly event: E }) => void {
  return (args) => {
    if (transiting !== undefined) transiting.reply = { value: value(args) };
  };
}

/**
 * A machine as a process. An error in it is the process's crash, its final state ends the process with `normal`.
 *
 * ```ts
 * const light = named<StateMachine<typeof lightMachine>>("light");
 * child(StateMachine<typeof lightMachine>, { machine: lightMachine, input: { seconds: 30 } }, { name: light });
 * light.cast.send({ type: "push" });
 * const snapshot = await light.call.ask({ type: "push" });
 * ```
 *
 * `Answer` is what `ask` resolves to: the snapshot, unless the machine answers with {@link reply}.
 */
export class StateMachine<M extends AnyStateMachine = AnyStateMachine, Answer = SnapshotFrom<M>> extends Server<
  MachineArg<M>,
  SnapshotFrom<M>
> {
  private actor!: Actor<M>; // set by init
  private waiting: Taken[] = [];
  private value = "";
  private failed: { readonly error: unknown } | undefined;

  /** Starts a machine outside any supervisor. Rejects with a {@link StartError}. */
  static start<M extends AnyStateMachine>(
    arg: MachineArg<M>,
    options: StartOptions<StateMachine<M>> = {},
  ): Promise<Pid<StateMachine<M>>> {
    return startServer(StateMachine<M>, arg, options);
  }

  protected override init({ machine, input, snapshot }: MachineArg<M>): unknown {
    const process = this[processKey];
    // Left out where not given: xstate tells an undefined snapshot from none. The cast is for M's own conditional input type.
    const options = {
      ...(input === undefined ? {} : { input }),
      ...(snapshot === undefined ? {} : { snapshot }),
    } as object;
    const clock = {
      setTimeout: (run: () => void, ms: number): (() => void) => {
        const fired = new Inner(run);
        const cancel = this.sendAfter(ms, fired);
        return () => {
          fired.cancelled = true;
          cancel();
        };
      },
      clearTimeout: (cancel: (() => void) | undefined): void => cancel?.(),
    };
    // What createActor asks of its options depends on M, which is open here; MachineArg<M> has asked for the same.
    const actor = createActor(machine as AnyStateMachine, { ...options, clock }) as Actor<M>;
    this.actor = actor;
    // An observer of errors is always there, else xstate throws them from a timer, where they are nobody's.
    actor.subscribe({
      next: () => this.moved(),
      error: (error) => {
        this.failed = { error };
        this.moved();
      },
      complete: () => this.moved(),
    });
    process.addCleanup(() => actor.stop());
    return this.transit(() => actor.start()).end;
  }

  /** Gives the machine an event. */
  send(event: EventFrom<M>): unknown {
    return this.take({ event, call: undefined });
  }

  /** Gives the machine an event and answers with what it gave to {@link reply}, or else with the snapshot after the transition.
   * For a postponed event the answer comes when the event does. */
  ask(event: EventFrom<M>): Answer {
    // The answer is sent through the call itself, which a postponed event must be able to do later.
    return this.take({ event, call: this[processKey].callInHand }) as Answer;
  }

  /** The machine's snapshot in a form that can be stored and given back as `snapshot`. */
  persisted(): Snapshot<unknown> {
    return this.actor.getPersistedSnapshot();
  }

  protected override handleInfo(message: unknown): unknown {
    if (!(message instanceof Inner) || message.cancelled) return undefined;
    const { changed, end } = this.transit(message.run);
    return end ?? (changed ? this.takeWaiting() : undefined);
  }

  protected override formatStatus(shown: Status<SnapshotFrom<M>>): Status {
    const { status, value, context } = statusOf(shown.state);
    return { ...shown, state: { status, value, context } };
  }

  /** One event, and those it brings back from their postponement. */
  private take(first: Taken): unknown {
    const queue: Taken[] = [first];
    for (let taken = queue.shift(); taken !== undefined; taken = queue.shift()) {
      const { event, call } = taken;
      const { transition, changed, end } = this.transit(() => this.actor.send(event as EventFrom<M>));
      if (transition.postponed && end === undefined) this.waiting.push(taken);
      else call?.resolve(transition.reply === undefined ? this.state : transition.reply.value);
      if (end !== undefined) return end;
      if (changed) queue.unshift(...this.waiting.splice(0));
    }
    return noReply;
  }

  private takeWaiting(): unknown {
    const [first, ...others] = this.waiting.splice(0);
    if (first === undefined) return undefined;
    this.waiting = others;
    return this.take(first);
  }

  /** Lets the machine move. Throws its error; `end` is set when it has come to its final state. */
  private transit(move: () => void): { transition: Transition; changed: boolean; end: unknown } {
    const outer = transiting;
    const transition: Transition = { postponed: false, reply: undefined };
    const before = this.value;
    transiting = transition;
    try {
      move();
    } finally {
      transiting = outer;
    }
    this.note();
    if (this.failed !== undefined) throw this.failed.error;
    const ended = statusOf(this.actor.getSnapshot()).status === "done";
    return { transition, changed: this.value !== before, end: ended ? stop("normal") : undefined };
  }

  private note(): void {
    this.state = this.actor.getSnapshot();
    this.value = JSON.stringify(statusOf(this.state).value);
  }

  /** An actor the machine invoked has moved it: what follows from that takes its turn in the mailbox. */
  private moved(): void {
    if (transiting !== undefined) return;
    this[processKey].push(new Info(new Inner(() => {})));
  }
}

/** What every machine's snapshot has, whatever M is. */
function statusOf(snapshot: unknown): { readonly status: string; readonly value: unknown; readonly context: unknown } {
  return snapshot as ReturnType<typeof statusOf>;
}
