// What the `[toolhost]` table says of the processes that run tools.
import type { Settings } from "../../actors/config/schema.js";

export interface ToolHostSettings {
  /** Most time of a call, in milliseconds, without progress. */
  readonly callTimeoutMs: number;
  /** Resident memory of one process. */
  readonly maxMemoryBytes: number;
  /** Health after which failed starts are forgotten, and a version of the dynamic tools counts as good. */
  readonly healthyMs: number;
  /** Failed starts in a row after which the dynamic tools are rolled back. */
  readonly restarts: number;
  readonly spare: boolean;
  readonly maxLineBytes: number;
}

/** `longLived`: false where a spare would not live to be used. */
export function toolHostSettings({ toolhost, limits }: Settings, longLived: boolean): ToolHostSettings {
  const { call_timeout, max_memory, healthy_after, restarts, spare } = toolhost;
  return {
    callTimeoutMs: call_timeout,
    maxMemoryBytes: max_memory,
    healthyMs: healthy_after,
    restarts,
    spare: spare && longLived,
    maxLineBytes: limits.line,
  };
}
