// macOS: what POSIX says, and `ps` for what processes take.
import { execFile, spawnSync } from "node:child_process";
import type { GroupUsage, Platform, RunningProcess } from "./platform.js";
import { posixPlatform } from "./posix.js";

const LONGEST_LISTING = 16 * 1024 * 1024;
const PS_MS = 2_000;

export const macos: Platform = {
  ...posixPlatform,
  name: "macOS",

  groupUsages: (pgids) =>
    new Promise((resolve) => {
      const limits = { maxBuffer: LONGEST_LISTING, timeout: PS_MS };
      execFile("/bin/ps", ["-axo", "pgid=,rss=,time="], limits, (error, stdout) =>
        resolve(error === null ? usagesInListing(stdout, pgids) : new Map()),
      );
    }),

  ownProcesses: () =>
    new Promise((resolve) => {
      const limits = { maxBuffer: LONGEST_LISTING, timeout: PS_MS, env: { LC_ALL: "C" } };
      const columns = ["-U", String(process.getuid?.() ?? 0), "-o", "pid=,ppid=,rss=,time=,etime=,args="];
      execFile("/bin/ps", columns, limits, (error, stdout) =>
        resolve(error === null ? processesInListing(stdout) : undefined),
      );
    }),

  startOf(pid) {
    const { status, stdout } = spawnSync("/bin/ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : "";
  },
};

/** Reads lines of group, resident kilobytes and processor time: `  501  20480   1:02.34`, `1:02:03` or `1-02:03:04`. */
export function usagesInListing(listing: string, pgids: readonly number[]): ReadonlyMap<number, GroupUsage> {
  const wanted = new Set(pgids);
  const usages = new Map<number, GroupUsage>();
  for (const line of listing.split("\n")) {
    const [pgid = "", kilobytes, time = ""] = line.trim().split(/\s+/);
    if (!wanted.has(Number(pgid))) continue;
    const { rssBytes = 0, cpuMs = 0 } = usages.get(Number(pgid)) ?? {};
    usages.set(Number(pgid), { rssBytes: rssBytes + Number(kilobytes) * 1_024, cpuMs: cpuMs + milliseconds(time) });
  }
  return usages;
}

/** Reads lines of process, parent, resident kilobytes, processor time, time since its start, command. */
export function processesInListing(listing: string): RunningProcess[] {
  return listing.split("\n").flatMap((line): RunningProcess[] => {
    const fields = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(line);
    if (fields === null) return [];
    const [, pid, parent, kilobytes, time = "", elapsed = "", command = ""] = fields;
    const rssBytes = Number(kilobytes) * 1_024;
    const seconds = milliseconds(elapsed) / 1_000;
    return [{ pid: Number(pid), parent: Number(parent), rssBytes, cpuMs: milliseconds(time), seconds, command }];
  });
}

function milliseconds(time: string): number {
  const [days, clock = ""] = time.includes("-") ? time.split("-") : ["0", time];
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1_000);
}
