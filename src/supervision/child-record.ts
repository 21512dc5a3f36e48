// A supervisor's memory of one child: its spec, what became of it, and what outlives an incarnation (restart count, messages
// kept, names that others wait at).

import { isStartable, type Start, start } from "./child.js";
import type { ChildSpec } from "./child-spec.js";
import type { ExitReason } from "./exit-reason.js";
import type { Intensity } from "./intensity.js";
import type { Message } from "./messages.js";
import type { ChildSlot, Process } from "./process.js";
import type { TreeNode } from "./reports.js";

export type ChildStatus = "stopped" | "running" | "restarting" | "parked";

/** What a record asks of its supervisor. */
export interface RecordOwner {
  /** True when the child will be started again after an end that nobody asked for. */
  restartsAfter(record: ChildRecord, reason: ExitReason): boolean;
  /** A name that stays pending although this supervisor itself is going: its own parent answers for it. */
  holdAbove(name: string): void;
}

export class ChildRecord implements ChildSlot {
  status: ChildStatus = "stopped";
  process: Process | undefined = undefined;
  /** The process whose `init` is under way. */
  starting: Process | undefined = undefined;
  /** The last process, by which a restarting dynamic child is still known. */
  previous: Process | undefined = undefined;
  restarts = 0;
  zombies = 0;
  /** Restarts in a row that did not last, for backoff and parking. */
  attempts = 0;
  /** When the last process began to run, on the runtime's clock. */
  runningSince = Number.POSITIVE_INFINITY;
  /** Set while the supervisor itself ends this child: to start it again with its group, or for good. */
  ending: "restart" | "stop" | undefined = undefined;
  parked: { reason: string; retryAt: number } | undefined = undefined;
  cancelRetry: (() => void) | undefined = undefined;
  readonly start: Start | undefined;
  readonly capacity: number | undefined;
  readonly overflow: "reject" | "drop_oldest" | "drop_newest";
  readonly keeps: boolean;
  private kept: Message[] = [];
  private held: string[] = [];

  constructor(
    readonly spec: ChildSpec,
    private readonly owner: RecordOwner,
    /** The window of a child that is parked instead of ending its supervisor. */
    readonly intensity: Intensity | undefined,
  ) {
    this.start = isStartable(spec) ? spec[start] : undefined;
    this.capacity = spec.capacity;
    this.overflow = spec.overflow ?? "reject";
    this.keeps = spec.mailbox === "keep";
  }

  get id(): string {
    return this.spec.id;
  }

  get name(): string | undefined {
    return this.start?.name;
  }

  /** Every name that waits for this child. */
  get names(): string[] {
    return this.name === undefined ? this.held : [this.name, ...this.held];
  }

  spawned(process: Process): void {
    this.starting = process;
  }

  comesBack(_process: Process, reason: ExitReason): boolean {
    if (this.ending !== undefined) return this.ending === "restart";
    return this.owner.restartsAfter(this, reason);
  }

  hold(name: string): void {
    if (this.ending === undefined || this.ending === "restart") this.held.push(name);
    else this.owner.holdAbove(name);
  }

  keep(messages: Message[]): void {
    this.kept.push(...messages);
  }

  takeKept(): Message[] {
    const { kept } = this;
    this.kept = [];
    return kept;
  }

  takeHeld(): string[] {
    const { held } = this;
    this.held = [];
    return held;
  }

  started(process: Process, now: number): void {
    this.process = process;
    this.starting = undefined;
    this.status = "running";
    this.parked = undefined;
    this.ending = undefined;
    this.runningSince = now;
    for (const message of this.takeKept()) process.push(message);
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

  /** The tree's node of a child that does not run. */
  idleNode(): TreeNode {
    return {
      id: this.previous?.id ?? "",
      ...(this.name === undefined ? {} : { name: this.name }),
      behaviour: this.start?.behaviour.name ?? this.previous?.behaviourName ?? this.id,
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
