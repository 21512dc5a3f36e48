// What the AI SDK's models have in common, whatever API they speak: one request, one stream, turned into our events. The SDK is
// used through its language model interface alone; the `ai` package above it would add retries, a tool loop and console
// warnings, all of which live elsewhere here or must not happen.
import type { CheckedEndpoint } from "./endpoint.js";
import { Exchange } from "./exchange.js";
import {
  cutFailure,
  type Endpoint,
  type Failure,
  malformedFailure,
  providerError,
  reportedFailure,
  statusFailure,
} from "./failures.js";
import type { ModelEvent, ModelRequest, Provider, Thought } from "./provider.js";
import { readToolArguments } from "./tool-arguments.js";
import { type WireNames, wireNames } from "./tool-names.js";
import { type CallOptions, type LanguageModel, toPrompt, toWireTools } from "./wire-messages.js";

/** One API, as the SDK knows it. */
export interface SdkApi {
  /** Loads the SDK, with the first request: a start that needs no model should not pay for one. */
  open(endpoint: CheckedEndpoint, fetch: typeof globalThis.fetch): Promise<LanguageModel>;
  /** What this API needs of a request beyond what all do. */
  adapt(options: CallOptions, request: ModelRequest, model: string): CallOptions;
  /** Whether a model of this name sees images. */
  seesImages(model: string): boolean;
  /** Whether it takes images in the results of tools. */
  readonly imageResults: boolean;
}

export function sdkProvider(endpoint: CheckedEndpoint, api: SdkApi): Provider {
  return {
    id: endpoint.id,
    seesImages: async () => api.seesImages(endpoint.model),
    stream: (request, signal) => stream(endpoint, api, request, signal),
  };
}

async function* stream(
  endpoint: CheckedEndpoint,
  api: SdkApi,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  signal.throwIfAborted();
  const names = wireNames(request.tools.map((tool) => tool.name));
  const common: CallOptions = {
    prompt: toPrompt(request, names, endpoint.id, api.imageResults),
    ...(request.tools.length > 0 && { tools: toWireTools(request.tools, names) }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.maxTokens !== undefined && { maxOutputTokens: request.maxTokens }),
  };
  const exchange = new Exchange(endpoint, signal, endpoint.fetch);
  let shown = false;
  try {
    const model = await api.open(endpoint, exchange.fetch);
    signal.throwIfAborted();
    for await (const event of events(endpoint, model, api.adapt(common, request, endpoint.model), names, exchange)) {
      signal.throwIfAborted();
      // Thoughts may be thought again: nothing has been said or asked for yet.
      if (event.type !== "thinking") shown = true;
      yield event;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw providerError(exchange.failure ?? thrownFailure(endpoint, thrown), shown);
  } finally {
    exchange.close();
  }
}

async function* events(
  endpoint: Endpoint,
  model: LanguageModel,
  options: CallOptions,
  names: WireNames,
  exchange: Exchange,
): AsyncGenerator<ModelEvent> {
  const { stream: parts } = await model.doStream(options);
  // Calls and thoughts are passed on only with the finish, so that an answer that breaks off never leaves one behind.
  const calls: ModelEvent[] = [];
  const writing = new Map<string, string>();
  const thoughts = new Map<string, Thought>();

  for await (const part of parts) {
    switch (part.type) {
      case "text-delta":
        yield { type: "text", delta: part.delta };
        break;
      case "reasoning-start":
      case "reasoning-delta":
      case "reasoning-end": {
        const delta = part.type === "reasoning-delta" ? part.delta : "";
        thoughts.set(part.id, grown(thoughts.get(part.id), delta, part.providerMetadata));
        if (delta !== "") yield { type: "thinking", delta };
        break;
      }
      case "tool-input-start":
        writing.set(part.id, names.fromWire(part.toolName));
        yield { type: "tool-input", id: part.id, name: names.fromWire(part.toolName), delta: "" };
        break;
      case "tool-input-delta":
        yield { type: "tool-input", id: part.id, name: writing.get(part.id) ?? "", delta: part.delta };
        break;
      case "tool-call": {
        const name = names.fromWire(part.toolName);
        calls.push({
          type: "tool-call",
          call: { id: part.toolCallId, name, arguments: readToolArguments(part.input) },
        });
        break;
      }
      case "error":
        throw exchange.fail(reportedInStream(endpoint, part.error));
      case "finish": {
        const { unified, raw } = part.finishReason;
        // One API's adapter makes a finish of its own where the stream merely ended.
        if (unified === "other" && raw === undefined) throw exchange.fail(cutFailure(endpoint));
        for (const thought of thoughts.values()) yield { type: "thought", thought };
        yield* calls;
        yield* usageOf(part.usage);
        yield { type: "done", reason: finishReason(unified, calls.length > 0) };
        return;
      }
    }
  }
  throw exchange.fail(cutFailure(endpoint));
}

/** What the provider gives to be sent back with a thought comes in pieces, at its start, in between or at its end. */
function grown(thought: Thought | undefined, delta: string, metadata: Thought["proof"]): Thought {
  const text = (thought?.text ?? "") + delta;
  const proof: Record<string, Readonly<Record<string, unknown>>> = { ...thought?.proof };
  for (const [provider, values] of Object.entries(metadata ?? {})) {
    const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
    if (known.length > 0) proof[provider] = { ...proof[provider], ...Object.fromEntries(known) };
  }
  return Object.keys(proof).length === 0 ? { text } : { text, proof };
}

type SdkUsage = Extract<
  Awaited<ReturnType<LanguageModel["doStream"]>>["stream"] extends ReadableStream<infer Part> ? Part : never,
  { type: "finish" }
>["usage"];

function* usageOf({ inputTokens, outputTokens }: SdkUsage): Generator<ModelEvent> {
  if (inputTokens.total === undefined || outputTokens.total === undefined) return;
  const { cacheRead = 0, cacheWrite = 0 } = inputTokens;
  yield {
    type: "usage",
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
    ...(cacheRead > 0 && { cacheReadTokens: cacheRead }),
    ...(cacheWrite > 0 && { cacheWriteTokens: cacheWrite }),
  };
}

type Done = Extract<ModelEvent, { type: "done" }>["reason"];

/** Some servers say `stop` although they ask for calls. */
function finishReason(unified: Done | "error", called: boolean): Done {
  if (called && (unified === "stop" || unified === "other")) return "tool-calls";
  return unified === "error" ? "other" : unified;
}

/** The SDK reports three things as an error part: a chunk it could not read, an error object, and an end without a finish. */
function reportedInStream(endpoint: Endpoint, error: unknown): Failure {
  if (!(error instanceof Error)) return reportedFailure(endpoint, error);
  if (error.name === "AI_InvalidResponseDataError") return cutFailure(endpoint);
  return malformedFailure(endpoint, describe(error));
}

/** An error object that is the very first thing of a stream is thrown, as if it had been an HTTP status. */
function thrownFailure(endpoint: Endpoint, thrown: unknown): Failure {
  if (thrown instanceof Error && "statusCode" in thrown && "responseBody" in thrown) {
    const { statusCode, responseBody } = thrown;
    if (typeof statusCode === "number" && typeof responseBody === "string" && /"type":/.test(responseBody)) {
      return statusFailure(endpoint, statusCode, new Headers(), responseBody);
    }
  }
  return malformedFailure(endpoint, describe(thrown));
}

function describe(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split("\n", 1)[0] ?? "";
}
