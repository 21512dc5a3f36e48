// How much memory and processor time a process group takes, read from /proc; on systems without it nobody knows. And the watch over
// both: what a server may take, and for how long it may take more.
import { readdir, readFile } from "node:fs/promises";

export interface GroupUsage {
  /** Resident memory of all its processes; what they share is counted in each. */
  readonly rssBytes: number;
  /** Processor time so far, in milliseconds, with that of children that have ended. */
  readonly cpuMs: number;
}

export interface UsageLimits {
  readonly maxMemoryBytes?: number;
  /** Percent of one core. */
  readonly maxCpuPercent?: number;
  /** The time over which processor use is judged. */
  readonly cpuWindowMs: number;
}

/** /proc tells times in hundredths of a second on every Linux. */
const TICK_MS = 10;

/** Undefined if it cannot be told, or nobody of the group is left. */
export async function groupUsage(pgid: number): Promise<GroupUsage | undefined> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = (await Promise.all(pids.map((pid) => processUsage(pid, pgid)))).filter((usage) => usage !== undefined);
  if (found.length === 0) return undefined;
  return {
    rssBytes: found.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    cpuMs: found.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

async function processUsage(pid: string, pgid: number): Promise<GroupUsage | undefined> {
  try {
    // The name in brackets may hold anything; the fields after it are numbers, the first of them the third of all.
    const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).replace(/^.*\) /s, "").split(" ");
    if (Number(fields[2]) !== pgid) return undefined;
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0;
    return { rssBytes: Number(kilobytes) * 1_024, cpuMs: ticks * TICK_MS };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

export type UsageVerdict = { readonly warning: string } | { readonly end: string };

/** Judges one sample after the other. */
export class UsageWatch {
  private windowStart: { readonly at: number; readonly cpuMs: number } | undefined;
  private warned = false;

  constructor(private readonly limits: UsageLimits) {}

  /** `at` in milliseconds of a monotonic clock. Undefined while all is well. */
  judge({ rssBytes, cpuMs }: GroupUsage, at: number): UsageVerdict | undefined {
    const { maxMemoryBytes, maxCpuPercent, cpuWindowMs } = this.limits;
    if (maxMemoryBytes !== undefined && rssBytes > maxMemoryBytes) {
      return { end: `it took ${megabytes(rssBytes)} of memory, and its max_memory is ${megabytes(maxMemoryBytes)}` };
    }
    if (maxCpuPercent === undefined) return undefined;
    this.windowStart ??= { at, cpuMs };
    const elapsed = at - this.windowStart.at;
    if (elapsed < cpuWindowMs) return undefined;
    const percent = Math.round((100 * (cpuMs - this.windowStart.cpuMs)) / elapsed);
    this.windowStart = { at, cpuMs };
    const before = this.warned;
    this.warned = percent > maxCpuPercent;
    if (!this.warned) return undefined;
    const text = `it took ${percent} % of a core over ${cpuWindowMs / 1_000} s, and its max_cpu is ${maxCpuPercent}`;
    return before ? { end: text } : { warning: `${text}; it is started again if that goes on` };
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}
