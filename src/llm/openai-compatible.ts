// Models behind the chat completions API: OpenAI's own and everything that speaks it (Ollama, LM Studio, llama.cpp, vLLM).
// The wire format, with the quirks of many servers, is @ai-sdk/openai-compatible's, used through its language model
// interface alone: one request, one stream. The `ai` package above it would add retries, a tool loop and console warnings,
// all of which live elsewhere here or must not happen. The import is made at the first stream, for a start that needs no
// model should not pay for one.
import { z } from "zod";
import { Exchange } from "./exchange.js";
import {
  cutFailure,
  type Endpoint,
  type Failure,
  malformedFailure,
  providerError,
  reportedFailure,
} from "./failures.js";
import { type ModelEvent, type ModelRequest, type Provider, ProviderError } from "./provider.js";
import { readToolArguments } from "./tool-arguments.js";
import { type WireNames, wireNames } from "./tool-names.js";
import { type CallOptions, type LanguageModel, toPrompt, toWireTools } from "./wire-messages.js";

export interface OpenAICompatibleOptions {
  /** `provider:model`, as the user names it. */
  readonly id: string;
  /** The model's name as the API knows it. */
  readonly model: string;
  /** Everything before `/chat/completions`, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token. Local servers need none. */
  readonly apiKey?: string | undefined;
  /** Further headers; their values are treated as secrets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How the API is reached; by default `globalThis.fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds without a byte after which the answer is given up. Default 60,000. */
  readonly stallTimeoutMs?: number | undefined;
}

type Settings = Endpoint & {
  model: string;
  apiKey: string | undefined;
  headers: Readonly<Record<string, string>>;
  fetch: typeof globalThis.fetch | undefined;
};

const headerValue = z.string().regex(/^[\x20-\x7e]*$/);
const webUrl = z.url({ protocol: /^https?$/ });

/** A provider for one model. Throws a {@link ProviderError} when the base URL, the key or a header cannot be used. */
export function createOpenAICompatible(options: OpenAICompatibleOptions): Provider {
  const settings = checked(options);
  return { id: settings.id, stream: (request, signal) => stream(settings, request, signal) };
}

async function* stream(settings: Settings, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  signal.throwIfAborted();
  const sdk = await import("@ai-sdk/openai-compatible");
  const names = wireNames(request.tools.map((tool) => tool.name));
  const options: CallOptions = {
    prompt: toPrompt(request, names),
    ...(request.tools.length > 0 && { tools: toWireTools(request.tools, names) }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.maxTokens !== undefined && { maxOutputTokens: request.maxTokens }),
  };
  const exchange = new Exchange(settings, signal, settings.fetch);
  const model = sdk
    .createOpenAICompatible({
      name: "openaiCompatible",
      baseURL: settings.baseUrl,
      headers: { ...bearer(settings.apiKey), ...settings.headers },
      includeUsage: true,
      fetch: exchange.fetch,
      transformRequestBody: (body) => forHost(settings.baseUrl, body),
    })
    .chatModel(settings.model);

  let yielded = false;
  try {
    signal.throwIfAborted();
    for await (const event of events(settings, model, options, names, exchange)) {
      signal.throwIfAborted();
      yielded = true;
      yield event;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw providerError(exchange.failure ?? malformedFailure(settings, describe(thrown)), yielded);
  } finally {
    exchange.close();
  }
}

async function* events(
  settings: Settings,
  model: LanguageModel,
  options: CallOptions,
  names: WireNames,
  exchange: Exchange,
): AsyncGenerator<ModelEvent> {
  const { stream: parts } = await model.doStream(options);
  // Calls are passed on only with the finish, so that an answer that breaks off never leaves a call behind.
  const calls: ModelEvent[] = [];
  const writing = new Map<string, string>();

  for await (const part of parts) {
    switch (part.type) {
      case "text-delta":
        yield { type: "text", delta: part.delta };
        break;
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
        throw exchange.fail(reportedInStream(settings, part.error));
      case "finish": {
        yield* calls;
        const { inputTokens, outputTokens } = part.usage;
        if (inputTokens.total !== undefined && outputTokens.total !== undefined) {
          yield { type: "usage", inputTokens: inputTokens.total, outputTokens: outputTokens.total };
        }
        yield { type: "done", reason: finishReason(part.finishReason.unified, calls.length > 0) };
        return;
      }
    }
  }
  throw exchange.fail(cutFailure(settings));
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

function describe(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split("\n", 1)[0] ?? "";
}

/** OpenAI's newer models refuse `max_tokens`; the servers that imitate it know nothing else. */
function forHost(baseUrl: string, body: Record<string, unknown>): Record<string, unknown> {
  if (new URL(baseUrl).hostname !== "api.openai.com") return body;
  const { max_tokens: limit, ...rest } = body;
  return limit === undefined ? rest : { ...rest, max_completion_tokens: limit };
}

function bearer(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { Authorization: `Bearer ${key}` };
}

function checked(options: OpenAICompatibleOptions): Settings {
  const { id, model, stallTimeoutMs = 60_000, headers = {}, fetch } = options;
  const refuse = (code: "provider_request" | "provider_auth", message: string) =>
    new ProviderError(code, message, { retryable: false });

  const url = webUrl.safeParse(options.baseUrl);
  if (!url.success) {
    throw refuse(
      "provider_request",
      `The base URL of ${id} must be an http or https URL, such as http://127.0.0.1:11434/v1.`,
    );
  }
  if (new URL(url.data).username !== "" || new URL(url.data).password !== "") {
    throw refuse("provider_request", `The base URL of ${id} must not contain a password: set it as the API key.`);
  }
  if (model.trim() === "") throw refuse("provider_request", `${id} names no model: write it as provider:model.`);
  if (!Number.isFinite(stallTimeoutMs) || stallTimeoutMs <= 0 || stallTimeoutMs > 2_147_483_647) {
    throw refuse("provider_request", `The stall timeout of ${id} must be a positive number of milliseconds.`);
  }
  const apiKey = options.apiKey?.trim() || undefined;
  if (!headerValue.safeParse(apiKey ?? "").success) {
    throw refuse("provider_auth", `The API key of ${id} contains characters no key has: copy it again.`);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (/^[\w-]+$/.test(name) && headerValue.safeParse(value).success) continue;
    throw refuse(
      "provider_request",
      `The header ${JSON.stringify(name)} of ${id} cannot be sent: use plain ASCII text.`,
    );
  }
  const secrets = [apiKey ?? "", ...Object.values(headers)].filter((secret) => secret.length >= 4);
  return { id, model, baseUrl: url.data.replace(/\/+$/, ""), stallTimeoutMs, apiKey, headers, secrets, fetch };
}
