// Anthropic's Messages API.
import { z } from "zod";
import { argumentsText, imageType, namedEvents, problemOf, split, tokensOf, type Wire } from "./reply.js";

const text = z.looseObject({ type: z.literal("text"), text: z.string().min(1) });
const id = z.string().regex(/^[a-zA-Z0-9_-]+$/);
const image = z.strictObject({
  type: z.literal("image"),
  source: z.strictObject({ type: z.literal("base64"), media_type: imageType, data: z.base64().min(1) }),
});
const block = z.union([
  text,
  image.loose(),
  z.looseObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string().min(1) }),
  z.looseObject({ type: z.literal("tool_use"), id, name: z.string(), input: z.record(z.string(), z.unknown()) }),
  z.looseObject({
    type: z.literal("tool_result"),
    tool_use_id: id,
    content: z.union([z.string(), z.array(z.union([text, image]))]),
  }),
]);
const message = z.looseObject({ role: z.enum(["user", "assistant"]), content: z.array(block).min(1) });
const request = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.number().int().positive(),
  stream: z.literal(true),
  system: z.union([z.string(), z.array(text)]).optional(),
  messages: z.array(message).min(1),
  tools: z
    .array(
      z.looseObject({
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
        input_schema: z.looseObject({ type: z.literal("object") }),
      }),
    )
    .min(1)
    .optional(),
  temperature: z.number().min(0).max(1).optional(),
  thinking: z.looseObject({ type: z.enum(["enabled", "disabled", "adaptive"]) }).optional(),
});

export const anthropic: Wire = {
  path: "/v1/messages",
  contentType: "text/event-stream; charset=utf-8",
  key: (headers) => headers["x-api-key"]?.toString(),
  complaint: (body) => problemOf(request, body) ?? historyComplaint(request.parse(body)),
  write(exchanged) {
    const { reply, turn } = exchanged;
    const { thinking = "", text: said = "", toolCalls = [], deltas = 4, finish } = reply;
    const pieces: string[] = [];
    let index = 0;
    /** The block begins with its first piece and ends with its last. */
    const addBlock = (content_block: object, written: readonly object[]): void => {
      const start = namedEvents({ type: "content_block_start", index, content_block });
      const stop = namedEvents({ type: "content_block_stop", index });
      const parts = written.map((delta) => namedEvents({ type: "content_block_delta", index, delta }));
      const [first = "", ...rest] = parts;
      if (rest.length === 0) pieces.push(start + first + stop);
      else pieces.push(start + first, ...rest.slice(0, -1), `${rest.at(-1)}${stop}`);
      index++;
    };
    if (thinking !== "") {
      const parts = split(thinking, deltas).map((part) => ({ type: "thinking_delta", thinking: part }));
      const signature = { type: "signature_delta", signature: `signature of ${thinking}` };
      addBlock({ type: "thinking", thinking: "", signature: "" }, [...parts, signature]);
    }
    if (said !== "") {
      addBlock(
        { type: "text", text: "" },
        split(said, deltas).map((part) => ({ type: "text_delta", text: part })),
      );
    }
    for (const [at, call] of toolCalls.entries()) {
      addBlock(
        { type: "tool_use", id: call.id ?? `toolu_${turn}_${at}`, name: call.name, input: {} },
        split(argumentsText(call.arguments), deltas).map((part) => ({ type: "input_json_delta", partial_json: part })),
      );
    }
    const tokens = tokensOf(exchanged) ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    const usage = {
      input_tokens: tokens.input - tokens.cacheRead - tokens.cacheWrite,
      cache_read_input_tokens: tokens.cacheRead,
      cache_creation_input_tokens: tokens.cacheWrite,
    };
    const reason = { length: "max_tokens", content_filter: "refusal" }[finish ?? ""] ?? finish;
    const stop_reason = reason ?? (toolCalls.length > 0 ? "tool_use" : "end_turn");
    return {
      begin: namedEvents(
        {
          type: "message_start",
          message: {
            id: `msg_${turn}`,
            type: "message",
            role: "assistant",
            model: exchanged.request.model,
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { ...usage, output_tokens: 1 },
          },
        },
        { type: "ping" },
      ),
      pieces,
      finish: namedEvents(
        { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: tokens.output } },
        { type: "message_stop" },
      ),
      end: "",
      malformed: `event: content_block_delta\ndata: {"type": "content_block_delta", \n\n`,
      error: namedEvents({ type: "error", error: { type: "overloaded_error", message: "The server had an error" } }),
    };
  },
  error: ({ status, message: said = `Scripted failure ${status}` }) => ({
    type: "error",
    error: { type: status === 529 ? "overloaded_error" : "api_error", message: said },
    request_id: "req_1",
  }),
};

/** What the real API says of a history in which calls and results do not match, or do not take turns. */
function historyComplaint({ messages, thinking }: z.infer<typeof request>): string | undefined {
  const ids = new Set<string>();
  let open: string[] = [];
  for (const { role, content } of messages) {
    const results = content.flatMap((each) => (each.type === "tool_result" ? [String(each.tool_use_id)] : []));
    const missing = open.filter((call) => !results.includes(call));
    if (missing.length > 0) return `tool_use ids were found without tool_result blocks immediately after: ${missing}.`;
    const unknown = results.filter((call) => !open.includes(call));
    if (unknown.length > 0) return `unexpected tool_use_id found in tool_result blocks: ${unknown}.`;
    open = content.flatMap((each) => (each.type === "tool_use" ? [String(each.id)] : []));
    for (const call of open) {
      if (ids.has(call)) return `tool_use ids must be unique: ${call}.`;
      ids.add(call);
    }
    if (role === "assistant" && thinking?.type === "enabled" && open.length > 0 && content[0]?.type !== "thinking") {
      return "Expected `thinking` or `redacted_thinking`, but found `tool_use`.";
    }
  }
  if (open.length > 0) return `tool_use ids were found without tool_result blocks immediately after: ${open}.`;
  return messages[0]?.role === "user" ? undefined : "first message must use the user role.";
}
