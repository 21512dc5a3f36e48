// The Minder: the supervised owner of the minder's own process (see `minder-process.ts`).
//
// That process must stand outside the tree, for it outlives the primary; its handle need not, and as a process of the tree it
// gets for nothing what a handle of its own would have to build: a Port tells it of a group by a CALL, so that no server is ready
// before it is minded; it monitors the Port, so that no group is forgotten or kept by mistake; and when the minder dies it
// crashes, is started again by its supervisor with a fresh one, and every Port, which monitors it by name, tells its group anew.
//
// Permanent; it stands before the PortSupervisor, so it is stopped after the last group is gone. Nothing is lost with it.
import { Condition, type HealthStatus } from "../../actors/health/status.js";
import { type ExitReason, GenServer, isClean, isDown, type Ref, send } from "../../supervision/index.js";
import { type MinderProcess, startMinder } from "./minder-process.js";

const ENDED = "the minder has ended";

export class Minder extends GenServer<void, { pid: number; groups: readonly number[] }> {
  private minder!: MinderProcess; // set by init
  private readonly groups = new Map<number, number>();
  private readonly condition = new Condition();

  protected override async init(): Promise<void> {
    this.trapExit = true;
    const self = this.self();
    this.minder = await startMinder();
    void this.minder.ended.then(() => send(self, ENDED));
    // Killed, this process could not close the pipe in an orderly way; its successor has a minder of its own.
    this.signal.addEventListener("abort", () => this.minder.dismiss());
    this.show();
  }

  getStatus(): HealthStatus {
    return this.condition.say("ok", `minds ${this.groups.size} process groups, as pid ${this.state.pid}`);
  }

  /** Minds the process group until the Port that runs it has ended. */
  watch(pgid: number, port: Ref<unknown>): void {
    this.minder.watch(pgid);
    this.groups.set(this.monitor(port), pgid);
    this.show();
  }

  protected override handleInfo(message: unknown): void {
    if (message === ENDED) throw new Error("the minder's process has ended; it is started again");
    if (!isDown(message)) return;
    const pgid = this.groups.get(message.id);
    this.groups.delete(message.id);
    if (pgid !== undefined) this.minder.unwatch(pgid);
    this.show();
  }

  protected override async terminate(reason: ExitReason): Promise<void> {
    if (!isClean(reason)) return this.minder.dismiss();
    this.minder.close();
    await this.minder.ended;
  }

  private show(): void {
    this.state = { pid: this.minder.pid, groups: [...this.groups.values()] };
  }
}
