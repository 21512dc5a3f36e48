// A server is a group of processes, not one: `npx` starts a shell that starts the server. Everything that stops one goes to
// the group, whose id is the id of the process we started (spawned detached, so it leads a group of its own).
import { platform } from "../../actors/platform/index.js";

const POLL_MS = 5;
const SLOWEST_POLL_MS = 40;

/** Waits until the group is empty, at most `ms`; the system sends no event for it. True if it is. */
export async function groupGone(pgid: number, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (let pause = POLL_MS; platform.isGroupAlive(pgid); pause = Math.min(pause * 2, SLOWEST_POLL_MS)) {
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}
