// The built command line against the real formats on loopback: which model answers, what it is sent, what is told and kept.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { banyan, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { type ModelServer, type ModelServerOptions, startModelServer } from "../support/model-server.js";

const KEY = "kumquat-of-the-provider";

async function modelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = await startModelServer(options);
  onTestFinished(() => server.close());
  return server;
}

function expectNowhereIn(home: string): void {
  const files = filesIn(home);
  expect(files.some((file) => file.endsWith(".db"))).toBe(true);
  expect(files.some((file) => file.includes("log"))).toBe(true);
  for (const file of files) expect(readFileSync(file, "latin1").includes(KEY), file).toBe(false);
}

/** Every file below a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

it("Anthropic answers for its key in the environment: tools, thoughts, tokens and cost, and the key is kept nowhere", async () => {
  const model = await modelServer({ apiKey: KEY });
  const here = place(
    temporaryHome(),
    `[chat]
thinking = "low"
[log]
level = "debug"
[prices.claude]
model = "anthropic:claude-sonnet-5-5"
input = 10
output = 100
cache_read = 1
`,
  );
  const env = { ...here.env, ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: model.origin };
  model.enqueue(
    {
      thinking: "Forty-two, but the tool knows.",
      toolCalls: [{ id: "toolu_1", name: "host__calculate", arguments: { expression: "6*7" } }],
      usage: { input: 1_000, output: 100 },
    },
    { text: "It is 42.", usage: { input: 2_000, output: 10, cacheRead: 1_000 } },
  );
  const { code, stdout, stderr } = await banyan({ ...here, env }, ["-p", "what is 6*7", "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    model: "anthropic:claude-sonnet-5-5",
    answer: "It is 42.",
    toolCalls: [{ name: "host.calculate", status: "done" }],
    usage: { inputTokens: 3_000, outputTokens: 110, cost: expect.closeTo(0.032, 9) },
  });
  const [, second] = model.requests.filter(({ method }) => method === "POST");
  expect(second?.headers["x-api-key"]).toBe(KEY);
  expect(second?.json).toMatchObject({
    messages: [
      { role: "user" },
      {
        role: "assistant",
        content: [{ type: "thinking", thinking: "Forty-two, but the tool knows." }, { type: "tool_use" }],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }] },
    ],
  });
  expectNowhereIn(here.home);
});

it("a key that is refused is not told, though the provider repeats it", async () => {
  const model = await modelServer({ apiKey: "another" });
  const here = place(temporaryHome(), '[log]\nlevel = "debug"\nsinks = ["stderr"]\n');
  const env = { ...here.env, ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: model.origin };
  const { code, stdout, stderr } = await banyan({ ...here, env }, ["-p", "hello", "--output", "stream-json"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/refused the API key \(401: Incorrect API key provided: /);
  expect(stdout + stderr).not.toContain(KEY);
  expectNowhereIn(here.home);
});

it("a model that is left alone is stood in for by the next that can, and the user is told", async () => {
  const [broken, ollama] = [await modelServer(), await modelServer()];
  broken.defaultReply = { status: 529, message: "Overloaded" };
  const here = place(
    temporaryHome(),
    `model = "anthropic:claude-sonnet-5-5"
fallback = ["openai:gpt-5", "ollama:qwen3"]
[breaker]
failures = 1
[providers.anthropic]
base_url = "${broken.baseUrl}"
[providers.ollama]
base_url = "${ollama.origin}"
`,
  );
  const { code, stdout, stderr } = await banyan(here, ["-p", "hello", "--output", "json"]);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, model: "ollama:qwen3", answer: "This is a scripted answer." });
  expect(code).toBe(0);
  expect(stderr).toBe("");
  expect(broken.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  const chats = ollama.requests.filter(({ path }) => path === "/api/chat");
  expect(chats).toMatchObject([{ path: "/api/chat", json: { model: "qwen3", keep_alive: "600s" } }]);

  const told = await banyan(here, ["-p", "hello"]);
  expect(told.stdout).toBe("This is a scripted answer.\n");
  expect(told.stderr).toContain(
    "openai:gpt-5 cannot answer in the place of anthropic:claude-sonnet-5-5: OpenAI needs an API key",
  );
  expect(told.stderr).toMatch(
    /the model failed 1 times in a row .*529: Overloaded.* ollama:qwen3 answers in its place\./,
  );
});

it("OpenAI's Responses answer where the settings say so, with a key they refer to", async () => {
  const model = await modelServer({ apiKey: KEY });
  const here = place(
    temporaryHome(),
    `model = "openai:gpt-5"
[providers.openai]
base_url = "${model.baseUrl}"
api = "responses"
api_key = "\${env:MY_KEY}"
[providers.anthropic]
api_key = "\${env:NOT_SET}"
`,
  );
  const { code, stdout } = await banyan({ ...here, env: { ...here.env, MY_KEY: KEY } }, ["-p", "hello"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "This is a scripted answer.\n" });
  expect(model.requests).toMatchObject([{ path: "/v1/responses" }]);
});

it("/models shows what every provider has, /model says which one answers", async () => {
  const [anthropic, ollama] = [await modelServer({ apiKey: KEY }), await modelServer()];
  anthropic.models = ["claude-sonnet-5-5", "claude-opus-5"];
  ollama.models = ["qwen3", "nomic-embed-text"];
  const here = place(
    temporaryHome(),
    `model = "anthropic:claude-opus-5"
[providers.anthropic]
base_url = "${anthropic.baseUrl}"
[providers.ollama]
base_url = "${ollama.origin}"
`,
  );
  const run = (prompt: string) =>
    banyan({ ...here, env: { ...here.env, ANTHROPIC_API_KEY: KEY } }, ["-p", prompt]).then(({ stdout }) => stdout);
  const { host } = new URL(anthropic.origin);
  const listed = (await run("/models")).split("\n");
  expect(listed).toEqual(
    expect.arrayContaining([
      `| \`anthropic:claude-opus-5\` | ${host}, answers now |`,
      `| \`anthropic:claude-sonnet-5-5\` | ${host} |`,
      "| `openai:` | set OPENAI_API_KEY to use OpenAI |",
      "| `ollama:qwen3` | Ollama |",
      "| `offline` | always there, no language model |",
    ]),
  );
  expect(listed.join("\n")).not.toContain("nomic");
  expect(await run("/model")).toContain("`anthropic:claude-opus-5` answers.");
  expect((await run("/models info anthropic:claude-opus-5 ollama:gone offline")).split("\n").slice(2)).toEqual([
    expect.stringMatching(/^\| `anthropic:claude-opus-5` \| yes \| \d+ tokens \(\w+\) \| not in `\[prices\]` \|$/),
    expect.stringMatching(/^\| `ollama:gone` \| not listed \| /),
    "| `offline` | yes | no measure | not in `[prices]` |",
    "",
  ]);
});
