// OpenAI's chat completions, and with them what all imitators of OpenAI write.
import { z } from "zod";
import { argumentsText, imageData, problemOf, split, tokensOf, type Wire } from "./reply.js";

const part = z.union([
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image_url"), image_url: z.object({ url: imageData }) }),
]);

export const chatRequest = z.looseObject({
  model: z.string().min(1),
  stream: z.literal(true),
  stream_options: z.object({ include_usage: z.boolean() }).optional(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(["system", "developer", "user", "assistant", "tool"]),
        content: z.union([z.string(), z.array(part).min(1), z.null()]).optional(),
        tool_call_id: z.string().optional(),
        tool_calls: z
          .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
          .optional(),
      }),
    )
    .min(1),
  tools: z
    .array(
      z.object({
        type: z.literal("function"),
        function: z.looseObject({
          name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
          parameters: z.looseObject({ type: z.literal("object"), properties: z.record(z.string(), z.unknown()) }),
        }),
      }),
    )
    .min(1)
    .optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.number().int().positive().optional(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

export const chatCompletions: Wire = {
  path: "/v1/chat/completions",
  contentType: "text/event-stream; charset=utf-8",
  key: (headers) => String(headers.authorization ?? "").replace(/^Bearer /, "") || undefined,
  complaint: (body) => problemOf(chatRequest, body) ?? historyComplaint(chatRequest.parse(body)),
  write(exchanged) {
    const { request, reply, turn } = exchanged;
    const { thinking = "", text = "", toolCalls = [], deltas = 4, finish } = reply;
    const common = { id: `chatcmpl-${turn}`, object: "chat.completion.chunk", created: 1, model: request.model };
    const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
    const chunk = (delta: object, finish_reason: string | null = null) =>
      data({ ...common, choices: [{ index: 0, delta, logprobs: null, finish_reason }] });

    const pieces: object[] = [
      ...split(thinking, deltas).map((reasoning_content) => ({ reasoning_content })),
      ...split(text, deltas).map((content) => ({ content })),
    ];
    for (const [index, call] of toolCalls.entries()) {
      const head = { index, id: call.id ?? `call_${turn}_${index}`, type: "function" };
      pieces.push({ tool_calls: [{ ...head, function: { name: call.name, arguments: "" } }] });
    }
    // The arguments of parallel calls come interleaved: the first piece of each, the second of each, and so on.
    const written = toolCalls.map((call) => split(argumentsText(call.arguments), deltas));
    for (let at = 0; at < deltas; at++) {
      for (const [index, parts] of written.entries()) {
        const part = parts[at];
        if (part !== undefined) pieces.push({ tool_calls: [{ index, function: { arguments: part } }] });
      }
    }
    const tokens = tokensOf(exchanged);
    const { stream_options } = chatRequest.parse(request);
    const usage = tokens && {
      prompt_tokens: tokens.input,
      completion_tokens: tokens.output,
      total_tokens: tokens.input + tokens.output,
      prompt_tokens_details: { cached_tokens: tokens.cacheRead },
    };
    return {
      begin: chunk({ role: "assistant", content: toolCalls.length > 0 && text === "" ? null : "" }),
      pieces: pieces.map((piece) => chunk(piece)),
      finish: chunk({}, finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop")),
      end: `${usage && stream_options?.include_usage ? data({ ...common, choices: [], usage }) : ""}data: [DONE]\n\n`,
      malformed: `data: {"id": "chatcmpl-${turn}", "choices": [\n\n`,
      error: data({ error: { message: "The server had an error", type: "server_error", code: null } }),
    };
  },
  error: ({ status, message = `Scripted failure ${status}`, code = null }) => ({
    error: { message, type: "scripted_error", param: null, code },
  }),
};

/** What the real API says of a history in which calls and results do not match. */
function historyComplaint(request: ChatRequest): string | undefined {
  const open = new Set<string>();
  for (const message of request.messages) {
    if (message.role === "tool") {
      if (message.tool_call_id === undefined || !open.delete(message.tool_call_id)) {
        return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
      }
      continue;
    }
    if (open.size > 0) break;
    for (const call of message.tool_calls ?? []) {
      open.add(call.id);
      if (!isJson(call.function.arguments)) return "tool call arguments must be valid JSON.";
    }
  }
  if (open.size === 0) return undefined;
  return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Missing: ${[...open]}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
