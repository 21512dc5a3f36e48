// Turns the conversation into the prompt of the AI SDK's language model interface. Model APIs refuse a whole conversation in
// which a tool call has no result, or a result no call. A crash or a trimmed context can leave exactly that, so the gaps are
// closed here: a call without a result gets one that says so, and a result without its call is left out.
import type { OpenAICompatibleProvider } from "@ai-sdk/openai-compatible";
import type { ModelMessage, ModelRequest, ToolDescription } from "./provider.js";
import type { WireNames } from "./tool-names.js";

/** The part of the SDK's model that is used here. */
export type LanguageModel = Pick<ReturnType<OpenAICompatibleProvider["chatModel"]>, "doStream">;
export type CallOptions = Parameters<LanguageModel["doStream"]>[0];
type Prompt = CallOptions["prompt"];
type ToolResult = Extract<ModelMessage, { role: "tool" }>;

const NO_RESULT = "Error: this call was interrupted and has no result; call the tool again if it is still needed.";

/** The system text and all messages, in order, valid for any chat completions API. */
export function toPrompt(request: ModelRequest, names: WireNames): Prompt {
  const prompt: Prompt = [];
  if (request.system !== undefined && request.system !== "") prompt.push({ role: "system", content: request.system });

  const { messages } = request;
  for (const [at, message] of messages.entries()) {
    if (message.role === "user") {
      prompt.push({ role: "user", content: [{ type: "text", text: message.text }] });
    } else if (message.role === "assistant") {
      if (message.text === "" && message.toolCalls.length === 0) continue;
      prompt.push({
        role: "assistant",
        content: [
          ...(message.text === "" ? [] : [{ type: "text" as const, text: message.text }]),
          ...message.toolCalls.map((call) => ({
            type: "tool-call" as const,
            toolCallId: call.id,
            toolName: names.toWire(call.name),
            input: call.arguments,
          })),
        ],
      });
      const results = resultsAfter(messages, at);
      for (const call of message.toolCalls) {
        const value = resultText(results.get(call.id));
        const output = { type: "text" as const, value };
        const toolName = names.toWire(call.name);
        prompt.push({ role: "tool", content: [{ type: "tool-result", toolCallId: call.id, toolName, output }] });
      }
    }
  }
  return prompt;
}

/** The tools as function tools; the first of two with the same name wins. */
export function toWireTools(tools: readonly ToolDescription[], names: WireNames): NonNullable<CallOptions["tools"]> {
  const seen = new Set<string>();
  return tools
    .filter((tool) => !seen.has(tool.name) && seen.add(tool.name))
    .map((tool) => ({
      type: "function",
      name: names.toWire(tool.name),
      description: tool.description,
      // OpenAI refuses an object schema that names no properties.
      inputSchema: { properties: {}, ...tool.inputSchema, type: "object" },
    }));
}

/** The tool results that follow an assistant message, up to the next message of another kind. */
function resultsAfter(messages: readonly ModelMessage[], at: number): Map<string, ToolResult> {
  const results = new Map<string, ToolResult>();
  for (let next = at + 1; next < messages.length; next++) {
    const message = messages[next];
    if (message === undefined || message.role !== "tool") break;
    results.set(message.callId, message);
  }
  return results;
}

function resultText(result: ToolResult | undefined): string {
  if (result === undefined) return NO_RESULT;
  if (!result.isError || /^error\b/i.test(result.text)) return result.text;
  return `Error: ${result.text}`;
}
