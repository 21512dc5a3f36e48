// The stand-in for an isolated process in its supervisor's runtime, and the life of the thread or process behind it. To
// supervisors it is a process like any other: it starts when `init` over there is done, and it dies, with the same reason, when
// it is told that the real one has, or, if that one must be killed, once the thread or process is gone.

import {
  type Behaviour,
  format,
  onContinue,
  onInfo,
  onInit,
  onTerminate,
  onUnknownMethod,
  stateOf,
  traps,
} from "../behaviour.js";
import type { IsolationSettings } from "../child-spec.js";
import { describeReason, type ExitReason, isClean } from "../exit-reason.js";
import { type IsolatedClass, IsolationError, type IsolationHost } from "../isolation.js";
import { Failure, ignore, stop } from "../outcomes.js";
import type { Counters, Process } from "../process.js";
import type { ProcessInfo } from "../reports.js";
import type { Runtime, SpawnOptions } from "../runtime.js";
import { ExtraArguments } from "../server.js";
import { ROOT } from "./address-book.js";
import { Bridge } from "./bridge.js";
import type { Host, StartHost } from "./host.js";
import { startProcess } from "./os-process.js";
import { Remote } from "./remote.js";
import { Silence } from "./silence.js";
import { startThread } from "./thread.js";
import { START, type StartOrder } from "./wire.js";

const START_TIMEOUT = 5_000;
/** An isolated process whose parent was killed gets this long to end by itself. */
const ORPHAN_MS = 5_000;

class Isolated extends Remote {
  private host: Host | undefined;
  /** Why the host is being ended, once it is. */
  private verdict: ExitReason | undefined;
  private reported = false;
  private settleInit: ((result: unknown) => void) | undefined;
  private memory: number | undefined;
  private cpu: number | undefined;
  private silence: Silence | undefined;

  constructor(
    runtime: Runtime,
    private readonly Class: IsolatedClass,
    options: SpawnOptions,
    private readonly settings: IsolationSettings,
    private readonly bridge: Bridge,
  ) {
    super(runtime, bridge, ROOT, { behaviourName: Class.name, ...options });
    bridge.setRoot(this);
  }

  // --- start ---------------------------------------------------------------------------------------------------------

  /** What `init` is here: the host starts, loads the class and runs the real one. */
  launch(arg: unknown): unknown {
    const { Class, bridge, parent, settings } = this;
    const extra = arg instanceof ExtraArguments;
    const { value, special } = bridge.encode(extra ? arg.all : arg);
    const order: StartOrder = {
      module: String(Class.module),
      className: Class.name,
      name: this.name,
      parent: parent === undefined ? undefined : bridge.out(parent),
      parentName: parent?.behaviourName ?? "",
      progressDeadline: this.slot?.progressDeadline,
      arg: value,
      extra,
      special,
    };
    const startHost: StartHost = settings.isolation === "thread" ? startThread : startProcess;
    const host = startHost(this.title, settings, {
      received: (batch) => {
        this.silence?.sign();
        if (this.alive) bridge.receive(batch);
      },
      exceeded: (reason) => this.endHost(reason),
      exited: (reason) => this.hostExited(reason),
    });
    this.host = host;
    try {
      host.post([[START, order]], bridge.takeTransfers());
    } catch (thrown) {
      this.reported = true;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      const message = `the start argument of ${Class.name} cannot leave its thread: ${why}`;
      return this.refuse(new IsolationError("uncloneable", message, thrown));
    }
    bridge.connect(host);
    const { startTimeout = START_TIMEOUT } = settings;
    if (startTimeout !== Number.POSITIVE_INFINITY) {
      const late = (): void => {
        const message = `${Class.name} was not started within ${startTimeout} ms; give it a longer startTimeout`;
        this.endHost({ error: new IsolationError("start_timeout", message) });
      };
      this.addCleanup((this.startTimer = this.runtime.clock.setTimer(startTimeout, late)));
    }
    return new Promise((resolve) => {
      this.settleInit = resolve;
    });
  }

  private startTimer: (() => void) | undefined;

  private refuse(error: IsolationError): unknown {
    this.host?.kill();
    return new Failure(error);
  }

  started(how: "ok" | "ignore" | "silent" | "failed", reason: ExitReason): void {
    this.startTimer?.();
    const settle = this.settleInit;
    this.settleInit = undefined;
    if (how === "ok") settle?.(undefined);
    else {
      this.host?.kill();
      this.reported = true;
      if (how === "ignore") settle?.(ignore);
      else if (how === "silent")
        settle?.(new Failure(typeof reason === "object" && "error" in reason ? reason.error : reason));
      else settle?.(stop(reason));
    }
  }

  protected override limitSilence(ms: number): void {
    const silence = new Silence(ms, () => this.endHost("wedged"));
    this.silence = silence;
    this.addCleanup(() => silence.end());
  }

  // --- the end -------------------------------------------------------------------------------------------------------

  override exitSignal(sender: Process | undefined, reason: ExitReason, linked: boolean): void {
    if (!this.alive) return;
    if (reason === "kill" && !linked) this.endHost("killed", true);
    else if (this.status === "starting" && reason !== "normal") this.endHost(reason, true);
    else if (linked && sender === this.parent && reason !== "normal") {
      // It has been told, like every process there that is linked to the dead one. If it spins it does not hear.
      const cancel = this.runtime.clock.setTimer(ORPHAN_MS, () => this.endHost(reason), false);
      this.addCleanup(cancel);
    } else super.exitSignal(sender, reason, linked);
  }

  /** The real process has died, or must. This one follows when its host is gone. */
  endHost(reason: ExitReason, silent = false): void {
    if (this.verdict !== undefined && reason !== "killed") return;
    this.verdict = reason;
    if (silent) this.reported = true;
    if (this.host === undefined) this.die(reason);
    else this.host.kill();
  }

  /** The real process has died and has said so itself, with its crash report. A failed start is told by `started`. */
  rootDied(reason: ExitReason): void {
    if (this.status === "starting") return;
    this.endHost(reason, true);
    this.bridge.closed(reason);
  }

  private hostExited(fromOutside: ExitReason): void {
    const reason = this.verdict ?? fromOutside;
    if (this.alive && !this.reported && !isClean(reason)) {
      const fields = { behaviour: this.behaviourName, queued: this.mailboxLength, description: describeReason(reason) };
      this.runtime.report("crash", this, { reason, ...fields });
    }
    this.bridge.closed(reason);
  }

  // --- sight ---------------------------------------------------------------------------------------------------------

  figures(memory: number, cpu: number): void {
    this.memory = memory;
    this.cpu = cpu;
  }

  /** Both sides hold: this one what is sent from here, the real one what it has already and what it sends itself. */
  override suspend(): Promise<undefined> {
    super.suspend();
    return this.bridge.suspend(true);
  }

  override resume(): Promise<undefined> {
    super.resume();
    return this.bridge.suspend(false);
  }

  override counters(): Promise<Counters> {
    return this.bridge.count();
  }

  override inspect(): ProcessInfo {
    const seen = this.alive ? this.host?.figures() : undefined;
    const memory = seen?.memory ?? this.memory;
    const cpu = seen?.cpu ?? this.cpu;
    return {
      ...super.inspect(),
      ...(memory === undefined ? {} : { memory }),
      ...(cpu === undefined ? {} : { cpu }),
    };
  }
}

/** What the stand-in shows as its behaviour: the protocol of the class, and the state of the real one. */
function standInBehaviour(process: Isolated, Class: IsolatedClass, bridge: Bridge): Behaviour {
  let put: Promise<unknown> | undefined;
  const behaviour: Behaviour = {
    [onInit]: (arg) => process.launch(arg),
    [onInfo]: () => undefined,
    [onContinue]: () => undefined,
    [onUnknownMethod]: () => undefined,
    [format]: (status) => status,
    // A stop from outside is the real one's to make; this one ends when it is told of that end.
    [onTerminate](reason) {
      bridge.stopRoot(reason);
      return new Promise(() => {});
    },
    [traps]: false,
    get [stateOf]() {
      if (process.status === "starting" || !process.alive) return undefined;
      const before = put;
      put = undefined;
      return before === undefined ? bridge.getState() : before.then(() => bridge.getState());
    },
    set [stateOf](state: unknown) {
      put = bridge.setState(state);
    },
  };
  Object.defineProperty(behaviour, "constructor", { value: Class });
  return behaviour;
}

export const isolate: IsolationHost = (runtime, Class, arg, options, settings) => {
  if (!Object.hasOwn(Class, "module") || typeof Class.module !== "string") {
    const message = `${Class.name} must state where it is: static readonly module = import.meta.url`;
    return { error: { error: new IsolationError("no_module", message) }, silent: true };
  }
  let isolated: Isolated | undefined;
  const bridge = new Bridge(runtime, {
    started: (how, reason) => isolated?.started(how, reason),
    rootDied: (reason) => isolated?.rootDied(reason),
    figures: (memory, cpu) => isolated?.figures(memory, cpu),
    report: (kind, fields) => {
      if (isolated !== undefined) runtime.report(kind, isolated, fields);
    },
  });
  isolated = new Isolated(runtime, Class, options, settings, bridge);
  const process = isolated;
  return runtime.begin(process, () => standInBehaviour(process, Class, bridge), arg);
};
