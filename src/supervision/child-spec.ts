// What a supervisor must know of a child. (otp: stdlib, supervisor, `child_spec()`)

/** `permanent`: always started again. `transient`: only after a failure. `temporary`: never. */
export type Restart = "permanent" | "transient" | "temporary";

/** Who falls with a child that crashed: nobody, everybody, or those started after it. */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";

/** Whether a supervisor ends when a significant child, or the last of them, has ended by itself and stays down. */
export type AutoShutdown = "never" | "any_significant" | "all_significant";

/** How long a child may take to end after the `shutdown` signal, in milliseconds, before it is killed. */
export type Shutdown = number | "infinity" | "brutal_kill";

export type Overflow = "reject" | "drop_oldest" | "drop_newest";

/** Growing pauses between tries: `initial`, then twice that, and so on up to `max` milliseconds; each pause is shortened at
 * random by up to the share `jitter` (0 to 1). */
export interface Backoff {
  readonly initial: number;
  readonly max: number;
  readonly jitter: number;
}

/** Where a process runs: with everybody else, in a thread of its own, or in an operating system process of its own. */
export type Isolation = "inline" | "thread" | "process";

/** For a class that states `static readonly module = import.meta.url` and is a named export of built JavaScript. */
export interface IsolationSettings {
  /** Default `inline`. The other two need `import "banyan/node"`. */
  readonly isolation?: Isolation;
  /** Largest heap in megabytes, of a thread or a process; V8's default unless given. */
  readonly maxHeapMb?: number;
  /** Largest resident set in megabytes, of a process only: Buffers and all. Past it the process is killed. */
  readonly maxMemoryMb?: number;
  /** Milliseconds until `init` must be done where it is isolated. Default 5,000. */
  readonly startTimeout?: number;
}

export interface ChildSpec extends IsolationSettings {
  readonly id: string;
  /** Default `permanent`. */
  readonly restart: Restart;
  /** Default 5,000 for a worker, `infinity` for a supervisor. */
  readonly shutdown: Shutdown;
  readonly type: "worker" | "supervisor";
  /** Its own end may end the supervisor, see `autoShutdown`. Default false. */
  readonly significant: boolean;
  /** `keep` hands the messages not yet begun to the next incarnation. Default `drop`, as in OTP. */
  readonly mailbox: "drop" | "keep";
  readonly isolation: Isolation;
  /** Most messages that may wait; unbounded unless given. */
  readonly capacity?: number;
  /** Default `reject`. */
  readonly overflow?: Overflow;
  /** Most milliseconds an asynchronous `init` may take; past them it is killed and the start fails with `timeout`. */
  readonly startTimeout?: number;
  /** Most milliseconds a message may be in hand or wait, or `terminate` may take, without `this.progress()`; past them the process
   * exits `wedged`, and the thread or process it has of its own is killed. */
  readonly progressDeadline?: number;
  /** Restarts wait; without it they are immediate. OTP's intensity stays the limit. */
  readonly backoff?: Backoff;
  /** This child's restarts are counted apart, and past the supervisor's intensity the child alone is parked: it stays down,
   * is reported, and is tried again after growing pauses, while the supervisor and the siblings go on. */
  readonly park?: Backoff;
}
