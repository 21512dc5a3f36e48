// What every provider must do, whatever format its API writes: one table, each row against the real format on loopback.
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createAnthropic } from "../../src/llm/anthropic.js";
import type { EndpointOptions } from "../../src/llm/endpoint.js";
import { createOllama } from "../../src/llm/ollama.js";
import { createOpenAI } from "../../src/llm/openai.js";
import { createOpenAICompatible } from "../../src/llm/openai-compatible.js";
import { type ModelEvent, type ModelRequest, type Provider, ProviderError } from "../../src/llm/provider.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";
import { ask, collect, never, readFile, sum } from "./collect.js";

const KEY = "sk-very-secret-key-123456";
const THOUGHT = "I should add them up.";

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(async () => {
  await server.close();
});

interface Row {
  readonly name: string;
  readonly model: string;
  readonly create: (options: EndpointOptions) => Provider;
  /** Where its API begins on the server. */
  readonly root: (server: ModelServer) => string;
  readonly path: string;
  readonly key: (headers: Record<string, unknown>) => unknown;
  /** Words only this provider's complaint about an answer nobody can read has. */
  readonly api: RegExp;
  /** Whether the pieces of a call's arguments are streamed. */
  readonly pieces: boolean;
  /** What a request for much thinking looks like. */
  readonly thinking: object;
  /** A request that carries a thought back; undefined where the API takes none. */
  readonly thoughtBack: object | undefined;
}

const rows: readonly Row[] = [
  {
    name: "Anthropic's Messages",
    model: "claude-sonnet-4-5",
    create: createAnthropic,
    root: ({ origin }) => origin,
    path: "/v1/messages",
    key: (headers) => headers["x-api-key"],
    api: /Anthropic's Messages API/,
    pieces: true,
    thinking: { thinking: { type: "enabled", budget_tokens: 24_576 } },
    thoughtBack: {
      messages: [
        expect.anything(),
        {
          content: expect.arrayContaining([
            expect.objectContaining({ thinking: THOUGHT, signature: expect.any(String) }),
          ]),
        },
        expect.anything(),
      ],
    },
  },
  {
    name: "OpenAI's Responses",
    model: "gpt-5",
    create: createOpenAI,
    root: ({ baseUrl }) => baseUrl,
    path: "/v1/responses",
    key: (headers) => headers.authorization,
    api: /OpenAI's Responses API/,
    pieces: true,
    thinking: { reasoning: { effort: "high", summary: "auto" } },
    thoughtBack: {
      input: expect.arrayContaining([
        expect.objectContaining({
          encrypted_content: expect.any(String),
          summary: [{ type: "summary_text", text: THOUGHT }],
        }),
      ]),
    },
  },
  {
    name: "OpenAI-compatible chat completions",
    model: "test",
    create: createOpenAICompatible,
    root: ({ baseUrl }) => baseUrl,
    path: "/v1/chat/completions",
    key: (headers) => headers.authorization,
    api: /OpenAI-compatible base URL/,
    pieces: true,
    thinking: { reasoning_effort: "high" },
    thoughtBack: undefined,
  },
  {
    name: "Ollama's chat",
    model: "qwen3",
    create: (options) => createOllama({ ...options, keepAliveMs: 600_000 }),
    root: ({ baseUrl }) => baseUrl,
    path: "/api/chat",
    key: (headers) => headers.authorization,
    api: /the address of an Ollama server/,
    pieces: false,
    thinking: { think: "high", keep_alive: "600s" },
    thoughtBack: { messages: [expect.anything(), { thinking: THOUGHT }, expect.anything()] },
  },
];

describe.each(rows)("$name", (row) => {
  const id = `p:${row.model}`;
  const provider = (options: Partial<EndpointOptions> = {}) =>
    row.create({ id, model: row.model, baseUrl: row.root(server), apiKey: KEY, ...options });
  const sent = (): unknown => server.requests.at(-1)?.json;

  /** The error a stream ends with, whatever it yielded before. */
  async function failureOf(request: ModelRequest = ask("hi"), options: Partial<EndpointOptions> = {}) {
    const { thrown, events, text } = await collect(provider(options).stream(request, never));
    if (!(thrown instanceof ProviderError))
      throw new Error("The stream did not fail as providers do", { cause: thrown });
    expect(JSON.stringify([thrown.message, thrown.stack])).not.toContain(KEY);
    expect(thrown.message).not.toContain("\n");
    return { error: thrown, events, text };
  }

  test("streams words delta by delta, then usage and the reason it ended", async () => {
    server.enqueue({ text: "Grüße from a banyan 🌳 tree", deltas: 5, usage: { input: 12, output: 7 } });
    const { events, text, thrown } = await collect(provider().stream(ask("hi"), never));
    expect(thrown).toBeUndefined();
    expect(text).toBe("Grüße from a banyan 🌳 tree");
    expect(events.filter((event) => event.type === "text")).toHaveLength(5);
    expect(events.slice(-2)).toEqual([
      { type: "usage", inputTokens: 12, outputTokens: 7 },
      { type: "done", reason: "stop" },
    ]);
    expect(server.requests[0]?.path).toBe(row.path);
    expect(row.key(server.requests[0]?.headers ?? {})).toContain(KEY);
  });

  test("says that an answer was cut by its limit", async () => {
    server.enqueue({ text: "x", finish: "length" });
    const { events } = await collect(provider().stream(ask("hi"), never));
    expect(events.at(-1)).toEqual({ type: "done", reason: "length" });
  });

  test("carries system text, limits, and the tools under names it takes", async () => {
    const request = { ...ask("hi", [readFile, sum]), system: "Be brief.", maxTokens: 50 };
    const { thrown } = await collect(provider().stream(request, never));
    expect(thrown).toBeUndefined();
    const body = JSON.stringify(sent());
    for (const part of ["Be brief.", "hi", "files__read_file", "everything__get-sum", "50"])
      expect(body).toContain(part);
  });

  test("puts parallel tool calls together from their pieces", async () => {
    server.enqueue({
      text: "Let me look.",
      toolCalls: [
        { id: "c1", name: "files__read_file", arguments: { path: "docs/Grüße 🌳.md" } },
        { id: "c2", name: "everything__get-sum", arguments: { a: 2, b: 40 } },
        { id: "c3", name: "files__read_file", arguments: { path: "b" } },
      ],
      deltas: 6,
    });
    const { events, thrown, text } = await collect(provider().stream(ask("go", [readFile, sum]), never));
    expect(thrown).toBeUndefined();
    expect(text).toBe("Let me look.");
    const calls = events.flatMap((event) => (event.type === "tool-call" ? [event.call] : []));
    expect(calls.map(({ name, arguments: args }) => ({ name, args }))).toEqual([
      { name: "files.read_file", args: { path: "docs/Grüße 🌳.md" } },
      { name: "everything.get-sum", args: { a: 2, b: 40 } },
      { name: "files.read_file", args: { path: "b" } },
    ]);
    expect(new Set(calls.map((call) => call.id)).size).toBe(3);
    expect(events.at(-1)).toEqual({ type: "done", reason: "tool-calls" });
    const written = events.flatMap((event) =>
      event.type === "tool-input" && event.id === calls[1]?.id ? [event.delta] : [],
    );
    expect(written.join("")).toBe('{"a":2,"b":40}');
    if (row.pieces) expect(written.length).toBeGreaterThan(3);
  });

  test("carries calls and their results back, also calls whose ids came twice or fit no API, and calls without a result", async () => {
    const call = (callId: string, a: number) => ({ id: callId, name: "everything.get-sum", arguments: { a, b: 1 } });
    const result = (callId: string, text: string) =>
      ({ role: "tool", callId, tool: "everything.get-sum", text, isError: false }) as const;
    const request: ModelRequest = {
      messages: [
        result("gone", "its call was trimmed"),
        { role: "user", text: "go" },
        { role: "assistant", text: "", toolCalls: [call("0", 1), call("functions.get:1", 2)] },
        result("0", "first"),
        result("functions.get:1", "second"),
        { role: "assistant", text: " ", toolCalls: [call("0", 3), call("lost", 4)] },
        result("0", "third"),
        { role: "user", text: "and now?" },
      ],
      tools: [sum],
    };
    const { thrown } = await collect(provider().stream(request, never));
    expect(thrown).toBeUndefined();
    const body = JSON.stringify(sent());
    const at = ["first", "second", "third", "was interrupted"].map((part) => body.indexOf(part));
    expect(at).toEqual([...at].sort((one, other) => one - other));
    expect(at[0]).toBeGreaterThan(0);
    expect(body).not.toContain("its call was trimmed");
  });

  test("passes on what the model thinks, apart from what it says, and gives it back to that model alone", async () => {
    const call = { id: "c1", name: "everything__get-sum", arguments: { a: 1, b: 2 } };
    server.enqueue({ thinking: THOUGHT, text: "Let me see.", toolCalls: [call] });
    const asked = { ...ask("go", [sum]), thinking: "high" as const };
    const { events, text, thrown } = await collect(provider().stream(asked, never));
    expect(thrown).toBeUndefined();
    expect(sent()).toMatchObject(row.thinking);
    expect(text).toBe("Let me see.");
    const thinking = events.flatMap((event) => (event.type === "thinking" ? [event.delta] : []));
    expect(thinking.join("")).toBe(THOUGHT);
    expect(thinking.length).toBeGreaterThan(1);
    const thoughts = events.flatMap((event) => (event.type === "thought" ? [event.thought] : []));
    expect(thoughts.map((thought) => thought.text)).toEqual([THOUGHT]);

    const toolCalls = events.flatMap((event) => (event.type === "tool-call" ? [event.call] : []));
    const next = (model: string): ModelRequest => ({
      ...asked,
      // As it comes back from a database.
      messages: JSON.parse(
        JSON.stringify([
          { role: "user", text: "go" },
          { role: "assistant", text, toolCalls, model, thoughts },
          { role: "tool", callId: toolCalls[0]?.id, tool: "everything.get-sum", text: "3", isError: false },
        ]),
      ),
    });
    expect((await collect(provider().stream(next(id), never))).thrown).toBeUndefined();
    if (row.thoughtBack === undefined) expect(JSON.stringify(sent())).not.toContain(THOUGHT);
    else expect(sent()).toMatchObject(row.thoughtBack);
    await collect(provider().stream({ ...next("other:model"), thinking: "off" }, never));
    expect(JSON.stringify(sent())).not.toContain(THOUGHT);
  });

  test("with thinking off asks for none", async () => {
    await collect(provider().stream({ ...ask("hi"), thinking: "off" }, never));
    expect(JSON.stringify(sent())).toMatch(/"disabled"|"none"|"think":false/);
  });

  test.each([
    [400, "provider_request", false],
    [401, "provider_auth", false],
    [403, "provider_auth", false],
    [404, "provider_request", false],
    [429, "provider_rate_limited", true],
    [500, "provider_unavailable", true],
    [503, "provider_unavailable", true],
    [529, "provider_unavailable", true],
  ])("status %i is %s, once and in the provider's own words", async (status, code, retryable) => {
    server.enqueue({ status, message: "the provider's own words" });
    const { error } = await failureOf();
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(`(${status}: the provider's own words)`);
    expect(server.requests).toHaveLength(1);
  });

  test("a rate limit passes on how long to wait", async () => {
    server.enqueue({ status: 429, retryAfter: 7 });
    expect((await failureOf()).error).toMatchObject({ retryAfterMs: 7000, retryable: true });
  });

  test("a refused key is named without being shown, though the server repeats it", async () => {
    await server.close();
    server = await startModelServer({ apiKey: "another-key" });
    const { error } = await failureOf();
    expect(error).toMatchObject({ code: "provider_auth", retryable: false });
    expect(error.message).toContain("Incorrect API key provided: [key]");
  });

  test("a refused connection is unavailable and worth retrying", async () => {
    const baseUrl = row.root(server);
    await server.close();
    const { error } = await failureOf(ask("hi"), { baseUrl });
    expect(error).toMatchObject({ code: "provider_unavailable", retryable: true });
    expect(error.message).toContain("ECONNREFUSED");
  });

  test.each(["cut", "end"] as const)("an answer that is %s before its first delta is worth retrying", async (kind) => {
    server.enqueue({ text: "one two", fault: { kind, afterDeltas: 0 } });
    const { error, events } = await failureOf();
    expect(error).toMatchObject({ code: "provider_unavailable", retryable: true });
    expect(events).toEqual([]);
  });

  test.each(["cut", "end"] as const)("one that is %s in the middle keeps what had arrived", async (kind) => {
    server.enqueue({ text: "one two ", deltas: 2, fault: { kind, afterDeltas: 1 } });
    const { error, text } = await failureOf();
    expect(error).toMatchObject({ code: "provider_cut", retryable: false });
    expect(text).toBe("one ");
  });

  test("one that is cut while the model only thinks is worth retrying", async () => {
    server.enqueue({ thinking: "hm hm ", text: "x", deltas: 2, fault: { kind: "cut", afterDeltas: 1 } });
    const { error, events } = await failureOf();
    expect(error).toMatchObject({ code: "provider_unavailable", retryable: true });
    expect(events).toEqual([{ type: "thinking", delta: "hm " }]);
  });

  test("one that is cut after its finish is a good one", async () => {
    server.enqueue({ text: "all of it", fault: { kind: "late-cut", afterDeltas: 0 } });
    const { thrown, text, events } = await collect(provider().stream(ask("hi"), never));
    expect(thrown).toBeUndefined();
    expect(text).toBe("all of it");
    expect(events.at(-1)).toEqual({ type: "done", reason: "stop" });
  });

  test("a stall before anything came is worth retrying", async () => {
    server.enqueue({ text: "one two", fault: { kind: "stall", afterDeltas: 0 } });
    const { error } = await failureOf(ask("hi"), { stallTimeoutMs: 20 });
    expect(error).toMatchObject({ code: "provider_stalled", retryable: true });
  });

  test("a stall in the middle is not worth retrying, and what came before is kept", async () => {
    server.enqueue({ text: "one two ", deltas: 2, fault: { kind: "stall", afterDeltas: 1 } });
    // The stall's clock is the test's, so that a slow machine is not taken for a silent model.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    let ended = false;
    const wait = () => {
      if (ended) return;
      vi.advanceTimersByTime(60_000);
      setImmediate(wait);
    };
    const { thrown, text } = await collect(provider().stream(ask("hi"), never), wait);
    ended = true;
    expect(thrown).toMatchObject({ code: "provider_stalled", retryable: false });
    expect(text).toBe("one ");
  });

  test("a chunk nobody can read is malformed, and what came before is kept", async () => {
    server.enqueue({ text: "one two ", deltas: 2, fault: { kind: "malformed", afterDeltas: 1 } });
    const { error, text } = await failureOf();
    expect(error).toMatchObject({ code: "provider_malformed", retryable: false });
    expect(error.message).toMatch(row.api);
    expect(text).toBe("one ");
  });

  test("a web page in place of an answer is malformed", async () => {
    server.enqueue({ status: 200, body: "<html>Welcome</html>" });
    const { error } = await failureOf();
    expect(error).toMatchObject({ code: "provider_malformed", retryable: false });
    expect(error.message).toMatch(row.api);
  });

  test("an error inside the stream ends it with the provider's words, and before anything came is worth retrying", async () => {
    server.enqueue(
      { text: "one two ", deltas: 2, fault: { kind: "error", afterDeltas: 0 } },
      { text: "one two ", deltas: 2, fault: { kind: "error", afterDeltas: 1 } },
    );
    const before = await failureOf();
    expect(before.error).toMatchObject({ code: "provider_unavailable", retryable: true });
    expect(before.error.message).toContain("The server had an error");
    const amid = await failureOf();
    expect(amid.error).toMatchObject({ code: "provider_cut", retryable: false });
    expect(amid.error.message).toContain("The server had an error");
    expect(amid.text).toBe("one ");
  });

  test("tool calls of an answer that broke off are not passed on", async () => {
    const toolCalls = [
      { name: "everything__get-sum", arguments: { a: 1, b: 2 } },
      { name: "everything__get-sum", arguments: { a: 3, b: 4 } },
    ];
    server.enqueue({ toolCalls, deltas: 1, fault: { kind: "cut", afterDeltas: 1 } });
    const { error, events } = await failureOf(ask("go", [sum]));
    expect(error.code).toBe("provider_cut");
    expect(new Set(events.map((event) => event.type))).toEqual(new Set(["tool-input"]));
  });

  test("Esc in the middle ends with the signal's reason and closes the connection", async () => {
    server.enqueue({ text: "one two three ", deltas: 3, fault: { kind: "stall", afterDeltas: 2 } });
    const controller = new AbortController();
    const reason = new Error("the user pressed Esc");
    const seen: ModelEvent[] = [];
    const { thrown } = await collect(provider().stream(ask("hi"), controller.signal), (event) => {
      seen.push(event);
      if (seen.length === 2) controller.abort(reason);
    });
    expect(thrown).toBe(reason);
    expect(await server.requests[0]?.closed).toBe("dropped");
  });

  test("prints nothing to the terminal, whatever it is asked for", async () => {
    const printed = [
      vi.spyOn(console, "warn"),
      vi.spyOn(console, "error"),
      vi.spyOn(process.stdout, "write"),
      vi.spyOn(process.stderr, "write"),
    ];
    server.enqueue({ toolCalls: [{ name: "nobody", arguments: {} }] }, { status: 500 });
    await collect(provider().stream({ ...ask("hi", [sum]), temperature: 0.5, thinking: "low" }, never));
    await collect(provider().stream(ask("hi"), never));
    const calls = printed.map((spy) => spy.mock.calls.length);
    vi.restoreAllMocks();
    expect(calls).toEqual([0, 0, 0, 0]);
  });
});

describe("what only some have", () => {
  test("Anthropic's cache is used, and what it saved is counted", async () => {
    server.enqueue({ text: "x", usage: { input: 100, output: 5, cacheRead: 60, cacheWrite: 30 } });
    const provider = createAnthropic({ id: "a", model: "claude-sonnet-4-5", baseUrl: server.baseUrl });
    const { events } = await collect(provider.stream({ ...ask("hi"), system: "Be brief." }, never));
    expect(events).toContainEqual({
      type: "usage",
      inputTokens: 100,
      outputTokens: 5,
      cacheReadTokens: 60,
      cacheWriteTokens: 30,
    });
    const cache_control = { type: "ephemeral" };
    expect(server.requests[0]?.json).toMatchObject({
      system: [{ cache_control }],
      messages: [{ content: [{ text: "hi", cache_control }] }],
    });
  });

  test("Anthropic's newer models are told an effort and no budget, and may write long answers by default", async () => {
    const provider = createAnthropic({ id: "a", model: "claude-opus-4-6", baseUrl: server.baseUrl });
    const { thrown } = await collect(provider.stream({ ...ask("hi"), thinking: "medium" }, never));
    expect(thrown).toBeUndefined();
    expect(server.requests[0]?.json).toMatchObject({
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "medium" },
      max_tokens: 128_000,
    });
  });

  test("OpenAI is told not to keep the conversation, and its own thoughts come back encrypted", async () => {
    const provider = createOpenAI({ id: "o", model: "gpt-5", baseUrl: server.baseUrl });
    server.enqueue({ thinking: "deep", text: "x" });
    const { events } = await collect(provider.stream(ask("hi"), never));
    expect(server.requests[0]?.json).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] });
    expect(JSON.stringify(events.find((event) => event.type === "thought"))).toContain("encrypted deep");
  });
});
