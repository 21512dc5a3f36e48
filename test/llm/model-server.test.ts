import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ModelServer, startModelServer } from "../support/model-server.js";

// The server stands in for real APIs in many tests, so its wire format is itself under test.
let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(async () => {
  await server.close();
});

const hello = { model: "m", stream: true, messages: [{ role: "user", content: "hi" }] };

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
  return fetch(`${server.baseUrl}/chat/completions`, init);
}

const events = async (response: Response) => (await response.text()).split("\n\n").filter((event) => event !== "");

/** The words of an answer. */
async function said(response: Response): Promise<string> {
  const chunks = (await events(response)).slice(0, -1).map((line) => JSON.parse(line.replace(/^data: /, "")));
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
}

describe("the scripted model server", () => {
  test("streams as OpenAI does: the role, the content, the finish, the usage if asked for, and [DONE]", async () => {
    server.enqueue({ text: "one two", deltas: 2, usage: { input: 3, output: 2 } });
    const response = await post({ ...hello, stream_options: { include_usage: true } });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const lines = await events(response);
    expect(lines.at(-1)).toBe("data: [DONE]");
    const chunks = lines.slice(0, -1).map((line) => JSON.parse(line.replace(/^data: /, "")));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta)).toEqual([
      { role: "assistant", content: "" },
      { content: "one " },
      { content: "two" },
      {},
      undefined,
    ]);
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason ?? null)).toEqual([null, null, null, "stop", null]);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    expect(new Set(chunks.map((chunk) => chunk.object))).toEqual(new Set(["chat.completion.chunk"]));
  });

  test("splits the arguments of parallel calls over interleaved chunks", async () => {
    const toolCalls = [
      { id: "c1", name: "a", arguments: { x: 1 } },
      { id: "c2", name: "b", arguments: { y: 2 } },
    ];
    server.enqueue({ toolCalls, deltas: 2 });
    const chunks = (await events(await post(hello)))
      .slice(0, -1)
      .map((line) => JSON.parse(line.replace(/^data: /, "")));
    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(deltas.map((delta) => [delta.index, delta.id, delta.function.name, delta.function.arguments])).toEqual([
      [0, "c1", "a", ""],
      [1, "c2", "b", ""],
      [0, undefined, undefined, '{"x"'],
      [1, undefined, undefined, '{"y"'],
      [0, undefined, undefined, ":1}"],
      [1, undefined, undefined, ":2}"],
    ]);
    expect(chunks.at(-1).choices[0].finish_reason).toBe("tool_calls");
  });

  test("answers from its default when the script is empty, and lets it look at the request", async () => {
    server.enqueue({ text: "scripted" });
    server.defaultReply = ({ messages }) => ({ text: `${Array.isArray(messages) && messages.length} message` });
    expect(await said(await post(hello))).toBe("scripted");
    expect(await said(await post(hello))).toBe("1 message");
  });

  test("refuses what the real API refuses", async () => {
    const tool = (name: string) => ({
      ...hello,
      tools: [{ type: "function", function: { name, parameters: { type: "object", properties: {} } } }],
    });
    expect((await post(tool("files.read"))).status).toBe(400);
    expect((await post(tool("files__read"))).status).toBe(200);
    const called = { role: "assistant", tool_calls: [{ id: "c", function: { name: "a", arguments: "{}" } }] };
    const result = { role: "tool", tool_call_id: "c", content: "x" };
    const statuses = await Promise.all(
      [[called], [result], [called, hello.messages[0]], [called, result]].map(
        async (messages) => (await post({ ...hello, messages })).status,
      ),
    );
    expect(statuses).toEqual([400, 400, 400, 200]);
    expect((await post({ ...hello, messages: [] })).status).toBe(400);
    expect((await fetch(`${server.origin}/v2`)).status).toBe(404);
  });

  test("sends scripted failures with their headers and bodies", async () => {
    server.enqueue({ status: 429, retryAfter: 3, message: "slow down", code: "rate_limit_exceeded" });
    const response = await post(hello);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "3"]);
    expect(await response.json()).toMatchObject({ error: { message: "slow down", code: "rate_limit_exceeded" } });
  });

  test("runs as a process of its own that is scripted over stdin, reports requests, and ends with its stdin", async () => {
    const support = fileURLToPath(new URL("../support/", import.meta.url));
    const child = spawn(process.execPath, [`${support}run.mjs`, `${support}model-server-cli.ts`], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => String((await lines.next()).value);

    const baseUrl = await next();
    expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    child.stdin.write('{"nonsense": true}\n');
    expect(JSON.parse(await next())).toHaveProperty("error");
    // Both lines are read before the answer to the third is written, for stdin is read in order.
    child.stdin.write('{"default": {"text": "by default"}}\n{"text": "from the script"}\nno json\n');
    expect(JSON.parse(await next())).toEqual({ error: "This line is no JSON." });

    const body = JSON.stringify(hello);
    const answers = [];
    for (let turn = 0; turn < 2; turn++) {
      answers.push(await said(await fetch(`${baseUrl}/chat/completions`, { method: "POST", body })));
      expect(JSON.parse(await next())).toMatchObject({ path: "/v1/chat/completions", body: { model: "m" } });
    }
    expect(answers).toEqual(["from the script", "by default"]);
    child.stdin.end();
    expect(await exited).toBe(0);
  });
});
