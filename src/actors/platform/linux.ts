// Linux: what POSIX says, and /proc for what processes take.
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { GroupUsage, Platform } from "./platform.js";
import { posixPlatform } from "./posix.js";

/** /proc tells times in hundredths of a second on every Linux. */
const TICK_MS = 10;

export const linux: Platform = {
  ...posixPlatform,
  name: "Linux",

  async groupUsages(pgids) {
    const wanted = new Set(pgids);
    const usages = new Map<number, GroupUsage>();
    const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
    for (const found of await Promise.all(pids.map((pid) => processUsage(pid, wanted)))) {
      if (found === undefined) continue;
      const { rssBytes = 0, cpuMs = 0 } = usages.get(found.pgid) ?? {};
      usages.set(found.pgid, { rssBytes: rssBytes + found.rssBytes, cpuMs: cpuMs + found.cpuMs });
    }
    return usages;
  },

  /** Clock ticks from the system's start to the process's, the 22nd field. */
  startOf(pid) {
    try {
      return fieldsOf(readFileSync(`/proc/${pid}/stat`, "utf8"))[19] ?? "";
    } catch {
      return "";
    }
  },
};

/** The fields from the third on: the second, a name in brackets, may hold anything. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Its time comes with that of its children that have ended. */
async function processUsage(
  pid: string,
  wanted: ReadonlySet<number>,
): Promise<(GroupUsage & { readonly pgid: number }) | undefined> {
  try {
    const fields = fieldsOf(await readFile(`/proc/${pid}/stat`, "utf8"));
    const pgid = Number(fields[2]);
    if (!wanted.has(pgid)) return undefined;
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0;
    return { pgid, rssBytes: Number(kilobytes) * 1_024, cpuMs: ticks * TICK_MS };
  } catch {
    return undefined; // it has ended meanwhile
  }
}
