// Where a model is reached and with what, checked before anything is sent: a wrong address or a key that no header carries is
// said when the model is chosen, not in the middle of a conversation.
import { z } from "zod";
import type { Endpoint } from "./failures.js";
import { ProviderError } from "./provider.js";

export interface EndpointOptions {
  /** `provider:model`, as the user names it. */
  readonly id: string;
  /** The model's name as the API knows it. */
  readonly model: string;
  /** Everything before the API's own path. */
  readonly baseUrl: string;
  /** Local servers need none. */
  readonly apiKey?: string | undefined;
  /** Further headers; their values are treated as secrets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How the API is reached; by default `globalThis.fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds without a byte after which the answer is given up. Default 60,000. */
  readonly stallTimeoutMs?: number | undefined;
  /** How many tokens the model takes at once; found out when absent. */
  readonly contextWindow?: number | undefined;
}

export type CheckedEndpoint = Endpoint & {
  readonly model: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly contextWindow: number | undefined;
};

const headerValue = z.string().regex(/^[\x20-\x7e]*$/);
const webUrl = z.url({ protocol: /^https?$/ });

/**
 * The endpoint, without a slash at its end.
 *
 * @param api what must answer there, for messages: "an OpenAI-compatible base URL"
 * @throws ProviderError when the base URL, the key or a header cannot be used
 */
export function checkedEndpoint(options: EndpointOptions, api: string): CheckedEndpoint {
  const { id, model, stallTimeoutMs = 60_000, headers = {}, fetch, contextWindow } = options;
  const refuse = (code: "provider_request" | "provider_auth", message: string) =>
    new ProviderError(code, message, { retryable: false });

  const url = webUrl.safeParse(options.baseUrl);
  if (!url.success) {
    throw refuse(
      "provider_request",
      `The base URL of ${id} must be an http or https URL, such as http://127.0.0.1:11434.`,
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
  const baseUrl = url.data.replace(/\/+$/, "");
  return { id, model, api, baseUrl, stallTimeoutMs, apiKey, headers, secrets, fetch, contextWindow };
}

/** Ollama's address without the `/v1` of its OpenAI-compatible API. */
export function ollamaRoot(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "");
}
