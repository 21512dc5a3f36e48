// A supervisor's memory of one child: its spec, what became of it, and what outlives an incarnation (restart count, messages
// kept, names that others wait at).

import type { ChainMember } from "./chain.js";
import { isStartable, type Start, start } from "./child.js";
import type { ChildSpec } from "./child-spec.js";
import type { ExitReason } from "./exit-reason.js";
import type { Intensity } from "./intensity.js";
import type { Message } from "./messages.js";
import type { Process } from "./process.js";
import type { ChildSlot } from "./process-host.js";
import type { TreeNode } from "./reports.js";
import { keepShape } from "./shapes.js";

export type ChildStatus = "stopped" | "running" | "restarting" | "parked";

/** What a record asks of its supervisor. */
export interface RecordOwner {
  /** True when the child will be started again after an end that nobody asked for. */
  restartsAfter(record: ChildRecord, reason: ExitReason): boolean;
  /** A child that this supervisor is ending has died. */
  childGone(): void;
  /** A name that stays pending although this supervisor itself is going: its own parent answers for it. False: nobody does. */
  holdAbove(name: string): boolean;
  /** This supervisor has ended. */
  isGone(): boolean;
}

/** What only a child has that crashed, is parked or is waited for. Made when first needed, since most never do. */
class Trouble {
  /** Restarts in a row that did not last, for backoff and parking. */
  attempts = 0;
  /** The retry that is planned; an older one has been overtaken. */
  attempt: symbol | undefined = undefined;
  parked: { reason: string; retryAt: number } | undefined = undefined;
  cancelRetry: (() => void) | undefined = undefined;
  kept: Message[] = [];
  held: string[] = [];
  abandoned = false;
}

keepShape(new Trouble());

const NOTHING: readonly never[] = [];

export class ChildRecord implements ChildSlot, ChainMember<ChildRecord> {
  status: ChildStatus = "stopped";
  process: Process | undefined = undefined;
  /** The process whose `init` is under way. */
  starting: Process | undefined = undefined;
  /** The last process, by which a restarting dynamic child is still known. */
  previous: Process | undefined = undefined;
  restarts = 0;
  zombies = 0;
  /** When it was last started, on the runtime's clock, in whole milliseconds: a fraction would cost every record an object.
   * Undefined where nobody counts its attempts. */
  runningSince: number | undefined = undefined;
  /** Set while the supervisor itself ends this child: to start it again with its group, or for good. */
  ending: "restart" | "stop" | undefined = undefined;
  readonly capacity: number | undefined;
  // Its place among a dynamic supervisor's children.
  chain: object | undefined = undefined;
  older: ChildRecord | undefined = undefined;
  younger: ChildRecord | undefined = undefined;
  private trouble: Trouble | undefined = undefined;

  constructor(
    public spec: ChildSpec,
    private readonly owner: RecordOwner,
    /** The window of a child that is parked instead of ending its supervisor. */
    readonly intensity: Intensity | undefined,
  ) {
    this.capacity = spec.capacity;
  }

  private get inTrouble(): Trouble {
    return (this.trouble ??= new Trouble());
  }

  get attempts(): number {
    return this.trouble?.attempts ?? 0;
  }

  set attempts(count: number) {
    if (count !== this.attempts) this.inTrouble.attempts = count;
  }

  get attempt(): symbol | undefined {
    return this.trouble?.attempt;
  }

  set attempt(attempt: symbol | undefined) {
    if (attempt !== this.attempt) this.inTrouble.attempt = attempt;
  }

  get parked(): Trouble["parked"] {
    return this.trouble?.parked;
  }

  set parked(parked: Trouble["parked"]) {
    if (parked !== this.parked) this.inTrouble.parked = parked;
  }

  get cancelRetry(): (() => void) | undefined {
    return this.trouble?.cancelRetry;
  }

  set cancelRetry(cancel: (() => void) | undefined) {
    if (cancel !== this.cancelRetry) this.inTrouble.cancelRetry = cancel;
  }

  /** What starts it; a temporary child's is forgotten once it runs, and with it its start argument. */
  get start(): Start | undefined {
    return isStartable(this.spec) ? this.spec[start] : undefined;
  }

  get name(): string | undefined {
    return this.start === undefined ? this.anyProcess?.name : this.start.name;
  }

  get behaviourName(): string {
    return this.start?.behaviour.name ?? this.anyProcess?.behaviourName ?? this.id;
  }

  private get anyProcess(): Process | undefined {
    return this.process ?? this.starting ?? this.previous;
  }

  get overflow(): "reject" | "drop_oldest" | "drop_newest" {
    return this.spec.overflow ?? "reject";
  }

  get progressDeadline(): number | undefined {
    return this.spec.progressDeadline;
  }

  get keeps(): boolean {
    return this.spec.mailbox === "keep" && this.trouble?.abandoned !== true;
  }

  /** Nobody will start it again: its mailbox is not kept either. */
  abandon(): void {
    this.inTrouble.abandoned = true;
  }

  get id(): string {
    return this.spec.id;
  }

  /** Every name that waits for this child. */
  get names(): string[] {
    const held = this.trouble?.held ?? [];
    return this.name === undefined ? held : [this.name, ...held];
  }

  spawned(process: Process): void {
    this.starting = process;
  }

  comesBack(_process: Process, reason: ExitReason): boolean {
    if (this.ending !== undefined && !this.owner.isGone()) return this.ending === "restart";
    return this.owner.restartsAfter(this, reason);
  }

  gone(): void {
    if (this.ending !== undefined) this.owner.childGone();
  }

  /** Keeps a name pending until the next incarnation has started. False: there will be none, here or above. */
  hold(name: string): boolean {
    if (this.ending === "stop" || this.trouble?.abandoned === true) return this.owner.holdAbove(name);
    if (this.owner.isGone()) return false;
    this.inTrouble.held.push(name);
    return true;
  }

  keep(messages: Message[]): void {
    this.inTrouble.kept.push(...messages);
  }

  takeKept(): readonly Message[] {
    if (this.trouble === undefined || this.trouble.kept.length === 0) return NOTHING;
    const { kept } = this.trouble;
    this.trouble.kept = [];
    return kept;
  }

  takeHeld(): readonly string[] {
    if (this.trouble === undefined || this.trouble.held.length === 0) return NOTHING;
    const { held } = this.trouble;
    this.trouble.held = [];
    return held;
  }

  started(process: Process, now: number | undefined): void {
    this.process = process;
    this.starting = undefined;
    this.status = "running";
    this.parked = undefined;
    this.ending = undefined;
    this.runningSince = now === undefined ? undefined : Math.trunc(now);
    if (this.spec.restart === "temporary") this.forgetStart();
  }

  private forgetStart(): void {
    if (!isStartable(this.spec)) return;
    const { [start]: _forgotten, ...spec } = this.spec;
    this.spec = spec;
  }

  /** The process is gone. */
  ended(status: Exclude<ChildStatus, "running">): void {
    if (this.process !== undefined) this.previous = this.process;
    this.process = undefined;
    this.starting = undefined;
    this.status = status;
    this.ending = undefined;
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    if (status !== "parked") this.parked = undefined;
  }

  /** The child as reports show it. */
  describe(): Readonly<Record<string, unknown>> {
    const { id, restart, shutdown, significant, type } = this.spec;
    const pid = this.process?.id ?? this.previous?.id;
    return { pid, id, name: this.name, behaviour: this.behaviourName, restart, significant, shutdown, type };
  }

  /** The tree's node of a child that does not run. */
  idleNode(): TreeNode {
    return {
      id: this.previous?.id ?? "",
      ...(this.name === undefined ? {} : { name: this.name }),
      behaviour: this.behaviourName,
      status: this.status === "stopped" ? "stopped" : "restarting",
      mailbox: 0,
      handled: 0,
      restarts: this.restarts,
      startedAt: this.previous?.startedAt ?? 0,
      zombies: this.zombies,
      restart: this.spec.restart,
      ...(this.parked === undefined ? {} : { parked: this.parked }),
    };
  }
}
