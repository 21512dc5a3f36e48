// What GenServer, Supervisor and every other behaviour share: state behind a protocol. The public methods of a subclass are the
// protocol and run inside the process, one message at a time; protected members are callbacks and the process's own tools.

import {
  type Behaviour,
  format,
  onContinue,
  onInfo,
  onInit,
  onTerminate,
  onUnknownMethod,
  type Status,
  stateOf,
  traps,
} from "./behaviour.js";
import type { ChildSpec, IsolationSettings, Overflow } from "./child-spec.js";
import { BanyanError } from "./errors.js";
import { describeReason, type ExitReason } from "./exit-reason.js";
import { IsolationError, spawnIsolated } from "./isolation.js";
import { CallError, Info } from "./messages.js";
import { Exiting } from "./outcomes.js";
import type { AbortSignal } from "./platform.js";
import { isThenable, type Process, type StartOutcome, TrappedExit } from "./process.js";
import type { ChildSlot } from "./process-host.js";
import {
  boundTo,
  monitorFor,
  type Named,
  type Pid,
  pidOf,
  type Ref,
  registeredName,
  reserved,
  resolveRef,
} from "./ref.js";
import { currentRuntime, type Runtime, type SpawnOptions } from "./runtime.js";

/** A monitored process has ended; arrives in `handleInfo`. */
export interface Down {
  readonly type: "DOWN";
  /** What `this.monitor` returned. */
  readonly id: number;
  readonly pid: Pid | undefined;
  /** The name by which it was monitored, if by name. */
  readonly name: string | undefined;
  readonly reason: ExitReason;
}

/** A linked process has ended while `trapExit` was on, or somebody sent an exit signal; arrives in `handleInfo`. */
export interface Exit {
  readonly type: "EXIT";
  /** Undefined when plain code sent it. */
  readonly pid: Pid | undefined;
  readonly reason: ExitReason;
}

export class DownMessage implements Down {
  readonly type = "DOWN";
  constructor(
    readonly id: number,
    readonly pid: Pid | undefined,
    readonly name: string | undefined,
    readonly reason: ExitReason,
  ) {}
}

class ExitMessage implements Exit {
  readonly type = "EXIT";
  constructor(
    readonly pid: Pid | undefined,
    readonly reason: ExitReason,
  ) {}
}

export function isDown(message: unknown): message is Down {
  return message instanceof DownMessage;
}

export function isExit(message: unknown): message is Exit {
  return message instanceof ExitMessage;
}

/** The way to answer a call later. */
export interface From<R> {
  /** Answers; false if the call had ended already (answered, timed out, its process gone). */
  reply(value: R): boolean;
  /** Rejects the caller with an expected failure. */
  fail(error: unknown): boolean;
}

/** An event source as Node and eventemitter3 know it. */
interface Emitter {
  on(event: string, listener: never): unknown;
  off(event: string, listener: never): unknown;
}

/** A start argument with more before it, spread over `init`'s parameters. See DynamicSupervisor's `extraArguments`. */
export class ExtraArguments {
  constructor(readonly all: readonly unknown[]) {}
}

export const processKey: unique symbol = Symbol("process");

/** A process that says who it is: inside one, `this`. */
export interface Self {
  readonly [processKey]: Process;
}

let starting: Process | undefined;

/** Makes the instance of a behaviour for a process, so that its field initialisers already stand inside it. */
export function instantiate(process: Process, Class: new () => Server<never, unknown>): Behaviour {
  starting = process;
  try {
    return new Class();
  } finally {
    starting = undefined;
  }
}

export abstract class Server<Arg = void, State = unknown> implements Behaviour {
  /** Overrides of the child spec's defaults for this class. */
  static readonly childSpec: Partial<ChildSpec> = {};
  readonly [processKey]: Process;

  /** What `getState` and crash reports show. Other fields are the process's own. */
  protected state!: State; // set by init, before any message is handled
  /** When on, exit signals arrive in `handleInfo` and `terminate` runs when the supervisor shuts the process down. */
  protected trapExit = false;

  constructor() {
    if (starting === undefined) {
      throw new TypeError(
        `${new.target.name} is a process: start it with ${new.target.name}.start(…) or under a supervisor`,
      );
    }
    this[processKey] = starting;
    starting = undefined;
  }

  // --- callbacks -----------------------------------------------------------------------------------------------------

  /** Sets `this.state`. A throw fails the start; `ignore`, `stop(reason)` and `failure(error)` refuse it. */
  protected init(_arg: Arg): unknown {
    return undefined;
  }

  /** Runs before the process ends: after a crash or a stop, and on shutdown if `trapExit` is on. Not after `kill`. */
  protected terminate(_reason: ExitReason): unknown {
    return undefined;
  }

  /** Plain messages: timers, time-outs, `send`, responses, DOWN and EXIT. A class without it drops them with a warning. */
  protected handleInfo(_message: unknown): unknown {
    const process = this[processKey];
    const description = `${process.title} dropped a message: ${this.constructor.name} has no handleInfo`;
    process.runtime.report("warning", process, { description });
    return undefined;
  }

  /** What `continueWith` asked for; runs before any message of the mailbox. */
  protected handleContinue(_value: unknown): unknown {
    throw new TypeError(`${this.constructor.name} continued but has no handleContinue`);
  }

  /** What `getStatus` and crash reports show; override to keep secrets out. A throw puts a marker in the state's place. */
  protected formatStatus(status: Status<State>): Status {
    return status;
  }

  // --- the process's tools -------------------------------------------------------------------------------------------

  /** Fires when this process ends. Hand it to every effect outside the framework. */
  protected get signal(): AbortSignal {
    return this[processKey].signal;
  }

  /** Fires when the call in hand ends without a reply: its caller gave up, its deadline passed, or this process ended. In other
   * handlers it is the process's own {@link signal}. */
  protected get callSignal(): AbortSignal {
    return this[processKey].callInHand?.abandoned ?? this.signal;
  }

  /** This process's own address. */
  protected self<T>(this: T & Server<never, unknown>): Pid<T> {
    return pidOf<T>(this[processKey]);
  }

  /** The same address bound to this process as its caller. Make it once; use it for every call and cast from inside. */
  protected use<T>(ref: Ref<T>): Ref<T> {
    return boundTo(ref, this[processKey]);
  }

  /** Links both ways: when one ends for a reason other than `normal`, so does the other, unless it traps exits. A link to the
   * dead is the exit signal `noproc`; to a name that nobody has it throws a {@link CallError}. */
  protected link(ref: Ref<unknown>): void {
    const self = insideOf(this, "link");
    const other = resolveRef(ref);
    if (other === undefined) throw CallError.noproc(String(ref));
    self.link(other);
  }

  /** Takes the link back: no exit signal over it has an effect after this. An {@link Exit} that waits already stays. */
  protected unlink(ref: Ref<unknown>): void {
    const other = resolveRef(ref);
    if (other !== undefined) this[processKey].unlink(other);
  }

  /** Asks for a {@link Down} message when the process ends; at once, with `noproc`, if there is none. */
  protected monitor(ref: Ref<unknown>): number {
    const self = this[processKey];
    const name = "name" in ref && typeof ref.name === "string" ? ref.name : undefined;
    return monitorFor(self, ref, (target, reason, id) => {
      self.push(new Info(new DownMessage(id, target === undefined ? undefined : pidOf(target), name, reason)));
    });
  }

  /** Ends a monitor; with `flush` a {@link Down} of it that waits already is taken away too. */
  protected demonitor(id: number, { flush = false }: { readonly flush?: boolean } = {}): void {
    const self = this[processKey];
    self.stopWatching(id);
    if (flush) self.discard((message) => message instanceof DownMessage && message.id === id);
  }

  /** Sends `message` to this process's `handleInfo` after `ms`. Returns what cancels it; death cancels it too. */
  protected sendAfter(ms: number, message: unknown): () => void {
    const self = this[processKey];
    const cancel = self.runtime.clock.setTimer(ms, () => {
      forget();
      self.push(new Info(message));
    });
    const forget = self.addCleanup(cancel);
    return () => {
      cancel();
      forget();
    };
  }

  /** Listens until this process ends. Returns what takes the listener away. */
  protected on(emitter: Emitter, event: string, listener: (...args: never[]) => void): () => void {
    const self = this[processKey];
    // Which listener fits which event is the emitter's own type; here it is only handed through.
    const handed = (self.runtime.blame?.listener(self, listener) ?? listener) as never;
    emitter.on(event, handed);
    const off = (): void => void emitter.off(event, handed);
    const forget = self.addCleanup(off);
    return () => {
      off();
      forget();
    };
  }

  /** What this process says of itself in a few words, shown beside its name in the tree. (otp: proc_lib, `set_label`) */
  protected setLabel(label: string): void {
    this[processKey].label = label;
  }

  /** The caller of the call in hand, to answer later; return `noReply` from the handler. After a cast nobody listens. */
  protected from<R>(): From<R> {
    const call = this[processKey].callInHand;
    return { reply: (value) => call?.resolve(value) ?? false, fail: (error) => call?.reject(error) ?? false };
  }

  /** Asks for `handleContinue(value)` before any message of the mailbox, once this handler is done. */
  protected continueWith(value: unknown): void {
    this[processKey].continueWith(value);
  }

  /** Asks for the message `"timeout"` in `handleInfo` once this handler is done and no message has come for `ms` milliseconds;
   * any message cancels it, a request of the system does not. 0 comes before every message that waits. (gen_server: time-outs) */
  protected timeoutAfter(ms: number): void {
    if (!(ms >= 0)) throw new TypeError(`a time-out is a number of milliseconds, not ${ms}`);
    if (ms !== Number.POSITIVE_INFINITY) this[processKey].timeoutAfter(ms);
  }

  /** Ends the process with exactly this reason, from however deep inside a handler. `terminate` runs. (erlang: exit/1) */
  protected exitWith(reason: ExitReason): never {
    throw new Exiting(reason);
  }

  /** Says that a long handler gets on, where the child spec has a `progressDeadline`. */
  protected progress(): void {
    this[processKey].progress();
  }

  // --- what the process calls ----------------------------------------------------------------------------------------

  [onInit](arg: unknown): unknown {
    // The types were checked where the child spec was made, and extra arguments are the class's own agreement with its
    // supervisor: it declares `init(...args)`.
    if (arg instanceof ExtraArguments) return this.init.apply(this, arg.all as [Arg]);
    return this.init(arg as Arg);
  }

  [onUnknownMethod](method: string): unknown {
    throw new TypeError(`${this.constructor.name} has no method ${method}`);
  }

  [onInfo](message: unknown): unknown {
    if (!(message instanceof TrappedExit)) return this.handleInfo(message);
    const { sender, reason } = message;
    return this.handleInfo(new ExitMessage(sender === undefined ? undefined : pidOf(sender), reason));
  }

  [onContinue](value: unknown): unknown {
    return this.handleContinue(value);
  }

  [onTerminate](reason: ExitReason): unknown {
    return this.terminate(reason);
  }

  get [traps](): boolean {
    return this.trapExit;
  }

  [format](status: Status): Status {
    try {
      return this.formatStatus(status as Status<State>); // made from this.state
    } catch {
      return { ...status, state: `formatStatus of ${this.constructor.name} crashed` };
    }
  }

  get [stateOf](): unknown {
    return this.state;
  }

  set [stateOf](state: unknown) {
    this.state = state as State; // replaceState is for tests and operators; its caller answers for the type
  }
}

/** The process behind an object of a behaviour class. */
function insideOf(server: Server<never, unknown>, tool: string): Process {
  const process: Process | undefined = server[processKey];
  if (process === undefined) throw new TypeError(`${tool} works inside a process only; plain code may use monitor`);
  return process;
}

for (const name of Object.getOwnPropertyNames(Server.prototype)) reserved.add(name);
const { terminate: ownTerminate } = Server.prototype as unknown as { terminate: unknown }; // protected: out of reach by type

/** A class whose instances are processes. */
export type BehaviourClass = (new () => Server<never, unknown>) & { readonly childSpec: Partial<ChildSpec> };

/** The start argument a class wants. */
export type ArgOf<C> = C extends new () => Server<infer Arg, infer _State> ? Arg : never;

/** Options of a process that no supervisor started. */
export interface StartOptions<T> extends IsolationSettings {
  readonly name?: Named<T>;
  /** Most messages that may wait; unbounded unless given. */
  readonly capacity?: number;
  /** What happens to a message that finds the mailbox full. Default `reject`. */
  readonly overflow?: Overflow;
  /** Most milliseconds an asynchronous `init` may take; past them the process is killed and the start fails with `timeout`.
   * Unlimited unless given. */
  readonly startTimeout?: number;
  /** See {@link ChildSpec}. */
  readonly progressDeadline?: number;
}

/** Starts a process outside any supervisor. Rejects with a {@link StartError}. */
export async function startServer<C extends BehaviourClass>(
  Class: C,
  arg: unknown,
  options: StartOptions<InstanceType<C>>,
): Promise<Pid<InstanceType<C>>> {
  const { name, startTimeout } = options;
  const slot = standaloneSlot(options);
  const spawn = { name: registeredName(name), parent: undefined, slot, startTimeout, isolation: options };
  const outcome = await spawnBehaviour(currentRuntime(), Class, arg, spawn);
  if ("ok" in outcome) return pidOf<InstanceType<C>>(outcome.ok);
  throw new StartError(Class.name, outcome);
}

/** Starts a process of this class: the one way in, for supervisors and for plain code. */
export function spawnBehaviour(
  runtime: Runtime,
  Class: BehaviourClass,
  arg: unknown,
  options: SpawnOptions & { readonly isolation?: IsolationSettings },
): SpawnOutcome | Promise<SpawnOutcome> {
  const { isolation } = options;
  if (isolation?.isolation !== undefined && isolation.isolation !== "inline") {
    return spawnIsolated(runtime, Class, arg, options, isolation);
  }
  const outcome = runtime.spawn(Class.name, (process) => instantiate(process, Class), arg, options);
  // Nobody listens for warnings in most programs; then a start pays this look alone.
  if (runtime.reports.listenerCount("warning") === 0) return outcome;
  if (isThenable(outcome)) return outcome.then((later) => warned(runtime, Class, later));
  return warned(runtime, Class, outcome);
}

const warnedOf = new WeakSet<BehaviourClass>();

/** A `terminate` that no shutdown will run is most often a mistake: told once for each class. */
function warned<O extends SpawnOutcome>(runtime: Runtime, Class: BehaviourClass, outcome: O): O {
  if (!("ok" in outcome) || outcome.ok.behaviour?.[traps] === true) return outcome;
  // Protected members are out of reach from here by type alone.
  const { terminate } = Class.prototype as unknown as { terminate: unknown };
  if (terminate === ownTerminate || warnedOf.has(Class)) return outcome;
  warnedOf.add(Class);
  const description = `${Class.name} has a terminate that a shutdown will not run: set trapExit, or drop it`;
  runtime.report("warning", outcome.ok, { description, behaviour: Class.name });
  return outcome;
}

export type SpawnOutcome = StartOutcome | { readonly taken: Process };

/** A process could not be started. `code` is `already_started`, `ignore`, `start_failed` or an {@link IsolationError}'s; `cause` is what `init` threw. */
export class StartError extends BanyanError {
  readonly reason: ExitReason;

  constructor(behaviour: string, outcome: Exclude<SpawnOutcome, { ok: Process }>) {
    if ("taken" in outcome) {
      super("already_started", `${behaviour} cannot start: its name is taken by ${outcome.taken.title}`);
      this.reason = "normal";
    } else if ("ignore" in outcome) {
      super("ignore", `${behaviour} chose not to start`);
      this.reason = "normal";
    } else {
      const { error: reason } = outcome;
      const cause = typeof reason === "object" && "error" in reason ? reason.error : undefined;
      const code = cause instanceof IsolationError ? cause.code : "start_failed";
      super(code, `${behaviour} did not start: ${describeReason(reason)}`, { cause });
      this.reason = reason;
    }
  }
}

/** The slot of a process that no supervisor of its runtime started; undefined where it needs none. */
export function standaloneSlot(options: StartOptions<never>): ChildSlot | undefined {
  const { capacity, overflow = "reject", progressDeadline } = options;
  if (capacity === undefined && progressDeadline === undefined) return undefined;
  return {
    restarts: 0,
    zombies: 0,
    capacity,
    overflow,
    progressDeadline,
    keeps: false,
    spawned() {},
    comesBack: () => false,
    keep() {},
    takeKept: () => [],
  };
}
