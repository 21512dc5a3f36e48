// OpenAI's Responses API.
import { z } from "zod";
import { argumentsText, imageData, namedEvents, problemOf, split, tokensOf, type Wire } from "./reply.js";

const id = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const part = z.union([
  z.looseObject({ type: z.enum(["input_text", "output_text"]), text: z.string() }),
  z.looseObject({ type: z.literal("input_image"), image_url: imageData }),
]);
const item = z.union([
  z.looseObject({
    role: z.enum(["system", "developer", "user", "assistant"]),
    content: z.union([z.string(), z.array(part).min(1)]),
  }),
  z.looseObject({ type: z.literal("function_call"), call_id: id, name: z.string(), arguments: z.string() }),
  z.looseObject({
    type: z.literal("function_call_output"),
    call_id: id,
    output: z.union([z.string(), z.array(part).min(1)]),
  }),
  z.looseObject({
    type: z.literal("reasoning"),
    encrypted_content: z.string().min(1),
    summary: z.array(z.object({ type: z.literal("summary_text"), text: z.string() })),
  }),
]);
const request = z.looseObject({
  model: z.string().min(1),
  stream: z.literal(true),
  store: z.literal(false),
  input: z.array(item).min(1),
  tools: z
    .array(
      z.looseObject({
        type: z.literal("function"),
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
        strict: z.literal(false),
        parameters: z.looseObject({ type: z.literal("object"), properties: z.record(z.string(), z.unknown()) }),
      }),
    )
    .min(1)
    .optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_output_tokens: z.number().int().positive().optional(),
  reasoning: z.looseObject({ effort: z.string().optional(), summary: z.string().optional() }).optional(),
});

export const responses: Wire = {
  path: "/v1/responses",
  contentType: "text/event-stream; charset=utf-8",
  key: (headers) => String(headers.authorization ?? "").replace(/^Bearer /, "") || undefined,
  complaint: (body) => problemOf(request, body) ?? historyComplaint(request.parse(body).input),
  write(exchanged) {
    const { reply, turn } = exchanged;
    const { thinking = "", text = "", toolCalls = [], deltas = 4, finish } = reply;
    const response = { id: `resp_${turn}`, created_at: 1, model: exchanged.request.model, service_tier: "default" };
    const pieces: string[] = [];
    const output: object[] = [];
    /** The item is announced with its first piece and whole with its last. */
    const addItem = (started: object, written: readonly string[], done: object): void => {
      const output_index = output.push(done) - 1;
      const added = namedEvents({ type: "response.output_item.added", output_index, item: started });
      const ended = namedEvents({ type: "response.output_item.done", output_index, item: done });
      const [first = "", ...rest] = written;
      if (rest.length === 0) pieces.push(added + first + ended);
      else pieces.push(added + first, ...rest.slice(0, -1), `${rest.at(-1)}${ended}`);
    };
    if (thinking !== "") {
      const item_id = `rs_${turn}`;
      const thought = { type: "reasoning", id: item_id };
      addItem(
        { ...thought, encrypted_content: null, summary: [] },
        split(thinking, deltas).map((delta, at) =>
          namedEvents(
            ...(at === 0 ? [{ type: "response.reasoning_summary_part.added", item_id, summary_index: 0 }] : []),
            { type: "response.reasoning_summary_text.delta", item_id, summary_index: 0, delta },
          ),
        ),
        { ...thought, encrypted_content: `encrypted ${thinking}`, summary: [{ type: "summary_text", text: thinking }] },
      );
    }
    if (text !== "") {
      const message = { type: "message", id: `msg_${turn}`, role: "assistant" };
      addItem(
        { ...message, content: [] },
        split(text, deltas).map((delta) =>
          namedEvents({
            type: "response.output_text.delta",
            item_id: message.id,
            output_index: 0,
            content_index: 0,
            delta,
          }),
        ),
        { ...message, content: [{ type: "output_text", text, annotations: [] }] },
      );
    }
    for (const [index, call] of toolCalls.entries()) {
      const written = argumentsText(call.arguments);
      const called = { type: "function_call", id: `fc_${turn}_${index}`, name: call.name };
      const call_id = call.id ?? `call_${turn}_${index}`;
      const output_index = output.length;
      addItem(
        { ...called, call_id, arguments: "" },
        split(written, deltas).map((delta) =>
          namedEvents({ type: "response.function_call_arguments.delta", item_id: called.id, output_index, delta }),
        ),
        { ...called, call_id, arguments: written, status: "completed" },
      );
    }
    const tokens = tokensOf(exchanged);
    const incomplete = finish === "length" ? "max_output_tokens" : finish;
    return {
      begin: namedEvents({ type: "response.created", response }),
      pieces,
      finish: namedEvents({
        type: incomplete === undefined ? "response.completed" : "response.incomplete",
        response: {
          ...response,
          incomplete_details: incomplete === undefined ? null : { reason: incomplete },
          usage: {
            input_tokens: tokens?.input ?? 0,
            input_tokens_details: { cached_tokens: tokens?.cacheRead ?? 0 },
            output_tokens: tokens?.output ?? 0,
            output_tokens_details: { reasoning_tokens: 0 },
          },
        },
      }),
      end: "",
      malformed: `event: response.output_text.delta\ndata: {"type": "response.output_text.delta", \n\n`,
      error: namedEvents({
        type: "error",
        sequence_number: 9,
        error: { type: "server_error", code: "server_error", message: "The server had an error", param: null },
      }),
    };
  },
  error: ({ status, message = `Scripted failure ${status}`, code = null }) => ({
    error: { message, type: "scripted_error", param: null, code },
  }),
};

/** What the real API says of calls and outputs that do not match. */
function historyComplaint(input: readonly z.infer<typeof item>[]): string | undefined {
  const open = new Set<string>();
  for (const each of input) {
    if (each.type === "function_call") {
      const call = String(each.call_id);
      if (open.has(call)) return `Duplicate function call ${call}.`;
      open.add(call);
    } else if (each.type === "function_call_output" && !open.delete(String(each.call_id))) {
      return `No tool call found for function call output with call_id ${each.call_id}.`;
    }
  }
  return open.size === 0 ? undefined : `No tool output found for function call ${[...open][0]}.`;
}
