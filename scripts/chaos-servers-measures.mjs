// What chaos-servers.mjs measures: what the dead leave behind, how long calls took, and what the machine had to spare for it.
import { readdirSync, readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { happenings } from "../dist/actors/telemetry/happenings.js";
import { names } from "../dist/application.js";
import { currentRuntime, whichChildren } from "../dist/supervision/index.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** Megabytes of the heap that are in use. */
export function heapMb() {
  collect();
  return process.memoryUsage().heapUsed / 1024 ** 2;
}

/** What the dead may leave behind. */
export async function counts() {
  const { names: taken, reports } = currentRuntime();
  const listeners = (emitter) => emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
  return {
    names: [...taken.keys()].length,
    processes: (await whichChildren(names.wrappers)).length + (await whichChildren(names.ports)).length,
    listeners: listeners(reports) + listeners(happenings) + listeners(process),
    "timers and handles": process.getActiveResourcesInfo().length,
    files: process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0,
  };
}

/** Milliseconds that this program's main thread has run, and has waited for a core to run on; on Linux only. */
export function scheduled() {
  if (process.platform !== "linux") return { ran: 0, waited: 0 };
  const [ran, waited] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
  return { ran: ran / 1e6, waited: waited / 1e6 };
}

/** Of the time since, in percent: what the figures of a run on a busy machine are worth. */
export function sharesSince({ at, ran, waited }) {
  const now = scheduled();
  const percent = (ms) => Math.round((100 * ms) / (performance.now() - at));
  return { ran: percent(now.ran - ran), waited: percent(now.waited - waited) };
}

/** Programs that run with this home and are not this one; the minder has no home. On Linux only. */
export function programs(home) {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HOME=${home}`);
    } catch {
      return false;
    }
  });
}

export const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
export const rounded = (ms) => Math.round(ms * 100) / 100;

/** Of calls that have ended. */
export function summary(calls) {
  const times = calls.filter(({ outcome }) => outcome === "answered").map(({ ms }) => ms);
  times.sort((a, b) => a - b);
  const outcomes = {};
  for (const { outcome } of calls) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return {
    calls: calls.length,
    answered: times.length,
    p50: rounded(at(times, 0.5)),
    p99: rounded(at(times, 0.99)),
    outcomes,
  };
}
