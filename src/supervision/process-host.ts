// What a process has around it: the runtime it lives in, its place in a supervisor, those who watch it. Types alone.
import type { Clock } from "./clock.js";
import type { Deadlines } from "./deadlines.js";
import type { ExitReason } from "./exit-reason.js";
import type { Message } from "./messages.js";
import type { Names } from "./names.js";
import type { Process } from "./process.js";
import type { ReportName } from "./reports.js";
import type { Scheduler } from "./scheduler.js";

/** The place in a supervisor that a process fills; it outlives the process. */
export interface ChildSlot {
  /** The next incarnation is about to run its `init`. */
  spawned(process: Process): void;
  readonly restarts: number;
  zombies: number;
  readonly capacity: number | undefined;
  readonly overflow: "reject" | "drop_oldest" | "drop_newest";
  /** Milliseconds; see ChildSpec. */
  readonly progressDeadline: number | undefined;
  /** True when the supervisor will start another incarnation after a death with this reason. */
  comesBack(process: Process, reason: ExitReason): boolean;
  /** Takes the messages not yet begun, if the child's mailbox is to be kept. */
  keeps: boolean;
  keep(messages: Message[]): void;
  /** Hands over what was kept. */
  takeKept(): readonly Message[];
  /** The process has died, and everybody else has been told. */
  gone?(): void;
}

export interface MonitorEntry {
  readonly id: number;
  /** The process that watches, or undefined for plain code. */
  readonly watcher: Process | undefined;
  /** The name by which the target was monitored, if by name. */
  readonly name: string | undefined;
  /** `target` is undefined where the name had no process. */
  notify(target: Process | undefined, reason: ExitReason, id: number): void;
}

/** Lays errors outside any handler to a process. */
export interface Blame {
  /** Runs `code`; what it starts belongs to `process`. */
  run(process: Process, code: () => unknown): unknown;
  /** The same listener, whose throw is the process's crash and not its emitter's. */
  listener(process: Process, listener: (...args: never[]) => void): (...args: never[]) => void;
}

/** What a process needs of the runtime it lives in. */
export interface ProcessHost {
  readonly names: Names<Process>;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** Set while errors from timers, listeners and forgotten promises are laid to the process that started them. */
  readonly blame: Blame | undefined;
  readonly deadlines: Deadlines;
  /** When a process that starts now starts, in milliseconds since the epoch. */
  readonly startsAt: number;
  readonly beforeHandling: ((process: Process, message: Message) => void) | undefined;
  /** True where somebody listens to reports of this kind. */
  hears(kind: ReportName): boolean;
  report(kind: ReportName, process: Process, fields: Readonly<Record<string, unknown>>): void;
}
