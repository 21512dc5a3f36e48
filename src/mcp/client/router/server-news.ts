// What is heard of servers in this program: when each was last connected, and that something about them has changed, so that what
// was known of where their tools run is asked again. One listener for all, for as long as the program runs.
import { happenings } from "../../../actors/telemetry/happenings.js";

const readyTimes = new Map<string, number>();
let changes = 0;

happenings.on("happened", (fact) => {
  if (fact.type !== "connection" && fact.type !== "tools") return;
  changes++;
  if (fact.type === "tools") return;
  if (fact.state === "ready") readyTimes.set(fact.server, performance.now());
  else if (fact.state === "gone") readyTimes.delete(fact.server);
});

/** Another number each time something has changed. */
export function newsSoFar(): number {
  return changes;
}

/** When the server was last connected, by the monotonic clock; 0 if it is not known. */
export function readyAt(server: string): number {
  return readyTimes.get(server) ?? 0;
}
