// One call of one tool, whatever the tool does: arguments are checked against its schema, the time and the size of the result
// are bounded, and every failure becomes a result that the model can read and act on. Nothing here throws.
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import type { z } from "zod";
import { type Tool, type ToolContext, ToolError, type ToolOutput } from "../../tools/define.js";
import { cutBytes, formatBytes } from "../../tools/support/text.js";

/** Runs a tool on arguments from outside. The signal of `call` is the caller's; `onBug` hears of throws that are no ToolError. */
export async function runTool(
  tool: Tool,
  args: unknown,
  call: ToolContext,
  onBug: (error: unknown) => void,
): Promise<CallToolResult> {
  const input = tool.input.safeParse(args ?? {});
  if (!input.success) return failed(inputSentence(tool, input.error));

  const stop = new AbortController();
  const cancel = () => stop.abort(new ToolError(`${tool.name} was cancelled.`));
  const expire = () => {
    stop.abort(
      new ToolError(`${tool.name} took longer than ${call.limits.timeMs / 1_000} s and was stopped; ask for less.`),
    );
  };
  if (call.signal.aborted) cancel();
  call.signal.addEventListener("abort", cancel, { once: true });
  const timer = setTimeout(expire, call.limits.timeMs);
  try {
    // The race is for a handler that does not heed its signal: its caller is answered all the same.
    const stopped = new Promise<never>((_, reject) => {
      stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
    });
    stop.signal.throwIfAborted();
    const work = async () => tool.handler(input.data, { ...call, signal: stop.signal });
    return succeeded(await Promise.race([work(), stopped]), call.limits.outputBytes);
  } catch (error) {
    if (error instanceof ToolError) return failed(error.message);
    onBug(error);
    return failed(`${tool.name} failed unexpectedly; try other arguments or another tool.`);
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", cancel);
  }
}

function failed(sentence: string): CallToolResult {
  return { isError: true, content: [{ type: "text", text: sentence }] };
}

function succeeded(output: ToolOutput, maxBytes: number): CallToolResult {
  const blocks = typeof output === "string" ? [output] : output;
  const size = blocks.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (size <= maxBytes) return { content: blocks.map((text) => ({ type: "text", text })) };
  const content: CallToolResult["content"] = [];
  let left = maxBytes;
  for (const block of blocks) {
    const text = cutBytes(block, left);
    left -= Buffer.byteLength(text);
    if (text !== "") content.push({ type: "text", text });
  }
  const remark = `(The result was cut to ${formatBytes(maxBytes)} of ${formatBytes(size)}; ask for less at a time.)`;
  content.push({ type: "text", text: remark });
  return { content };
}

function inputSentence(tool: Tool, error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") {
    const known = Object.keys(tool.input.shape).join(", ");
    return `${tool.name} has no field "${issue.keys[0]}"; its fields are ${known}.`;
  }
  if (!issue || issue.path.length === 0) return `The arguments of ${tool.name} must be an object with named fields.`;
  const field = issue.path.join(".");
  const what = issue.message.replace(/^(Invalid input|Too big|Too small): /, "");
  if (what.endsWith("received undefined")) return `${tool.name} needs the field "${field}", and it is missing.`;
  return `The field "${field}" of ${tool.name} is not valid: ${what}.`;
}
