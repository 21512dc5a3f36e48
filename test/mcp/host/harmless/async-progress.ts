import { setTimeout as pause } from "node:timers/promises";

interface Context {
  signal: AbortSignal;
  progress(done: number, total: number): void;
}

export default {
  name: "countdown",
  description: "Counts down from a number, one step every hundred milliseconds, and reports progress.",
  timeout: 20_000,
  input: { type: "object", properties: { from: { type: "integer", minimum: 1, maximum: 100 } }, required: ["from"] },
  async handler({ from }: { from: number }, context: Context): Promise<string> {
    for (let left = from; left > 0; left--) {
      context.signal.throwIfAborted();
      context.progress(from - left, from);
      await pause(100, undefined, { signal: context.signal });
    }
    return "lift-off";
  },
};
