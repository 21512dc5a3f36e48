// How much a model takes at once, asked of its server: shortly, once, and without a word when it does not say.
import { z } from "zod";
import {
  type ContextWindow,
  GUESSED_WINDOW,
  OLLAMA_WINDOW,
  windowDescribed,
  windowListed,
  windowLoaded,
} from "./context-window.js";
import type { CheckedEndpoint } from "./endpoint.js";

const TIMEOUT_MS = 2_000;
const LONGEST = 4 * 1024 * 1024;

/** What the settings say comes first, then what is known, then what the server says. */
export function windowOf(
  { contextWindow }: CheckedEndpoint,
  known: ContextWindow | undefined,
  ask: () => Promise<ContextWindow | undefined> = async () => undefined,
): () => Promise<ContextWindow> {
  if (contextWindow !== undefined) return async () => ({ tokens: contextWindow, source: "settings" });
  if (known !== undefined) return async () => known;
  let asked: Promise<ContextWindow> | undefined;
  return () => {
    asked ??= ask().then(
      (window) => window ?? GUESSED_WINDOW,
      () => {
        asked = undefined; // a server that is only coming up is asked again
        return GUESSED_WINDOW;
      },
    );
    return asked;
  };
}

/** Of a server whose list of models says it. */
export async function windowInList(endpoint: CheckedEndpoint): Promise<ContextWindow | undefined> {
  return windowListed(await read(endpoint, "/models"), endpoint.model);
}

/** As the model is loaded now, or will be. */
export async function windowAtOllama(endpoint: CheckedEndpoint): Promise<ContextWindow | undefined> {
  const running = await read(endpoint, "/api/ps").catch(() => undefined);
  return (
    windowLoaded(running, endpoint.model) ??
    windowDescribed(await read(endpoint, "/api/show", { model: endpoint.model })) ?? {
      tokens: OLLAMA_WINDOW,
      source: "guess",
    }
  );
}

const capable = z.object({ capabilities: z.array(z.string()) });

/** As Ollama says; a model of which it does not say so is tried. */
export async function seesImagesAtOllama(endpoint: CheckedEndpoint): Promise<boolean> {
  const described = await read(endpoint, "/api/show", { model: endpoint.model }).catch(() => undefined);
  const { success, data } = capable.safeParse(described);
  return !success || data.capabilities.includes("vision");
}

async function read(endpoint: CheckedEndpoint, path: string, body?: object): Promise<unknown> {
  const { baseUrl, apiKey, headers, fetch = globalThis.fetch } = endpoint;
  const response = await fetch(`${baseUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: "error",
  });
  const text = await textOf(response);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return JSON.parse(text);
}

async function textOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST) throw new Error("the answer is longer than 4 MB");
  }
  return text;
}
