// What a process group may take of memory and processor time, and for how long it may take more. The system tells what it takes.
import { type GroupUsage, platform } from "../../actors/platform/index.js";

export interface UsageLimits {
  readonly maxMemoryBytes?: number;
  /** Percent of one core. */
  readonly maxCpuPercent?: number;
  /** The time over which processor use is judged. */
  readonly cpuWindowMs: number;
}

/** Undefined if it cannot be told, or nobody of the group is left. */
export async function groupUsage(pgid: number): Promise<GroupUsage | undefined> {
  return (await platform.groupUsages([pgid])).get(pgid);
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
