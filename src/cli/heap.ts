// What a question leaves behind is dead when it is answered, and a server answers for weeks: its heap need not wait for garbage of several
// times what lives. V8 looks these two up at the end of a collection, so that they count from when they are set; they are the process's.
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Bytes there are for what is new, and as many for what of it outlives a collection. */
const YOUNG = 4 * 1024 * 1024;

export function keepHeapSmall(): void {
  setFlagsFromString("--heap-growing-percent=50");
  boundYoung();
  // V8 makes the room larger under load and smaller in rest, by itself. A thread that starts sets what it finds too low to be usual
  // back to the default, for all threads, which holds until the next collection.
  new PerformanceObserver(boundYoung).observe({ type: "gc" });
}

/** The room may grow as long as it is smaller than that. */
function boundYoung(): void {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  const room = (young?.space_size ?? 0) / 2; // both halves
  setFlagsFromString(`--semi-space-growth-factor=${room < YOUNG ? 2 : 1}`);
}
