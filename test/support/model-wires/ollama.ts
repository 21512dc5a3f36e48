// Ollama's own chat: one JSON object a line, tool calls whole.
import { z } from "zod";
import { argumentsText, problemOf, split, tokensOf, type Wire } from "./reply.js";

const request = z.looseObject({
  model: z.string().min(1),
  stream: z.literal(true),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(["system", "user", "assistant", "tool"]),
        content: z.string(),
        images: z.array(z.base64().min(1)).min(1).optional(),
        tool_name: z.string().optional(),
        tool_calls: z
          .array(z.object({ function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }) }))
          .optional(),
      }),
    )
    .min(1),
  tools: z
    .array(z.object({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }))
    .min(1)
    .optional(),
  options: z.looseObject({ temperature: z.number().optional(), num_predict: z.number().optional() }).optional(),
  think: z.union([z.boolean(), z.enum(["low", "medium", "high"])]).optional(),
  keep_alive: z.string().optional(),
});

export const ollama: Wire = {
  path: "/api/chat",
  contentType: "application/x-ndjson",
  key: (headers) => String(headers.authorization ?? "").replace(/^Bearer /, "") || undefined,
  complaint: (body) => problemOf(request, body),
  write(exchanged) {
    const { reply } = exchanged;
    const { thinking = "", text = "", toolCalls = [], deltas = 4, finish } = reply;
    const common = { model: exchanged.request.model, created_at: "2026-01-01T00:00:00Z" };
    const line = (value: object) => `${JSON.stringify({ ...common, ...value })}\n`;
    const message = (part: object) => line({ message: { role: "assistant", content: "", ...part }, done: false });
    const tokens = tokensOf(exchanged);
    return {
      begin: "",
      pieces: [
        ...split(thinking, deltas).map((part) => message({ thinking: part })),
        ...split(text, deltas).map((content) => message({ content })),
        ...toolCalls.map((call) =>
          message({
            tool_calls: [{ function: { name: call.name, arguments: parsed(argumentsText(call.arguments)) } }],
          }),
        ),
      ],
      finish: line({
        message: { role: "assistant", content: "" },
        done: true,
        done_reason: finish ?? "stop",
        ...(tokens && { prompt_eval_count: tokens.input, eval_count: tokens.output }),
      }),
      end: "",
      malformed: `{"model":"x","message":{"role":\n`,
      error: line({ error: "The server had an error" }),
    };
  },
  error: ({ status, message = `Scripted failure ${status}` }) => ({ error: message }),
};

/** Arguments the model wrote wrongly never leave a real one as anything but an object; a script may ask for it all the same. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
