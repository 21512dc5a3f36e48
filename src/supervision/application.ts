// An application: one tree, started whole or not at all, observed, and stopped in the reverse order of its start. (otp: kernel,
// application; System Documentation, "Applications")
import { startBlaming } from "./blame.js";
import { BanyanError } from "./errors.js";
import { describeReason, type ExitReason } from "./exit-reason.js";
import { exit, type Named, type Pid, resolveRef } from "./ref.js";
import type { Report, ReportName, TreeNode } from "./reports.js";
import { currentRuntime, type Runtime } from "./runtime.js";
import { Supervisor, type SupervisorOptions } from "./supervisor.js";
import { killTree, treeOf } from "./tree.js";

export interface ApplicationOptions<State = unknown> extends SupervisorOptions {
  readonly name?: Named<Supervisor>;
  /** What the application is configured with, for those who ask it. Default empty. */
  readonly env?: Readonly<Record<string, unknown>>;
  /** Applications that must run before this one starts. */
  readonly applications?: readonly Application[];
  /** Run one after another once the whole tree runs; only then is the start complete. A throw stops the application again. */
  readonly startPhases?: Readonly<Record<string, (app: Application) => unknown>>;
  /** Runs before the tree is stopped; what it returns is handed to `stop`. */
  readonly prepStop?: (app: Application) => State | Promise<State>;
  /** Runs once the tree is down, with what `prepStop` returned; undefined when the tree ended by itself. */
  readonly stop?: (state: State | undefined) => unknown;
  /** Lay errors from timers, listeners and forgotten promises to the process that started them. Needs `banyan/node`. Following every
   * promise costs time, so `"late"` begins with it at the first such error, which is reported and does no more. Default false. */
  readonly blame?: boolean | "late";
  /** With `blame`, what an error of no process does: `stop` the application with it (default), or only `report` it as an alert. */
  readonly onStray?: "stop" | "report";
}

export class Application {
  /** Settles when the tree has ended: `shutdown` after {@link stop} and past its intensity, or what killed it. */
  readonly done: Promise<ExitReason>;
  readonly env: Readonly<Record<string, unknown>>;
  private readonly stopped: Promise<unknown>;
  private stopping: Promise<void> | undefined;
  private stopState: unknown;

  private constructor(
    readonly supervisor: Pid,
    private readonly runtime: Runtime,
    private readonly options: Pick<ApplicationOptions, "env" | "prepStop" | "stop">,
    stopBlaming: () => void,
  ) {
    this.env = options.env ?? {};
    this.done = supervisor.down.then((reason) => {
      stopBlaming();
      return reason;
    });
    this.stopped = this.done.then(() => options.stop?.(this.stopState));
    // Whoever stops the application hears of a failing callback; nobody else has asked.
    this.stopped.catch(() => {});
  }

  /** Starts the tree and runs the start phases; resolves once all of it runs. Rejects with an error that names the child or
   * the phase that failed, after what was started was stopped again; with `not_started` if an application it needs does not
   * run. */
  static async start<State = unknown>(options: ApplicationOptions<State>): Promise<Application> {
    const { env, applications = [], startPhases = {}, prepStop, stop, blame, onStray = "stop", ...tree } = options;
    const missing = applications.find((other) => !other.running);
    if (missing !== undefined) {
      throw new BanyanError("not_started", `an application this one needs has ended: ${missing.supervisor.id}`);
    }
    const runtime = currentRuntime();
    let app: Application | undefined;
    const stray = (error: unknown, followed: boolean): void => app?.stray(error, followed ? onStray : "report");
    const stopBlaming = blame ? startBlaming(runtime, stray, blame === "late") : () => {};
    let supervisor: Pid;
    try {
      supervisor = await Supervisor.start(tree);
    } catch (thrown) {
      stopBlaming();
      throw thrown;
    }
    // The state that prepStop makes goes to stop and nowhere else.
    const callbacks = { env, prepStop, stop } as Pick<ApplicationOptions, "env" | "prepStop" | "stop">;
    app = new Application(supervisor, runtime, callbacks, stopBlaming);
    for (const [phase, run] of Object.entries(startPhases)) await app.runPhase(phase, run);
    return app;
  }

  private async runPhase(phase: string, run: (app: Application) => unknown): Promise<void> {
    try {
      await run(this);
    } catch (thrown) {
      await this.stop();
      throw new BanyanError("phase_failed", `the start phase ${phase} failed`, { cause: thrown });
    }
  }

  private get running(): boolean {
    return this.supervisor.alive && this.stopping === undefined;
  }

  /** The tree as it stands, as plain JSON; undefined once it has ended. */
  tree(): TreeNode | undefined {
    return treeOf(this.supervisor);
  }

  /** Stops every child in reverse order, each in its own time. Past `deadline` milliseconds what is left is killed. Rejects if
   * `prepStop` or `stop` failed, once the tree is down all the same. */
  stop(options: { readonly deadline?: number } = {}): Promise<void> {
    const { deadline } = options;
    const cancel =
      deadline === undefined ? () => {} : this.runtime.clock.setTimer(deadline, () => killTree(this.supervisor));
    this.stopping ??= this.stopInOrder();
    return this.stopping.finally(cancel);
  }

  private async stopInOrder(): Promise<void> {
    try {
      if (this.supervisor.alive) this.stopState = await Promise.race([this.options.prepStop?.(this), this.done]);
    } finally {
      exit(this.supervisor, "shutdown");
      await this.done;
    }
    await this.stopped;
  }

  /** An error of no process: what it left half done nobody knows. */
  private stray(error: unknown, onStray: "stop" | "report"): void {
    const reason: ExitReason = { error };
    const process = resolveRef(this.supervisor);
    if (process === undefined) return;
    this.runtime.report("alert", process, { stray: true, reason, description: describeReason(reason) });
    if (onStray === "stop") exit(this.supervisor, reason);
  }

  /** Observes reports of the runtime this application lives in. Returns what takes the listener away. */
  on(event: ReportName, listener: (report: Report) => void): () => void {
    this.runtime.reports.on(event, listener);
    return () => void this.runtime.reports.off(event, listener);
  }
}
