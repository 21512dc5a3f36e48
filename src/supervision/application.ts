// An application: one tree, started whole or not at all, observed, and stopped in the reverse order of its start.
import type { ExitReason } from "./exit-reason.js";
import { exit, type Named, type Pid } from "./ref.js";
import type { Report, ReportName, TreeNode } from "./reports.js";
import { currentRuntime, type Runtime } from "./runtime.js";
import { Supervisor, type SupervisorOptions } from "./supervisor.js";
import { treeOf } from "./tree.js";

export class Application {
  /** Settles when the tree has ended: `shutdown` after {@link stop} and past its intensity, or what killed it. */
  readonly done: Promise<ExitReason>;

  private constructor(
    readonly supervisor: Pid,
    private readonly runtime: Runtime,
  ) {
    this.done = supervisor.down;
  }

  /** Starts the tree; resolves once all of it runs. Rejects with an error that names the child that did not start, after
   * those before it were stopped again. */
  static async start(options: SupervisorOptions & { readonly name?: Named<Supervisor> }): Promise<Application> {
    const runtime = currentRuntime();
    return new Application(await Supervisor.start(options), runtime);
  }

  /** The tree as it stands, as plain JSON; undefined once it has ended. */
  tree(): TreeNode | undefined {
    return treeOf(this.supervisor);
  }

  /** Stops every child in reverse order, each in its own time. Past `deadline` milliseconds what is left is killed. */
  async stop(options: { readonly deadline?: number } = {}): Promise<void> {
    const { deadline } = options;
    exit(this.supervisor, "shutdown");
    const cancel =
      deadline === undefined ? () => {} : this.runtime.clock.setTimer(deadline, () => exit(this.supervisor, "kill"));
    await this.done;
    cancel();
  }

  /** Observes reports of the runtime this application lives in. Returns what takes the listener away. */
  on(event: ReportName, listener: (report: Report) => void): () => void {
    this.runtime.reports.on(event, listener);
    return () => void this.runtime.reports.off(event, listener);
  }
}
