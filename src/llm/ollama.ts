// Ollama's models through its own API. Its OpenAI-compatible one lacks what matters here: `keep_alive`, so that a model chosen
// stays in memory between two questions, and what the model thinks. The format is small: one JSON object a line, tool calls whole.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type CheckedEndpoint, checkedEndpoint, type EndpointOptions, ollamaRoot } from "./endpoint.js";
import { Exchange } from "./exchange.js";
import { cutFailure, malformedFailure, providerError, reportedFailure } from "./failures.js";
import { readLines } from "./lines.js";
import type { ModelEvent, ModelMessage, ModelRequest, Provider } from "./provider.js";
import { readToolArguments } from "./tool-arguments.js";
import { type WireNames, wireNames } from "./tool-names.js";
import { seesImagesAtOllama, windowAtOllama, windowOf } from "./window-asked.js";
import { resultsAfter, resultText, toWireTools, userText } from "./wire-messages.js";

export interface OllamaOptions extends EndpointOptions {
  /** Milliseconds for which the model stays loaded after an answer; Ollama's own default when absent. */
  readonly keepAliveMs?: number | undefined;
}

const chunk = z.object({
  message: z
    .object({
      content: z.string().optional(),
      thinking: z.string().optional(),
      tool_calls: z
        .array(z.object({ function: z.object({ name: z.string(), arguments: z.unknown() }) }))
        .max(1_000)
        .optional(),
    })
    .optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional(),
  prompt_eval_count: z.number().optional(),
  eval_count: z.number().optional(),
  error: z.string().optional(),
});

/**
 * A provider for one model; `baseUrl` may end with the `/v1` of Ollama's other API.
 *
 * @throws ProviderError when the base URL, the key or a header cannot be used
 */
export function createOllama(options: OllamaOptions): Provider {
  const endpoint = checkedEndpoint(
    { ...options, baseUrl: ollamaRoot(options.baseUrl) },
    "the address of an Ollama server",
  );
  return {
    id: endpoint.id,
    seesImages: () => seesImagesAtOllama(endpoint),
    stream: (request, signal) => stream(endpoint, options.keepAliveMs, request, signal),
    contextWindow: windowOf(endpoint, undefined, () => windowAtOllama(endpoint)),
  };
}

async function* stream(
  endpoint: CheckedEndpoint,
  keepAliveMs: number | undefined,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  signal.throwIfAborted();
  const names = wireNames(request.tools.map((tool) => tool.name));
  const exchange = new Exchange(endpoint, signal, endpoint.fetch);
  let shown = false;
  try {
    const response = await exchange.fetch(`${endpoint.baseUrl}/api/chat`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(endpoint.apiKey === undefined ? {} : { authorization: `Bearer ${endpoint.apiKey}` }),
        ...endpoint.headers,
      },
      body: JSON.stringify(bodyOf(endpoint, keepAliveMs, request, names)),
    });
    for await (const event of events(endpoint, response, names, exchange)) {
      signal.throwIfAborted();
      if (event.type !== "thinking") shown = true;
      yield event;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    throw providerError(exchange.failure ?? malformedFailure(endpoint, detail), shown);
  } finally {
    exchange.close();
  }
}

async function* events(
  endpoint: CheckedEndpoint,
  response: Response,
  names: WireNames,
  exchange: Exchange,
): AsyncGenerator<ModelEvent> {
  const calls: ModelEvent[] = [];
  let thought = "";
  for await (const line of readLines(response.body)) {
    if (line.trim() === "") continue;
    const { message, done, done_reason, prompt_eval_count, eval_count, error } = read(line, endpoint, exchange);
    if (error !== undefined) throw exchange.fail(reportedFailure(endpoint, error));
    if (message?.thinking) {
      thought += message.thinking;
      yield { type: "thinking", delta: message.thinking };
    }
    if (message?.content) yield { type: "text", delta: message.content };
    for (const { function: called } of message?.tool_calls ?? []) {
      const name = names.fromWire(called.name);
      const id = `call_${randomUUID().slice(0, 8)}`;
      const written = JSON.stringify(called.arguments ?? {});
      yield { type: "tool-input", id, name, delta: written };
      // Passed on only with the finish, so that an answer that breaks off never leaves a call behind.
      calls.push({ type: "tool-call", call: { id, name, arguments: readToolArguments(written) } });
    }
    if (done !== true) continue;
    if (thought !== "") yield { type: "thought", thought: { text: thought } };
    yield* calls;
    // What was in its cache already it does not count.
    if (eval_count !== undefined)
      yield { type: "usage", inputTokens: prompt_eval_count ?? 0, outputTokens: eval_count };
    yield { type: "done", reason: calls.length > 0 ? "tool-calls" : doneReason(done_reason) };
    return;
  }
  throw exchange.fail(cutFailure(endpoint));
}

function read(line: string, endpoint: CheckedEndpoint, exchange: Exchange): z.infer<typeof chunk> {
  try {
    return chunk.parse(JSON.parse(line));
  } catch {
    // The end of a line that is cut off is no JSON either.
    throw exchange.fail(exchange.failure ?? malformedFailure(endpoint, line.slice(0, 200)));
  }
}

function doneReason(reason: string | undefined): "stop" | "length" | "other" {
  if (reason === "length") return "length";
  return reason === undefined || reason === "stop" ? "stop" : "other";
}

function bodyOf(
  { id, model, contextWindow }: CheckedEndpoint,
  keepAliveMs: number | undefined,
  { system, messages, tools, temperature, maxTokens, thinking }: ModelRequest,
  names: WireNames,
) {
  const options = {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
    ...(contextWindow !== undefined && { num_ctx: contextWindow }),
  };
  return {
    model,
    stream: true,
    messages: [
      ...(system === undefined || system === "" ? [] : [{ role: "system", content: system }]),
      ...messages.flatMap((message, at) => wireMessages(message, messages.slice(at), id, names)),
    ],
    ...(tools.length > 0 && {
      tools: toWireTools(tools, names).map(({ name, description, inputSchema }) => ({
        type: "function",
        function: { name, description, parameters: inputSchema },
      })),
    }),
    ...(Object.keys(options).length > 0 && { options }),
    ...(thinking !== undefined && { think: thinking === "off" ? false : thinking }),
    ...(keepAliveMs !== undefined && { keep_alive: `${Math.round(keepAliveMs / 1000)}s` }),
  };
}

/** The first of these messages, and after an assistant's the result of every call in it: here results have names and no ids. */
function wireMessages(message: ModelMessage, from: readonly ModelMessage[], model: string, names: WireNames): object[] {
  if (message.role === "user") {
    const images = (message.images ?? []).map(({ data }) => Buffer.from(data).toString("base64"));
    return [{ role: "user", content: userText(message), ...(images.length > 0 && { images }) }];
  }
  if (message.role === "tool") return [];
  const { text, toolCalls } = message;
  if (text === "" && toolCalls.length === 0) return [];
  const thinking = message.model === model ? (message.thoughts ?? []).map((thought) => thought.text).join("\n") : "";
  const results = resultsAfter(from, 0);
  return [
    {
      role: "assistant",
      content: text,
      ...(thinking !== "" && { thinking }),
      ...(toolCalls.length > 0 && {
        tool_calls: toolCalls.map((call) => ({
          function: { name: names.toWire(call.name), arguments: call.arguments },
        })),
      }),
    },
    ...toolCalls.map((call) => ({
      role: "tool",
      tool_name: names.toWire(call.name),
      content: resultText(results.get(call.id)),
    })),
  ];
}
