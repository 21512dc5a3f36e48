// Refusals of a conversation that is longer than a model takes, in the words of each API, and how much each model takes.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAnthropic } from "../../src/llm/anthropic.js";
import { familyWindow, windowDescribed, windowListed, windowLoaded } from "../../src/llm/context-window.js";
import type { EndpointOptions } from "../../src/llm/endpoint.js";
import { type Endpoint, reportedFailure, statusFailure } from "../../src/llm/failures.js";
import { createOllama } from "../../src/llm/ollama.js";
import { createOpenAI } from "../../src/llm/openai.js";
import { createOpenAICompatible } from "../../src/llm/openai-compatible.js";
import { estimateTokens } from "../../src/llm/tokens.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";
import { ask, collect, never } from "./collect.js";

const endpoint: Endpoint = { id: "p:m", baseUrl: "http://h", api: "an API", stallTimeoutMs: 1, secrets: [] };

describe("a conversation that is too long is told from other refusals", () => {
  const refusals = [
    ["Anthropic", 400, "prompt is too long: 208310 tokens > 200000 maximum", 200_000],
    ["Anthropic", 400, "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", 200_000],
    ["Anthropic", 413, "request_too_large: Request exceeds the maximum size", undefined],
    [
      "OpenAI",
      400,
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
      8_192,
    ],
    [
      "OpenAI",
      400,
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
      undefined,
    ],
    ["llama.cpp", 400, "the request exceeds the available context size (4096 tokens), try increasing it", 4_096],
    [
      "LM Studio",
      400,
      "However, the model is loaded with context length of only 4096 tokens, which is not enough",
      4_096,
    ],
    ["Mistral", 400, "Prompt contains 40000 tokens, too large for model with 32768 maximum context length", 32_768],
    ["Groq", 400, "Please reduce the length of the messages or completion.", undefined],
    [
      "Google",
      400,
      "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
      1_048_576,
    ],
    ["Ollama", 500, "the input length exceeds the context length", undefined],
  ] as const;

  it.each(refusals)("%s, %i: %s", (_, status, message, window) => {
    const failure = statusFailure(endpoint, status, new Headers(), JSON.stringify({ error: { message } }));
    expect(failure).toMatchObject({ code: "provider_too_long", mayPass: false });
    expect(failure.window).toBe(window);
    expect(failure.message).toMatch(/\/compact/);
  });

  it("also when it is said in the stream", () => {
    const said = { code: "context_length_exceeded", message: "Your input exceeds the context window." };
    expect(reportedFailure(endpoint, said).code).toBe("provider_too_long");
  });

  it.each([
    [400, "max_tokens is too large: 99999. This model supports at most 16384 completion tokens"],
    [429, "Rate limit reached: requested 9000 tokens exceeds the maximum number of tokens per minute"],
    [401, "bad key"],
    [500, "context deadline exceeded"],
  ])("and nothing else is: %i %s", (status, message) => {
    const failure = statusFailure(endpoint, status, new Headers(), JSON.stringify({ error: { message } }));
    expect(failure.code).not.toBe("provider_too_long");
  });
});

describe("how much a model takes", () => {
  it.each([
    ["anthropic:claude-sonnet-4-5", 200_000],
    ["openai:gpt-4.1-mini", 1_047_576],
    ["openai:gpt-4o-2024-08-06", 128_000],
    ["openai:gpt-4", 8_192],
    ["openai:openai/gpt-oss-20b", 131_072],
    ["openai:who-knows", undefined],
    ["ollama:llama3.2", undefined],
    ["offline", undefined],
  ])("%s: %s, by its family", (id, tokens) => {
    expect(familyWindow(id)?.tokens).toBe(tokens);
  });

  it("is read from lists of models, whatever they call it, and what is loaded comes first", () => {
    const listed = (entry: object) => windowListed({ data: [{ id: "other" }, { id: "m", ...entry }] }, "m")?.tokens;
    expect(listed({ max_model_len: 16_384 })).toBe(16_384);
    expect(listed({ context_length: 65_536 })).toBe(65_536);
    expect(listed({ max_context_length: 32_768, loaded_context_length: 4_096 })).toBe(4_096);
    expect(listed({ meta: { n_ctx_train: 8_192 } })).toBe(8_192);
    expect(listed({ context_window: "much" })).toBeUndefined();
    expect(windowListed("nonsense", "m")).toBeUndefined();
  });

  it("is what Ollama has loaded, else what it will load, and not what the model could", () => {
    expect(windowLoaded({ models: [{ name: "m:latest", context_length: 8_192 }] }, "m")?.tokens).toBe(8_192);
    expect(windowLoaded(undefined, "m")).toBeUndefined();
    expect(windowDescribed({ parameters: "temperature 1\nnum_ctx    16384\n", model_info: {} })?.tokens).toBe(16_384);
    expect(windowDescribed({ model_info: { "llama.context_length": 131_072 } })?.tokens).toBe(4_096);
  });
});

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.close());

it.each([
  ["Anthropic's Messages", (to: EndpointOptions) => createAnthropic({ ...to, baseUrl: server.origin })],
  ["OpenAI's Responses", createOpenAI],
  ["chat completions", createOpenAICompatible],
  ["Ollama's chat", (to: EndpointOptions) => createOllama({ ...to, baseUrl: server.origin })],
])("%s: a refusal as too long says how much the model takes, and is not sent again", async (_, create) => {
  server.window = 900;
  const provider = create({ id: "p:m", model: "m", baseUrl: server.baseUrl, apiKey: "k" });
  const { thrown } = await collect(provider.stream(ask("long ".repeat(1_000)), never));
  expect(thrown).toMatchObject({ code: "provider_too_long", window: 900, retryable: false, isTheService: false });
});

describe("how much a model takes, asked of its server", () => {
  it("once, and a guess where the server does not say", async () => {
    const provider = createOpenAICompatible({
      id: "local:scripted-model",
      model: "scripted-model",
      baseUrl: server.baseUrl,
    });
    expect(await provider.contextWindow?.()).toEqual({ tokens: 32_000, source: "guess" });
    await provider.contextWindow?.();
    expect(server.requests.map(({ path }) => path)).toEqual(["/v1/models"]);
  });

  it("with the key, of the one model, at Anthropic; until it has said so its family is believed", async () => {
    server.window = 1_000_000;
    const at = { id: "anthropic:c", model: "claude-opus-9", baseUrl: server.origin, apiKey: "k" };
    const { contextWindow } = createAnthropic(at);
    expect(await contextWindow?.()).toEqual({ tokens: 200_000, source: "family" });
    await expect.poll(() => contextWindow?.()).toEqual({ tokens: 1_000_000, source: "provider" });
    expect(server.requests).toMatchObject([{ path: "/v1/models/claude-opus-9", headers: { "x-api-key": "k" } }]);
  });

  it("nobody is asked what the settings say or the family is known for; Ollama is told", async () => {
    const at = { model: "m", baseUrl: server.origin };
    const ollama = createOllama({ ...at, id: "ollama:m", contextWindow: 9_000 });
    expect(await ollama.contextWindow?.()).toEqual({ tokens: 9_000, source: "settings" });
    const gpt = createOpenAICompatible({ ...at, id: "openai:gpt-4o", model: "gpt-4o" });
    expect(await gpt.contextWindow?.()).toEqual({ tokens: 128_000, source: "family" });
    expect(server.requests).toEqual([]);
    const stream = ollama.stream({ messages: [{ role: "user", text: "hi" }], tools: [] }, new AbortController().signal);
    for await (const _ of stream);
    expect(server.requests[0]?.json).toMatchObject({ options: { num_ctx: 9_000 } });
  });
});

it("tokens are estimated the same way for the same text, and more for a longer one", () => {
  expect(estimateTokens("")).toBe(0);
  expect(estimateTokens("hello world")).toBeGreaterThanOrEqual(2);
  expect(estimateTokens("木")).toBe(1);
  expect(estimateTokens("x".repeat(36_000))).toBe(10_000);
});
