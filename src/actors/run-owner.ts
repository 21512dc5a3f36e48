// Which process a run belongs to, so that another can tell whether it still goes on. A pid alone is not enough: once its
// process has ended it is given to another, so the time the process started goes with it where the system tells it.
import { platform } from "./platform/index.js";
import { ENDED } from "./platform/platform.js";

export interface Owner {
  readonly pid: number;
  /** When the process started, in the system's own words; empty where it does not say. */
  readonly started: string;
}

export function ownerOf(pid: number): Owner {
  return { pid, started: platform.startOf(pid) };
}

/** True while the very process runs that this was said of. */
export function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Without the right to signal it, it is there.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = platform.startOf(pid);
  return now !== ENDED && (started === "" || now === "" || now === started);
}
