// Model servers people run on their own machine, and how to see that one is there. Only 127.0.0.1 is asked, for 200 ms, and
// any answer that is not a list of models counts as nothing: on these ports other programs live as well.
import { z } from "zod";
import { ollamaRoot } from "./endpoint.js";

export interface LocalServer {
  readonly name: string;
  /** Where its API is. */
  readonly baseUrl: string;
  /** Where it lists its models. */
  readonly modelsUrl: string;
}

export const OLLAMA_URL = "http://127.0.0.1:11434";

/** Servers whose models are called `local:MODEL`. */
export const OTHER_SERVERS: readonly LocalServer[] = [
  compatible("LM Studio", 1234),
  compatible("llama.cpp", 8080),
  compatible("vLLM", 8000),
];

/** The names of the models a server has, none when it is not there. Never throws. */
export type Probe = (server: LocalServer) => Promise<readonly string[]>;

const TIMEOUT_MS = 200;
const LONGEST_LIST = 1024 * 1024;
const MOST_MODELS = 1000;

const name = z.string().min(1).max(200);
const ollamaTags = z
  .object({ models: z.array(z.object({ name })) })
  .transform((list) => list.models.map((m) => m.name));
const modelList = z.object({ data: z.array(z.object({ id: name })) }).transform((list) => list.data.map((m) => m.id));
const anyList = z.union([ollamaTags, modelList]);

/** Asks a server for its models; those that only embed text are left out. */
export async function probeServer(server: LocalServer, timeoutMs = TIMEOUT_MS): Promise<readonly string[]> {
  return readModelList(server.modelsUrl, timeoutMs).catch(() => []);
}

/** A list of models, as Ollama's `/api/tags` or any other `/models` writes it. Rejects when there is none. */
export async function readModelList(
  url: string,
  timeoutMs: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status}`);
  }
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST_LIST) throw new Error("the list is longer than 1 MB");
  }
  const models = anyList.parse(JSON.parse(text));
  return models.filter((model) => !/embed/i.test(model)).slice(0, MOST_MODELS);
}

/** The Ollama at a base URL, which may end with the `/v1` of its OpenAI-compatible API. */
export function ollamaAt(baseUrl: string): LocalServer {
  const root = ollamaRoot(baseUrl);
  return { name: "Ollama", baseUrl: root, modelsUrl: `${root}/api/tags` };
}

function compatible(name: string, port: number): LocalServer {
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  return { name, baseUrl, modelsUrl: `${baseUrl}/models` };
}
