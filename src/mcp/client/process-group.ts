// A server is a group of processes, not one: `npx` starts a shell that starts the server. Everything that stops one goes to
// the group, whose id is the id of the process we started (spawned detached, so it leads a group of its own).
import { spawnSync } from "node:child_process";

const POLL_MS = 5;
const SLOWEST_POLL_MS = 40;

/** Sends `signal` to every process of the group. False if the group has nobody left. On Windows, which has neither groups nor
 * signals, the process tree is ended. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  if (process.platform === "win32") {
    return spawnSync("taskkill", ["/PID", String(checked(pgid)), "/T", "/F"], { windowsHide: true }).status === 0;
  }
  return kill(pgid, signal);
}

/** True while anybody of the group lives. A dead process that its parent has not yet reaped counts as alive. */
export function isGroupAlive(pgid: number): boolean {
  return kill(pgid, 0);
}

/** Waits until the group is empty, at most `ms`; the system sends no event for it. True if it is. */
export async function groupGone(pgid: number, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (let pause = POLL_MS; isGroupAlive(pgid); pause = Math.min(pause * 2, SLOWEST_POLL_MS)) {
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}

function kill(pgid: number, signal: NodeJS.Signals | 0): boolean {
  const target = process.platform === "win32" ? checked(pgid) : -checked(pgid);
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // EPERM: it lives, and is not ours to signal.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** 0 and 1 would mean our own group and everybody's. */
function checked(pgid: number): number {
  if (!Number.isInteger(pgid) || pgid <= 1) throw new RangeError(`${pgid} is no process group`);
  return pgid;
}
