// One call of one tool, whatever the tool does: arguments are checked against its schema, the time and the size of the result
// are bounded, and every failure becomes a result that the model can read and act on. Nothing here throws.
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { type ToolContext, ToolError } from "../../tools/define.js";
import { attributed, described, type Work } from "./attribution.js";
import type { HostTool } from "./host-tool.js";
import { resultOf } from "./tool-result.js";

export interface CallParts {
  /** Its signal is the caller's: it fires when the call is cancelled. */
  readonly context: ToolContext;
  /** Told just before the handler runs: from here on the call may have had an effect. */
  begun?(): void;
  /** Hears of throws that are no ToolError. */
  onBug(error: unknown): void;
}

/** Runs a tool on arguments from outside. */
export async function runTool(
  tool: HostTool,
  args: unknown,
  { context, begun, onBug }: CallParts,
): Promise<CallToolResult> {
  const timeMs = Math.min(tool.timeMs ?? Number.POSITIVE_INFINITY, context.limits.timeMs);
  const stop = new AbortController();
  const cancel = () => stop.abort(new ToolError(`${tool.name} was cancelled.`));
  const expire = () => {
    stop.abort(new ToolError(`${tool.name} took longer than ${timeMs / 1_000} s and was stopped; ask for less.`));
  };
  if (context.signal.aborted) cancel();
  context.signal.addEventListener("abort", cancel, { once: true });
  const timer = setTimeout(expire, timeMs);
  let work: Work | undefined;
  try {
    stop.signal.throwIfAborted();
    const limits = { ...context.limits, timeMs };
    // A schema may hold code and patterns of the tool's author, which run as long as they like: reading is part of the call.
    const run = async (): Promise<{ output: unknown } | { problem: string }> => {
      const read = await tool.read(args);
      if ("problem" in read) return read;
      stop.signal.throwIfAborted();
      begun?.();
      return { output: await tool.handler(read.args, { ...context, limits, signal: stop.signal }) };
    };
    // The race is for a handler that does not heed its signal, and for one that throws where nobody waits for it.
    const ended = await new Promise<Awaited<ReturnType<typeof run>>>((resolve, reject) => {
      stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
      work = { tool: tool.name, kind: "call", over: false, fail: reject };
      attributed(work, run).then(resolve, reject);
    });
    return "problem" in ended ? failed(ended.problem) : resultOf(tool.name, ended.output, context.limits.outputBytes);
  } catch (error) {
    const sentence = sentenceOf(error);
    if (sentence !== undefined) return failed(sentence);
    onBug(error);
    const [what = ""] = tool.tellsBugs ? described(error).split("\n") : [];
    const message =
      what === ""
        ? `${tool.name} failed unexpectedly; try other arguments or another tool.`
        : `${tool.name} failed: ${what.slice(0, 500)}; mend it with update_tool, or try other arguments.`;
    // As the tool host's own errors are, for programs.
    return { ...failed(message), structuredContent: { error: { code: "tool_failed", message } } };
  } finally {
    if (work !== undefined) work.over = true;
    clearTimeout(timer);
    context.signal.removeEventListener("abort", cancel);
  }
}

function failed(sentence: string): CallToolResult {
  return { isError: true, content: [{ type: "text", text: sentence }] };
}

/** What a ToolError says, also one that a module made with a copy of that class; nothing for other throws. */
function sentenceOf(error: unknown): string | undefined {
  try {
    if (!(error instanceof Error) || error.name !== "ToolError") return undefined;
    return String(error.message).slice(0, 10_000);
  } catch {
    return undefined;
  }
}
