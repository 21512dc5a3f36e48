// Linux: what POSIX says, and /proc for what processes take.
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { ENDED, type GroupUsage, type Platform, type RunningProcess } from "./platform.js";
import { posixPlatform } from "./posix.js";

/** /proc tells times in hundredths of a second on every Linux. */
const TICK_MS = 10;
const MOST_PROCESSES = 10_000;

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

  async ownProcesses() {
    const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name)).slice(0, MOST_PROCESSES);
    if (pids.length === 0) return undefined;
    const upSeconds = Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]);
    const found = await Promise.all(pids.map((pid) => ownProcess(pid, upSeconds)));
    return found.filter((process) => process !== undefined);
  },

  /** Clock ticks from the system's start to the process's, the 22nd field. */
  startOf(pid) {
    try {
      const fields = fieldsOf(readFileSync(`/proc/${pid}/stat`, "utf8"));
      return /^[ZX]$/.test(fields[0] ?? "") ? ENDED : (fields[19] ?? "");
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

/** Undefined for another user's, and for one that has ended meanwhile. */
async function ownProcess(pid: string, upSeconds: number): Promise<RunningProcess | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    if (Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) !== process.getuid?.()) return undefined;
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = fieldsOf(stat);
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").join(" ").trim();
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0;
    return {
      pid: Number(pid),
      parent: Number(fields[1]),
      rssBytes: Number(kilobytes) * 1_024,
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
      seconds: Math.max(0, upSeconds - (Number(fields[19]) * TICK_MS) / 1_000),
      command: words || `[${stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"))}]`,
    };
  } catch {
    return undefined;
  }
}
