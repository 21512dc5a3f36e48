// Addresses. A Pid is one incarnation; a Named survives restarts; both are Refs: plain objects whose `call` and `cast` have a
// method for each method of the protocol. A ref made with `this.use(ref)` inside a process is bound to that caller, which is
// how cycles are found, deadlines travel and a fenced process is silenced.

import type { ExitReason } from "./exit-reason.js";
import { CALL, Call, CallError, Cast, Info, type Message, type Packed } from "./messages.js";
import type { Failure, NoReply } from "./outcomes.js";
import type { AbortSignal } from "./platform.js";
import type { Process } from "./process.js";
import type { MonitorEntry } from "./process-host.js";
import type { ProcessInfo } from "./reports.js";
import { currentRuntime, type Runtime } from "./runtime.js";
import { keepShape } from "./shapes.js";

type Method = (...args: never[]) => unknown;
/** A class as far as stubs are concerned: something with a prototype. */
type AnyClass = { readonly prototype: unknown };

/** The names of the public methods of T: its protocol. Protected callbacks and framework members are not in `keyof`. */
export type ProtocolOf<T> = string & { [K in keyof T]: T[K] extends Method ? K : never }[keyof T];
export type ArgsOf<T, K extends keyof T> = T[K] extends (...args: infer A) => unknown ? A : never;
/** What the caller gets: the method's result, awaited, without the failures and the promise of a later reply. */
export type ReplyOf<T, K extends keyof T> = T[K] extends (...args: never[]) => infer R
  ? Exclude<Awaited<R>, Failure<unknown> | NoReply>
  : never;

/** Options of a call. */
export interface CallOptions {
  /** Milliseconds, or Infinity. Default 5,000. */
  readonly timeout?: number;
  /** Gives up when it fires; the caller is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** At a name whose child is restarting: wait until the deadline (default), or fail at once. */
  readonly whileRestarting?: "wait" | "noproc";
}

export interface Ref<T> {
  /** Sends and waits: a promise of the reply, rejected with the handler's {@link failure} or a {@link CallError}. */
  readonly call: { readonly [K in ProtocolOf<T>]: (...args: ArgsOf<T, K>) => Promise<ReplyOf<T, K>> };
  /** Sends and forgets: returns nothing, never throws. */
  readonly cast: { readonly [K in ProtocolOf<T>]: (...args: ArgsOf<T, K>) => void };
  /** The same address with other call options. */
  with(options: CallOptions): Ref<T>;
  /** Settles with the reason when the process behind the address ends; `noproc` if there is none. */
  readonly down: Promise<ExitReason>;
}

/** The address of one incarnation. */
export interface Pid<T = unknown> extends Ref<T> {
  readonly id: string;
  readonly alive: boolean;
  inspect(): ProcessInfo;
}

/** An address that outlives restarts. */
export interface Named<T> extends Ref<T> {
  readonly name: string;
  /** The incarnation behind the name now. */
  whereis(): Pid<T> | undefined;
}

const DEFAULT_TIMEOUT = 5_000;
const NO_OPTIONS: CallOptions = {};
const target: unique symbol = Symbol("target");

interface Stubs {
  [target]: Address;
}
type StubClass = new (ref: Address) => Stubs;

/** Where messages of a ref go. One class for both kinds, so that the hot path stays monomorphic. */
class Address {
  private callStubs: Stubs | undefined;
  private castStubs: Stubs | undefined;

  constructor(
    readonly process: Process | undefined,
    readonly registered: string | undefined,
    readonly options: CallOptions,
    /** The process this ref is bound to. */
    readonly caller: Process | undefined,
    private readonly boundRuntime: Runtime | undefined,
  ) {}

  get runtime(): Runtime {
    return this.boundRuntime ?? currentRuntime();
  }

  get title(): string {
    return this.process?.title ?? `the name ${this.registered}`;
  }

  get calls(): Stubs {
    return (this.callStubs ??= this.stubs(callStubs));
  }

  get casts(): Stubs {
    return (this.castStubs ??= this.stubs(castStubs));
  }

  private stubs(kind: StubKind): Stubs {
    const behaviour = this.process?.behaviour;
    const made = behaviour === undefined ? kind.onFirstUse : kind.of(behaviour.constructor);
    return new made(this);
  }

  resolve(): Process | undefined {
    return this.process ?? this.runtime.names.whereis(this.registered ?? "");
  }

  call(method: string, packed: Packed): Promise<unknown> {
    const { caller } = this;
    const process = this.resolve();
    const { timeout = DEFAULT_TIMEOUT, signal } = this.options;
    const left = caller === undefined ? timeout : Math.min(timeout, caller.timeLeft);
    const call = new Call(method, packed, caller, this, this.runtime.deadlines, left);
    if (caller !== undefined) {
      if (!caller.alive) {
        call.reject(new CallError("fenced", `${caller.title} has ended; its calls go nowhere`, "killed"));
        return call.makePromise();
      }
      this.refuseCycle(caller, process, call);
    }
    if (signal !== undefined) call.abortedBy(signal);
    if (call.settled) return call.makePromise();
    if (process === undefined) this.callName(call);
    else {
      if (caller !== undefined) caller.callStarted(call, process);
      process.call(call);
    }
    if (!call.settled) call.startClock();
    return call.makePromise();
  }

  private callName(call: Call): void {
    const waits = this.options.whileRestarting !== "noproc";
    if (!(waits && this.registered !== undefined && this.runtime.names.wait(this.registered, call))) {
      call.reject(CallError.noproc(call.asked));
    }
  }

  private refuseCycle(caller: Process, process: Process | undefined, call: Call): void {
    if (process === undefined) return;
    if (process === caller) {
      call.reject(new CallError("calling_self", `${caller.title} called itself; call the method directly`, "normal"));
      return;
    }
    const chain = process.chainTo(caller);
    if (chain === undefined) return;
    const names = [caller, ...chain].map(({ title }) => title).join(" → ");
    call.reject(new CallError("cycle", `the calls ${names} wait for each other; make one of them a cast`, "normal"));
  }

  cast(method: string, packed: Packed): void {
    this.send(new Cast(method, packed));
  }

  send(message: Message): void {
    if (this.caller?.alive === false) return;
    const process = this.resolve();
    if (process !== undefined) process.push(message);
    else if (this.registered !== undefined && message.kind !== CALL) this.keepForNext(message);
  }

  /** A cast to a restarting name is lost, as in OTP, unless the child's mailbox is kept. */
  private keepForNext(message: Message): void {
    if (this.registered !== undefined && this.runtime.names.keepsCasts(this.registered)) {
      this.runtime.names.wait(this.registered, message);
    }
  }

  monitor(entry: Omit<MonitorEntry, "name">): void {
    const process = this.resolve();
    if (process !== undefined) process.addMonitor({ ...entry, name: this.registered });
    else entry.notify(undefined, "noproc", entry.id);
  }
}

const unsent = new Call(
  "",
  undefined,
  undefined,
  new Address(undefined, "", NO_OPTIONS, undefined, undefined),
  currentRuntime().deadlines,
  DEFAULT_TIMEOUT,
);
unsent.deadline = 0.5; // as a clock gives it, with a fraction
void unsent.makePromise();
keepShape(unsent);

// --- stubs ---------------------------------------------------------------------------------------------------------------

interface StubKind {
  of(behaviour: AnyClass): StubClass;
  readonly onFirstUse: StubClass;
}

/** A message without arguments is common. */
const NO_ARGUMENTS: readonly unknown[] = [];

/** Array.from goes by the iterator, which takes several times as long. */
function severalOf(given: IArguments): readonly unknown[] {
  const { length } = given;
  if (length === 0) return NO_ARGUMENTS;
  const several: unknown[] = [];
  for (let i = 0; i < length; i++) several.push(given[i]);
  return several;
}

type MakeStub = (method: string) => (this: Stubs, first?: unknown, ...rest: unknown[]) => unknown;

const callStubs = makeStubKind(
  (method) =>
    function (first) {
      // biome-ignore lint/complexity/noArguments: rest parameters would make an array for every message.
      const packed = arguments.length === 1 && !Array.isArray(first) ? first : severalOf(arguments);
      return this[target].call(method, packed);
    },
);
const castStubs = makeStubKind(
  (method) =>
    function (first) {
      // biome-ignore lint/complexity/noArguments: rest parameters would make an array for every message.
      const packed = arguments.length === 1 && !Array.isArray(first) ? first : severalOf(arguments);
      this[target].cast(method, packed);
    },
);

/** Names that are never part of a protocol: the framework's own members, filled in by gen-server.ts, and `then`. */
export const reserved = new Set<string>(["constructor", "then", ...Object.getOwnPropertyNames(Object.prototype)]);

function makeStubKind(makeStub: MakeStub): StubKind {
  const classes = new WeakMap<AnyClass, StubClass>();
  // Of a bare name the class is not known: a Proxy behind the prototype makes each stub when any name is first asked for it, and
  // the prototype has it from then on.
  const onFirstUse = stubClass(
    new Proxy(Object.create(null), {
      get(_, method) {
        if (typeof method !== "string" || reserved.has(method)) return undefined;
        const value = makeStub(method);
        Object.defineProperty(onFirstUse.prototype, method, { value });
        return value;
      },
    }),
  );
  return {
    of(behaviour) {
      const known = classes.get(behaviour);
      if (known !== undefined) return known;
      const made = stubClass(Object.create(null));
      for (const method of protocolNames(behaviour)) {
        Object.defineProperty(made.prototype, method, { value: makeStub(method) });
      }
      classes.set(behaviour, made);
      return made;
    },
    onFirstUse,
  };
}

function stubClass(prototype: object): StubClass {
  class Made {
    [target]: Address;
    constructor(ref: Address) {
      this[target] = ref;
    }
  }
  Object.setPrototypeOf(Made.prototype, prototype);
  return Made;
}

/** Every public method between the class and the framework's own base. */
function protocolNames(behaviour: AnyClass): Set<string> {
  const names = new Set<string>();
  for (let p: unknown = behaviour.prototype; typeof p === "object" && p !== null; p = Object.getPrototypeOf(p)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(p))) {
      if (typeof value === "function" && !reserved.has(name)) names.add(name);
    }
  }
  return names;
}

// --- the two kinds of ref ------------------------------------------------------------------------------------------------

const address: unique symbol = Symbol("address");

abstract class AnyRef<T> implements Ref<T> {
  readonly [address]: Address;

  constructor(to: Address) {
    this[address] = to;
  }

  get call(): Ref<T>["call"] {
    // The stubs are made from the class's own methods; TypeScript sees them through the mapped type.
    return this[address].calls as unknown as Ref<T>["call"];
  }

  get cast(): Ref<T>["cast"] {
    return this[address].casts as unknown as Ref<T>["cast"];
  }

  get down(): Promise<ExitReason> {
    const process = this[address].resolve();
    if (process?.exitReason !== undefined) return Promise.resolve(process.exitReason);
    return new Promise((settle) => monitor(this, settle));
  }

  abstract with(options: CallOptions): Ref<T>;
}

class PidRef<T> extends AnyRef<T> implements Pid<T> {
  get id(): string {
    return processOf(this).id;
  }

  get alive(): boolean {
    return processOf(this).alive;
  }

  inspect(): ProcessInfo {
    return processOf(this).inspect();
  }

  override with(options: CallOptions): Pid<T> {
    return new PidRef<T>(rebound(this[address], options, this[address].caller));
  }

  override toString(): string {
    return this.id;
  }
}

class NamedRef<T> extends AnyRef<T> implements Named<T> {
  constructor(
    readonly name: string,
    to: Address,
  ) {
    super(to);
  }

  whereis(): Pid<T> | undefined {
    const process = this[address].resolve();
    return process === undefined ? undefined : pidOf<T>(process);
  }

  override with(options: CallOptions): Named<T> {
    return new NamedRef<T>(this.name, rebound(this[address], options, this[address].caller));
  }

  override toString(): string {
    return this.name;
  }
}

function rebound(from: Address, options: CallOptions, caller: Process | undefined): Address {
  const { timeout = 0 } = options;
  if (!(timeout >= 0)) throw new RangeError(`a call's timeout is a number of milliseconds from 0 up, not ${timeout}`);
  const runtime = caller?.runtime as Runtime | undefined;
  return new Address(from.process, from.registered, { ...from.options, ...options }, caller, runtime);
}

/** The address of a process. */
export function pidOf<T>(process: Process): Pid<T> {
  process.address ??= new PidRef<T>(new Address(process, undefined, NO_OPTIONS, undefined, process.runtime as Runtime));
  return process.address as Pid<T>; // set only here, with this class
}

/** An address that outlives the process behind it. Names are global to a runtime. */
export function named<T>(name: string): Named<T> {
  if (typeof name !== "string" || name === "") throw new TypeError("a name is a string of at least one character");
  return new NamedRef<T>(name, new Address(undefined, name, {}, undefined, undefined));
}

/** A name of that runtime, whichever plain code speaks to. */
export function namedIn<T>(runtime: Runtime, name: string): Named<T> {
  return new NamedRef<T>(name, new Address(undefined, name, {}, undefined, runtime));
}

export function isRef(value: object): value is Ref<unknown> {
  return value instanceof AnyRef;
}

/** The name to register, if one is given; a bare string is a mistake that JavaScript would let pass. */
export function registeredName(name: Named<unknown> | undefined): string | undefined {
  if (name === undefined || name instanceof NamedRef) return name?.name;
  throw new TypeError(`a process is named with named("…"), not with ${String(name)}`);
}

/** The same ref, bound to the process that uses it, or to none. */
export function boundTo<T>(ref: Ref<T>, caller: Process | undefined): Ref<T> {
  const from = addressOf(ref);
  const to = rebound(from, {}, caller);
  return from.registered === undefined ? new PidRef<T>(to) : new NamedRef<T>(from.registered, to);
}

function addressOf(ref: Ref<unknown>): Address {
  if (ref instanceof AnyRef) return ref[address];
  throw new TypeError("expected a Pid or a Named made by this copy of the framework");
}

/** The process a ref leads to now; undefined where a name has none. */
export function resolveRef(ref: Ref<unknown>): Process | undefined {
  return addressOf(ref).resolve();
}

/** The caller a ref is bound to. */
export function callerOf(ref: Ref<unknown>): Process | undefined {
  return addressOf(ref).caller;
}

function processOf(ref: Pid<unknown>): Process {
  const process = resolveRef(ref);
  if (process === undefined) throw new TypeError("a Pid always has its process"); // unreachable: see pidOf
  return process;
}

/** The process registered under a name now. */
export function whereis<T>(name: Named<T>): Pid<T> | undefined {
  return name.whereis();
}

/** Sends a plain message for the process's `handleInfo`. Never throws; a message to nobody is lost. */
export function send(ref: Ref<unknown>, message: unknown): void {
  addressOf(ref).send(new Info(message));
}

/** Sends an exit signal. `"kill"` cannot be trapped; other reasons end a process that does not trap exits. */
export function exit(ref: Ref<unknown>, reason: ExitReason): void {
  const { caller } = addressOf(ref);
  if (caller?.alive === false) return;
  resolveRef(ref)?.exitSignal(caller, reason, false);
}

/** Calls `fn` once with the reason when the process ends, or with `noproc` if there is none. For plain code; inside a
 * process use `this.monitor`. Returns what takes the monitor back. */
export function monitor(ref: Ref<unknown>, fn: (reason: ExitReason) => void): () => void {
  const to = addressOf(ref);
  const { runtime } = to;
  const id = runtime.nextNumber();
  let cancelled = false;
  to.monitor({
    id,
    watcher: undefined,
    notify: (_, reason) =>
      runtime.later(() => {
        if (!cancelled) fn(reason);
      }),
  });
  const process = to.resolve();
  return () => {
    cancelled = true;
    process?.removeMonitor(id);
  };
}

/** Monitors on behalf of a process: `notify` is called at the death, in order with its other signals. */
export function monitorFor(watcher: Process, ref: Ref<unknown>, notify: MonitorEntry["notify"]): number {
  const to = addressOf(ref);
  const id = to.runtime.nextNumber();
  to.monitor({ id, watcher, notify });
  return id;
}
