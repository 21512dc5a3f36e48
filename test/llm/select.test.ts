import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalServer, ollamaAt, probeServer } from "../../src/llm/local-servers.js";
import { ModelChoiceError, type SelectOptions, selectModel } from "../../src/llm/select.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";
import { ask, collect, never } from "./collect.js";

/** A probe that finds what it is told and notes what it was asked. */
function probing(models: Record<string, string[]>) {
  const asked: string[] = [];
  const probe = async (server: LocalServer) => {
    asked.push(server.name);
    return models[server.name] ?? [];
  };
  return { asked, probe };
}

const choose = async (options: Partial<SelectOptions>) => {
  const { provider, source, reason } = await selectModel({ env: {}, probe: false, ...options });
  return { id: provider.id, source, reason };
};

const KEY = { OPENAI_API_KEY: "sk-test" };

describe("the model is chosen", () => {
  const { probe } = probing({ Ollama: ["llama3.2:3b", "qwen3"] });

  test("by --model before all else", async () => {
    const options = { flag: "offline", configured: "openai:gpt-5", env: KEY, probe };
    expect(await choose(options)).toMatchObject({ id: "offline", source: "flag" });
  });

  test("then by the config", async () => {
    const options = { configured: "ollama:qwen3", env: KEY, probe };
    expect(await choose(options)).toMatchObject({ id: "ollama:qwen3", source: "config" });
  });

  test("then by the key in the environment, Anthropic's first", async () => {
    const both = { ...KEY, ANTHROPIC_API_KEY: "sk-ant" };
    expect(await choose({ env: both, probe })).toMatchObject({
      id: "anthropic:claude-sonnet-5-5",
      source: "environment",
    });
    expect(await choose({ env: KEY, probe })).toMatchObject({ id: "openai:gpt-5-mini", source: "environment" });
  });

  test("then by a model server on this machine, Ollama first", async () => {
    expect(await choose({ probe })).toMatchObject({ id: "ollama:llama3.2:3b", source: "local-server" });
    const others = probing({ "LM Studio": [], "llama.cpp": ["gemma"], vLLM: ["mistral"] });
    const chosen = await choose({ probe: others.probe });
    expect(chosen).toMatchObject({ id: "local:gemma", source: "local-server" });
    expect(chosen.reason).toBe("llama.cpp answers at http://127.0.0.1:8080/v1.");
    expect(others.asked).toEqual(["Ollama", "LM Studio", "llama.cpp", "vLLM"]);
  });

  test("else it is the offline stand-in, with the reason", async () => {
    const chosen = await choose({ probe: probing({}).probe });
    expect(chosen).toMatchObject({ id: "offline", source: "fallback" });
    expect(chosen.reason).toContain("No API key is set and no model server answers");
  });

  test("blank settings count as none", async () => {
    expect(await choose({ env: { OPENAI_API_KEY: " " }, probe: false })).toMatchObject({ id: "offline" });
  });

  test("without asking any server when a model is named or probing is off", async () => {
    const { asked, probe: counting } = probing({});
    await choose({ flag: "ollama:x", probe: counting });
    await choose({ env: KEY, probe: counting });
    expect(asked).toEqual([]);
  });
});

describe("a name", () => {
  test.each([
    ["openai:gpt-5", "openai:gpt-5"],
    ["OpenAI:ft:gpt-5:me::1", "openai:ft:gpt-5:me::1"],
    ["openai", "openai:gpt-5-mini"],
    ["ollama:llama3.2:3b", "ollama:llama3.2:3b"],
    ["ollama", "ollama:first"],
    ["local", "local:served"],
    ["local:other", "local:other"],
    ["offline", "offline"],
    ["offline:offline", "offline"],
  ])("%s means %s", async (flag, id) => {
    const { probe } = probing({ Ollama: ["first"], "LM Studio": ["served"], vLLM: ["other"] });
    expect(await choose({ flag, env: KEY, probe })).toMatchObject({ id });
  });

  test.each([
    ["gpt-5", /no provider "gpt-5": write anthropic:MODEL/],
    ["", /no provider ""/],
    ["openai:", /names no model/],
    ["anthropic:claude-sonnet", /set ANTHROPIC_API_KEY/],
    ["openai:gpt-5", /set OPENAI_API_KEY/],
    ["ollama", /No Ollama with a model answers at http:\/\/127\.0\.0\.1:11434:/],
    ["local:absent", /No local server has absent: start one of LM Studio/],
  ])("%j that cannot be had says what can", async (flag, message) => {
    const chosen = selectModel({ flag, env: {}, probe: probing({}).probe });
    await expect(chosen).rejects.toThrow(message);
    await expect(chosen).rejects.toBeInstanceOf(ModelChoiceError);
  });

  test("needs no key where the base URL is one's own", async () => {
    const own = { baseUrl: "http://127.0.0.1:9/v1" };
    expect(await choose({ flag: "openai:mine", providers: { openai: own } })).toMatchObject({ id: "openai:mine" });
    const chosen = await choose({ flag: "anthropic:mine", providers: { anthropic: own } });
    expect(chosen).toMatchObject({ id: "anthropic:mine" });
  });
});

describe("with real servers on loopback", () => {
  let server: ModelServer;
  beforeEach(async () => {
    server = await startModelServer();
  });
  afterEach(async () => {
    await server.close();
  });

  test("a reachable Ollama is found, its first chat model is taken, and it answers", async () => {
    server.models = ["nomic-embed-text", "llama3.2:3b", "qwen3"];
    const patient = (one: LocalServer) => probeServer(one, 10_000);
    const providers = { ollama: { baseUrl: server.baseUrl } };
    const { provider, source } = await selectModel({ env: {}, providers, probe: patient });
    expect({ id: provider.id, source }).toEqual({ id: "ollama:llama3.2:3b", source: "local-server" });
    expect((await collect(provider.stream(ask("hi"), never))).text).toBe("This is a scripted answer.");
    expect(server.requests.at(-1)).toMatchObject({ path: "/api/chat", json: { model: "llama3.2:3b" } });
  });

  test("OPENAI_API_KEY and OPENAI_BASE_URL reach a compatible server", async () => {
    const { provider } = await selectModel({ env: { ...KEY, OPENAI_BASE_URL: server.baseUrl }, probe: false });
    expect((await collect(provider.stream(ask("hi"), never))).text).toBe("This is a scripted answer.");
    expect(server.requests.at(-1)?.headers.authorization).toBe("Bearer sk-test");
  });

  test("ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL, with or without /v1, reach the Messages API", async () => {
    for (const ANTHROPIC_BASE_URL of [server.origin, server.baseUrl]) {
      const { provider } = await selectModel({
        env: { ANTHROPIC_API_KEY: "sk-ant", ANTHROPIC_BASE_URL },
        probe: false,
      });
      expect((await collect(provider.stream(ask("hi"), never))).text).toBe("This is a scripted answer.");
      expect(server.requests.at(-1)).toMatchObject({ path: "/v1/messages", headers: { "x-api-key": "sk-ant" } });
    }
  });

  test("an API that is OpenAI's Responses at another address can be named", async () => {
    const openai = { baseUrl: server.baseUrl, api: "responses" } as const;
    const { provider } = await selectModel({ flag: "openai:gpt-5", env: KEY, providers: { openai } });
    expect((await collect(provider.stream(ask("hi"), never))).text).toBe("This is a scripted answer.");
    expect(server.requests.at(-1)?.path).toBe("/v1/responses");
  });

  test("an Ollama on another machine is not asked unless it is named", async () => {
    const asked: string[] = [];
    const noting = async (one: LocalServer) => {
      asked.push(one.baseUrl);
      return [];
    };
    await selectModel({ env: {}, providers: { ollama: { baseUrl: "http://10.0.0.9:11434/v1" } }, probe: noting });
    expect(asked.join(" ")).not.toContain("10.0.0.9");
  });

  test("probing reads both kinds of lists", async () => {
    server.models = ["text-embedding-3", "a", "b"];
    expect(await probeServer(ollamaAt(server.baseUrl), 10_000)).toEqual(["a", "b"]);
    const compatible = { name: "vLLM", baseUrl: server.baseUrl, modelsUrl: `${server.baseUrl}/models` };
    expect(await probeServer(compatible, 10_000)).toEqual(["a", "b"]);
  });

  test("probing finds nothing where another program answers, or nobody does, or nobody ever answers", async () => {
    expect(await probeServer({ name: "x", baseUrl: "", modelsUrl: `${server.origin}/other` })).toEqual([]);
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const began = performance.now();
    expect(await probeServer({ name: "x", baseUrl: url, modelsUrl: url })).toEqual([]);
    expect(performance.now() - began).toBeLessThan(2000);
    await new Promise((resolve) => silent.close(resolve));
    expect(await probeServer({ name: "x", baseUrl: url, modelsUrl: url })).toEqual([]);
  });
});
