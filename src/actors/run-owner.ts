// Which process a run belongs to, so that another can tell whether it still goes on. A pid alone is not enough: once its
// process has ended it is given to another, so the time the process started goes with it where the system tells it.
import { readFileSync } from "node:fs";

export interface Owner {
  readonly pid: number;
  /** When the process started, in the system's own words; empty where it does not say. */
  readonly started: string;
}

export function ownerOf(pid: number): Owner {
  return { pid, started: startOf(pid) };
}

/** True while the very process runs that this was said of. */
export function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Without the right to signal it, it is there.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const now = startOf(pid);
  return started === "" || now === "" || now === started;
}

/** Linux: clock ticks from the system's start to the process's, the 22nd field; the second, a name, may hold anything. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
