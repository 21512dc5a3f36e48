// Turns the conversation into the prompt of the AI SDK's language model interface. Model APIs refuse a whole conversation in
// which a tool call has no result, or a result no call. A crash or a trimmed context can leave exactly that, so the gaps are
// closed here: a call without a result gets one that says so, and a result without its call is left out.
import type { OpenAICompatibleProvider } from "@ai-sdk/openai-compatible";
import type { ModelMessage, ModelRequest, Thought, ToolDescription } from "./provider.js";
import type { WireNames } from "./tool-names.js";

/** The part of the SDK's model that is used here. */
export type LanguageModel = Pick<ReturnType<OpenAICompatibleProvider["chatModel"]>, "doStream">;
export type CallOptions = Parameters<LanguageModel["doStream"]>[0];
type Prompt = CallOptions["prompt"];
type FunctionTool = Extract<NonNullable<CallOptions["tools"]>[number], { type: "function" }>;
type Content = Extract<Prompt[number], { role: "assistant" }>["content"];
type ReasoningPart = Extract<Content[number], { type: "reasoning" }>;
type ToolPart = Extract<Extract<Prompt[number], { role: "tool" }>["content"][number], { type: "tool-result" }>;
type ToolOutput = ToolPart["output"];
type UserMessage = Extract<ModelMessage, { role: "user" }>;
type AssistantMessage = Extract<ModelMessage, { role: "assistant" }>;
type ToolResult = Extract<ModelMessage, { role: "tool" }>;

const NO_RESULT = "Error: this call was interrupted and has no result; call the tool again if it is still needed.";

/** What the user said, with the texts that go with it. */
export function userText({ text, attached = [] }: UserMessage): string {
  return [text, ...attached.map((one) => `<attached name=${JSON.stringify(one.name)}>\n${one.text}\n</attached>`)].join(
    "\n\n",
  );
}

/**
 * The system text and all messages, in order, valid for any API. `model` is the one that is asked, `provider:model`; only where
 * the API takes `imageResults` are images in tool results given to it.
 */
export function toPrompt(request: ModelRequest, names: WireNames, model: string, imageResults: boolean): Prompt {
  const prompt: Prompt = [];
  if (request.system !== undefined && request.system !== "") prompt.push({ role: "system", content: request.system });

  const { messages } = request;
  const ids = wireIds();
  for (const [at, message] of messages.entries()) {
    if (message.role === "user") {
      const images = (message.images ?? []).map(({ mimeType, data }) => ({
        type: "file" as const,
        mediaType: mimeType,
        data,
      }));
      prompt.push({ role: "user", content: [{ type: "text", text: userText(message) }, ...images] });
    } else if (message.role === "assistant") {
      const calls = message.toolCalls.map((call) => ({ call, wireId: ids(call.id) }));
      const isBlank = message.text.trim() === ""; // some APIs refuse a text of blanks
      if (isBlank && calls.length === 0) continue;
      prompt.push({
        role: "assistant",
        content: [
          ...ownThoughts(message, model),
          ...(isBlank ? [] : [{ type: "text" as const, text: message.text }]),
          ...calls.map(({ call, wireId }) => ({
            type: "tool-call" as const,
            toolCallId: wireId,
            toolName: names.toWire(call.name),
            input: call.arguments,
          })),
        ],
      });
      const results = resultsAfter(messages, at);
      for (const { call, wireId } of calls) {
        const output = resultOf(results.get(call.id), imageResults);
        const toolName = names.toWire(call.name);
        prompt.push({ role: "tool", content: [{ type: "tool-result", toolCallId: wireId, toolName, output }] });
      }
    }
  }
  return prompt;
}

function resultOf(result: ToolResult | undefined, withImages: boolean): ToolOutput {
  const text = resultText(result);
  const images = withImages ? (result?.images ?? []) : [];
  if (images.length === 0) return { type: "text", value: text };
  const shown = images.map(({ mimeType, data }) => {
    return { type: "image-data" as const, mediaType: mimeType, data: Buffer.from(data).toString("base64") };
  });
  return { type: "content", value: [{ type: "text", text }, ...shown] };
}

/** Thoughts go back only to the model that had them, with what proves them its own. */
function ownThoughts(message: AssistantMessage, model: string): ReasoningPart[] {
  if (message.model !== model) return [];
  return (message.thoughts ?? []).flatMap(({ text, proof }): ReasoningPart[] =>
    proof === undefined ? [] : [{ type: "reasoning", text, providerOptions: asOptions(proof) }],
  );
}

/** A proof is what the SDK gave, and has gone through nothing but JSON since. */
function asOptions(proof: NonNullable<Thought["proof"]>): NonNullable<ReasoningPart["providerOptions"]> {
  return proof as NonNullable<ReasoningPart["providerOptions"]>;
}

/**
 * The ids of calls as every API takes them: letters and digits, not too long, and each once in a conversation, for some models
 * number their calls anew in every answer. An id that fits stays as it is.
 */
function wireIds(): (id: string) => string {
  const used = new Set<string>();
  return (id) => {
    let wire = id;
    for (let next = used.size + 1; used.has(wire) || !/^[a-zA-Z0-9_-]{1,64}$/.test(wire); next++) wire = `call_${next}`;
    used.add(wire);
    return wire;
  };
}

/** The tools as function tools; the first of two with the same name wins. */
export function toWireTools(tools: readonly ToolDescription[], names: WireNames): FunctionTool[] {
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

/** The tool results, by call, that follow an assistant message, up to the next message of another kind. */
export function resultsAfter(messages: readonly ModelMessage[], at: number): Map<string, ToolResult> {
  const results = new Map<string, ToolResult>();
  for (let next = at + 1; next < messages.length; next++) {
    const message = messages[next];
    if (message === undefined || message.role !== "tool") break;
    results.set(message.callId, message);
  }
  return results;
}

export function resultText(result: ToolResult | undefined): string {
  if (result === undefined) return NO_RESULT;
  if (!result.isError || /^error\b/i.test(result.text)) return result.text;
  return `Error: ${result.text}`;
}
