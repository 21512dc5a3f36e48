// A worker that does in `init` and at its end what the test says, and helpers to watch it under its supervisor.
import {
  type ChildOptions,
  type ChildSpec,
  child,
  countChildren,
  currentRuntime,
  type ExitReason,
  exit,
  GenServer,
  type Named,
  named,
  type Pid,
  type Ref,
  type Report,
  Supervisor,
  type SupervisorOptions,
  stop,
  whereis,
  whichChildren,
} from "../../src/supervision/index.js";

export interface Script {
  /** Becomes the result of `init`. Called at every start. */
  readonly init?: () => unknown;
  /** Whether the worker traps exits; implied by `answers`. */
  readonly traps?: boolean;
  /** Answers the shutdown signal by ending for this reason instead. */
  readonly answers?: ExitReason;
  /** Runs at its end, where the worker traps exits. */
  readonly terminating?: () => Promise<void>;
  /** Told `start <id>` and `stop <id>`, the latter only where the worker traps exits. */
  readonly log?: string[];
  readonly id?: string;
}

export class Worker extends GenServer<Script | undefined, { value: number }> {
  private script: Script = {};

  protected override init(script: Script = {}) {
    this.script = script;
    this.trapExit = script.traps ?? script.answers !== undefined;
    this.state = { value: 0 };
    script.log?.push(`start ${script.id}`);
    return script.init?.();
  }

  protected override async terminate() {
    this.script.log?.push(`stop ${this.script.id}`);
    await this.script.terminating?.();
    if (this.script.answers === undefined) return;
    this.trapExit = false;
    exit(this.use(this.self()), this.script.answers);
    await new Promise(() => {});
  }

  set(value: number): void {
    this.state.value = value;
  }

  get(): number {
    return this.state.value;
  }

  /** Ends by itself. */
  quit(reason: ExitReason) {
    return stop(reason, true);
  }

  /** Never done: shutdown signals wait behind it. */
  hang(): Promise<void> {
    this.trapExit = true;
    return new Promise(() => {});
  }

  unlinkFrom(other: Ref<unknown>): void {
    this.unlink(other);
  }
}

/** A named worker with id `id`. */
export function worker(id: string, script: Script = {}, options: ChildOptions<Worker> = {}): ChildSpec {
  return child(Worker, { id, ...script }, { id, name: named<Worker>(id), shutdown: 1_000, ...options });
}

/** A worker without a name. */
export function unnamed(script: Script = {}, options: Partial<ChildSpec> = {}): ChildSpec {
  return child(Worker, script, { shutdown: 1_000, ...options });
}

/** A static supervisor with OTP's test defaults: two restarts an hour. */
export function supervise(
  children: readonly ChildSpec[],
  options: Partial<SupervisorOptions> & { readonly name?: Named<Supervisor> } = {},
): Promise<Pid<Supervisor>> {
  return Supervisor.start({ strategy: "one_for_one", maxRestarts: 2, maxSeconds: 3_600, ...options, children });
}

/** The worker now running under the name. */
export function pidOf(id: string): Pid<Worker> {
  const pid = whereis(named<Worker>(id));
  if (pid === undefined) throw new Error(`${id} does not run`);
  return pid;
}

/** The only child of a supervisor. */
export async function onlyChild(supervisor: Ref<unknown>): Promise<Pid<Worker>> {
  const [row] = await whichChildren(supervisor);
  if (row === undefined || row.pid === undefined || row.pid === "restarting") throw new Error("no child runs");
  return row.pid as Pid<Worker>; // the tests that use this have no other children
}

/** The `ok` of an answer; throws on an error. */
export function ok<T>(result: { readonly ok: T } | { readonly error: string; readonly detail?: unknown }): T {
  if ("ok" in result) return result.ok;
  throw new Error(`answered ${result.error}`, { cause: result.detail });
}

export const boom: ExitReason = { error: new Error("boom") };

/** Ends a process and waits until its supervisor has dealt with it. */
export async function end(pid: Pid, reason: ExitReason, supervisor: Ref<unknown>): Promise<void> {
  // A worker ends by its own hand, so that `normal` counts.
  if (reason === "kill") exit(pid, "kill");
  else await (pid as Pid<Worker>).call.quit(reason);
  await pid.down;
  await settled(supervisor);
}

/** Waits until the supervisor has handled everything sent to it so far, or has ended. */
export async function settled(supervisor: Ref<unknown>): Promise<void> {
  await countChildren(supervisor).catch(() => {});
}

/** `[specs, active, supervisors, workers]` */
export async function counts(supervisor: Ref<unknown>): Promise<number[]> {
  const { specs, active, supervisors, workers } = await countChildren(supervisor);
  return [specs, active, supervisors, workers];
}

/** Ends a supervisor from outside and returns its reason. */
export async function shutDown(supervisor: Pid): Promise<ExitReason> {
  exit(supervisor, "shutdown");
  return supervisor.down;
}

/** Collects the `supervisor` reports of the current runtime. */
export function supervisorReports(): Report[] {
  const reports: Report[] = [];
  currentRuntime().reports.on("supervisor", (report) => void reports.push(report));
  return reports;
}

/** Contexts of reports, in order. */
export function contexts(reports: readonly Report[]): unknown[] {
  return reports.map(({ context }) => context);
}
