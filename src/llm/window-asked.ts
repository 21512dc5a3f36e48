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

/** What the settings say comes first, then what the server says where it is asked, then what is known. Nobody waits for the server's
 * answer where something is known. */
export function windowOf(
  { contextWindow }: CheckedEndpoint,
  known: ContextWindow | undefined,
  ask?: () => Promise<ContextWindow | undefined>,
): () => Promise<ContextWindow> {
  if (contextWindow !== undefined) return async () => ({ tokens: contextWindow, source: "settings" });
  if (ask === undefined) return async () => known ?? GUESSED_WINDOW;
  let asked: Promise<ContextWindow | undefined> | undefined;
  let answer: ContextWindow | undefined;
  return async () => {
    asked ??= ask().then(
      (window) => {
        answer = window;
        return window;
      },
      () => {
        asked = undefined; // a server that is only coming up is asked again
        return undefined;
      },
    );
    return answer ?? known ?? (await asked) ?? GUESSED_WINDOW;
  };
}

/** Of a server whose list of models says it. */
export async function windowInList(endpoint: CheckedEndpoint): Promise<ContextWindow | undefined> {
  return windowListed(await read(endpoint, "/models"), endpoint.model);
}

/** Of an API that tells of one model; `headers` show the key. */
export async function windowInEntry(
  endpoint: CheckedEndpoint,
  headers: Readonly<Record<string, string>>,
): Promise<ContextWindow | undefined> {
  const asked = { ...endpoint, apiKey: undefined, headers: { ...headers, ...endpoint.headers } };
  return windowListed(await read(asked, `/models/${encodeURIComponent(endpoint.model)}`), endpoint.model);
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
