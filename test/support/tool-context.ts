// What a tool gets from its host, for tests that call a handler itself.
import { type ToolContext, ToolError } from "../../tools/define.js";

/** A context in which nobody listens, nothing is limited and nothing is answered, but for what `parts` says. */
export function toolContext(parts: Partial<ToolContext> & Pick<ToolContext, "root">): ToolContext {
  return {
    signal: new AbortController().signal,
    limits: { timeMs: 60_000, outputBytes: 1_000_000 },
    progress() {},
    ask: async (what) => {
      throw new ToolError(`Nobody answers ${what} in this test.`);
    },
    ...parts,
  };
}
