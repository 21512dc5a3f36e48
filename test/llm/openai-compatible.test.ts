// What only the compatible API has, and what is the same in all of them and need be shown once: providers.test.ts has the table.
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EndpointOptions } from "../../src/llm/endpoint.js";
import { createOpenAICompatible } from "../../src/llm/openai-compatible.js";
import { type ModelRequest, ProviderError } from "../../src/llm/provider.js";
import { argumentsProblem } from "../../src/llm/tool-arguments.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";
import { ask, collect, never, readFile, sum } from "./collect.js";

const KEY = "sk-very-secret-key-123456";

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(async () => {
  await server.close();
});

function provider(options: Partial<EndpointOptions> = {}) {
  return createOpenAICompatible({ id: "openai:test", model: "test", baseUrl: server.baseUrl, apiKey: KEY, ...options });
}

/** The error a stream ends with, whatever it yielded before. */
async function failureOf(request: ModelRequest, options: Partial<EndpointOptions> = {}) {
  const { thrown, events, text } = await collect(provider(options).stream(request, never));
  if (!(thrown instanceof ProviderError))
    throw new Error("The stream did not fail with a ProviderError", { cause: thrown });
  expect(thrown.message).not.toContain(KEY);
  expect(thrown.message).not.toContain("\n");
  return { error: thrown, events, text };
}

/** Starts a server of the test's own and gives its base URL. */
async function listening(own: Server): Promise<string> {
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  const address = own.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1`;
}

describe("an answer in words", () => {
  test("is passed on while the model is still writing", async () => {
    server.enqueue({ text: "first second", deltas: 2, fault: { kind: "stall", afterDeltas: 1 } });
    const controller = new AbortController();
    for await (const event of provider().stream(ask("hi"), controller.signal)) {
      expect(event).toEqual({ type: "text", delta: "first " });
      break;
    }
    // Leaving the loop lets go of the connection.
    expect(await server.requests[0]?.closed).toBe("dropped");
  });

  test.each([
    ["length", "length"],
    ["content_filter", "content-filter"],
    ["something_new", "other"],
  ])("that ended by %s says so", async (finish, reason) => {
    server.enqueue({ text: "x", finish });
    const { events } = await collect(provider().stream(ask("hi"), never));
    expect(events.at(-1)).toEqual({ type: "done", reason });
  });

  test("without a usage chunk yields no usage", async () => {
    server.enqueue({ text: "x", usage: false });
    const { events, thrown } = await collect(provider().stream(ask("hi"), never));
    expect(thrown).toBeUndefined();
    expect(events.map((event) => event.type)).toEqual(["text", "done"]);
  });
});

describe("the request", () => {
  test("carries key, model, limits, system text, tools under wire names, and asks for usage", async () => {
    const request = { ...ask("hi", [readFile]), system: "Be brief.", temperature: 0.2, maxTokens: 50 };
    await collect(provider({ headers: { "x-team": "banyan" } }).stream(request, never));
    const sent = server.requests[0];
    expect(sent?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, "x-team": "banyan" });
    expect(sent?.body).toMatchObject({
      model: "test",
      temperature: 0.2,
      max_tokens: 50,
      stream_options: { include_usage: true },
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" },
      ],
    });
    expect(sent?.body?.tools?.[0]?.function).toMatchObject({
      name: "files__read_file",
      parameters: readFile.inputSchema,
    });
  });

  test("describes a tool without arguments as APIs demand it", async () => {
    const bare = { name: "a.b", description: "", inputSchema: { type: "object" } };
    expect((await collect(provider().stream(ask("hi", [bare]), never))).thrown).toBeUndefined();
    expect(server.requests[0]?.body?.tools?.[0]?.function.parameters).toEqual({ type: "object", properties: {} });
  });

  test("leaves out the authorization header where there is no key", async () => {
    const local = createOpenAICompatible({ id: "ollama:x", model: "x", baseUrl: server.baseUrl });
    await collect(local.stream(ask("hi"), never));
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test("carries tool calls and their results back, errors marked as errors", async () => {
    const calls = [
      { id: "c1", name: "files.read_file", arguments: { path: "a" } },
      { id: "c2", name: "gone.tool", arguments: {} },
    ];
    const request: ModelRequest = {
      messages: [
        { role: "user", text: "go" },
        { role: "assistant", text: "", toolCalls: calls },
        { role: "tool", callId: "c1", tool: "files.read_file", text: "content", isError: false },
        { role: "tool", callId: "c2", tool: "gone.tool", text: "no such server", isError: true },
      ],
      tools: [readFile],
    };
    const { thrown } = await collect(provider().stream(request, never));
    expect(thrown).toBeUndefined();
    expect(server.requests[0]?.body?.messages.slice(1)).toMatchObject([
      {
        role: "assistant",
        tool_calls: [{ function: { name: "files__read_file" } }, { function: { name: "gone__tool" } }],
      },
      { role: "tool", tool_call_id: "c1", content: "content" },
      { role: "tool", tool_call_id: "c2", content: "Error: no such server" },
    ]);
  });

  test("stays valid when a crash or a trimmed context left calls without results and results without calls", async () => {
    const request: ModelRequest = {
      messages: [
        { role: "tool", callId: "old", tool: "files.read_file", text: "its call was trimmed", isError: false },
        { role: "user", text: "go" },
        { role: "assistant", text: "", toolCalls: [{ id: "c1", name: "files.read_file", arguments: { path: "a" } }] },
        { role: "assistant", text: "", toolCalls: [] },
        { role: "user", text: "and now?" },
      ],
      tools: [readFile, readFile],
    };
    const { thrown, text } = await collect(provider().stream(request, never));
    expect(thrown).toBeUndefined();
    expect(text).toBe("This is a scripted answer.");
    expect(server.requests[0]?.body?.messages.map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "tool",
      "user",
    ]);
    expect(server.requests[0]?.body?.tools).toHaveLength(1);
  });
});

describe("tool calls", () => {
  test("end the answer by tool-calls even where the server says stop", async () => {
    server.enqueue({ toolCalls: [{ name: "everything__get-sum", arguments: { a: 1, b: 2 } }], finish: "stop" });
    const { events } = await collect(provider().stream(ask("go", [sum]), never));
    expect(events.at(-1)).toEqual({ type: "done", reason: "tool-calls" });
  });

  test("of a tool that was never offered keep the name the model wrote", async () => {
    server.enqueue({ toolCalls: [{ id: "c", name: "made_up", arguments: "" }] });
    const { events } = await collect(provider().stream(ask("go", [sum]), never));
    expect(events).toContainEqual({ type: "tool-call", call: { id: "c", name: "made_up", arguments: {} } });
  });

  test.each(['{"a": 1, "b":', "[1, 2]", '"text"', "not json"])(
    "with arguments that are no object (%s) reach the caller as a call to be answered with an error",
    async (written) => {
      server.enqueue({ toolCalls: [{ id: "c", name: "everything__get-sum", arguments: written }] });
      const { events, thrown } = await collect(provider().stream(ask("go", [sum]), never));
      expect(thrown).toBeUndefined();
      const found = events.find((event) => event.type === "tool-call");
      if (found?.type !== "tool-call") throw new Error("There was no call.");
      const problem = argumentsProblem(found.call);
      expect(problem).toMatch(/everything\.get-sum .*not a JSON object/);

      // The model learns of it: the next request is valid and shows both what it wrote and why that did not run.
      const next: ModelRequest = {
        messages: [
          { role: "user", text: "go" },
          { role: "assistant", text: "", toolCalls: [found.call] },
          { role: "tool", callId: "c", tool: "everything.get-sum", text: problem ?? "", isError: true },
        ],
        tools: [sum],
      };
      expect((await collect(provider().stream(next, never))).thrown).toBeUndefined();
      const [, called, answered] = server.requests[1]?.body?.messages ?? [];
      expect(called?.tool_calls?.[0]?.function.arguments).toBe(JSON.stringify({ unreadable_arguments: written }));
      expect(answered?.content).toContain("not a JSON object");
    },
  );
});

describe("a refusal", () => {
  test.each([
    [422, "provider_request", false],
    [408, "provider_unavailable", true],
  ])("with status %i is %s", async (status, code, retryable) => {
    server.enqueue({ status, message: "the provider's own words" });
    const { error } = await failureOf(ask("hi"));
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(`(${status}: the provider's own words)`);
    expect(server.requests).toHaveLength(1);
  });

  test("with 429 passes on how long to wait, in seconds or as a date", async () => {
    server.enqueue(
      { status: 429, retryAfter: 7 },
      { status: 429, retryAfter: new Date(Date.now() + 60_000).toUTCString() },
    );
    expect((await failureOf(ask("hi"))).error.retryAfterMs).toBe(7000);
    const dated = (await failureOf(ask("hi"))).error.retryAfterMs ?? 0;
    expect(dated).toBeGreaterThan(40_000);
    expect(dated).toBeLessThanOrEqual(60_000);
  });

  test("with 429 for an empty account is not worth retrying", async () => {
    server.enqueue({ status: 429, message: "You exceeded your quota", code: "insufficient_quota" });
    const { error } = await failureOf(ask("hi"));
    expect(error).toMatchObject({ code: "provider_rate_limited", retryable: false });
    expect(error.message).toContain("add credit");
  });

  test("written as a web page is not pasted into the message", async () => {
    server.enqueue({ status: 502, body: "<html><body><h1>Bad gateway</h1></body></html>" });
    expect((await failureOf(ask("hi"))).error.message).toContain("(502: a web page)");
  });

  test("that redirects elsewhere is not followed with the conversation", async () => {
    const elsewhere = createHttpServer((_request, response) => {
      response.writeHead(307, { location: `${server.baseUrl}/chat/completions` }).end();
    });
    const { error } = await failureOf(ask("hi"), { baseUrl: await listening(elsewhere) });
    elsewhere.close();
    expect(error).toMatchObject({ code: "provider_request", retryable: false });
    expect(error.message).toContain("has moved");
    expect(server.requests).toHaveLength(0);
  });
});

describe("a connection", () => {
  test("that is reset before any answer is unavailable and worth retrying", async () => {
    const rude = createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const { error } = await failureOf(ask("hi"), { baseUrl: await listening(rude) });
    await new Promise((resolve) => rude.close(resolve));
    expect(error).toMatchObject({ code: "provider_unavailable", retryable: true });
  });

  test("that never answers at all is stalled", async () => {
    const silent = createServer((socket) => socket.resume());
    const { error } = await failureOf(ask("hi"), { baseUrl: await listening(silent), stallTimeoutMs: 50 });
    await new Promise((resolve) => silent.close(resolve));
    expect(error).toMatchObject({ code: "provider_stalled", retryable: true });
  });

  test("is not stalled while the model keeps writing, slowly", async () => {
    server.enqueue({ text: "one two three four ", deltas: 4, paceMs: 120 });
    const { text, thrown } = await collect(provider({ stallTimeoutMs: 300 }).stream(ask("hi"), never));
    expect(thrown).toBeUndefined();
    expect(text).toBe("one two three four ");
  });

  test("is not stalled while the reader itself is slow", async () => {
    const long = "some words of a long answer ".repeat(40_000);
    server.enqueue({ text: long, deltas: 40 });
    let length = 0;
    for await (const event of provider({ stallTimeoutMs: 1_500 }).stream(ask("hi"), never)) {
      if (event.type !== "text") continue;
      if (length === 0) await new Promise((resolve) => setTimeout(resolve, 2_000));
      length += event.delta.length;
    }
    expect(length).toBe(long.length);
  });
});

describe("abort", () => {
  test("while waiting for a silent server ends at once, long before the stall time", async () => {
    server.enqueue({ text: "one two ", deltas: 2, fault: { kind: "stall", afterDeltas: 1 } });
    const controller = new AbortController();
    const iterator = provider().stream(ask("hi"), controller.signal)[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  test("before the start sends nothing", async () => {
    const { thrown } = await collect(provider().stream(ask("hi"), AbortSignal.abort(new Error("too late"))));
    expect(thrown).toEqual(new Error("too late"));
    expect(server.requests).toHaveLength(0);
  });

  test("leaves no listener on the signal once the answer is done", async () => {
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, "removeEventListener");
    const add = vi.spyOn(controller.signal, "addEventListener");
    await collect(provider().stream(ask("hi"), controller.signal));
    expect(remove.mock.calls.length).toBe(add.mock.calls.length);
  });
});

describe("settings that cannot work are refused at once", () => {
  test.each([
    ["a base URL that is none", { baseUrl: "localhost" }, "provider_request"],
    ["a base URL of another protocol", { baseUrl: "file:///etc" }, "provider_request"],
    ["a base URL with a password", { baseUrl: "http://me:pass@127.0.0.1/v1" }, "provider_request"],
    ["a key with a line break inside", { apiKey: `${KEY}\nX-Other: 1` }, "provider_auth"],
    ["a key with letters no header carries", { apiKey: `${KEY}…` }, "provider_auth"],
    ["a header that breaks lines", { headers: { "x-a": "1\r\n2" } }, "provider_request"],
    ["a stall time that is no time", { stallTimeoutMs: 0 }, "provider_request"],
    ["no model", { model: " " }, "provider_request"],
  ])("%s", (_name, options, code) => {
    let thrown: unknown;
    try {
      provider(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: "ProviderError", code, retryable: false });
    expect(String(thrown)).not.toContain(KEY);
  });

  test("but a key with blanks around it, as files have, is trimmed", async () => {
    await collect(provider({ apiKey: `  ${KEY}\n` }).stream(ask("hi"), never));
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });
});
